"""One JupyterLab and one Chromium for all browser tests."""

import pytest

from tests.browser.lab import chromium, played, running_lab


@pytest.fixture(scope="package")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="package")  # not longer: while it is there, this process has an event loop that is running
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, lab):
    """A new page, with nothing in it; the kernels that it started are stopped after the test."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield page
    page.close()
    lab.stop_kernels()


@pytest.fixture
def play(page, lab):
    """play(source): a new notebook whose one cell is `source`, run; the Stage that it shows. Console errors fail the test."""
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def play(source, theme="light", width=1400):
        lab.use_theme(theme)
<<<<<<< HEAD
        return played(page, lab, source, width, errors)
=======
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
>>>>>>> stepper-picture

    yield play
    lab.use_theme("light")
    assert not errors
