"""A learner in Notebook 7: a picture, a wrong answer, the right one, the map that follows,
and its links.
"""

import contextlib
import json
import os
import re
import shutil
import sys

import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.chromium import ARTEFACTS, NEEDED, ROOT
from tests.browser.lab import TOKEN, restart_dying_kernels
from tests.browser.serving import free_port, serving

pytestmark = NEEDED

LESSON = "01_chain_rule.ipynb"
LONG = 120_000  # milliseconds
ANSWERS = {
    "def one_path(x)": "def one_path(x):\n    g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x), 3 * g**2 * np.exp(x)",
}
KEPT = ("from backprop.exercises import", "course_map(ex)", "def one_path(x)", "ex.one_path.check(", 'follow_chain("long_chain")')


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The lessons, the first one cut down to the cells that are tried here,
    with a wrong answer in it.
    """
    folder = tmp_path_factory.mktemp("notebook-7")
    for name in ("notebooks", "img"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("backprop", ".*"))
    path = folder / "notebooks" / LESSON
    notebook = json.loads(path.read_text(encoding="utf-8"))
    tried = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and source.startswith("#"):
            tried.append(cell | {"source": source.splitlines()[0]})
        if cell["cell_type"] == "code" and any(words in source for words in KEPT):
            answer = next((text for beginning, text in ANSWERS.items() if beginning in source), source)
            tried.append(cell | {"source": answer, "metadata": {}})
    path.write_text(json.dumps(notebook | {"cells": tried}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def notebook_7(course):
    port = free_port()
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    options = [f"--ServerApp.root_dir={course}", f"--port={port}", "--no-browser", f"--IdentityProvider.token={TOKEN}", *root]
    with serving([sys.executable, "-m", "notebook", *options], port, course / "server.log") as url:
        yield url


@pytest.fixture
def page(browser):
    """A page of its own: the others' is JupyterLab's."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    restart_dying_kernels(page)
    yield page
    page.close()


def run_all(page):
    """Run all cells by the menu, once more if the kernel was not there yet: then nothing runs."""
    started = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).first
    for _ in range(15):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with contextlib.suppress(TimeoutError):
            started.wait_for(timeout=8_000)
            return
    raise AssertionError("no cell has run")


def test_a_learner_in_notebook_7(page, notebook_7):
    errors = []
    page.goto(f"{notebook_7}/notebooks/notebooks/{LESSON}?token={TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=LONG)
    run_all(page)
    report = page.locator(".jp-OutputArea", has_text="first wrong link").first
    expect(report).to_be_visible(timeout=LONG)
    expect(page.locator(".bp-stage .bp-picture svg").first).to_be_visible(timeout=LONG)
    expect(page.locator(".bp-still").first).to_be_hidden()
    # From here on: while it loads, Notebook 7 reports an error of its own, before any cell has run.
    page.on("pageerror", lambda error: errors.append(str(error)))
    picture = page.locator(".bp-stage").first
    expect(page.locator(".jp-InputPrompt", has_text="[*]")).to_have_count(0, timeout=LONG)  # or the end of the run takes the focus
    slider, drawn = picture.get_by_role("slider", name="x", exact=True), picture.locator(".bp-picture desc").first
    before = drawn.text_content()
    slider.press("ArrowRight")
    expect(drawn).not_to_have_text(before, timeout=LONG)

    answer = page.locator(".jp-CodeCell", has_text="def one_path(x)").first
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(
        "def one_path(x):\n    g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)"
    )
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    course_map = page.get_by_role("navigation", name="Map of the course")
    expect(course_map).to_contain_text("3 of ", timeout=LONG)
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "notebook-7.png")

    with page.context.expect_page(timeout=LONG) as opened:
        course_map.get_by_role("link", name="02 The 1-2-1 network").click()
    opened.value.wait_for_url("**/02_one_two_one_network.ipynb*", timeout=LONG)
    opened.value.close()
    assert not errors
