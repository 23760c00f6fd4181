"""The map of the course in real JupyterLab: it moves when a
check passes, and its links lead to lessons and exercises.
"""

import shutil
import uuid

import pytest
from backprop.progress.contents import course as lessons
from playwright.sync_api import expect

from tests.browser.chromium import ARTEFACTS, NEEDED, ROOT
from tests.browser.lab import WIDE, change_theme
from tests.browser.test_a_learner_at_work import RIGHT, cell, run, write

pytestmark = NEEDED

LONG = 60_000
EXERCISES, POINTS = sum(len(lesson.tasks) for lesson in lessons()), sum(lesson.points for lesson in lessons())
IN_FIRST = len(lessons()[1].tasks)


@pytest.fixture
def course(lab):
    """A fresh copy of the lessons in a folder of its own, where nothing is done yet."""
    folder = lab.root / f"course-{uuid.uuid4().hex}"
    folder.mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    return folder


@pytest.fixture
def open_lesson(page, lab, course):
    """open_lesson(name): opens the lesson, runs its set-up and its map, and returns the map.

    Console errors fail the test.
    """
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))

    def open_lesson(name="01_chain_rule"):
        lab.use_theme("light")
        page.set_viewport_size(WIDE)
        page.goto(lab.address(f"{course.name}/{name}.ipynb"))
        page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=180_000)
        page.set_viewport_size({"width": 1400, "height": 1000})
        run(page, cell(page, "from backprop.exercises import"))
        target = cell(page, "course_map(ex)")
        if not page.locator(".bp-map").count():
            run(page, target)
        found = page.get_by_role("navigation", name="Map of the course")
        expect(found).to_be_visible(timeout=LONG)
        return found

    yield open_lesson
    assert not errors


def keep(page, name):
    ARTEFACTS.mkdir(exist_ok=True)
    page.locator(".jp-WindowedPanel-outer").evaluate("e => e.scrollTo(0, 0)")
    page.wait_for_timeout(500)
    page.screenshot(path=ARTEFACTS / f"{name}.png")


def solve(page, name, source):
    """Write an exercise's function, run it and its check, and say what the check shows."""
    answer = cell(page, f"def {name}(x)")
    write(page, answer, source)
    run(page, answer)
    check = cell(page, f"ex.{name}.check({name})")
    run(page, check)
    return check


def test_it_moves_when_an_exercise_passes_without_its_cell_being_run_again(page, open_lesson):
    shown = open_lesson()
    expect(shown).to_contain_text(f"0 of {EXERCISES} exercises right, 0 of {POINTS} points")
    expect(shown).to_contain_text("Next: 1 basic_slopes")
    prompt = cell(page, "course_map(ex)").locator(".jp-InputPrompt").inner_text()

    check = solve(page, "one_path", RIGHT.replace("np.exp(x) + 2 * x,", "np.exp(x),", 1))
    expect(check).to_contain_text(f"0 of {IN_FIRST} right in this lesson. Next: 1 basic_slopes.", timeout=LONG)
    check = solve(page, "one_path", RIGHT)
    expect(check).to_contain_text(f"1 of {IN_FIRST} right in this lesson. Next: 1 basic_slopes.", timeout=LONG)

    panel = page.locator(".jp-WindowedPanel-outer")
    panel.evaluate("e => e.scrollTo(0, 0)")
    expect(shown).to_contain_text(f"1 of {EXERCISES} exercises right, 3 of {POINTS} points")
    expect(shown.get_by_role("link", name="3 one_path: right, 3 of 3 points, 2 attempts")).to_be_visible()
    assert cell(page, "course_map(ex)").locator(".jp-InputPrompt").inner_text() == prompt
    for theme, width in (("light", 1400), ("dark", 900)):
        change_theme(page, theme)
        page.set_viewport_size({"width": width, "height": 1000})
        assert shown.evaluate("e => e.scrollWidth <= e.clientWidth")
        keep(page, f"course-map-{theme}")


def test_by_keyboard_to_an_exercise_and_to_the_next_lesson_whose_map_knows_it_all(page, open_lesson):
    shown = open_lesson()
    expect(solve(page, "one_path", RIGHT)).to_contain_text(f"1 of {IN_FIRST} right", timeout=LONG)
    panel = page.locator(".jp-WindowedPanel-outer")
    panel.evaluate("e => e.scrollTo(0, 0)")

    shown.get_by_role("link", name="1 basic_slopes").first.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "4 activation_slopes"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Exercise 4: activation functions")).to_be_in_viewport(timeout=LONG)

    panel.evaluate("e => e.scrollTo(0, 0)")
    shown.get_by_role("link", name="02 The 1-2-1 network").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="02_one_two_one_network.ipynb")).to_be_visible(timeout=LONG)
    assert page.url.split("?")[0].endswith("/02_one_two_one_network.ipynb")

    second = open_lesson("02_one_two_one_network")
    expect(second).to_contain_text(f"1 of {EXERCISES} exercises right, 3 of {POINTS} points")
    expect(second.locator("[aria-current=page]")).to_have_text("02 The 1-2-1 network")
    expect(second.get_by_role("listitem").filter(has_text="The chain rule")).to_contain_text(f"1 of {IN_FIRST} right")


def test_a_damaged_record_is_answered_in_one_calm_line_and_nbgraders_validate_counts_as_no_attempt(page, open_lesson, course):
    (course / ".backprop-progress.json").write_text('{"format": 1, "exer', encoding="utf-8")
    shown = open_lesson()
    expect(shown).to_contain_text("It is kept as .backprop-progress-damaged-1.json, and a new one has begun.")
    expect(shown).to_contain_text(f"0 of {EXERCISES} exercises right")
    assert (course / ".backprop-progress-damaged-1.json").read_text(encoding="utf-8") == '{"format": 1, "exer'

    expect(solve(page, "one_path", RIGHT)).to_contain_text(f"1 of {IN_FIRST} right", timeout=LONG)
    record = course / ".backprop-progress.json"
    before = record.read_bytes()
    page.get_by_role("button", name="Validate").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("ex.basic_slopes.check(basic_slopes)", timeout=2 * LONG)
    expect(dialog).to_contain_text("ex.central_difference.check(central_difference)")
    expect(dialog).not_to_contain_text("ex.one_path.check")
    assert record.read_bytes() == before
