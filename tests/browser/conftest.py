"""One JupyterLab and one Chromium for all browser tests."""

import contextlib

import pytest

from tests.browser.lab import chromium, open_desk, played, running_lab


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


@pytest.fixture(scope="package")
def desks(browser, lab):
    """A page for each theme, opened when it is first asked for."""
    return {}


@pytest.fixture
def play(desks, browser, lab):
    """play(source): the Stage that the source shows in a notebook. Console errors fail the test."""
    errors = []

    def play(source, theme="light", width=1400):
        if theme not in desks:
            desks[theme] = open_desk(browser, lab, theme)
        page = desks[theme]
        page.on("console", listen)
        page.on("pageerror", listen)
        return played(page, source, width, errors)

    def listen(said):
        if getattr(said, "type", "error") == "error":
            errors.append(str(getattr(said, "text", said)))

    yield play
    for page in desks.values():
        for kind in ("console", "pageerror"):
            with contextlib.suppress(KeyError):  # a page that this test did not use
                page.remove_listener(kind, listen)
    assert not errors
