"""Sphinx's configuration of the site, whose pages docs/write_pages.py writes first."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Back-propagation by hand"
extensions = ["myst_nb", "accessible", "mathml"]
exclude_patterns = ["downloads"]
html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
smartquotes = False  # words of the checks are shown as the checks print them
html_show_sphinx = False
html_use_index = False
html_math_renderer = "mathml"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
nb_execution_mode = "off"
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
myst_url_schemes = ["http", "https", "mailto"]
suppress_warnings = ["misc.highlighting_failure", "myst.header"]  # in a lesson, code need not be Python, and a level may be left out
