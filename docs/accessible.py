"""What the theme leaves out for readers with a keyboard or a screen reader."""

from typing import Any

from sphinx.application import Sphinx

AFTER_THE_THEME = 900


def setup(app: Sphinx) -> dict[str, bool]:
    """Complete each page when the theme has made its parts."""
    app.connect("html-page-context", complete, priority=AFTER_THE_THEME)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def complete(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give headings of the navigation a level, and let the keyboard reach code that scrolls."""
    for part in ("furo_navigation_tree", "toctree"):
        if isinstance(context.get(part), str):
            context[part] = context[part].replace('role="heading"', 'role="heading" aria-level="2"')
    if "body" in context:
        context["body"] = context["body"].replace("<pre>", '<pre tabindex="0">')
