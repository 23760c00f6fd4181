"""Makes students' work harmless on a page that somebody else opens in a browser.

Everything is rebuilt from a list of what is allowed. HTML is parsed as a browser parses it (by
bleach's parser). Harmless tags, attributes and inline styles stay, inside a box outside of which
they cannot paint.
"""

import base64
import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from threading import get_ident
from typing import Any

import tinycss2
from bleach import html5lib_shim
from bleach.sanitizer import Cleaner
from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.token import STANDARD_TYPES


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


TAGS = words(
    """
    a abbr b big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5
    h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul
    var
    """
)
# These go with all that is in them; of any other tag that is not allowed, the contents stay.
DROPPED = words(
    """
    applet audio canvas iframe math noembed noframes object plaintext script style svg template textarea title video xmp
    """
)
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "width"},
    "th": {"colspan", "rowspan", "scope", "width"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "li": {"value"},
    "details": {"open"},
    "input": {"type", "checked"},  # a task list's box, which becomes a character
}
EVERYWHERE = {"style", "class", "title", "dir", "lang", "align", "valign"}
NUMBERS = {"width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "span", "start", "value"}
CLASSES = {"dataframe", "highlight"} | set(STANDARD_TYPES.values()) - {""}  # pandas' tables and highlighted code
STYLES = words(
    """
    background background-color border border-bottom border-collapse border-color border-left border-radius border-right
    border-spacing border-style border-top border-width color font-family font-size font-style font-variant-numeric font-weight
    list-style-type margin margin-bottom margin-left margin-right margin-top max-width min-width padding padding-bottom padding-left
    padding-right padding-top text-align text-decoration vertical-align white-space width height
    """
)
COLOURS = {"rgb", "rgba", "hsl", "hsla"}
LARGEST = 2000  # of any number in a style

# The box: what is inside cannot be painted, or placed, outside of it.
BOX, END = '<div style="contain:content;overflow:auto">', "</div>"

VERBATIM = re.compile(r"<pre>[^<>]*</pre>")
DATA_IMAGE = re.compile(r"data:image/(png|jpe?g|gif|webp|svg\+xml)[;,][^\s\"'<>]*", re.ASCII)
PICTURE_CONTENTS = re.compile(r"(?<=;base64,)[A-Za-z0-9+/]{500,}={0,2}", re.ASCII)
SET_ASIDE = re.compile(r"(?<=;base64,)AAAA(\d{6})AAAA", re.ASCII)
OWN_FILE = re.compile(r"(?!.*\.\.)(?!files/)\w[\w./ %-]*")
LINK = re.compile(r"(https?://|mailto:|#|[\w./?-][^:]*$)", re.ASCII | re.IGNORECASE)
COLOUR_CODE = re.compile(r"\x1b\[[0-9;]{0,40}m")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*", re.ASCII)
# MathJax commands that make links, load extensions, set attributes or redefine commands for the
# rest of the page.
TEX = re.compile(
    r"\\(href|require|style|class|cssId|data|mmlToken|bbox|x?def|[gex]def|let|global|(?:re|provide)?new(?:command|environment)|newcommand"
    r"|renewcommand|providecommand|DeclareMathOperator|Newextarrow|includegraphics)(?![A-Za-z])"
)


class TooMuch(Exception):
    """The HTML is nested so deeply, or so tangled, that reading it would take too long."""


def clean_output(output: dict[str, Any]) -> dict[str, Any]:
    """One output of a student's code, made harmless and otherwise unchanged.

    HTML, Markdown, SVG and LaTeX become clean HTML. PNG and JPEG images and text stay. Scripts and
    widgets are removed.
    """
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return type(output)(output_type=kind, name=name, text=clean_text(output.get("text", "")))
    if kind == "error":
        traceback = output.get("traceback")
        lines = traceback if isinstance(traceback, list) else [traceback or ""]
        words = {key: clean_text(output.get(key, "")) for key in ("ename", "evalue")}
        return type(output)(output_type=kind, **words, traceback=[clean_text(line) for line in lines])
    data, metadata = output.get("data"), output.get("metadata")
    kind = kind if kind == "execute_result" else "display_data"
    result = type(output)(output_type=kind, data=type(output)(_clean_data(data if isinstance(data, dict) else {})), metadata=type(output)())
    for mime in result["data"]:
        size = _size(metadata.get(mime)) if mime in IMAGES and isinstance(metadata, dict) else {}
        if size:
            result["metadata"][mime] = type(output)(size)
    if kind == "execute_result":
        result["execution_count"] = clean_count(output.get("execution_count"))
    return result


def clean_text(text: Any) -> str:
    """Text that can be written to a file, with only
    the control characters that nbconvert understands.
    """
    text = _written("".join(map(str, text)) if isinstance(text, list) else str(text))
    if text.count("\x1b") > 5000:  # reading them takes time that grows with the square of their number
        text = COLOUR_CODE.sub("", text)
    kept = (code if _readable(code) else "" for code in COLOUR_CODE.findall(text))
    parts = [CONTROL.sub("", part) for part in COLOUR_CODE.split(text)]
    return parts[0] + "".join(code + part for code, part in zip(kept, parts[1:]))


@lru_cache(1000)
def _readable(code: str) -> bool:
    """Whether nbconvert can read a colour code: it fails on one that ends too early."""
    try:
        ansi2html(code)
    except Exception:
        return False
    return True


def clean_count(count: Any) -> int | None:
    """The number in a prompt, which templates do not escape."""
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def clean_html(text: str) -> str:
    """The harmless part of a piece of HTML, in its box.

    What takes too long to parse is shown as source.
    """
    text = _written(text).strip()
    if text.startswith(BOX) and text.endswith(END):
        text = text[len(BOX) : -len(END)]
    return f"{BOX}{text if VERBATIM.fullmatch(text) else _stable(text)}{END}"


def _stable(text: str) -> str:
    """Clean HTML that every parser reads as it was read here: cleaning it again changes nothing.

    The contents of pictures are set aside meanwhile. Their letters and digits mean nothing in HTML,
    and reading them took half the time of a feedback page.
    """
    contents: list[str] = []

    def aside(found: re.Match[str]) -> str:
        contents.append(found[0])
        return f"AAAA{len(contents) - 1:06d}AAAA"

    def back(found: re.Match[str]) -> str:
        number = int(found[1])
        return contents[number] if number < len(contents) else found[0]

    cleaned = _cleaned(PICTURE_CONTENTS.sub(aside, text))
    return as_written(text) if cleaned is None else SET_ASIDE.sub(back, cleaned)


def _cleaned(text: str) -> str | None:
    """Clean HTML that stays the same when it is cleaned again; None if that would take too long."""
    before, cleaner = text, _cleaner(get_ident())
    if text.count("<") + text.count("&") < 50_000:
        for _ in range(5):
            try:
                cleaned = cleaner.clean(before)
            except (TooMuch, RecursionError):
                break
            if cleaned == before:
                return cleaned
            before = cleaned
    return None


def clean_markdown(text: str, attachments: Any = None) -> str:
    """Markdown with mathematics, as clean HTML on one line that Markdown leaves unchanged."""
    text = _written(text)
    done = text.startswith(BOX) and text.endswith(END) and "\n" not in text
    return _on_one_line(clean_html(text.replace("&#10;", "\n")) if done else _clean_markdown(text, attachments))


def _clean_markdown(text: str, attachments: Any = None) -> str:
    renderer = IPythonRenderer(escape=False, attachments=_attachments(attachments), exclude_anchor_links=True)
    own = re.sub(r"\(data:[^)\s]*\)", "()", text)
    try:
        quick = len(own) < 30_000 and own.count("[") < 1000  # beyond that the renderer's time grows with the square
        rendered = MarkdownWithMath(renderer=renderer).render(text) if quick else as_written(text)
    except Exception:  # a renderer fails on hostile text in ways of its own, and the words can still be read
        rendered = as_written(text)
    return clean_html(rendered)


def _on_one_line(page: str) -> str:
    """HTML on one line, without square brackets.

    Markdown then parses nothing behind the first tag, and the filter after it finds no links.
    """
    return page.replace("\r", "&#10;").replace("\n", "&#10;").replace("[", "&#91;")


def as_written(text: str) -> str:
    """Text as HTML that shows each of its characters."""
    return f"<pre>{html.escape(CONTROL.sub('', _written(text)).strip())}</pre>"


def clean_tex(text: str) -> str:
    """Mathematics without the commands that reach beyond it; their names stay to be read."""
    return TEX.sub(r"\\text{\1}", text)


def _clean_latex(text: str) -> str:
    return f"{BOX}{html.escape(CONTROL.sub('', clean_tex(_written(text))))}{END}"


def _picture(mime: str) -> Callable[[str], str]:
    def picture(text: str) -> str:
        data = base64.b64encode(_written(text).encode()).decode() if mime == "image/svg+xml" else "".join(text.split())
        return f'{BOX}<img src="data:{mime};base64,{data}">{END}' if BASE64.fullmatch(data) else ""

    return picture


# What a browser may be shown, in nbconvert's order of preference.
AS_HTML: dict[str, Callable[[str], str]] = {
    "text/html": clean_html,
    "text/markdown": _clean_markdown,
    "image/svg+xml": _picture("image/svg+xml"),
    "text/latex": _clean_latex,
    "image/gif": _picture("image/gif"),
    "image/webp": _picture("image/webp"),
}
IMAGES = ("image/png", "image/jpeg")


def _clean_data(data: dict[str, Any]) -> dict[str, str]:
    texts = {mime: "".join(map(str, value)) if isinstance(value, list) else value for mime, value in data.items()}
    texts = {mime: value for mime, value in texts.items() if isinstance(value, str)}
    kept = {mime: value for mime in IMAGES if (value := texts.get(mime)) and BASE64.fullmatch(value)}
    shown = (AS_HTML[mime](texts[mime]) for mime in AS_HTML if mime in texts)
    page = next((page for page in shown if _visible(page)), None)
    if page:
        kept["text/html"] = page
    if "text/plain" in texts:
        kept["text/plain"] = clean_text(texts["text/plain"])
    return kept or {"text/plain": clean_text(f"[Not shown here: {', '.join(map(str, data))[:200] or 'an output of an unknown kind'}]")}


def _visible(page: str) -> bool:
    return "<img" in page or "<hr" in page or bool(re.sub(r"<[^>]*>|\s", "", page))


def _size(metadata: Any) -> dict[str, int]:
    """Width and height as numbers: templates write them without quotes."""
    if not isinstance(metadata, dict):
        return {}
    return {key: int(value) for key in ("width", "height") if isinstance(value := metadata.get(key), int | float) and 0 < value <= 4000}


def _attachments(attachments: Any) -> dict[str, dict[str, str]]:
    """Attached pictures, and no other thing."""
    found: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        if isinstance(bundle, dict):
            pictures = {
                mime: text for mime, text in bundle.items() if isinstance(text, str) and DATA_IMAGE.fullmatch(f"data:{mime};base64,")
            }
            found |= {name: pictures} if pictures else {}
    return found


def _written(text: str) -> str:
    """Text without the half characters that no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _decoded(text: str) -> str:
    """An attribute's value as a browser might read it, whatever is encoded in it however often."""
    for _ in range(5):
        before, text = text, html.unescape(text)
        if text == before:
            return re.sub(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+", " ", text).strip()
    return "?:"  # no one writes this honestly: nothing accepts it


def _allowed(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stay.

    Classes, styles and addresses of images are checked again later.
    """
    if name in NUMBERS and not re.fullmatch(r"\d{1,4}%?", value, re.ASCII):
        return False
    if name == "href":
        return bool(LINK.match(_decoded(value))) and not _decoded(value).lstrip("/").lower().startswith("files/")
    return name in EVERYWHERE or name in ATTRIBUTES.get(tag, ())


class _Styles:
    """Inline styles: colours, spacing and type; nothing that moves, covers, hides or loads."""

    def sanitize_css(self, style: str) -> str:
        """The declarations that may stay."""
        declarations = tinycss2.parse_declaration_list(_decoded(style), skip_comments=True, skip_whitespace=True)
        kept = (item for item in declarations if item.type == "declaration" and item.lower_name in STYLES and all(map(_calm, item.value)))
        return ";".join(f"{item.lower_name}:{tinycss2.serialize(item.value).strip()}" for item in kept)


def _calm(token: Any) -> bool:
    if token.type in ("number", "percentage", "dimension"):
        return 0 <= token.value <= LARGEST
    if token.type == "function":
        return token.lower_name in COLOURS and all(map(_calm, token.arguments))
    if token.type == "ident":
        return bool(re.fullmatch(r"[\w-]+", token.value, re.ASCII))
    return token.type in ("whitespace", "hash") or (token.type == "literal" and token.value in ",/")


class _Parser(html5lib_shim.BleachHTMLParser):
    """Bleach's parser, which gives up on HTML that is made to take it hours."""

    def mainLoop(self) -> None:
        """Read all, counting each tag by the work that it is."""
        tokenizer, work = self.tokenizer, 0
        emit, read_name = tokenizer.emitCurrentToken, tokenizer.attributeNameState

        def counted() -> None:
            nonlocal work
            deep, formatting = len(self.tree.openElements), len(self.tree.activeFormattingElements)
            work += 1 + deep // 8 + formatting
            if deep > 200 or formatting > 30 or work > 150_000:
                raise TooMuch
            emit()

        def guarded() -> bool:
            if len(tokenizer.currentToken["data"]) > 100:
                raise TooMuch
            return read_name()

        tokenizer.emitCurrentToken, tokenizer.attributeNameState = counted, guarded
        super().mainLoop()


class _Tidy(html5lib_shim.Filter):
    """The filter after bleach: removes elements with
    their contents, repairs images, links and classes.
    """

    def __iter__(self) -> Iterator[dict[str, Any]]:
        dropped = verbatim = 0
        words = ""
        for token in super().__iter__():
            kind, name = token["type"], token.get("name")
            if kind in ("Characters", "SpaceCharacters", "Entity"):
                words += "" if dropped else html.unescape(f"&{name};") if kind == "Entity" else token["data"]
                continue
            yield from _text(words, bool(verbatim))
            words = ""
            dropped += (kind == "StartTag" and name in DROPPED) - (kind == "EndTag" and name in DROPPED)
            verbatim += (kind == "StartTag" and name in ("pre", "code")) - (kind == "EndTag" and name in ("pre", "code"))
            if not dropped and name in TAGS | {"input"}:
                yield from _mended(token)
        yield from _text(words, bool(verbatim))


def _text(words: str, verbatim: bool) -> Iterator[dict[str, Any]]:
    """Text for the page; what MathJax does not read stays word for word."""
    if words:
        yield {"type": "Characters", "data": words if verbatim else clean_tex(words)}


def _mended(token: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One tag as it goes to the page."""
    name, attributes = token["name"], token.get("data") or {}
    if token["type"] == "EndTag":
        yield token
        return
    if name == "input":
        if attributes.get((None, "type")) == "checkbox":
            yield from _text("☑ " if (None, "checked") in attributes else "☐ ", verbatim=True)
        return
    classes = [word for word in attributes.pop((None, "class"), "").split() if word in CLASSES]
    if classes:
        attributes[None, "class"] = " ".join(classes)
    if name == "a" and (None, "href") in attributes:
        attributes[None, "rel"] = "noopener noreferrer nofollow"
    if name == "img" and not _own_picture(attributes.get((None, "src"), "")):
        yield from _instead_of_picture(attributes)
        return
    yield {**token, "data": attributes}


def _own_picture(source: str) -> bool:
    """Whether an image needs no network: it is part of the page, or a file beside it."""
    return bool(DATA_IMAGE.fullmatch(source) or OWN_FILE.fullmatch(source))


def _instead_of_picture(attributes: dict[tuple[None, str], str]) -> Iterator[dict[str, Any]]:
    """A link in place of an image on another server,
    which would learn who reads the page and when.
    """
    source, words = attributes.get((None, "src"), ""), html.unescape(attributes.get((None, "alt"), ""))
    if not re.match(r"https?://", source):
        yield from _text(words, verbatim=False)
        return
    yield {
        "type": "StartTag",
        "name": "a",
        "namespace": None,
        "data": {(None, "href"): source, (None, "rel"): "noopener noreferrer nofollow"},
    }
    yield from _text(f"[picture: {words or html.unescape(source)}]", verbatim=False)
    yield {"type": "EndTag", "name": "a", "namespace": None}


@lru_cache(8)
def _cleaner(thread: int) -> Cleaner:
    """The cleaner of a thread: bleach's keep state while they read, and take long to make."""
    tags = TAGS | DROPPED | {"input"}
    cleaner = Cleaner(tags, _allowed, protocols={"http", "https", "mailto", "data"}, strip=True, filters=[_Tidy], css_sanitizer=_Styles())
    cleaner.parser = _Parser(tags=tags, strip=True, consume_entities=False, namespaceHTMLElements=False)
    return cleaner
