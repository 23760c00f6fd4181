"""Mathematics on the site as MathML, with a font for it: no script draws it,
and a screen reader can read it.
"""

from importlib.resources import files

from docutils import nodes
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from autograder.pages.mathematics import formula


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the renderer known to Sphinx as `mathml`."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("build-finished", write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_font(app: Sphinx, error: Exception | None) -> None:
    """STIX Two Math, which ziamath brings along under the SIL Open Font License,
    in the form that browsers take.
    """
    if error is None:
        font = TTFont(str(files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"))
        font.flavor = "woff"
        font.save(app.outdir / "_static" / "stix-two-math.woff")


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    translator.body.append(formula(node.astext()))
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands alone; a wide one scrolls by itself."""
    translator.body.append(f'<div class="math" tabindex="0" role="group" aria-label="Formula">{formula(node.astext(), block=True)}</div>')
    raise nodes.SkipNode
