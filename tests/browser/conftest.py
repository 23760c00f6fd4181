"""One JupyterLab and one Chromium for all browser tests."""

import json
import os
import shutil
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import CHROMIUM, ROOT
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
