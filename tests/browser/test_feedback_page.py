"""Pages with students' work in real Chromium: feedback, and formgrader's page of a submission.

No student code runs.
"""

import base64
import json
import re
import shutil
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.course import init_course
from tests.autograder.test_clean import DO, HTML, MARKDOWN, OUTPUTS, PIXEL
from tests.browser.chromium import ARTEFACTS, NEEDED
from tests.browser.serving import free_port, serving
from tests.commands import run_nbgrader

CDN = "https://cdnjs.cloudflare.com/"

pytestmark = NEEDED

REPORT = "<div style='border-left:4px solid rgb(1, 2, 3);padding:4px' id='report'><b>the course's report</b><details>folded</details></div>"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><circle cx='15' cy='15' r='9' fill='green'/></svg>"
HONEST = (
    "## My notes\n\n**bold** and $x_1 < \\frac{1}{2}$, [a link](https://example.org/a), x<sup>2</sup>\n\n|a|b|\n|-|-|\n|cell one|2|\n\n"
    f"![a dot](data:image/png;base64,{PIXEL})\n\n<details><summary>more</summary><em>inside</em></details>"
)
PANDAS = '<div><style scoped>.dataframe{color:red}</style><table border="1" class="dataframe"><tr><td>frame cell</td></tr></table></div>'


def owned(cell, owner):
    cell.metadata["autograder"] = {"owner": owner}
    return cell


def autograded_notebook():
    """All payloads in the student's cells, honest work too, and the course's cells around them."""
    v4 = nbformat.v4
    test = v4.new_code_cell("check()", outputs=[v4.new_output("display_data", {"text/html": REPORT})], execution_count=1)
    test.metadata["nbgrader"] = {"grade_id": "f", "grade": True, "solution": False, "locked": True, "points": 3, "schema_version": 3}
    test.metadata["nbgrader"]["cell_type"] = "code"
    answer = v4.new_code_cell("def f():\n    return '<b>source</b>'")
    answer.metadata["nbgrader"] = {"grade_id": "f-answer", "grade": False, "solution": True, "locked": False, "schema_version": 3}
    answer.outputs = [nbformat.from_dict(output) for output in OUTPUTS if isinstance(output.get("data", {}), dict)]  # nbformat reads these
    forged = v4.new_code_cell("forged", metadata={"tags": ["navbar-fixed-top"], "nbgrader": {"grade_id": f'"><script>{DO}</script>'}})
    forged.execution_count = f"<script>{DO}</script>"
    raw = v4.new_raw_cell(f"<script>{DO}</script><h4>raw</h4>", metadata={"raw_mimetype": "text/html"})
    honest = v4.new_code_cell("plot()", execution_count=2)
    honest.outputs = [
        v4.new_output("display_data", {"image/svg+xml": SVG, "text/plain": "figure"}),
        v4.new_output("display_data", {"image/png": PIXEL, "text/plain": "figure"}, metadata={"image/png": {"width": 40}}),
        v4.new_output("display_data", {"text/html": PANDAS}),
        v4.new_output("display_data", {"text/latex": "$\\sum_i x_i$"}),
        v4.new_output("stream", text="\x1b[31mred words\x1b[0m"),
    ]
    students = [v4.new_markdown_cell(text) for text in (HONEST, *MARKDOWN, *HTML)]
    students[0].source += "\n"
    cells = [
        owned(v4.new_markdown_cell("# Course\n\n<p id='before'>before</p>"), "course"),
        *(owned(cell, "student") for cell in (*students, forged, raw, honest, answer)),
        owned(test, "course"),
        owned(v4.new_markdown_cell("<p id='after'>after $\\frac{1}{2}$</p>"), "course"),
    ]
    metadata = {"title": "</title><script>", "language_info": {"name": "python navbar-fixed-top"}, "widgets": {}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with one submission that has been graded."""
    folder = tmp_path_factory.mktemp("feedback") / "course"
    init_course(folder)
    shutil.rmtree(folder / "source")
    autograded = folder / "autograded" / "mallory" / "week"
    autograded.mkdir(parents=True)
    (autograded / "week.ipynb").write_text(json.dumps(autograded_notebook()), encoding="utf-8")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", folder.name) as book:
        book.add_assignment("week")
        book.add_notebook("week", "week")
        book.add_grade_cell("f", "week", "week", max_score=3, cell_type="code")
        book.add_solution_cell("f-answer", "week", "week")
        for name in ("f", "f-answer"):
            book.add_source_cell(name, "week", "week", cell_type="code", source="", locked=name == "f")
        book.add_student("mallory")
        book.db.commit()
        book.add_submission("week", "mallory")
        book.find_grade("f", "week", "week", "mallory").auto_score = 1
        book.db.commit()
    return folder


@pytest.fixture(scope="module")
def feedback(course):
    """The page that `nbgrader generate_feedback` makes."""
    run_nbgrader(course, "generate_feedback", "week")
    return (course / "feedback" / "mallory" / "week" / "week.html").as_uri()


@pytest.fixture(scope="module")
def formgrader(course):
    """The address of formgrader's page of the submission, in a Jupyter server of its own."""
    port = free_port()
    words = [f"--ServerApp.port={port}", "--ServerApp.token=secret", f"--ServerApp.root_dir={course}", "--ServerApp.open_browser=False"]
    extension = "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"
    command = [sys.executable, "-m", "jupyter_server", *words, extension, "--allow-root"]
    with serving(command, port, course.parent / "server.log", cwd=course) as url:
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}", course.name) as book:
            number = book.find_submission_notebook("week", "week", "mallory").id
        yield f"{url}/formgrader/submissions/{number}/?token=secret"


