"""The pixel explorer in real JupyterLab, by mouse and by keyboard, in a narrow and dark window."""

from playwright.sync_api import expect

from tests.browser.chromium import NEEDED
from tests.browser.lab import change_theme, serious

pytestmark = NEEDED


def test_pixels_by_mouse_and_keyboard_in_a_dark_theme(play):
    stage = play("from backprop.pictures import explore_pixels\nexplore_pixels()", theme="dark", width=900)
    caption = stage.node.locator(".bp-caption")
    expect(caption).to_contain_text("the prediction is 8 with the probability 0.946: right")
    stage.keep("pixels-dark")

    stage.thing("dx:12").hover()
    expect(caption).to_contain_text("The pixel in row 2, column 5: x =")
    stage.page.mouse.move(2, 2)
    stage.thing("x:0").focus()
    stage.page.keyboard.press("ArrowRight")
    stage.page.keyboard.press("Enter")
    expect(stage.thing("x:1")).to_have_attribute("aria-pressed", "true")
    expect(caption).to_contain_text("The pixel in row 1, column 2")

    stage.slider("epsilon, change of a pixel").press("ArrowRight")
    expect(caption).to_contain_text("with ε = 0.01 and the signs of the gradient")
    stage.field("epsilon, change of a pixel, typed").fill("0.1")
    expect(caption).to_contain_text("the prediction is 0 with the probability 0.724: wrong")
    stage.keep("pixels-changed-dark")
    stage.node.get_by_role("combobox", name="signs s").select_option("random")
    expect(caption).to_contain_text("the prediction is 8")
    expect(stage.node.get_by_role("status")).to_contain_text("every pixel changed by 0.1 times random signs")
    stage.node.get_by_role("combobox", name="digit").select_option("3")
    expect(caption).to_contain_text("The label is 3")
    stage.field("noise, its standard deviation, typed").fill("0")
    expect(stage.node.get_by_role("status")).to_contain_text("noise of standard deviation 0,")
    stage.button("New image").click()
    expect(caption).to_contain_text("The label is 3")
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert not serious(stage.page, "dark", ".bp-stage")
    change_theme(stage.page, "light")
    assert not serious(stage.page, "light", ".bp-stage")
    stage.keep("pixels-light")
