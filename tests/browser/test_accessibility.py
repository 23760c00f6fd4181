"""axe-core's audit of what learners and instructors read, in Chromium: no serious finding.

The site has an audit of its own, beside its other tests.
"""

import pytest
from backprop.exercises import chain_rule, computation_graph
from backprop.progress.contents import course
from backprop.progress.map_drawing import as_html
from backprop.progress.records import Records

from autograder.building import lesson_paths
from autograder.reporting.lesson import LessonOutline
from autograder.reporting.make import ClassReport
from autograder.reporting.page import page as report_page
from autograder.reporting.summary import summarise
from tests.browser.chromium import NEEDED
from tests.browser.lab import serious
from tests.course import check
from tests.pages.test_page import LESSON, REPORTS, graded, shown
from tests.reporting.made_up import made_up_findings

pytestmark = NEEDED

PICTURES = (
    "from backprop.pictures import explore\nexplore('logistic')",
    "from backprop.pictures import fill_in\nfill_in('logistic')",
    "from backprop.pictures import follow_paths\nfollow_paths('four_four_two', 'w1_11')",
    "from backprop.pictures import descend_by_hand\ndescend_by_hand()",
)


def report_of_a_class():
    lesson = LessonOutline(lesson_paths()[0].stem, "01 The chain rule")
    findings = made_up_findings(lesson_paths()[0], 30)
    return report_page(
        ClassReport("made-up", "2026-11-26T20:00+00:00", False, [summarise(lesson, findings)], []), {lesson.assignment: lesson}
    )


def outputs_of_a_lesson():
    """The map, and the reports of a wrong answer and of none, as a page of their own."""
    lesson = course()[1]
    wrong = check(computation_graph.logistic_graph, lambda *values: (1.0, 2.0, 3.0, 4.0, 5.0))
    empty = check(chain_rule.one_path, lambda x: None)
    shown = "".join([as_html(Records(None), lesson), wrong._repr_html_(), empty._repr_html_()])
    return f"<!DOCTYPE html><html lang='en'><title>Outputs</title><main><h1>Outputs</h1>{shown}</main></html>"


PAGES = {
    "report of a class": report_of_a_class,
    "feedback page": lambda: shown(graded(*LESSON, outputs=REPORTS)),
    "outputs of a lesson": outputs_of_a_lesson,
}


@pytest.mark.parametrize("made", PAGES.values(), ids=PAGES)
def test_a_page_has_no_serious_finding(browser, made):
    text, found = made(), []
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, viewport={"width": 900, "height": 900})
        page.set_content(text)
        found += [f"{scheme}: {line}" for line in serious(page, scheme)]
        page.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_live_picture_has_no_serious_finding(play, theme):
    found = []
    for source in PICTURES if theme == "light" else PICTURES[:1]:
        stage = play(source, theme)
        found += serious(stage.page, theme, ".bp-stage")
    assert not found, "\n".join(found)


def test_the_audit_finds_what_is_wrong(browser):
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><html lang='en'><title>x</title><main><h1>x</h1><img src='data:,'></main></html>")
    assert [line.split(":")[0] for line in serious(page, "light")] == ["image-alt"]
    page.close()
