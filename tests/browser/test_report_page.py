"""The report of a class in real Chromium: bars as long as
the counts beside them, on a phone, on paper and in the dark.
"""

from collections import Counter

import pytest

from autograder.building import lesson_paths
from autograder.findings.data import Standing
from autograder.reporting.lesson import LessonOutline
from autograder.reporting.make import ClassReport
from autograder.reporting.page import page as report_page
from autograder.reporting.summary import summarise
from tests.browser.chromium import ARTEFACTS, NEEDED
from tests.reporting.made_up import made_up_findings

pytestmark = NEEDED

STANDINGS = (Standing.RIGHT, Standing.PARTLY, Standing.WRONG, Standing.UNTOUCHED)
ROWS = """() => [...document.querySelectorAll('h3')].find(h => h.textContent.startsWith('How far')).parentElement
    .querySelector('table').tBodies[0].rows"""
MEASURED = f"""() => [...({ROWS})()].map(row => ({{
    name: row.querySelector('code').textContent,
    counts: [...row.querySelectorAll('td')].map(cell => Number(cell.textContent)),
    whole: row.querySelector('svg').getBoundingClientRect().width,
    widths: Object.fromEntries([...row.querySelectorAll('rect')].map(part => [part.className.baseVal, part.getBoundingClientRect().width])),
}}))"""


@pytest.fixture(scope="module")
def findings():
    return made_up_findings(lesson_paths()[0], 30)


@pytest.fixture
def opened(browser, findings):
    """opened(**options): the report of 30 made-up students
    in a new page; a network request fails the test.
    """
    lesson = LessonOutline(lesson_paths()[0].stem, "01 The chain rule")
    text = report_page(
        ClassReport("made-up", "2026-11-26T20:00+00:00", False, [summarise(lesson, findings)], []), {lesson.assignment: lesson}
    )
    pages, asked = [], []

    def opened(**options):
        page = browser.new_page(**options)
        pages.append(page)
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(text)
        return page

    yield opened
    for page in pages:
        page.close()
    assert not asked


def test_bars_are_as_long_as_the_counts_made_here(opened, findings):
    expected = {}
    for one in findings:
        for exercise in one.exercises:
            expected.setdefault(exercise.exercise, Counter())[exercise.standing] += 1
    rows = opened(viewport={"width": 1000, "height": 800}).evaluate(MEASURED)
    assert {row["name"]: row["counts"] for row in rows} == {
        name: [counts[standing] for standing in STANDINGS] for name, counts in expected.items()
    }
    for row in rows:
        for standing, count in zip(STANDINGS, row["counts"]):
            width = row["widths"].get(f"fill-{standing.value}", 0)
            assert width == pytest.approx(row["whole"] * count / 30, abs=1.5)


def test_it_fits_a_phone_and_is_readable_in_the_dark_and_on_paper(opened):
    page = opened(viewport={"width": 400, "height": 800}, color_scheme="dark")
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / "report-phone-dark.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    smallest = """Math.min(...[...document.querySelectorAll('.diagram')].map(
        drawing => 11.5 * drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width))"""
    assert page.evaluate(smallest) >= 10  # pixels of a letter in a diagram
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
