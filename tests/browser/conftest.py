"""One JupyterLab and one Chromium for all browser tests."""

import json
import os
import shutil
import sys
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from tests.browser.chromium import ARTEFACTS, CHROMIUM, ROOT
from tests.browser.serving import free_port, serving

TOKEN = "secret"


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
            self._ask("DELETE", f"/api/sessions/{session['id']}").close()

    def _ask(self, method, path):
        asked = urllib.request.Request(f"{self.url}{path}", method=method, headers={"Authorization": f"token {TOKEN}"})
        return urllib.request.urlopen(asked, timeout=30)


@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    """`make lab` in the environment that runs the tests."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "img"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    port = free_port()
    root = " --allow-root" if hasattr(os, "geteuid") and os.geteuid() == 0 else ""
    words = [
        f"BIN={Path(sys.executable).parent}",
        f"ROOT={home}",
        f"ARGS=--no-browser --port {port} --IdentityProvider.token={TOKEN}{root}",
    ]
    folders = {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    command = ["make", "--assume-old=.venv/installed", "lab", *words]
    with serving(command, port, home / "server.log", cwd=ROOT, env=os.environ | folders) as url:
        yield Lab(url, home, home / "settings")


@pytest.fixture(scope="package")  # not longer: while it is there, this process has an event loop that is running
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, lab):
    """A new page, with nothing in it; the kernels that it started are stopped after the test."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield page
    page.close()
    lab.stop_kernels()


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
        """A screenshot of the page, for a person to look at."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.node.scroll_into_view_if_needed()
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")


@pytest.fixture
def play(page, lab):
    """play(source): a new notebook whose one cell is `source`, run; the Stage that it shows. Console errors fail the test."""
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def play(source, theme="light", width=1400):
        lab.use_theme(theme)
        page.set_viewport_size({"width": 1400, "height": 1100})  # a narrow toolbar hides the kernel's state
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        name = f"picture-{uuid.uuid4().hex}.ipynb"
        nbformat.write(notebook, lab.root / "notebooks" / name)
        page.goto(lab.address(f"notebooks/{name}"))
        page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=90_000)
        page.locator(".jp-CodeCell .cm-content").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".bp-stage .bp-picture svg", timeout=90_000)
        page.set_viewport_size({"width": width, "height": 1100})
        return Stage(page, page.locator(".bp-stage"), errors)

    yield play
    lab.use_theme("light")
    assert not errors
