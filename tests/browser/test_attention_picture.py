"""The attention explorer in real JupyterLab, by mouse and
by keyboard, in a narrow and dark window.
"""

from playwright.sync_api import expect

from tests.browser.chromium import NEEDED

pytestmark = NEEDED


def test_attention_by_mouse_and_keyboard_in_a_dark_theme(play):
    stage = play("from backprop.pictures import explore_attention\nexplore_attention()", theme="dark", width=900)
    caption = stage.node.locator(".bp-caption")
    expect(caption).to_contain_text("Output 4 uses value 1 most")
    stage.keep("attention-dark")

    stage.thing("position:5").hover()
    expect(caption).to_contain_text("Position 5 is masked for output 4")
    stage.page.mouse.move(2, 2)
    stage.thing("position:2").focus()
    stage.page.keyboard.press("Enter")
    expect(stage.thing("position:2")).to_have_attribute("aria-pressed", "true")
    expect(caption).to_contain_text("∂L/∂v2 = a42 g")

    stage.slider("factor on the scores").press("ArrowRight")
    expect(caption).to_contain_text("The scores are sij = 1.1 ·")
    stage.field("factor on the scores, typed").fill("5")
    expect(caption).to_contain_text("with the weight 0.9999")
    stage.node.get_by_role("combobox", name="output at position").select_option("2")
    expect(caption).to_contain_text("The loss depends on o2 only")
    stage.node.get_by_role("checkbox", name="causal mask").uncheck()
    expect(stage.node.get_by_role("status")).to_contain_text("without a causal mask")
    stage.button("New numbers").click()
    expect(caption).to_contain_text("Output 2 uses value")
    assert stage.node.evaluate("e => e.scrollWidth <= e.clientWidth")
    stage.keep("attention-other-dark")