class Visit:
    """A page opened in Chromium, with a note of all that it did."""

    def __init__(self, browser, url, patience=1500):
        self.requests, self.dialogs, self.url, self.ours = [], [], url, False
        self.page = browser.new_page(viewport={"width": 1200, "height": 1400})
        self.page.route("**/*", self._route)
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.goto(url)
        self.page.wait_for_timeout(patience)

    def _route(self, route):
        address = route.request.url
        self.requests.append(address)
        own = (
            address.startswith(("data:", self.url.split("/formgrader")[0])) if self.url.startswith("http") else address.startswith("file:")
        )
        if own:
            route.continue_()
        else:
            route.abort()

    @property
    def cells(self):
        """Where the notebook's cells are."""
        return "#notebook" if self.ours else "#notebook-container"

    @property
    def outside(self):
        """Requests that left the page, but for the template's own."""
        return [address for address in self.requests if not address.startswith(("data:", "file:", "http://127.0.0.1", CDN))]


@pytest.fixture(scope="module", params=["feedback", "formgrader"])
def visit(request, browser):
    """A page that is opened once; the tests look at it and click on nothing but what unfolds."""
    visit = Visit(browser, request.getfixturevalue(request.param))
    visit.ours = request.param == "feedback"
    if visit.ours:
        visit.page.evaluate("document.getElementById('notebook').open = true")
    yield visit
    ARTEFACTS.mkdir(exist_ok=True)
    visit.page.screenshot(path=ARTEFACTS / f"students-content-{request.param}.png", full_page=True)
    visit.page.close()


LOOK = """id => {
    const element = document.getElementById(id), box = element.getBoundingClientRect(), style = getComputedStyle(element);
    element.scrollIntoView({block: 'center'});
    const now = element.getBoundingClientRect();
    const top = document.elementFromPoint(now.left + now.width / 2, now.top + now.height / 2);
    return {shown: style.display !== 'none' && style.visibility === 'visible' && box.width > 100 && box.height > 5,
            uncovered: element.contains(top)};
}"""


