"""The graph explorer, moved by mouse and by keyboard in real
JupyterLab; every number that it shows is compared with PyTorch's.
"""

import re

import pytest
import torch
from backprop.pictures.stage.sheet import amount
from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED

LOGISTIC = "from backprop.pictures import explore\nexplore('logistic')"


def logistic(**changed):
    """Values and gradients straight from PyTorch, as the picture writes them."""
    start = {"x1": 1.5, "x2": 2.5, "w1": -4.0, "w2": 3.0, "b": -1.0, "y": 1.0} | changed
    leaves = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in start.items()}
    z = leaves["w1"] * leaves["x1"] + leaves["w2"] * leaves["x2"] + leaves["b"]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, leaves["y"])
    loss.backward()
    return loss.item(), {name: leaf.grad.item() for name, leaf in leaves.items()}


def number(words):
    return float(words.replace("−", "-"))


def readings(stage, key):
    """The value above a node and the gradient below it."""
    above, below = stage.thing(key).locator("text").all_text_contents()
    return number(above), number(below)


def agrees(stage, **changed):
    """Wait until the picture shows the loss of these
    inputs; then every gradient in it is PyTorch's.
    """
    loss, gradients = logistic(**changed)
    expect(stage.thing("L").locator("text").first).to_have_text(amount(loss))
    for name, gradient in gradients.items():
        assert readings(stage, name)[1] == pytest.approx(gradient, abs=1e-4)


def test_moved_by_mouse_by_keyboard_and_by_typing(play):
    stage = play(LOGISTIC)
    agrees(stage)

    track = stage.slider("w 1").bounding_box()
    stage.page.mouse.click(track["x"] + 0.4 * track["width"], track["y"] + track["height"] / 2)
    moved = float(stage.slider("w 1").input_value())
    assert -3 < moved < 0
    agrees(stage, w1=moved)

    stage.slider("w 1").press("ArrowLeft")
    stage.slider("w 1").press("ArrowLeft")
    assert float(stage.slider("w 1").input_value()) == pytest.approx(moved - 0.2)
    agrees(stage, w1=moved - 0.2)

    stage.field("b, typed").fill("0.25")
    agrees(stage, w1=moved - 0.2, b=0.25)
    stage.keep("graph-explorer-moved")


def test_pointing_lights_up_the_factors_of_a_gradient(play):
    stage = play(LOGISTIC)
    stage.thing("w1").hover()
    caption = stage.node.locator(".bp-caption")
    expect(caption).to_contain_text("= (−1.6065) · 0.235 · 1 · 1.5 = −0.5663")
    stage.page.mouse.move(2, 2)
    expect(caption).to_contain_text("Point at a node")

    stage.thing("w2").click()
    stage.page.mouse.move(2, 2)
    expect(caption).to_contain_text("= −0.9439")
    expect(stage.thing("w2")).to_have_attribute("aria-pressed", "true")
    stage.keep("graph-explorer-chosen")


def test_the_graph_by_keyboard_alone(play):
    stage = play(LOGISTIC)
    stage.slider("x 1").focus()
    for _ in range(20):
        if stage.page.evaluate("document.activeElement.dataset.key ?? ''"):
            break
        stage.page.keyboard.press("Tab")
    first = stage.page.evaluate("document.activeElement.dataset.key")
    assert first
    stage.page.keyboard.press("ArrowDown")
    second = stage.page.evaluate("document.activeElement.dataset.key")
    assert second not in ("", first)
    stage.page.keyboard.press("Enter")
    expect(stage.thing(second)).to_have_attribute("aria-pressed", "true")
    assert stage.page.evaluate("document.activeElement.dataset.key") == second  # drawing anew leaves the focus where it is
    assert stage.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    expect(stage.page.locator(".jp-Cell")).to_have_count(1)  # JupyterLab's own shortcuts kept quiet


def test_a_screen_reader_hears_how_things_stand(play):
    stage = play(LOGISTIC)
    status = stage.node.get_by_role("status")
    expect(status).to_contain_text("L is 0.4741")
    stage.field("w 1, typed").fill("0")
    expect(status).to_contain_text(f"L is {logistic(w1=0.0)[0]:.4f}")
    expect(stage.thing("w1")).to_have_attribute("aria-label", re.compile("w 1: value 0, gradient"))


def test_what_cannot_be_used_is_refused_in_words_and_the_picture_lives_on(play):
    stage = play(LOGISTIC)
    stage.field("y, typed").fill("3")
    expect(stage.node.get_by_role("alert")).to_contain_text("between 0 and 1")
    agrees(stage)
    stage.field("y, typed").fill("0.5")
    expect(stage.node.get_by_role("alert")).to_be_hidden()
    agrees(stage, y=0.5)


def test_the_largest_network_in_a_dark_theme_on_a_small_screen(play):
    stage = play("from backprop.pictures import explore\nexplore('four_four_two')", theme="dark", width=900)
    stage.node.locator("select").select_option("w1_31")
    expect(stage.node.locator(".bp-caption")).to_contain_text("= 0.003159")
    assert stage.node.evaluate("e => getComputedStyle(e).color") == "rgb(236, 236, 236)"
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    stage.keep("graph-explorer-largest-dark")


def test_many_moves_leave_no_trace(play):
    stage = play("from backprop.pictures import explore\nexplore('one_two_one')")
    count = "document.querySelectorAll('.bp-stage *').length"
    before = stage.page.evaluate(count)
    for value in range(200):
        stage.node.evaluate(
            "(e, v) => { const t = e.querySelector('input[type=range]'); t.value = v; t.dispatchEvent(new Event('input')); }",
            -4 + 8 * value / 199,
        )
    expect(stage.thing("x").locator("text").first).to_have_text("4")
    assert stage.page.evaluate(count) == before


STILL = ".jp-OutputArea-child:has(.bp-still)"


def test_the_still_picture_gives_way_to_the_live_one(play):
    stage = play(LOGISTIC)
    expect(stage.page.locator(STILL)).to_have_count(1)
    expect(stage.page.locator(STILL)).to_be_hidden()
