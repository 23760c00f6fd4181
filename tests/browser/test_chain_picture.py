"""The chain-rule explorer, moved by mouse and by keyboard
in real JupyterLab; the slopes that it shows are PyTorch's.
"""

import re

import pytest
import torch
from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED

LONG_CHAIN = "from backprop.pictures import follow_chain\nfollow_chain('long_chain')"
SIGMOIDS = "from backprop.pictures import follow_chain\nfollow_chain('three_sigmoids')"


def slopes(x, *links):
    """The slope of each link, and of the whole, straight from PyTorch."""
    nodes = [torch.tensor(x, dtype=torch.float64, requires_grad=True)]
    for link in links:
        nodes.append(link(nodes[-1]))
    steps = [torch.autograd.grad(after, before, retain_graph=True)[0].item() for before, after in zip(nodes, nodes[1:])]
    return [*steps, torch.autograd.grad(nodes[-1], nodes[0])[0].item()]


def long_chain(x):
    return slopes(x, torch.square, torch.exp, torch.exp)


def sigmoids(x, *weights):
    return slopes(x, *(lambda before, w=w: torch.sigmoid(w * before) for w in weights))


def shows(stage, *keys, slopes):
    """Wait until the boxes under the plots show these slopes."""
    for key, slope in zip(keys, slopes):
        digits = next(digits for digits, least in ((3, 10), (4, 0.1), (5, 0)) if abs(slope) >= least)
        words = f"{slope:.{digits}f}".rstrip("0").rstrip(".").replace("-", "−")
        expect(stage.thing(key).locator("text").last).to_have_text(words)


def test_moved_by_mouse_by_keyboard_and_by_typing(play):
    stage = play(LONG_CHAIN)
    plots = ("u", "v", "y", "whole")
    shows(stage, *plots, slopes=long_chain(0.7))
    stage.keep("chain-picture")

    track = stage.slider("x").bounding_box()
    stage.page.mouse.click(track["x"] + 0.2 * track["width"], track["y"] + track["height"] / 2)
    moved = float(stage.slider("x").input_value())
    assert moved < -0.4
    shows(stage, *plots, slopes=long_chain(moved))

    stage.slider("x").press("ArrowRight")
    stage.slider("x").press("ArrowRight")
    assert float(stage.slider("x").input_value()) == pytest.approx(moved + 0.1)
    shows(stage, *plots, slopes=long_chain(moved + 0.1))

    stage.field("x, typed").fill("0.123")
    shows(stage, *plots, slopes=long_chain(0.123))

    stage.field("x, typed").fill("2")
    expect(stage.node.get_by_role("alert")).to_contain_text("x has to be between -1 and 1")
    shows(stage, *plots, slopes=long_chain(0.123))
    stage.field("x, typed").fill("1")
    expect(stage.node.get_by_role("alert")).to_be_hidden()
    shows(stage, *plots, slopes=long_chain(1.0))


def test_pointing_at_a_plot_lights_up_its_factor_by_mouse_and_by_keyboard(play):
    stage = play(LONG_CHAIN)
    lit = stage.node.locator(".bp-caption u")
    stage.thing("v").hover()
    expect(lit).to_have_text(["dv/du", f"{long_chain(0.7)[1]:.4f}"])
    stage.keep("chain-picture-pointed")
    stage.page.mouse.move(2, 2)
    expect(lit).to_have_count(0)

    stage.slider("x").focus()
    stage.field("x, typed").press("Tab")
    assert stage.page.evaluate("document.activeElement.dataset.key") == "u"
    stage.page.keyboard.press("ArrowRight")
    stage.page.keyboard.press("ArrowRight")
    expect(lit).to_have_text(["dy/dv", f"{long_chain(0.7)[2]:.4f}"])
    assert stage.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    stage.page.keyboard.press("Enter")
    expect(stage.thing("y")).to_have_attribute("aria-pressed", "true")


def test_vanishing_in_a_dark_theme_on_a_small_screen(play):
    stage = play(SIGMOIDS, theme="dark", width=900)
    plots = ("a1", "a2", "yhat", "whole")
    shows(stage, *plots, slopes=sigmoids(0.5, 1.0, 1.0, 1.0))
    stage.keep("chain-picture-sigmoids-dark")
    stage.field("x, typed").fill("4")
    shows(stage, *plots, slopes=sigmoids(4.0, 1.0, 1.0, 1.0))
    stage.field("w 2, typed").fill("-3.5")
    shows(stage, *plots, slopes=sigmoids(4.0, 1.0, -3.5, 1.0))
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    stage.keep("chain-picture-saturated-dark")

    stage.node.locator("select").select_option("square_of_sum")
    shows(stage, "g", "y", slopes=slopes(0.7, lambda x: torch.exp(x) + x, torch.square))
    expect(stage.slider("w 2")).to_have_count(0)
    stage.keep("chain-picture-two-links-dark")


def test_a_prediction_is_settled_and_a_screen_reader_hears_it(play):
    stage = play(LONG_CHAIN)
    whole = f"{long_chain(0.7)[-1]:.3f}"
    status = stage.node.get_by_role("status")
    expect(status).to_contain_text(f"The slope of the whole is 5.1157 times 1.6323 times 1.4: {whole}")
    stage.node.get_by_role("checkbox").check()
    expect(stage.thing("whole").locator("text").last).to_have_text("?")
    expect(status).to_contain_text("yours to predict")
    guess = stage.node.get_by_role("textbox")
    guess.fill("7")
    guess.press("Enter")
    expect(stage.node.locator(".bp-wrong")).to_contain_text("7 is not the slope")
    stage.keep("chain-picture-predicting")
    guess.fill("11.7")
    guess.press("Enter")
    expect(stage.node.locator(".bp-right")).to_contain_text(whole)
    expect(stage.thing("whole").locator("text").last).to_have_text(whole)
    expect(stage.thing("whole")).to_have_attribute("aria-label", re.compile(whole))


def test_many_moves_leave_no_trace(play):
    stage = play(LONG_CHAIN)
    count = "document.querySelectorAll('.bp-stage *').length"
    before = stage.page.evaluate(count)
    for value in range(200):
        stage.node.evaluate(
            "(e, v) => { const t = e.querySelector('input[type=range]'); t.value = v; t.dispatchEvent(new Event('input')); }",
            -1 + 1.75 * value / 199,
        )
    shows(stage, "u", "v", "y", "whole", slopes=long_chain(0.75))
    assert stage.page.evaluate(count) == before
