"""The depth explorer in real JupyterLab, by mouse and by keyboard, in a narrow and dark window."""

import re

from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED


def test_depth_by_mouse_and_keyboard_in_a_dark_theme(play):
    stage = play("from backprop.pictures import explore_depth\nexplore_depth(20, 40, 1.0)", theme="dark", width=900)
    caption = stage.node.locator(".bp-caption")
    expect(caption).to_contain_text("= 1/40 = 0.025")
    expect(caption).to_contain_text("20 layers by 0.001")
    stage.keep("depth-dark")

    stage.thing("layer:12").hover()
    expect(caption).to_contain_text("layer 12: Z has the size")
    stage.page.mouse.move(2, 2)
    stage.thing("layer:3").focus()
    stage.page.keyboard.press("Enter")
    expect(stage.thing("layer:3")).to_have_attribute("aria-pressed", "true")

    stage.slider("depth").press("ArrowRight")
    expect(caption).to_contain_text("21 layers by")
    stage.field("width, typed").fill("80")
    expect(caption).to_contain_text("= 1/80 =")
    stage.node.get_by_role("checkbox", name="skip connections").check()
    expect(caption).to_contain_text("1 + c/2 = 1.5")
    expect(stage.node.get_by_role("status")).to_contain_text(re.compile("21 ReLU layers of width 80 with skip connections"))
    stage.button("New draw").click()
    expect(caption).to_contain_text("In this draw: forward times")
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    stage.keep("depth-skip-dark")
