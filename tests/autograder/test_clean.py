"""What students wrote and showed is harmless on a page, and what is honest of it survives."""

import base64
import io
import re
import time
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from autograder.clean import ATTRIBUTES, BOX, EVERYWHERE, TAGS, clean_html, clean_markdown, clean_output, clean_tex, clean_text
from autograder.feedback import CleanStudentContent, EmbedFigures, clean_metadata, clean_students_cell, is_students

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
DO = "window.hacked=1"
OVERLAY = "position:fixed;top:0;left:0;width:100%;height:100%;z-index:9999;background:red"

HTML = [
    f"<script>{DO}</script>",
    f"<SCRIPT/x>{DO}</SCRIPT >",
    f"<scr<script>ipt>{DO}</scr</script>ipt>",
    f"<img src=x onerror={DO}>",
    f"<img src=x onerror\n=\n'{DO}'",
    f'<img """><script>{DO}</script>">',
    f"<svg onload={DO}>",
    f"<svg><script href='data:,{DO}'/></svg>",
    f"<svg><animate onbegin={DO} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{DO}'><text y=20>click</text></a></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror={DO}&gt;'>",
    f"<svg></p><style><a id='</style><img src=1 onerror={DO}>'>",
    f"<noscript><p title='</noscript><img src=x onerror={DO}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={DO}>",
    f"<template><script>{DO}</script></template>",
    f"<details open ontoggle={DO}><summary>x</summary></details>",
    f"<input autofocus onfocus={DO}>",
    f"<video><source onerror={DO}></video><audio src=x onerror={DO}>",
    f"<body onload={DO}><html onmouseover={DO}>",
    f"<marquee onstart={DO}>x</marquee>",
    f"<iframe srcdoc='<script>parent.{DO}</script>'></iframe>",
    f"<iframe src='javascript:parent.{DO}'></iframe>",
    f"<object data='javascript:{DO}'></object><embed src='javascript:{DO}'>",
    f"<a href='javascript:{DO}'>click</a>",
    f"<a href=' &#x6a;ava&Tab;scr&NewLine;ipt&colon;{DO}'>click</a>",
    f"<a href='JaVaScRiPt:{DO}'>click</a>",
    f"<a href='\x01javascript:{DO}'>click</a>",
    f"<a href='&amp;#106;avascript:{DO}'>click</a>",
    f"<a href='files/javascript:{DO}'>click</a>",
    f"<a href='files/files/javascript:{DO}'>click</a>",
    f"<a href='vbscript:{DO}'>click</a><a href='data:text/html,<script>{DO}</script>'>click</a>",
    "<meta http-equiv=refresh content='0;url=https://evil.invalid/meta'>",
    "<base href='https://evil.invalid/base/'><link rel=stylesheet href='https://evil.invalid/a.css'>",
    "<form action='https://evil.invalid/form'><button>Full credit</button><input name=password></form>",
    "<img src='https://evil.invalid/pixel.png'><img srcset='https://evil.invalid/set.png 2x'><img src='//evil.invalid/p.png'>",
    "<img src='../../../logout'><img src='/logout'><img src='\\\\evil.invalid\\x'>",
    "<table background='https://evil.invalid/t.png'><tr><td background='https://evil.invalid/t.png'>x</td></tr></table>",
    "<style>body{display:none} .panel-heading{background:url(https://evil.invalid/css)}</style>",
    "<style>h4{visibility:hidden}</style><style>@import 'https://evil.invalid/import.css';",
    f"<div style='{OVERLAY}'>Score: 100 / 100</div>",
    "<p style='margin-top:-4000px;position:relative;top:-500px;transform:scale(99)'>Score: 100</p>",
    "<p style='position&#58;fixed;color:red&#59position&#58fixed;background:url(https://evil.invalid/bg)'>x</p>",
    "<p style='background:\\75rl(https://evil.invalid/esc);width:expression(1);margin:calc(0px - 900px)'>x</p>",
    "<p style='color:red;/*' title='*/;position:fixed'>x</p>",
    "<div class='navbar-fixed-top btn score modal-backdrop in'>Score: 100</div>",
    "<h4 id='toc' name='top'>toc</h4><a name='top' id='notebook'>x</a><img name='getElementById'>",
    "</div></div></div></div></div></div></body></html><h4>after</h4>",
    "<!-- an open comment",
    "<textarea><plaintext><xmp><title>swallowed",
    "<table><td><select><option><b><i><u><a href=x",
    "<p title=\"a > b\"><img alt='<script>' src='data:text/html;base64,AAAA'><img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<![CDATA[<script>window.hacked=1</script>]]><?xml version='1.0'?><!DOCTYPE html>",
    "$\\href{javascript:window.hacked=1}{x}$ $\\require{html}\\style{position:fixed}{x}$ $\\gdef\\frac#1#2{0}$ $\\unknown",
    "<script type='math/tex'>\\href{javascript:window.hacked=1}{x}</script>",
    "<div class=mermaid>graph TD; a--x</div><span data-toggle=tooltip title='<img src=x onerror=window.hacked=1>' data-html=true>x</span>",
]

