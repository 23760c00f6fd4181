"""The lessons' displayed formulas in real JupyterLab, in a narrow window."""

import json
import re

from playwright.sync_api import expect

from tests.browser.chromium import NEEDED, ROOT
from tests.browser.lab import WIDE

pytestmark = NEEDED

FORMULA = re.compile(r"\$\$.+?\$\$", re.DOTALL)
SHOW = """async source => {
    const panel = jupyterapp.shell.currentWidget;
    await panel.context.ready;  // what is inserted before is replaced by the file
    const notebook = panel.content;
    notebook.model.sharedModel.insertCell(0, { cell_type: 'markdown', source, metadata: {} });
    notebook.widgets[0].rendered = true;
    await notebook.scrollToItem(0);
}"""
HIDE = "() => jupyterapp.shell.currentWidget.content.model.sharedModel.deleteCell(0)"
TOO_WIDE = """() => {
    const rendered = document.querySelector('.jp-MarkdownCell .jp-RenderedMarkdown');
    const wide = (formula) => formula.getBoundingClientRect().width > rendered.clientWidth + 2;
    const shown = [...rendered.querySelectorAll('mjx-container[display=true] > mjx-math')];
    return shown.flatMap((formula, place) => wide(formula) ? [place] : []);
}"""


def test_no_displayed_formula_is_cut_off_in_a_narrow_window(desk):
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    texts = ["".join(cell["source"]) for notebook in notebooks for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    formulas = [formula for text in texts for formula in FORMULA.findall(text)]
    desk.set_viewport_size({"width": 1000, "height": 1000})
    try:
        desk.evaluate(SHOW, "\n\n".join(formulas))
        expect(desk.locator(".jp-MarkdownCell mjx-container[display=true]")).to_have_count(len(formulas))
        assert [formulas[place] for place in desk.evaluate(TOO_WIDE)] == []
    finally:
        desk.evaluate(HIDE)
        desk.set_viewport_size(WIDE)
