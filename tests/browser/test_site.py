"""The site: built without a network, whole in its links, without solutions;
and as a reader sees it in Chromium.
"""

import html
import re
import socket
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from autograder.building import ROOT, lesson_paths, source_notebook
from tests.browser.chromium import ARTEFACTS, NEEDED
from tests.browser.lab import serious
from tests.course import DECLARED

pytestmark = NEEDED

PAGES = ("index", "lessons/04_multipath_gradients", "mistakes/03_computation_graph", "instructors", "reference")


class Page(HTMLParser):
    """The links, the anchors and the text of a page,
    and the files that a browser would fetch for it.
    """

    def __init__(self, text):
        super().__init__()
        self.links, self.fetched, self.anchors, self.words = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.anchors.update(filter(None, [known.get("id"), known.get("name") if tag == "a" else None]))
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
        if tag == "link" and known.get("rel") not in ("search", "canonical", "index", "next", "prev"):
            self.fetched.append(known["href"])
        if tag in ("script", "img", "iframe", "source") and known.get("src"):
            self.fetched.append(known["src"])

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site as `make site` builds it, in this process:
    any use of a network fails the test.
    """
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        patch.setattr(socket.socket, "connect", lambda *_: pytest.fail("building the site used the network"))
        from sphinx.cmd.build import build_main
        from write_pages import write_pages

        write_pages(folder / "pages")
        words = ["-q", "-W", "--keep-going", "-c", str(ROOT / "docs"), str(folder / "pages"), str(folder / "built")]
        assert build_main(words) == 0
    for name in ("write_pages", "lesson_pages", "mistake_pages", "reference_pages", "mathml", "accessible"):
        sys.modules.pop(name, None)
    return folder / "built"


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_link_and_every_anchor_leads_somewhere(site, pages):
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "mailto"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[target].anchors if target in pages else set()
            if not target.exists() or (parts.fragment and target in pages and unquote(parts.fragment) not in anchors):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken


def test_what_a_page_needs_lies_beside_it(site, pages):
    for path, page in pages.items():
        for address in page.fetched:
            parts = urlsplit(address)
            assert parts.scheme in ("", "data"), f"{path}: {address}"
            assert parts.scheme == "data" or (path.parent / unquote(parts.path)).exists(), f"{path}: {address}"


def test_no_page_holds_a_solution(site):
    read = "\n".join(html.unescape(re.sub(r"<[^>]+>", "", path.read_text(encoding="utf-8"))) for path in site.glob("lessons/*.html"))
    assert "raise NotImplementedError()" in read
    for lesson in lesson_paths():
        for cell in source_notebook(lesson).cells:
            inside = re.search(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", cell.source, re.DOTALL)
            assert inside is None or len(inside[1].splitlines()) < 2 or inside[1] not in read, f"{lesson.name}: {cell.id}"


def test_the_catalogue_has_every_mistake_that_may_be_shown(pages, site):
    shown = "\n".join(page.text for path, page in pages.items() if path.parent == site / "mistakes")
    listed = [exercise for exercise in DECLARED if re.search(rf"^{exercise.name}(?![\w-])", shown, re.MULTILINE)]
    assert len(listed) > 50
    for exercise in listed:
        for mistake in exercise.mistakes:
            assert mistake.id in shown
            assert " ".join(mistake.words.split()) in " ".join(shown.split()), f"{exercise.name}: {mistake.id}"
    assert "dL_dw1 = dL_dz * w1" in shown, "a wrong line of code"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_sees_whole_pages_on_a_phone_and_on_a_desk(site, browser, scheme):
    problems, folder = [], ARTEFACTS / "site"
    folder.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(color_scheme=scheme)
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None)
    for name in PAGES:
        for width in (400, 1300) if scheme == "light" else (1300,):  # a scheme changes colours alone
            page.set_viewport_size({"width": width, "height": 900})
            page.goto((site / f"{name}.html").as_uri())
            page.screenshot(path=folder / f"{name.replace('/', '-')}-{scheme}-{width}.png")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                problems.append(f"{name} is wider than {width} pixels")
        if name.startswith("lessons"):
            assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"STIX Two Math\"'))")
            assert page.locator("math mfrac").count() > 5
            assert page.locator(".bp-still svg").count() >= 3
        problems += [f"{name}: {line}" for line in serious(page, scheme)]
    page.close()
    assert not problems, "\n".join(problems)
