"""Every picture accepts any input, keeps nothing of
the past, names its controls, and fits every theme.
"""

import math
import re
from xml.etree import ElementTree

import pytest
from backprop import pictures

from tests.backprop.pictures.moves import MOVES, counting_objects, values
from tests.backprop.pictures.test_stage import SVG, move

ONCE = {name: made for name, made in MOVES.items() if name != "descent, a hundred"}  # the same picture as with one step
every_picture = pytest.mark.parametrize(("opened", "key", "span"), ONCE.values(), ids=ONCE)
NONSENSE = [None, math.nan, math.inf, -1e308, "", "x", "1/0", "__import__('os')", [], [1, 2, 3], {"a": 1}, True, -1]


def opened_picture(opened):
    return eval(opened, vars(pictures))


def told(picture, key, value):
    """A value as the page tells it: of a field with a slot, the slot as well."""
    slot = next(control.get("slot") for control in picture.controls if control["key"] == key)
    return value if slot is None else [slot, str(value)]


def shown(picture):
    root = ElementTree.fromstring(picture.frame)
    assert root.find(f"{SVG}title").text
    assert root.find(f"{SVG}desc").text
    assert picture.summary
    return root


@every_picture
def test_nonsense_from_any_control_is_survived(opened, key, span):
    picture = opened_picture(opened)
    controls = [control["key"] for control in picture.controls if control["kind"] not in ("button", "play", "gap")]
    for name in [*controls, "pointed", "chosen", "no such control"]:
        for value in NONSENSE:
            move(picture, **{name: value})
            shown(picture)
    move(picture, pointed="", chosen="")
    picture = opened_picture(opened)
    before = picture.frame
    for value in values(span, 3)[1:]:
        move(picture, **{key: told(picture, key, value)})
    assert picture.frame != before
    assert picture.message == ""


@every_picture
def test_a_picture_keeps_nothing_of_its_past(opened, key, span):
    picture = opened_picture(opened)

    def play(moves):
        for value in values(span, 30)[:moves]:
            move(picture, **{key: told(picture, key, value) if span else picture.inputs.get(key, 0) + 1})

    with counting_objects() as count:
        play(30)
        play(10)
        before = count()
        play(30)
        assert count() - before < 30


@every_picture
def test_every_control_and_every_thing_has_a_name(opened, key, span):
    picture = opened_picture(opened)
    for control in picture.controls:
        if control["kind"] != "gap":
            name = control.get("words") or control.get("label")
            assert re.sub(r"<[^>]*>", "", name).strip(), control
    for thing in shown(picture).iter(f"{SVG}g"):
        if thing.get("data-key"):
            assert thing.get("aria-label").strip()
            assert thing.get("role") == "button"


@every_picture
def test_every_colour_is_one_that_a_theme_may_change(opened, key, span):
    frame = opened_picture(opened).frame
    assert "var(--bp-ink, #1a1a1a)" in frame
    assert not re.findall(r"#[0-9a-fA-F]{3,8}", re.sub(r"var\(--bp-\w+, #[0-9a-f]{6}\)", "", frame))


def numbers(words):
    """The numbers in a text, each with its decimal places."""
    return [(float(number.replace("−", "-")), len(number.partition(".")[2])) for number in re.findall(r"[+−-]?\d+(?:\.\d+)?", words)]


def labels(picture, root):
    """The texts of a picture without the numbers on axes, which are quiet."""
    has_axes = not isinstance(picture, (pictures.GraphExplorer, pictures.PathExplorer))
    texts = [text for text in root.iter(f"{SVG}text") if not (has_axes and "--bp-quiet" in text.get("style", ""))]
    return ["".join(text.itertext()) for text in texts]


@every_picture
def test_a_screen_reader_is_told_every_number(opened, key, span):
    """In the summary, the caption or a name, rounded as it is shown or less."""
    picture = opened_picture(opened)
    for value in [None, *values(span, 3)[1:]]:
        if value is not None:
            move(picture, **{key: told(picture, key, value)})
        root = shown(picture)
        names = [element.get("aria-label", "") for element in root.iter()]
        heard = numbers(" ".join([picture.summary, picture.caption, *names, *map(str, picture.controls)]))
        for number, places in [found for words in labels(picture, root) for found in numbers(words)]:
            assert any(abs(number - value) <= 0.5 * 10.0**-places + 1e-12 for value, _ in heard), number
