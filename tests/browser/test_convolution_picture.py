"""The convolution explorer in real JupyterLab, by mouse and
by keyboard, in a narrow and dark window.
"""

import re

from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED


def test_convolution_by_mouse_and_keyboard_in_a_dark_theme(play):
    stage = play("from backprop.pictures import explore_convolution\nexplore_convolution()", theme="dark", width=900)
    caption = stage.node.locator(".bp-caption")
    expect(caption).to_contain_text("y0 = z1, y1 = z3, y2 = z4")

    stage.thing("z:0").hover()
    expect(caption).to_contain_text("y0 is z1, so ∂L/∂z0 = 0.")
    stage.page.mouse.move(2, 2)
    stage.thing("w:1").focus()
    stage.page.keyboard.press("Enter")
    expect(stage.thing("w:1")).to_have_attribute("aria-pressed", "true")
    expect(caption).to_contain_text("= 2.9")
    stage.keep("convolution-dark")

    stage.slider("weight w0").press("ArrowRight")
    expect(stage.node.get_by_role("status")).to_contain_text("the kernel w = (−0.6, 0.5, 0.2)")
    stage.field("input x0, typed").fill("-2")
    expect(caption).to_contain_text("y0 = z0")
    stage.node.get_by_role("combobox", name="input to change").select_option("x5")
    stage.field("input x5, typed").fill("3")
    expect(caption).to_contain_text("3 · 2")
    stage.button("New numbers").click()
    expect(stage.node.get_by_role("status")).not_to_contain_text("x = (−2,")
    expect(stage.field("input x5, typed")).not_to_have_value("3")
    stage.field("input x5, typed").fill("3")
    expect(stage.node.get_by_role("status")).to_contain_text(re.compile(r"x = \((\S+ ){5}3, "))
    expect(stage.slider("input x5")).to_have_value("3")
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
