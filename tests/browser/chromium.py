"""The browser that the tests drive, and what they say where there is none."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artefacts"
CHROMIUM = shutil.which("chromium")

NEEDED = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("BROWSER_TESTS") != "required",
        reason="no `chromium` on this machine: install it (Debian: apt-get install chromium) to run the browser tests",
    ),
]
