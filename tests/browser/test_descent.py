"""The descent explorer in real JupyterLab: steps by mouse and by
keyboard, and every number on the screen compared with PyTorch's.
"""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED
expect.set_options(timeout=30_000)

TRUE = "from backprop.pictures import descend_by_hand\ndescend_by_hand()"
OWN = """import numpy as np
from backprop.pictures import descend_by_hand

def seven(x, y, w1, w2, w3, w4, b1, b2, b3):
    blue, orange = np.logaddexp(0, w1 * x + b1), np.logaddexp(0, w2 * x + b2)
    g = -2 * (y - w3 * blue - w4 * orange - b3)
    d1, d2 = g * w3 / (1 + np.exp(-w1 * x - b1)), g * w4 / (1 + np.exp(-w2 * x - b2))
    if b3 < -0.2:
        raise ValueError("enough")
    return (d1 * x).sum(), (d2 * x).sum(), (g * blue).sum(), (g * orange).sum(), d1.sum(), d2.sum(), -g.sum() / 2

descend_by_hand(seven)
"""
NAMES = ("w1", "w2", "w3", "w4", "b1", "b2", "b3")


def fitted(steps, rate=0.01):
    """The loss, the parameters and their gradients after that many steps of torch.optim.SGD."""
    x, y = torch.tensor([0.1, 0.53, 0.82], dtype=torch.float64), torch.tensor([1.2, 3.2, 1.1], dtype=torch.float64)
    theta = torch.tensor(np.append(np.random.RandomState(42).randn(4), [0.0, 0.0, 0.0]), requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=rate)
    for step in range(steps + 1):
        optimizer.zero_grad()
        w1, w2, w3, w4, b1, b2, b3 = theta
        hidden = (torch.nn.functional.softplus(z) for z in (w1 * x + b1, w2 * x + b2))
        loss = ((y - sum(w * unit for w, unit in zip((w3, w4), hidden)) - b3) ** 2).sum()
        loss.backward()
        if step < steps:
            optimizer.step()
    return loss.item(), theta.detach().numpy(), theta.grad.numpy()


def number(words):
    return float(words.replace("−", "-").strip(" ✗"))


def says(stage, words):
    expect(stage.node.locator(".bp-picture text", has_text=words).first).to_be_visible()


def agrees(stage, steps, rate=0.01):
    """Wait until the picture shows the loss after these
    steps; then its parameters and gradients are PyTorch's.
    """
    loss, theta, gradient = fitted(steps, rate)
    says(stage, f"SSR {loss:.4f}".rstrip("0") + (f" after {steps} step" if steps else " at the start"))
    for place, name in enumerate(NAMES):
        value, slope = stage.thing(name).locator("text").all_text_contents()[:2]
        assert number(value) == pytest.approx(theta[place], abs=6e-5)
        assert number(slope) == pytest.approx(gradient[place], abs=6e-5)


def test_steps_by_mouse(play):
    stage = play(TRUE)
    agrees(stage, 0)
    stage.button("One step").click()
    agrees(stage, 1)
    stage.button("Ten steps").click()
    agrees(stage, 11)
    stage.thing("b3").click()
    _, theta, gradient = fitted(11)
    after = f"{theta[6] - 0.01 * gradient[6]:.6f}".rstrip("0")
    expect(stage.node.locator(".bp-caption")).to_contain_text(f"next step: b3 ← {theta[6]:.6f}".rstrip("0"))
    expect(stage.node.locator(".bp-caption b")).to_have_text(after)
    stage.page.mouse.move(2, 2)
    stage.keep("descent-true")
    stage.button("Start again").click()
    agrees(stage, 0)


def test_steps_by_keyboard_and_a_screen_reader_that_hears_of_them(play):
    stage = play(TRUE)
    stage.field("learning rate, typed").fill("0.05")
    stage.button("One step").focus()
    for _ in range(3):
        stage.page.keyboard.press("Enter")
    agrees(stage, 3, 0.05)
    stage.page.keyboard.press("Tab")
    stage.page.keyboard.press("Space")
    agrees(stage, 13, 0.05)
    assert stage.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    loss = fitted(13, 0.05)[0]
    expect(stage.node.get_by_role("status")).to_contain_text(f"SSR is {loss:.4f}".rstrip("0") + " after 13 steps")
    for _ in range(8):
        if stage.page.evaluate("document.activeElement.dataset.key ?? ''"):
            break
        stage.page.keyboard.press("Tab")
    stage.page.keyboard.press("ArrowRight")
    stage.page.keyboard.press("Enter")
    expect(stage.thing("w2")).to_have_attribute("aria-pressed", "true")
    expect(stage.node.locator(".bp-caption")).to_contain_text("next step: w2")


def test_a_slip_explodes_beside_the_true_descent_and_the_picture_lives_on(play):
    stage = play(TRUE, theme="dark", width=900)
    stage.node.locator("select").first.select_option(label="the squared residual kept")
    expect(stage.node.locator(".bp-caption")).to_contain_text("The slip: the squared residual kept.")
    stage.keep("descent-slip-start-dark")
    stage.button("A hundred steps").click()
    expect(stage.node.get_by_role("alert")).to_contain_text("The loss has exploded")
    says(stage, f"PyTorch's: {fitted(100)[0]:.4f}".rstrip("0") + " after 100 steps")
    stage.keep("descent-exploded-dark")
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")

    stage.node.locator("select").first.select_option(label="half the gradient")
    expect(stage.node.get_by_role("alert")).to_be_hidden()
    stage.button("A hundred steps").click()
    says(stage, f"SSR {fitted(100, 0.005)[0]:.4f}".rstrip("0") + " after 100 steps")
    expect(stage.node.locator(".bp-caption")).to_contain_text("This one still trains. Why?")
    stage.keep("descent-half-dark")


def test_a_function_of_ones_own_with_a_wrong_gradient_that_raises_on_the_way(play):
    stage = play(OWN)
    caption = stage.node.locator(".bp-caption")
    expect(caption).to_contain_text("6 of 7 gradients are PyTorch's, here. Wrong: dSSR_db3.")
    yours, true = stage.thing("b3").locator("text").all_text_contents()[1:]
    gradient = fitted(0)[2][6]
    assert number(true) == pytest.approx(gradient, abs=6e-5)
    assert number(yours) == pytest.approx(-gradient / 2, abs=6e-5)
    assert yours.endswith("✗")
    stage.button("Ten steps").click()
    says(stage, f"PyTorch's: {fitted(10)[0]:.4f}".rstrip("0") + " after 10 steps")
    stage.keep("descent-own")
    stage.field("learning rate, typed").fill("3")
    expect(stage.node.get_by_role("alert")).to_contain_text("between 0.001 and 1")
    stage.button("One step").click()
    says(stage, "after 11 steps")


def test_play_goes_on_until_it_is_paused(play):
    stage = play(TRUE)
    stage.button("▶ Play").click()
    expect(stage.node.locator(".bp-picture text", has_text=re.compile("after [3-9]0 steps"))).to_have_count(1, timeout=30_000)
    stage.button("❚❚ Pause").click()
    stage.page.wait_for_timeout(1500)
    shown = stage.node.locator(".bp-picture text", has_text=re.compile(r"after \d+ steps")).first.text_content()
    agrees(stage, int(shown.split()[-2]))
    stage.page.wait_for_timeout(1000)
    assert stage.node.locator(".bp-picture text", has_text=re.compile(r"after \d+ steps")).first.text_content() == shown
