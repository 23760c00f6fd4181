"""The stage handles moves one by one, reports errors and survives
them, and leaves a still picture for pages without a kernel.
"""

import base64
import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from backprop import pictures
from backprop.drawing.shapes import BACKWARD, FORWARD, Node
from backprop.pictures.stage.notation import as_html, as_text, partial, spoken
from backprop.pictures.stage.sheet import Sheet, amount
from backprop.pictures.stage.stage import Frame, Picture, Refused, button, read_number, slider
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient
from nbconvert import HTMLExporter

STAGE_JS = Path(pictures.__file__).parent / "stage" / "stage.js"
SVG = "{http://www.w3.org/2000/svg}"


class Counter(Picture):
    """Counts the presses of a button, and shows one over a number."""

    def __init__(self):
        super().__init__()
        self.title = "A counter"
        self.pressed, self.number, self.broken = 0, 1.0, False
        self.redraw()

    def moved(self, key, value):
        if key == "press":
            self.pressed += value
        elif key == "number":
            self.number = read_number(value, "the number", -2, 2)
        elif key == "break":
            self.broken = value
        else:
            raise KeyError(key)

    def draw(self):
        if self.broken:
            raise ZeroDivisionError("no")
        sheet = Sheet(100, 50)
        sheet.write(50, 25, amount(self.number))
        words = f"{self.pressed} presses"
        return Frame(
            sheet.finished("A counter", words), words, controls=[button("press", "Press"), slider("number", "n", self.number, -2, 2)]
        )


def move(picture, **moves):
    """As the page does it: the whole dictionary is set anew."""
    picture.inputs = {**picture.inputs, **moves}


def test_presses_that_arrive_together_all_count():
    counter = Counter()
    move(counter, press=1)
    move(counter, press=4)
    assert counter.summary == "4 presses"


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, 3.0, None, "", "two", [1]])
def test_what_cannot_be_used_is_refused_and_the_picture_stays(nonsense):
    counter = Counter()
    move(counter, number=0.5)
    frame = counter.frame
    move(counter, number=nonsense)
    assert "the number has to be" in counter.message
    assert counter.frame == frame
    move(counter, number=-1.5)
    assert counter.message == ""
    assert "−1.5" in counter.frame


def test_a_field_emptied_before_anything_else_is_refused_too():
    counter = Counter()
    move(counter, number=None)
    assert "You wrote nothing" in counter.message


def test_a_refused_move_does_not_keep_the_others_from_counting():
    counter = Counter()
    move(counter, number="two", press=3)
    assert counter.summary == "3 presses"
    assert "two" in counter.message


def test_a_value_given_again_counts_once_and_others_do_not_count_again():
    counter = Counter()
    move(counter, number=0.5, press=1)
    counter.number = -1.0  # as by a button that draws other numbers
    move(counter, press=2)
    assert "−1" in counter.frame
    move(counter, repeats={"number": 1})
    assert (counter.summary, counter.message) == ("2 presses", "")
    assert "0.5" in counter.frame
    counter.number = -1.0
    move(counter, press=3)
    assert "−1" in counter.frame


def test_an_error_of_ours_is_said_and_survived():
    counter = Counter()
    move(counter, unknown=1)
    assert "KeyError" in counter.message
    before = counter.frame
    move(counter, **{"break": True})
    assert "cannot be drawn: ZeroDivisionError: no" in counter.message
    assert counter.frame == before
    move(counter, **{"break": False}, press=1)
    assert (counter.summary, counter.message) == ("1 presses", "")


def test_a_typed_number_may_have_a_comma_or_a_true_minus():
    assert read_number("−0,5", "it") == -0.5
    with pytest.raises(Refused, match=r"“1/0”.*still shows"):
        read_number("1/0", "it")


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(1, 6))
def test_an_amount_is_the_number_rounded(value, digits):
    shown = amount(value, digits)
    assert "-" not in shown
    superscripts = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    mantissa, _, power = shown.replace("−", "-").partition("·10")
    read = float(mantissa) * 10.0 ** int(power.translate(superscripts) or 0)
    assert read == pytest.approx(value, abs=0.5 * 10.0**-digits, rel=0.06 if power else 1e-9)
    assert (read == 0) == (value == 0)


