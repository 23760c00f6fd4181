"""A learner's first quarter of an hour in real JupyterLab:
`make lab`, a wrong answer, its diagnosis, hints, the fix.
"""

import contextlib
import re
import shutil

import nbformat
import pytest
from playwright.sync_api import TimeoutError, expect

from tests.browser.chromium import ARTEFACTS, NEEDED, ROOT
from tests.browser.lab import WIDE, change_theme, command

LESSON = "01_chain_rule.ipynb"

pytestmark = NEEDED

WRONG = "def one_path(x):\n    g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x), 3 * g**2 * np.exp(x)"
RIGHT = "def one_path(x):\n    g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)"


@pytest.fixture
def page(request, page, lab):
    """A page whose console errors fail the test, and of which a screenshot is kept."""
    lab.use_theme("light")
    page.set_viewport_size({"width": 1200, "height": 1400})
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{request.node.name}.png")
    assert not errors


@pytest.fixture
def first_lesson(request, page, lab):
    """The first lesson, open and idle."""
    lesson = f"{abs(hash(request.node.name))}.ipynb"  # a copy of its own, and so a kernel of its own
    shutil.copy(ROOT / "notebooks" / LESSON, lab.root / "notebooks" / lesson)
    page.goto(lab.address(f"notebooks/{lesson}"))
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
    page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=90_000)
    return page


def cell(page, text):
    """The code cell that contains `text`, scrolled into
    view: JupyterLab draws cells only near the view.
    """
    found = page.locator(".jp-CodeCell", has_text=text).first
    panel = page.locator(".jp-WindowedPanel-outer")
    for position in range(0, panel.evaluate("e => e.scrollHeight"), 700):
        if found.count() and found.is_visible():
            break
        panel.evaluate("(e, y) => e.scrollTo(0, y)", position)
        page.wait_for_timeout(150)
    found.scroll_into_view_if_needed()
    return page.locator(f".jp-CodeCell[data-windowed-list-index='{found.get_attribute('data-windowed-list-index')}']")


def write(page, target, source):
    """Replace the source of a cell by typing, as a person would paste."""
    target.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(source)


def run(page, target):
    """Run a cell and wait until it has run.

    A kernel that is still starting may lose the first request.
    """
    prompt = target.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    for _ in range(4):
        target.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(AssertionError):
            expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=20_000)
            expect(prompt).not_to_have_text(before, timeout=5_000)
            return
    raise AssertionError(f"the cell did not run: {target.inner_text()[:200]}")


def test_a_wrong_answer_is_diagnosed_hinted_at_and_put_right(first_lesson):
    page = first_lesson
    run(page, cell(page, "from backprop.exercises import"))
    answer, check = cell(page, "def one_path(x)"), cell(page, "ex.one_path.check(one_path)")

    run(page, check)
    expect(check).to_contain_text("one_path is not defined yet. Run the cell above", timeout=60_000)

    run(page, answer)
    run(page, check)
    expect(check).to_contain_text("Not started yet", timeout=60_000)

    write(page, answer, WRONG)
    run(page, answer)
    run(page, check)
    expect(check).to_contain_text("first wrong link", timeout=60_000)
    expect(check).to_contain_text("right, given your dg_dx")
    expect(check).to_contain_text("g is a sum of two terms, and each has a derivative. One of them is missing.")
    expect(check).to_contain_text("1 of 3 points")
    ARTEFACTS.mkdir(exist_ok=True)
    for theme in ("dark", "light"):
        change_theme(page, theme)
        page.screenshot(path=ARTEFACTS / f"diagnosis-{theme}.png")

    ladder = page.locator(".jp-MarkdownCell details", has_text="The first factor is taken at").first
    expect(ladder.get_by_text("What is the last thing that is done")).to_be_hidden()
    ladder.locator("summary").first.click()
    expect(ladder.get_by_text("What is the last thing that is done")).to_be_visible()
    expect(ladder.get_by_text("Hint 3: almost code")).to_be_hidden()
    ladder.locator("summary").nth(1).click()
    expect(ladder.locator("mjx-container").first).to_be_visible()

    write(page, answer, RIGHT)
    run(page, answer)
    run(page, check)
    expect(check).to_contain_text("one_path: right on 6 different inputs.", timeout=60_000)
    expect(check).to_contain_text("3 of 3 points")


def test_the_hint_button_and_the_referees_cell(first_lesson):
    page = first_lesson
    run(page, cell(page, "from backprop.exercises import"))
    scratch = cell(page, "def one_path(x)")  # the check itself is locked
    write(page, scratch, "ex.one_path.hint()")
    run(page, scratch)
    expect(scratch).to_contain_text("Hint 1 of 3", timeout=60_000)
    scratch.get_by_role("button", name="Next hint").click()
    expect(scratch).to_contain_text("Hint 2 of 3")
    scratch.get_by_role("button", name="Next hint").click()
    expect(scratch).to_contain_text("Hint 3 of 3")
    expect(scratch.get_by_role("button", name="Next hint")).to_be_hidden()
    write(page, scratch, "ex.one_path.referee()")
    run(page, scratch)
    expect(scratch).to_contain_text("y.backward(", timeout=60_000)
    offered = page.locator(".jp-CodeCell", has_text="requires_grad=True").filter(
        has=page.locator(".cm-content", has_text="g = torch.exp(x)")
    )
    expect(offered.first).to_be_attached()


RAW = r"\$[^$\n]{1,60}\$|\\frac|\\dfrac|\\partial"
DRAWN = """raw => [...document.querySelectorAll('.jp-MarkdownCell img')].every(i => i.complete) &&
    ![...document.querySelectorAll('.jp-MarkdownCell .jp-RenderedMarkdown')].some(e => new RegExp(raw).test(e.innerText))"""


NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def reader(browser, lab):
    """A page in which notebooks are opened one after the other, and its console errors.

    Loading JupyterLab anew for each of them would take much longer.
    """
    lab.use_theme("light")
    page = browser.new_page(viewport=WIDE)
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(lab.address(f"notebooks/{NOTEBOOKS[0]}"))
    page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=90_000)
    yield page, errors
    page.close()
    lab.stop_kernels()


@pytest.fixture
def opened(reader, lesson):
    """The notebook in the tab that is shown; console errors fail the test."""
    page, errors = reader
    command(page, "docmanager:open", path=f"notebooks/{lesson}")
    yield page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{lesson}.png")
    found = list(errors)
    errors.clear()
    assert not found


@pytest.mark.parametrize("lesson", NOTEBOOKS)
def test_all_mathematics_and_all_figures_are_drawn(opened, lesson):
    written = nbformat.read(ROOT / "notebooks" / lesson, as_version=4).cells
    expect(opened.locator(".jp-Notebook .jp-Cell")).to_have_count(len(written), timeout=120_000)  # they come one by one, and all stay
    texts = opened.locator(".jp-MarkdownCell .jp-RenderedMarkdown")
    expect(texts).to_have_count(sum(cell.cell_type == "markdown" for cell in written), timeout=30_000)
    expect(opened.locator(".jp-MarkdownCell mjx-container").nth(20)).to_be_attached(timeout=30_000)  # MathJax has begun
    with contextlib.suppress(TimeoutError):
        opened.page.wait_for_function(DRAWN, arg=RAW, timeout=30_000, polling=400)  # milliseconds: it lays out the page
    assert not [found for text in texts.all_inner_texts() for found in re.findall(RAW, text)]
    assert not opened.locator("mjx-merror").all_inner_texts()
    assert not opened.locator(".jp-MarkdownCell img").evaluate_all("images => images.filter(i => !i.naturalWidth).map(i => i.src)")
