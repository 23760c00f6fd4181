"""A JupyterLab to test in, a Chromium to look with, and the pictures that are played in them."""

import contextlib
import json
import os
import shutil
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

from tests.browser.chromium import ARTEFACTS, CHROMIUM, ROOT
from tests.browser.serving import free_port, serving

TOKEN = "secret"
DESK = "pictures-"  # what the names of notebooks begin with whose kernels go on from test to test
WIDE = {"width": 1400, "height": 1100}  # on a small page JupyterLab hides the kernel's state
RAN = r"""before => {
    const now = document.querySelector('.jp-CodeCell .jp-InputPrompt').innerText;
    return /\[\d+\]/.test(now) && now !== before;
}"""
expect.set_options(timeout=30_000)  # milliseconds; a busy machine needs more than the five seconds that are usual


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    url: str
    root: Path  # what it serves: a copy of notebooks/ and img/, so that the checkout stays as it is
    settings: Path

    def address(self, notebook):
        """Where a notebook opens alone, by its path from the root."""
        return f"{self.url}/lab/tree/{notebook}?token={TOKEN}&reset"

    def use_theme(self, theme):
        """`light` or `dark`, for pages that are opened from now on."""
        path = self.settings / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"theme": f"JupyterLab {theme.title()}"}), encoding="utf-8")

    def stop_kernels(self):
        with self._ask("GET", "/api/sessions") as answer:
            sessions = json.load(answer)
        for session in sessions:
            if not Path(session["path"]).name.startswith(DESK):
                self._ask("DELETE", f"/api/sessions/{session['id']}").close()

    def _ask(self, method, path):
        asked = urllib.request.Request(f"{self.url}{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        return urllib.request.urlopen(asked, timeout=30)


def command(page: Page, name: str, **arguments: str) -> None:
    """Run a command of the JupyterLab that is loaded in the page, and wait until it is done."""
    page.evaluate("async ([name, arguments]) => { await jupyterapp.commands.execute(name, arguments); }", [name, arguments])


def serious(page: Page, scheme: str, context: str | None = None) -> list[str]:
    """axe-core's serious and critical findings, a line each.

    In the dark only contrast is looked at: the other rules are about what is the same in the light.
    """
    options: dict[str, object] = {"preload": False}
    if scheme == "dark":
        options["runOnly"] = ["color-contrast"]
    found = Axe().run(page, context=context, options=options).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def change_theme(page: Page, theme: str) -> None:
    """Show the JupyterLab that is loaded in the page in the `light` or the `dark` theme."""
    command(page, "apputils:change-theme", theme=f"JupyterLab {theme.title()}")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false" if theme == "dark" else "true")


@contextlib.contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """`make lab` in the environment that this runs in, on a copy of the lessons in `home`."""
    for name in ("notebooks", "img"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    port = free_port()
    root = " --allow-root" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    words = [
        f"BIN={Path(sys.executable).parent}",
        f"ROOT={home}",
        f"ARGS=--no-browser --port {port} --IdentityProvider.token={TOKEN} --LabApp.expose_app_in_browser=True{root}",
    ]
    folders = {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    command = ["make", "--assume-old=.venv/installed", "lab", *words]
    with serving(command, port, home / "server.log", cwd=ROOT, env=os.environ | folders) as url:
        yield Lab(url, home, home / "settings")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


# The words of a picture that reach beyond its frame.
CUT_OFF = """picture => [...picture.querySelectorAll("svg")].flatMap(svg => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll("text")].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    }).map(text => text.textContent);
})"""


@dataclass(frozen=True)
class Stage:
    """A picture that is played in JupyterLab."""

    page: Page
    node: Locator  # the stage itself
    errors: list[str]

    def slider(self, words):
        return self.node.get_by_role("slider", name=words, exact=True)

    def field(self, words):
        return self.node.get_by_label(words, exact=True)

    def button(self, words):
        return self.node.get_by_role("button", name=words, exact=True)

    def thing(self, key):
        """A node or an arrow of the picture."""
        return self.node.locator(f"[data-key='{key}']")

    def keep(self, name):
        """A screenshot, for a person to look at. No words in the picture are cut off."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.node.scroll_into_view_if_needed()
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")
        cut_off = self.node.locator(".bp-picture").first.evaluate(CUT_OFF)
        assert not cut_off, cut_off


def restart_dying_kernels(page: Page) -> None:
    """Answer JupyterLab's question: kernels that start at the same time may choose the same port.

    One of them ends then, and JupyterLab starts another.
    """
    restarting = page.get_by_role("dialog").filter(has_text="appears to have died")
    page.add_locator_handler(restarting, lambda: restarting.get_by_role("button", name="Ok").click())


def open_desk(browser: Browser, lab: Lab) -> Page:
    """A page with one notebook of one cell, whose kernel serves one picture after the other."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    name = f"{DESK}{uuid.uuid4().hex}.ipynb"
    nbformat.write(notebook, lab.root / "notebooks" / name)
    lab.use_theme("light")
    page = browser.new_page(viewport=WIDE)
    page.goto(lab.address(f"notebooks/{name}"))
    page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=180_000)
    return page


def played(page: Page, source: str, width: int, errors: list[str]) -> Stage:
    """The picture that `source` shows in the notebook of `open_desk`."""
    page.set_viewport_size(WIDE)
    page.mouse.move(2, 2)
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt")
    before = prompt.inner_text()
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    for _ in range(6):  # a kernel that is still starting may lose the first request
        page.locator(".jp-CodeCell .cm-content").click()
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(RAN, arg=before, timeout=30_000)
            break
    assert prompt.inner_text() != before, "the cell did not run"
    page.set_viewport_size({"width": width, "height": WIDE["height"]})
    page.wait_for_selector(".bp-stage .bp-picture svg", timeout=60_000)
    return Stage(page, page.locator(".bp-stage"), errors)
