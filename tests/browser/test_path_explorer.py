"""The path explorer and the growing network in real JupyterLab:
numbers on the screen against PyTorch's, by mouse and by keyboard.
"""

import re

import pytest
import torch
from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED

FOLLOW = "from backprop.pictures import follow_paths\nfollow_paths('four_four_two', 'w1_31')"


def gradients(w2_11=0.5):
    """∂L/∂W1 straight from PyTorch."""
    W1 = torch.tensor([[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]], dtype=torch.float64)
    W1.requires_grad_()
    W2 = torch.tensor([[w2_11, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]], dtype=torch.float64)
    yhat = torch.softmax(W2 @ torch.sigmoid(W1 @ torch.tensor([2.0, 5, 3, 3], dtype=torch.float64)), 0)
    ((yhat - torch.tensor([1.0, 0.0])) ** 2).sum().backward()
    return W1.grad


def share(stage, place):
    """The number in a path's row."""
    return next(float(text.replace("−", "-")) for text in stage.thing(f"bar:{place}").locator("text").all_text_contents() if "." in text)


def caption(stage):
    return stage.node.locator(".bp-caption")


def focus(stage):
    return stage.page.evaluate("document.activeElement.dataset.key ?? ''")


def test_paths_by_mouse(play):
    stage = play(FOLLOW)
    truth = gradients()[2, 0].item()
    assert [share(stage, place) for place in range(4)] == [-0.003159, -0.003159, 0.004739, 0.004739]
    expect(caption(stage)).to_contain_text(f"Together: +{truth:.6f}. PyTorch’s .backward() says")
    stage.keep("path-explorer")

    stage.thing("bar:2").hover()
    expect(caption(stage)).to_contain_text("▸ path 3")
    expect(stage.thing("line:2").locator("path").first).to_have_attribute("style", re.compile("stroke-width:3.8"))
    stage.keep("path-explorer-lit")
    stage.page.mouse.move(2, 2)
    expect(caption(stage)).not_to_contain_text("▸")

    box = stage.thing("line:2").locator("path").nth(6).bounding_box()  # from logit 2 to output 1, where this path is alone
    stage.page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    expect(caption(stage)).to_contain_text("▸ path 3")


def test_a_weight_is_chosen_in_the_graph_and_its_paths_cancel_until_one_is_moved(play):
    stage = play(FOLLOW)
    stage.thing("x1").scroll_into_view_if_needed()
    arrow = stage.thing("w1_12").locator("path").last.bounding_box()  # it rises from input 2 to hidden unit 1
    stage.page.mouse.click(arrow["x"] + 0.75 * arrow["width"], arrow["y"] + 0.25 * arrow["height"])
    chosen = stage.node.locator("select").first
    expect(chosen).to_have_value("w1_12")
    expect(caption(stage)).to_contain_text("They cancel")

    chosen.select_option("w1_11")
    expect(caption(stage)).to_contain_text("They cancel")
    stage.keep("path-explorer-cancel")
    stage.node.locator("select").nth(1).select_option("w2_11")
    stage.field("w 1 to 1 [2], typed").fill("0.6")
    expect(caption(stage)).to_contain_text(f"Together: −{-gradients(w2_11=0.6)[0, 0].item():.6f}")
    expect(caption(stage)).not_to_contain_text("cancel")


def test_paths_by_keyboard_and_for_a_screen_reader_in_a_dark_theme(play):
    stage = play("from backprop.pictures import follow_paths\nfollow_paths('four_four_two', 'x1')", theme="dark")
    stage.page.set_viewport_size({"width": 900, "height": 1100})
    stage.node.locator("select").first.focus()
    for _ in range(8):
        stage.page.keyboard.press("Tab")
        if focus(stage):
            break
    assert focus(stage)
    for _ in range(7):  # from the first thing backwards: the last bar, and on to the tenth
        stage.page.keyboard.press("ArrowUp")
        expect(stage.node.locator(":focus")).to_have_attribute("data-key", re.compile("bar:"))
    assert focus(stage) == "bar:9"
    expect(caption(stage)).to_contain_text("▸ path 10")
    expect(stage.node.get_by_role("status")).to_contain_text("Lit: path 10 through a 3 [1], z 1 [2], y hat 2")
    assert stage.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    stage.page.keyboard.press("Enter")
    expect(stage.thing("bar:9")).to_have_attribute("aria-pressed", "true")
    assert focus(stage) == "bar:9"
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    stage.keep("path-explorer-sixteen-dark")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_network_grows(play, theme):
    stage = play("from backprop.pictures import grow_deep\ngrow_deep(4, 4)", theme=theme, width=1000)
    expect(caption(stage)).to_contain_text("256 paths")
    expect(caption(stage)).to_contain_text("64 multiplications")
    stage.keep(f"grow-deep-{theme}")
    stage.slider("depth").press("ArrowRight")
    expect(caption(stage)).to_contain_text("80 multiplications")
    stage.field("width, typed").fill("6")
    stage.thing("depth:8").click()
    expect(caption(stage)).to_contain_text("about 1.7 million")
    expect(caption(stage)).to_contain_text("288 multiplications")
    stage.button("Next path").click()
    expect(caption(stage)).to_contain_text("path 2 is drawn")
    stage.keep(f"grow-deep-grown-{theme}")


def test_a_label_on_an_arrow_lets_the_mouse_through(play):
    stage = play("from backprop.pictures import explore\nexplore('deep')")
    arrow = stage.thing("w11").locator("path").last.bounding_box()
    stage.page.mouse.move(arrow["x"] + arrow["width"] / 2, arrow["y"] + arrow["height"] / 2)
    expect(caption(stage)).to_contain_text("path 3:")  # its box now lies under the mouse
    for step in range(20):
        stage.page.mouse.move(arrow["x"] + arrow["width"] / 2 + step % 2, arrow["y"] + arrow["height"] / 2)
        stage.page.wait_for_timeout(50)
        expect(caption(stage)).to_contain_text("path 3:", timeout=1)
