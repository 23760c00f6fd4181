"""The stepper and the graph to fill in, worked by mouse and by
keyboard in real JupyterLab; their numbers are compared with PyTorch's.
"""

import pytest
import torch
from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED

STEPPER = "from backprop.pictures import step_through\nstep_through('logistic')"
FILL_IN = "from backprop.pictures import fill_in\nfill_in('logistic')"
FIELDS = ["p1", "p2", "z", "yhat", "L"] + [f"dL_d{name}" for name in ("yhat", "z", "p1", "p2", "b", "x1", "x2", "w1", "w2")]


@pytest.fixture(scope="module")
def numbers():
    """Every value and gradient of the logistic graph, by PyTorch."""
    start = {"x1": 1.5, "x2": 2.5, "w1": -4.0, "w2": 3.0, "b": -1.0, "y": 1.0}
    nodes = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in start.items()}
    nodes |= {f"p{k}": nodes[f"w{k}"] * nodes[f"x{k}"] for k in (1, 2)}
    nodes["z"] = nodes["p1"] + nodes["p2"] + nodes["b"]
    nodes["yhat"] = torch.sigmoid(nodes["z"])
    nodes["L"] = torch.nn.functional.binary_cross_entropy(nodes["yhat"], nodes["y"])
    for node in nodes.values():
        node.retain_grad()
    nodes["L"].backward()
    return {name: node.item() for name, node in nodes.items()} | {f"dL_d{name}": node.grad.item() for name, node in nodes.items()}


def written(number):
    """As the picture writes it."""
    return f"{number:.4f}".rstrip("0").rstrip(".").replace("-", "−")


def in_picture(stage):
    return stage.node.locator(".bp-picture text").all_text_contents()


def caption(stage):
    return stage.node.locator(".bp-caption")


def blank(stage, ask):
    return stage.node.locator(".bp-blank").nth(FIELDS.index(ask))


def test_forward_and_backward_by_mouse(play, numbers):
    stage = play(STEPPER)
    stage.keep("stepper-first")
    for count, ask in enumerate([*FIELDS[:5], "dL_dL", *FIELDS[5:]], 1):
        stage.button("next step").click()
        expect(caption(stage)).to_contain_text(f"Step {count} of 15")
        assert written(numbers[ask]) in in_picture(stage)
        if ask in ("z", "dL_dz", "dL_dw1"):
            stage.keep(f"stepper-{ask}")
    expect(stage.button("next step")).to_have_attribute("aria-disabled", "true")
    stage.button("first step").click()
    expect(caption(stage)).to_contain_text("Only the inputs are known")
    stage.button("▶ Play").click()
    expect(caption(stage)).to_contain_text("Step 2 of 15", timeout=20_000)
    stage.button("❚❚ Pause").click()


def test_predicting_by_keyboard_alone(play, numbers):
    stage = play(STEPPER, theme="dark", width=900)
    tick = stage.node.get_by_role("checkbox")
    tick.focus()
    stage.page.keyboard.press("Space")
    expect(stage.node.locator(".bp-entry input")).to_be_visible()
    stage.page.keyboard.press("Tab")
    for count, ask in enumerate([*FIELDS[:5], "dL_dL", *FIELDS[5:8]], 1):
        if ask == "z":
            stage.page.keyboard.type("1.5")
            stage.page.keyboard.press("Enter")
            expect(stage.node.locator(".bp-note")).to_contain_text("leaves b out of")
            expect(stage.node.locator(".bp-entry input")).to_have_attribute("data-state", "wrong")
            stage.keep("stepper-wrong-dark")
            stage.page.keyboard.press("Control+a")
        stage.page.keyboard.type(f"{numbers[ask]:.4g}")  # three of these in a row are the same number
        stage.page.keyboard.press("Enter")
        expect(caption(stage)).to_contain_text(f"Step {count} of 15")
        expect(stage.node.locator(".bp-entry input")).to_have_value("")
    expect(stage.node.get_by_role("status")).to_contain_text("Right. Step 9")
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    stage.keep("stepper-predicting-dark")


def test_filled_in_by_keyboard_from_the_first_field_to_the_last(play, numbers):
    stage = play(FILL_IN)
    stage.keep("fill-in-first")
    blank(stage, "p1").focus()
    for count, ask in enumerate(FIELDS, 1):
        stage.page.keyboard.type(f"{numbers[ask]:.4g}")
        stage.page.keyboard.press("Tab")
        expect(caption(stage)).to_contain_text(f"{count} of 14 right")
    expect(caption(stage)).to_contain_text("The whole graph is filled in")
    assert stage.node.locator(".bp-blank[data-state=right]").count() == 14
    stage.keep("fill-in-done")
    stage.button("New numbers").click()
    expect(caption(stage)).to_contain_text("0 of 14 right")
    assert [field.input_value() for field in stage.node.locator(".bp-blank").all()] == [""] * 14


def test_a_slip_what_follows_from_it_and_putting_it_right(play):
    stage = play(FILL_IN, theme="dark", width=900)
    for ask, text in [("p1", "-6"), ("p2", "7.5"), ("z", "1.5"), ("yhat", "0.8176"), ("dL_dyhat", "-0.8176")]:
        blank(stage, ask).fill(text)
        blank(stage, ask).press("Enter")
    expect(blank(stage, "yhat")).to_have_attribute("data-state", "given")
    expect(blank(stage, "z")).to_have_attribute("aria-label", "the value of z: wrong")
    expect(caption(stage)).to_contain_text("2 of 14 right, 1 more right given an earlier number")
    stage.keep("fill-in-slip-dark")
    blank(stage, "z").fill("-6+7.5-1")
    blank(stage, "z").press("Enter")
    expect(blank(stage, "yhat")).to_have_attribute("data-state", "wrong")
    expect(blank(stage, "z")).to_have_attribute("data-state", "right")
    blank(stage, "L").fill("much")
    blank(stage, "L").press("Enter")
    expect(stage.node.get_by_role("alert")).to_contain_text("“much” is no number")
    stage.button("Start again").click()
    expect(blank(stage, "z")).to_have_value("")
    blank(stage, "z").fill("0.5")
    blank(stage, "z").press("Enter")
    expect(caption(stage)).to_contain_text("1 of 14 right")
    stage.button("Show the next one").click()
    expect(blank(stage, "p1")).to_have_value("-6")


@pytest.mark.parametrize("name", ["relu", "one_two_one"])
def test_the_fields_of_larger_graphs_do_not_lie_on_each_other(play, name):
    stage = play(f"from backprop.pictures import fill_in\nfill_in('{name}')", width=900)
    boxes = [field.bounding_box() for field in stage.node.locator(".bp-blank").all()]
    for k, one in enumerate(boxes):
        for other in boxes[:k]:
            apart_x = max(one["x"] - other["x"] - other["width"], other["x"] - one["x"] - one["width"])
            apart_y = max(one["y"] - other["y"] - other["height"], other["y"] - one["y"] - one["height"])
            assert max(apart_x, apart_y) >= 0
    board = stage.node.bounding_box()
    assert min(box["x"] for box in boxes) >= board["x"]
    assert max(box["x"] + box["width"] for box in boxes) <= board["x"] + board["width"]
    stage.keep(f"fill-in-{name}")


def test_control_s_saves_the_notebook_while_the_picture_has_the_focus(play):
    stage = play(FILL_IN)
    saved = "() => !jupyterapp.shell.currentWidget.context.model.dirty"
    assert not stage.page.evaluate(saved)
    blank(stage, "p1").press("Control+s")
    stage.page.wait_for_function(saved)
    expect(blank(stage, "p1")).to_be_focused()