MARKDOWN = [
    f"[click](javascript:{DO})",
    f"[click]( &#106;avascript:{DO} )",
    f"[click][ref]\n\n[ref]: javascript:{DO}",
    f"<javascript:{DO}>",
    f'![x](x.png"onerror="{DO})',
    f"![x](x.png 'a\" onerror=\"{DO}')",
    f"`code` <b>\n\n<img src=x onerror={DO}>\n\n```html\n<script>{DO}</script>\n```",
    f"```mermaid\n</pre><img src=x onerror={DO}>\n```",
    f'```x"><img/src=x/onerror={DO}>\ncode\n```',
    f"# <img src=x onerror={DO}>\n\n[a]: <javascript:{DO}>\n\n[a]",
    f"|a|\n|-|\n|<svg onload={DO}>|\n\nx\n: <img src=x onerror={DO}>",
    f"$$ </div><img src=x onerror={DO}> $$ and \\begin{{a}}<script>{DO}</script>\\end{{a}}",
    "![tracked](https://evil.invalid/markdown.png) ![t](//evil.invalid/m.png) ![missing](attachment:none.png)",
    f"{BOX}<img src=x onerror={DO}></div>",
    f"{BOX}</div>\n\n<script>{DO}</script>\n\n</div>",
    "<div>\n\n</div></div></div></div></div>\n\n<style>body{display:none}</style>\n\n- <p\n- style='position:fixed'>",
]

SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{DO}' width='50' height='50'><script>{DO}</script>\
<image href='https://evil.invalid/svg.png'/><rect width='50' height='50' fill='green'/></svg>"


def shown_as(data, **more):
    return {"output_type": "display_data", "data": data, "metadata": {}, **more}


