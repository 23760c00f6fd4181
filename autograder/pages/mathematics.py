"""Mathematics on a page without network and scripts: TeX becomes MathML when the page is made."""

import html
import re
import xml.etree.ElementTree as ET
from functools import lru_cache

from latex2mathml.converter import convert

from autograder.clean import clean_tex, words

LONGEST = 5000  # characters of one formula
MATHML = "http://www.w3.org/1998/Math/MathML"
# What a formula may consist of: nothing that links or acts.
ELEMENTS = words(
    """
    math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup msubsup munder mover
    munderover mmultiscripts mprescripts none mtable mtr mtd
    """
)
ATTRIBUTES = words(
    """
    accent accentunder columnalign columnspacing depth display displaystyle fence form height largeop linebreak linethickness lspace
    mathsize mathvariant maxsize minsize movablelimits notation rowalign rowspacing rspace scriptlevel separator stretchy symmetric
    voffset width
    """
)
KEPT_AS_WRITTEN = r"<(?:pre|code|math)\b.*?</(?:pre|code|math)>|<[^>]*>"
PIECES = re.compile(
    rf"(?P<kept>{KEPT_AS_WRITTEN})|\$\$(?P<block>[^$]+?)\$\$|(?<![\\$])\$(?=\S)(?P<inline>(?:\\.|[^$\\<>])+?)(?<!\s)\$(?!\d)",
    re.DOTALL | re.IGNORECASE,
)

ET.register_namespace("", MATHML)


@lru_cache(20_000)
def formula(tex: str, *, block: bool = False) -> str:
    """A formula as MathML, with its TeX for screen readers.

    What cannot be converted is shown as TeX.
    """
    tex = clean_tex(tex).strip()
    try:
        if len(tex) > LONGEST:
            raise ValueError
        tree = ET.fromstring(convert(tex, display="block" if block else "inline"))
    except Exception:  # a converter fails on what people write in ways of its own, and the TeX can still be read
        return f"<code>{html.escape(tex)}</code>"
    _keep_what_is_known(tree)
    return ET.tostring(tree, encoding="unicode").replace(f' xmlns="{MATHML}"', "")  # which HTML does without


def _keep_what_is_known(tree: ET.Element) -> None:
    for element in tree.iter():
        name = element.tag.rpartition("}")[2]
        if name not in ELEMENTS:
            element.tag = f"{{{MATHML}}}mrow"
        for key in list(element.attrib):
            if key not in ATTRIBUTES:
                del element.attrib[key]


def with_formulas(page: str) -> str:
    """HTML with the mathematics in its text as MathML; code and tags stay as they are."""

    def drawn(found: re.Match[str]) -> str:
        if found["kept"]:
            return found["kept"]
        tex = found["block"] or found["inline"]
        return formula(html.unescape(tex), block=bool(found["block"]))

    return PIECES.sub(drawn, page) if "$" in page else page
