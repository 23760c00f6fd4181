"""The report's page: nothing from outside, headers for every
table, words for every drawing, and no student code runs.
"""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from autograder.building import lesson_paths
from autograder.reporting.lesson import LessonOutline, read_lesson
from autograder.reporting.make import ClassReport
from autograder.reporting.page import page
from autograder.reporting.persisting import persisting
from autograder.reporting.summary import summarise
from tests.reporting.made_up import made_up_findings

VOID = {"meta", "img", "br", "rect", "circle", "path"}
HOSTILE = "<script>alert(1)</script>"


class Checked(HTMLParser):
    """The elements of a page in order, each with its attributes
    and its ancestors; fails if they are not closed properly.
    """

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), tuple(self.open)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, *tags):
        return [(attributes, around) for tag, attributes, around in self.elements if tag in tags]


def report_of(students, assignments=1, change=lambda findings: findings):
    paths = lesson_paths()[:assignments]
    lessons = {path.stem: LessonOutline(path.stem, path.stem) for path in paths}
    found = {path.stem: [change(one) for one in made_up_findings(path, students, seed)] for seed, path in enumerate(paths)}
    summaries = [summarise(lessons[name], found[name]) for name in lessons]
    again = persisting({name: {one.student: one for one in students} for name, students in found.items()}) if assignments > 1 else []
    return ClassReport("made-up", "2026-11-26T20:00+00:00", False, summaries, again), lessons


@pytest.fixture(scope="module", params=[(0, 1), (1, 1), (40, 2)], ids=["nobody", "one", "forty-twice"])
def text(request):
    return page(*report_of(*request.param))


def test_the_page_is_well_formed_and_loads_nothing(text):
    checked = Checked(text)
    assert not checked.all("script", "link", "iframe", "object")
    addresses = [value for _, attributes, _ in checked.elements for name, value in attributes.items() if name in ("src", "href")]
    assert all(value.startswith(("#", "data:image/svg+xml")) for value in addresses)
    assert not re.search(r"url\((?!#)|@import", text)


def test_links_lead_to_places_of_the_page_and_ids_are_unique(text):
    checked = Checked(text)
    ids = [attributes["id"] for _, attributes, _ in checked.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    named = [attributes["href"][1:] for attributes, _ in checked.all("a")]
    named += [name for _, attributes, _ in checked.elements for name in attributes.get("aria-labelledby", "").split()]
    assert set(named) <= set(ids)


def test_every_table_has_a_caption_and_headers_and_every_drawing_words(text):
    checked = Checked(text)
    assert len(checked.all("caption")) == len(checked.all("table"))
    assert all(attributes.get("scope") in ("col", "row") for attributes, _ in checked.all("th"))
    for attributes, _ in checked.all("svg"):
        assert attributes.get("aria-hidden") == "true" or (attributes["role"] == "img" and attributes["aria-labelledby"])
    assert all(attributes["alt"] for attributes, _ in checked.all("img"))


def test_headings_go_down_one_step_at_a_time(text):
    levels = [int(tag[1]) for tag, _, _ in Checked(text).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))


def test_what_students_wrote_is_text():
    def hostile(one):
        return replace(
            one,
            student=HOSTILE,
            exercises=tuple(
                replace(exercise, exercise=f"{HOSTILE}{place}", first=HOSTILE, links={HOSTILE: "WRONG"}, line=HOSTILE, words=HOSTILE)
                for place, exercise in enumerate(one.exercises)
            ),
        )

    report, lessons = report_of(12, change=hostile)
    named = summarise(next(iter(lessons.values())), [hostile(one) for one in made_up_findings(lesson_paths()[0], 12)], names=True)
    text = page(replace(report, assignments=[named]), lessons)
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_figure_is_one_of_the_section_of_the_exercise(tmp_path):
    from autograder.building import notebook_text
    from autograder.course import course_notebook

    made, _ = course_notebook(lesson_paths()[0])
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "chain_links.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (tmp_path / "01_chain_rule.ipynb").write_text(notebook_text(made), encoding="utf-8")
    lesson = read_lesson("01_chain_rule", tmp_path)
    figures = {item.name: item.figure.name for item in lesson.items if item.figure}
    assert figures == {"long_chain": "chain_links.svg", "reciprocal_chain": "chain_links.svg", "two_paths": "several_paths.svg"}
    assert {item.name for item in lesson.items} >= {"basic_slopes", "one_path", "relative_error"}
    items = {item.name: item for item in lesson.items}
    assert "chain of four nodes" in items["long_chain"].figure.alt
    assert lesson.link(items["long_chain"].figure).startswith("data:image/svg+xml;base64,")
    assert lesson.link(items["two_paths"].figure) == ""


def test_misconceptions_persist_where_a_student_shows_them_again():
    (one, two), ((first, second), (third, fourth)) = (
        [path.stem for path in lesson_paths()[:2]],
        [made_up_findings(path, 2, seed) for seed, path in enumerate(lesson_paths()[:2])],
    )

    def showing(findings, *mistakes):
        return replace(findings, exercises=tuple(replace(findings.exercises[0], mistake=name, words=f"{name}!") for name in mistakes))

    found = persisting(
        {
            one: {"ada": showing(first, "sign", "sign", "lost-term"), "bo": showing(second, "sign")},
            two: {"ada": showing(third, "sign"), "bo": showing(fourth, "lost-term", "other")},
        }
    )
    assert [(each.id, each.words, each.assignments, each.again) for each in found] == [
        ("sign", "sign!", {one: 2, two: 1}, 1),
        ("lost-term", "lost-term!", {one: 1, two: 1}, 0),
    ]
