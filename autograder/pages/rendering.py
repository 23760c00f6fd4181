"""Cells and their outputs as HTML. What comes from a student has been made harmless before."""

import html
from functools import lru_cache
from typing import Any

from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from .mathematics import formula, with_formulas

IMAGES = ("image/png", "image/jpeg")
LONGEST_CODE = 50_000  # characters that are coloured


class _Renderer(IPythonRenderer):
    """nbconvert's Markdown, with mathematics as MathML."""

    def block_math(self, body: str) -> str:
        return formula(body, block=True)

    def inline_math(self, body: str) -> str:
        return formula(body)

    def multiline_math(self, text: str) -> str:
        return formula(text, block=True)

    def latex_environment(self, name: str, body: str) -> str:
        return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True)


@lru_cache(2000)
def course_markdown(source: str) -> str:
    """A text cell of the course; the same for all students, so it is made once."""
    renderer = _Renderer(escape=False, exclude_anchor_links=True)
    return MarkdownWithMath(renderer=renderer).render(source)


def students_markdown(cleaned: str) -> str:
    """A text cell of a student's, of which `clean_markdown` has made harmless HTML."""
    return with_formulas(cleaned)


@lru_cache(5000)
def code(source: str) -> str:
    """Python in colours."""
    if not source.strip():
        return ""
    if len(source) > LONGEST_CODE:
        return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'
    return highlight(source, PythonLexer(stripall=False), _FORMATTER)


_FORMATTER = HtmlFormatter(cssclass="highlight")


def style_of_code() -> str:
    """The colours of code, for light and for dark."""
    light = HtmlFormatter(style="tango", cssclass="highlight").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark", cssclass="highlight").get_style_defs(".highlight")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def output(made: NotebookNode) -> str:
    """One output of a cell."""
    kind = made.get("output_type")
    if kind == "stream":
        return f'<pre class="output">{ansi2html(made.text)}</pre>'
    if kind == "error":
        trace = "\n".join(made.get("traceback") or []) or f"{made.ename}: {made.evalue}"
        return f'<pre class="output error">{ansi2html(trace)}</pre>'
    return data(made.get("data", {}), made.get("metadata", {}))


def data(bundle: dict[str, Any], metadata: dict[str, Any]) -> str:
    """What a cell displayed, in the richest form that a page can show."""
    texts = {mime: "".join(value) if isinstance(value, list) else value for mime, value in bundle.items()}
    if "text/html" in texts:
        return f'<div class="output">{with_formulas(texts["text/html"])}</div>'
    if "image/svg+xml" in texts:
        return f'<div class="output picture">{texts["image/svg+xml"]}</div>'
    for mime in IMAGES:
        if mime in texts:
            about = metadata.get(mime) or {}
            size = "".join(f' {key}="{int(about[key])}"' for key in ("width", "height") if key in about)
            source = f"data:{mime};base64,{''.join(texts[mime].split())}"
            return f'<div class="output picture"><img src="{source}" alt="A picture that the cell drew"{size}></div>'
    if "text/markdown" in texts:
        return f'<div class="output">{course_markdown(texts["text/markdown"])}</div>'
    if "text/latex" in texts:
        return f'<div class="output">{with_formulas(html.escape(texts["text/latex"]))}</div>'
    return f'<pre class="output">{ansi2html(texts["text/plain"])}</pre>' if "text/plain" in texts else ""
