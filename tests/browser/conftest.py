"""One JupyterLab and one Chromium for all browser tests."""

import re
from contextlib import suppress

import pytest

from tests.browser.lab import ARTEFACTS, change_theme, chromium, open_desk, played, restart_dying_kernels, running_lab


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep what a page shows when a test fails, and say what its dialogs say."""
    report = (yield).get_result()
    page = getattr(item, "funcargs", {}).get("page") or getattr(item, "funcargs", {}).get("desk")
    if report.when != "call" or not report.failed or page is None:
        return
    with suppress(Exception):  # the page may be why it failed
        path = ARTEFACTS / f"failed-{re.sub(r'[^a-z0-9]+', '-', item.name.lower())[:80]}.png"
        page.screenshot(path=path)
        report.sections.append(("Page", "\n".join([f"kept as {path}", *page.get_by_role("dialog").all_inner_texts()])))


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
    restart_dying_kernels(page)
    yield page
    page.close()
    lab.stop_kernels()


@pytest.fixture(scope="package")
def desk(browser, lab):
    """A page with a notebook in which one picture after the other is played."""
    return open_desk(browser, lab)


@pytest.fixture
def play(desk):
    """play(source): the Stage that the source shows in a notebook. Console errors fail the test."""
    errors = []

    def play(source, theme="light", width=1400):
        change_theme(desk, theme)
        return played(desk, source, width, errors)

    def listen(said):
        if getattr(said, "type", "error") == "error":
            errors.append(str(getattr(said, "text", said)))

    for kind in ("console", "pageerror"):
        desk.on(kind, listen)
    yield play
    for kind in ("console", "pageerror"):
        desk.remove_listener(kind, listen)
    assert not errors