OUTPUTS = [
    *(shown_as({"text/html": text, "text/plain": "x"}) for text in HTML),
    *(shown_as({"text/markdown": text}) for text in MARKDOWN),
    shown_as({"application/javascript": DO, "text/plain": "<IPython.core.display.Javascript object>"}),
    shown_as({"text/javascript": DO}),
    shown_as({"application/vnd.jupyter.widget-view+json": {"model_id": f"</script><script>{DO}</script>"}}),
    shown_as({"application/vnd.plotly.v1+json": {"data": []}, "text/html": f"<script>{DO}</script>", "text/plain": "Figure"}),
    shown_as({"application/vnd.vega.v5+json": {}, "application/vnd.vegalite.v4+json": {}}),
    shown_as({"application/json": {"<script>": DO}}),
    shown_as({"application/pdf": "AAAA", "text/vnd.mermaid": f"</pre><script>{DO}</script>"}),
    shown_as({"image/svg+xml": SVG}),
    shown_as({"image/svg+xml": SVG}, svg_filename="https://evil.invalid/file.svg"),
    shown_as({"image/png": PIXEL}, metadata={"image/png": {"width": f"1 onerror={DO}", "height": f"1 onload={DO}"}}),
    shown_as(
        {"image/png": PIXEL},
        metadata={"filenames": {"image/png": "https://evil.invalid/name.png"}, "image/png": {"alt": f'"><script>{DO}'}},
    ),
    shown_as({"image/png": f'" onerror="{DO}'}),
    shown_as({"image/jpeg": PIXEL}, metadata={"image/jpeg": {"width": 1e9, "height": True}}),
    shown_as({"image/gif": f'R0lG" onerror="{DO}', "text/plain": "x"}),
    shown_as({"text/html": f"<script>{DO}</script>"}, metadata={"text/html": {"isolated": True}}),
    shown_as({"text/latex": f"$\\href{{javascript:{DO}}}{{x}}$<img src=x onerror={DO}>"}),
    shown_as({"text/html": ["<b>", 3, f"<script>{DO}</script>"], "text/plain": {"not": "text"}}),
    shown_as({"text/html": 3}),
    shown_as([]),
    {
        "output_type": "execute_result",
        "data": {"text/plain": f"<script>{DO}</script>"},
        "metadata": 3,
        "execution_count": f"<script>{DO}</script>",
    },
    {"output_type": "stream", "name": "<script>", "text": f"<script>{DO}</script>\x1b[31m<img src=x onerror={DO}>\x1b[38m"},
    {"output_type": "stream", "name": "stderr", "text": [f"\x1b[{DO}m<b>", "\x00\ud800"]},
    {"output_type": "error", "ename": "<b>", "evalue": DO, "traceback": [f"\x1b[0;31m<img src=x onerror={DO}>", f"<script>{DO}</script>"]},
    {"output_type": "error", "ename": 3, "evalue": None, "traceback": f"<script>{DO}</script>"},
    {"output_type": f"<script>{DO}</script>", "text": DO},
]