def test_nothing_of_the_students_acts_and_the_courses_part_is_as_it_was(visit):
    page = visit.page
    for link in page.locator("a", has_text=re.compile("^click$")).all():
        assert not (link.get_attribute("href") or "").lower().startswith("javascript")
    page.mouse.move(300, 300)
    assert page.evaluate("window.hacked") is None
    assert page.title() == ("Course" if visit.ours else "week")
    assert not visit.dialogs
    assert visit.page.url.split("?")[0] == visit.url.split("?")[0]
    assert not visit.outside
    assert not [address for address in visit.requests if "evil.invalid" in address or address.endswith("logout")]
    for place in ("before", "report", "after"):
        assert page.evaluate(LOOK, place) == {"shown": True, "uncovered": True}
    assert page.locator("#report").evaluate("e => getComputedStyle(e).borderLeftColor") == "rgb(1, 2, 3)"
    assert page.locator("h4").first.evaluate("e => getComputedStyle(e).visibility") == "visible"
    heading = page.locator(".exercise header" if visit.ours else ".panel-heading").first
    assert heading.evaluate("e => getComputedStyle(e).display") == ("flex" if visit.ours else "block")
    assert page.locator(".highlight.navbar-fixed-top").count() == 0
    assert page.locator(f"iframe, object, embed, {visit.cells} script:not([type^='math']), {visit.cells} form").count() == 0


def test_what_students_place_stays_in_its_cell(visit):
    stray = visit.page.evaluate(
        """cells => [...document.querySelectorAll(cells + ' [style*="contain:"] :not(sup, sub, math *)')].filter(e => {
            const style = getComputedStyle(e);
            return ['fixed', 'absolute', 'sticky', 'relative'].includes(style.position) || parseFloat(style.marginTop) < 0 ||
                   e.id || [...e.attributes].some(a => a.name.startsWith('on'));
        }).map(e => e.outerHTML)""",
        visit.cells,
    )
    assert not stray
    assert visit.page.locator(f"{visit.cells} [style*='contain:']").count() > len(HTML)


def test_honest_work_is_still_there(visit):
    page = visit.page
    text = page.locator(visit.cells).last.inner_text()
    for words in ("My notes", "bold", "cell one", "frame cell", "red words", "x2"):
        assert words in text.replace("\n", "")
    if visit.ours:  # drawn without a network
        assert page.locator("#notebook mfrac").count() >= 2
        assert page.locator("#notebook munderover, #notebook msub").count() >= 2
    else:
        assert "\\frac{1}{2}" in text
        assert "$\\sum_i x_i$" in text
    assert page.locator("a[href='https://example.org/a']").count() == 1
    drawn = page.locator("img[alt='a dot'], .output_area img, .output img").evaluate_all(
        "images => images.filter(i => i.naturalWidth).length"
    )
    assert drawn >= 3
    assert page.locator(f"img[src*='{base64.b64encode(SVG.encode()).decode()}']").evaluate("i => i.naturalWidth") == 40
    assert (
        page.locator("pre .ansi-red-fg").first.inner_text() == "red words" or "red words" in page.locator(".ansi-red-fg").all_inner_texts()
    )
    summary = page.locator("summary", has_text="more")
    summary.click()
    assert page.get_by_text("inside", exact=True).is_visible()


def test_the_payloads_do_act_on_a_page_that_is_not_cleaned(browser, tmp_path):
    """Otherwise the tests above could not fail."""
    for name, text in (("a", HTML[0]), ("b", HTML[3]), ("c", HTML[15])):
        (tmp_path / f"{name}.html").write_text(f"<!DOCTYPE html><body>{text}</body>", encoding="utf-8")
        visit = Visit(browser, (tmp_path / f"{name}.html").as_uri(), patience=0)
        visit.page.wait_for_function("window.hacked === 1")
        visit.page.close()
    (tmp_path / "d.html").write_text(f"<!DOCTYPE html>{HTML[34]}", encoding="utf-8")
    visit = Visit(browser, (tmp_path / "d.html").as_uri())
    assert visit.outside
    visit.page.close()