def test_an_amount_that_is_no_number_says_so():
    assert [amount(value) for value in (math.nan, math.inf, -math.inf)] == ["not a number", "infinity", "−infinity"]


def test_notation():
    assert as_html("w_1^{[2]}") == "<i>w<sub>1</sub><sup>[2]</sup></i>"
    assert as_html("a<b") == "<i>a&lt;b</i>"
    assert partial("L", "w_1x_1") == "∂<i>L</i>/∂(<i>w<sub>1</sub>x<sub>1</sub></i>)"
    assert spoken(r"\hat{y}_1") == "y hat 1"
    assert spoken(r"w_{1\to 3}^{[1]}") == "w 1 to 3 [1]"


def test_a_sheet_is_well_formed_whatever_is_written_on_it():
    sheet = Sheet(200, 100)
    with sheet.thing("a>b", 'say "<b>" & so'):
        sheet.write(10, 10, "<b> & ]]>")
        sheet.maths(50, 50, r"\dfrac{\partial L}{\partial w_1^{[1]}}")
        shaft = sheet.arrow(Node(20, 50), Node(180, 50), FORWARD)
        sheet.arrow(Node(180, 50), Node(20, 50), BACKWARD)
        sheet.target(shaft)
    root = ElementTree.fromstring(sheet.finished("<title>", "&"))
    assert root.find(f"{SVG}title").text == "<title>"
    assert root.find(f"{SVG}g").get("data-key") == "a>b"
    assert root.find(f"{SVG}g/{SVG}text").text == "<b> & ]]>"


def test_a_notebook_executed_without_a_browser_has_the_picture_in_it():
    cell = nbformat.v4.new_code_cell("from backprop.pictures import explore\nexplore('logistic')")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    live, still = notebook.cells[0].outputs
    assert "application/vnd.jupyter.widget-view+json" in live.data
    assert "L is 0.4741" in live.data["text/plain"]
    assert ElementTree.fromstring(still.data["image/svg+xml"]).tag == f"{SVG}svg"
    for with_state in (True, False):
        if not with_state:
            notebook.metadata.pop("widgets", None)
        page, _ = HTMLExporter().from_notebook_node(notebook)
        alt, encoded = re.search(r"<img[^>]* alt=.(.*?). src=.data:image/svg\+xml;base64,(.*?)['\"]", page).groups()
        assert "−0.5663" in base64.b64decode(encoded).decode()
        assert "Graph explorer: Logistic regression" in alt


def test_outside_of_a_notebook_the_picture_is_told_in_words(capsys):
    Counter()._ipython_display_()
    assert "A counter. 0 presses" in capsys.readouterr().out


@pytest.mark.parametrize(("formula", "words"), [("x_1", "x₁"), (r"\hat{y}", "ŷ"), ("w_{12}^{[2]}", "w₁₂[2]"), ("b", "b")])
def test_a_message_names_a_number_as_it_is_seen(formula, words):
    assert as_text(formula) == words


@pytest.mark.skipif(shutil.which("node") is None, reason="the page's side is tested with Node.js")
def test_saving_is_the_one_shortcut_that_a_picture_leaves_to_the_page():
    code = (
        f"import {{ saves }} from {json.dumps(STAGE_JS.as_uri())};"
        "const keys = [{ key: 's', ctrlKey: true }, { key: 'S', metaKey: true }, { key: 's' }, { key: 'Enter', ctrlKey: true }];"
        "console.log(JSON.stringify(keys.map((key) => Boolean(saves(key)))));"
    )
    ran = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [True, True, False, False]