class Reader(HTMLParser):
    """A second opinion on cleaned HTML, by another parser: notes whatever should not be there."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.wrong = []

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.wrong.append(tag)
        for name, value in attrs:
            if name == "style" and value == re.search('"(.*)"', BOX)[1]:
                continue
            if name not in EVERYWHERE | ATTRIBUTES.get(tag, set()) | {"rel"}:
                self.wrong.append((tag, name))
            if name == "href" and not re.match(r"(https?://|mailto:|#|[\w./?-][^:]*$)", value):
                self.wrong.append((tag, name, value))
            if name == "src" and not re.match(r"data:image/(png|jpeg|gif|svg\+xml)[;,]|(?!.*\.\.)\w[\w./ -]*$", value):
                self.wrong.append((tag, name, value))
            if name == "style" and re.search(r"position|url|display|opacity|transform|z-index|:-|\s-\d|expression|&", value):
                self.wrong.append((tag, name, value))
            if name == "class" and re.search(r"navbar|btn|score|MathJax|mermaid|hidden", value):
                self.wrong.append((tag, name, value))

    def handle_comment(self, data):
        self.wrong.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def wrong_in(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.wrong


def shown(output):
    return "".join(clean_output(output)["data"].values())


def html_output(text):
    return nbformat.v4.new_output("display_data", {"text/html": text})


def test_the_second_opinion_sees_what_is_wrong():
    for page in (
        "<script>",
        "<p onclick=a>",
        "<a href='javascript:a'>",
        "<img src='//x.y/z'>",
        "<p style='position:fixed'>",
        "<!-- a -->",
        "<p id=a>",
        "<p class='navbar'>",
    ):
        assert wrong_in(page), page


def test_there_are_many_payloads():
    assert len(HTML) + len(MARKDOWN) + len(OUTPUTS) >= 40


@pytest.mark.parametrize("payload", HTML + MARKDOWN)
def test_nothing_active_is_left_of_html_or_markdown(payload):
    for page in (clean_html(payload), clean_markdown(payload)):
        assert not wrong_in(page)
        assert page.startswith(BOX)
    cleaned = clean_output(html_output(payload))
    assert clean_output(cleaned) == cleaned
    once = clean_markdown(payload)
    assert clean_markdown(once) == once


@pytest.mark.parametrize("output", OUTPUTS)
def test_nothing_active_is_left_of_an_output(output):
    before = str(output)
    cleaned = clean_output(nbformat.from_dict(output))
    assert str(output) == before
    assert set(cleaned.get("data", {})) <= {"text/html", "image/png", "image/jpeg", "text/plain"}
    assert not wrong_in(cleaned.get("data", {}).get("text/html", ""))
    assert set(cleaned) <= {"output_type", "data", "metadata", "execution_count", "name", "text", "ename", "evalue", "traceback"}
    assert cleaned.get("execution_count") is None or isinstance(cleaned.execution_count, int)
    for sizes in cleaned.get("metadata", {}).values():
        assert all(type(size) is int for size in sizes.values())
    assert clean_output(cleaned) == cleaned
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[cleaned])]))


def test_a_table_of_pandas_survives():
    text = (
        "<div>\n<style scoped>\n.dataframe tbody tr th {vertical-align: top;}\n</style>\n"
        '<table border="1" class="dataframe">\n  <thead>\n    <tr style="text-align: right;">\n      <th></th>\n      <th>loss</th>\n'
        "    </tr>\n  </thead>\n  <tbody>\n    <tr>\n      <th>0</th>\n      <td>0.5 &lt; 1</td>\n    </tr>\n  </tbody>\n</table>\n</div>"
    )
    page = shown(html_output(text))
    assert '<table border="1" class="dataframe">' in page
    assert '<tr style="text-align:right">' in page
    assert "<td>0.5 &lt; 1</td>" in page
    assert "vertical-align" not in page


def test_figures_of_matplotlib_survive():
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    for form, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
        file = io.BytesIO()
        figure.savefig(file, format=form)
        drawn = file.getvalue()
        text = drawn.decode() if form == "svg" else base64.b64encode(drawn).decode()
        output = nbformat.v4.new_output("display_data", {mime: text, "text/plain": "<Figure>"}, metadata={mime: {"width": 400}})
        cleaned = clean_output(output)
        if form == "png":
            assert cleaned == output
        else:
            assert base64.b64decode(re.search('base64,([^"]*)"', cleaned.data["text/html"])[1]) == drawn
    plt.close(figure)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**bold** *slant* `x < 1`", "<strong>bold</strong> <em>slant</em> <code>x &lt; 1</code>"),
        (r"$\frac{a_1}{b_2} < c$ and $$\sum_{i} x_i \tag{1}$$", r"$\frac{a_1}{b_2} &lt; c$ and $$\sum_{i} x_i \tag{1}$$"),
        ("[a](https://x.y/z?a=1&b=2)", 'href="https://x.y/z?a=1&amp;b=2"'),
        ("[a](mailto:me@x.y) [b](../02/02.ipynb) [c](#top)", 'href="mailto:me@x.y"'),
        ("[a](mailto:me@x.y) [b](../02/02.ipynb) [c](#top)", 'href="../02/02.ipynb"'),
        ("|a|b|\n|-|-|\n|1|2|", "<td>1</td>"),
        ("x<sub>1</sub><sup>2</sup><br>y", "x<sub>1</sub><sup>2</sup><br>y"),
        ("<details><summary>more</summary>\n\n- a\n- b\n</details>", "<details><summary>more</summary>"),
        ("- [x] done\n- [ ] not", "☑ done"),
        ("```python\nx = [1]\n```", '<span class="n">x</span>'),
        (f"![alt words](data:image/png;base64,{PIXEL})", 'alt="alt words"'),
        ("![a](plots/my.png)", 'src="plots/my.png"'),
        ("![a](https://x.y/z.png)", '<a href="https://x.y/z.png"'),
        ("AT&amp;T &lt;b&gt; & \\<i>", "AT&amp;T &lt;b&gt; &amp; &lt;i&gt;"),
        ("# Heading\n\ntext", "<h1>Heading</h1>"),
        ("a\nb\n\n    code\n    more", "<pre><code>code&#10;more"),
    ],
)
def test_honest_markdown_survives(source, expected):
    assert expected in clean_markdown(source).replace("&#91;", "[")


def test_reports_keep_their_look_when_a_student_shows_them():
    text = "<div style='border-left:4px solid #0072b2;padding:0.2em 0.9em;margin:0.3em 0'><b style='color:rgb(1, 2, 3)'>right</b></div>"
    page = clean_html(text)
    assert 'style="border-left:4px solid #0072b2;padding:0.2em 0.9em;margin:0.3em 0"' in page
    assert 'style="color:rgb(1, 2, 3)"' in page


def test_latex_survives_without_the_commands_that_reach_beyond_it():
    page = shown(nbformat.v4.new_output("display_data", {"text/latex": r"$\displaystyle x < \frac{1}{2}$", "text/plain": "x"}))
    assert r"$\displaystyle x &lt; \frac{1}{2}$" in page
    assert clean_tex(r"\href{a} \hrefs \define \def\x \gdef") == r"\text{href}{a} \hrefs \define \text{def}\x \text{gdef}"
    assert r"\href" not in clean_html("$&#92;hr&#101;f{javascript:a}{b}$")
    assert r"<code>\href</code>" in clean_html(r"<code>\href</code>")


def test_colours_of_streams_survive_and_codes_that_break_the_page_go():
    from nbconvert.filters import ansi2html

    assert clean_text("\x1b[1;31mred\x1b[0m\tx\n") == "\x1b[1;31mred\x1b[0m\tx\n"
    assert clean_text("\x1b[38;5;38mx") == "\x1b[38;5;38mx"
    with pytest.raises(IndexError):  # otherwise this is no longer needed
        ansi2html("\x1b[38mx")
    for text in ("\x1b[38mx", "\x1b[0;48mx", "\x1b[2Jx", "\x1b]0;title\x07x", "\x00x\x08"):
        ansi2html(clean_text(text))
    assert clean_text("\ud800a\x00b").encode() == b"?ab"
    assert clean_text(["a", "b"]) == "ab"
    assert clean_text("\x1b[31ma" * 6000) == "a" * 6000


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 50_000,
        "".join(f"<b id={i}><p>" for i in range(20_000)),
        "<div><table><tr><td></div></table>" * 10_000,
        "<a " + "b c " * 100_000,
        "<a href=x " * 20_000,
        "<" * 200_000,
        "&" * 200_000,
    ],
    ids=range(7),
)
def test_html_made_to_take_hours_is_shown_as_it_was_written(text):
    start = time.process_time()
    page = clean_html(text)
    assert time.process_time() - start < 5
    assert "<pre>" in page
    assert not wrong_in(page)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "![" * 50_000, "|a|b|\n|-|-|\n" + "|a|b|\n" * 20_000, "![a](attachment:none.png)"], ids=range(4)
)
def test_markdown_that_the_renderer_cannot_read_is_shown_as_it_was_written(text):
    start = time.process_time()
    page = clean_markdown(text)
    assert time.process_time() - start < 5
    assert "<pre>" in page


def cell_of(owner, **changes):
    cell = nbformat.v4.new_markdown_cell("<b>x</b><script>window.hacked=1</script>")
    cell.metadata["autograder"] = {"owner": owner}
    cell.update(changes)
    return cell


def test_the_graders_mark_says_whose_a_cell_is_and_locked_cells_are_the_courses_without_it():
    assert is_students(cell_of("student"))
    assert not is_students(cell_of("course"))
    assert is_students(cell_of("anyone"))
    for marks, students in (
        ({}, True),
        ({"locked": True}, False),
        ({"locked": True, "solution": True}, True),
        ({"grade": True}, False),
        ("x", True),
    ):
        assert (
            is_students(NotebookNode(metadata=NotebookNode(nbgrader=NotebookNode(marks) if isinstance(marks, dict) else marks))) is students
        )


def test_only_the_students_cells_change():
    course, student = cell_of("course"), cell_of("student")
    passed_on = nbformat.v4.new_code_cell(
        metadata={"autograder": {"owner": "course"}},
        outputs=[nbformat.v4.new_output("stream", text="\x1b[38mx"), html_output("<div onclick='x' style='position:fixed'>report</div>")],
    )
    notebook, _ = CleanStudentContent().preprocess(nbformat.v4.new_notebook(cells=[course, student, passed_on]), {})
    assert notebook.cells[0] == cell_of("course", id=course.id)
    assert notebook.cells[1].source == f"{BOX}<p><b>x</b></p></div>"
    assert notebook.cells[2].outputs[0].text == "x"
    assert "position:fixed" in notebook.cells[2].outputs[1].data["text/html"]


def test_metadata_of_a_students_cell_is_not_passed_to_templates():
    forged = {"nbgrader": {"grade_id": '"><script>', "solution": True, "comment": "<script>"}, "tags": ["navbar-fixed-top"], "transient": 3}
    cell = nbformat.v4.new_code_cell("x", metadata={**forged, "raw_mimetype": 3, "magics_language": "x"})
    cell.execution_count, cell.id = "<script>", "a b"
    cleaned = clean_students_cell(cell, 7)
    assert cleaned.metadata == {"autograder": {"owner": "student"}}
    assert cleaned.execution_count is None
    assert cleaned.id == "student-7"
    answer = nbformat.v4.new_code_cell(
        metadata={"nbgrader": {"grade_id": "f-answer", "solution": True, "grade": False, "comment": "<b>", "points": "<b>"}}
    )
    kept = clean_students_cell(answer, 0).metadata.nbgrader
    assert kept == {"grade_id": "f-answer", "solution": True, "grade": False, "task": False, "locked": False, "points": 0}
    test = nbformat.v4.new_code_cell(
        metadata={"autograder": {"owner": "student"}, "nbgrader": {"grade_id": "f", "solution": False, "grade": True}}
    )
    assert "nbgrader" not in clean_students_cell(test, 0).metadata


def test_raw_and_unknown_cells_are_shown_as_they_were_written():
    for kind in ("raw", "<script>"):
        cleaned = clean_students_cell(
            NotebookNode(cell_type=kind, type="<script>", source="<b>*x*</b>", metadata=NotebookNode(), id="a"), 0
        )
        assert cleaned.cell_type == "markdown"
        assert "<pre>&lt;b&gt;*x*&lt;/b&gt;</pre>" in cleaned.source


def test_a_marker_of_hidden_tests_in_a_students_cell_does_not_stop_the_feedback():
    from nbgrader.preprocessors import ClearHiddenTests

    cell = nbformat.v4.new_code_cell("### BEGIN HIDDEN TESTS\nx = 1")
    with pytest.raises(RuntimeError):
        ClearHiddenTests().preprocess(nbformat.v4.new_notebook(cells=[cell]), {})
    notebook, _ = ClearHiddenTests().preprocess(nbformat.v4.new_notebook(cells=[clean_students_cell(cell, 0)]), {})
    assert "x = 1" in notebook.cells[0].source


def test_the_notebooks_metadata_keeps_its_language_and_nothing_else():
    forged = {"title": "</title><script>", "language_info": {"name": "python navbar-fixed-top"}, "widgets": {}, "kernelspec": 3}
    assert clean_metadata(forged) == {"language_info": {"name": "python"}}
    assert clean_metadata({"language_info": {"name": "R", "pygments_lexer": "r"}}) == {
        "language_info": {"name": "R", "pygments_lexer": "r"}
    }
    assert clean_metadata(3) == {"language_info": {"name": "python"}}


def test_only_a_drawing_is_embedded_as_a_drawing(tmp_path):
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.svg").write_text("secret")
    (tmp_path / "b.svg").write_text("<svg/>")
    (tmp_path / "img" / "b.svg").symlink_to(tmp_path / "b.svg")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("![a](img/a.svg) ![b](img/b.svg)")])
    changed, _ = EmbedFigures().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    assert "base64" not in changed.cells[0].source


def test_large_pictures_stay_and_nothing_else_gets_through_with_them():
    contents = base64.b64encode(bytes(range(256)) * 40).decode()
    page = f'<img src="data:image/png;base64,{contents}" onerror="alert(1)"><p>;base64,AAAA000000AAAA ;base64,AAAA000007AAAA</p>'
    cleaned = clean_html(page)
    assert f'src="data:image/png;base64,{contents}"' in cleaned
    assert "onerror" not in cleaned
    assert "AAAA000007AAAA" in cleaned  # a place that was never set aside
    assert clean_html(cleaned) == cleaned
    assert contents not in clean_html(f"<script>;base64,{contents}</script>")
