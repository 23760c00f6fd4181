"""The time from a move of a picture to its display: in Python, and to the pixels in Chromium.

`make bench` prints it.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from backprop import pictures

from tests.backprop.pictures.moves import MOVES, values
from tests.browser.chromium import CHROMIUM
from tests.browser.lab import chromium, open_desk, played, running_lab

# Move a control as a hand does, and measure until the frame with the new picture has been painted.
TO_THE_PIXELS = """
([find, value]) => new Promise((done, failed) => {
  const control = document.querySelector(find);
  const picture = document.querySelector('.bp-picture');
  const start = performance.now();
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start), 0));
  });
  seen.observe(picture, { subtree: true, childList: true, attributes: true, characterData: true });
  if (value === null) control.click();
  else { control.value = value; control.dispatchEvent(new Event(control.type === 'range' ? 'input' : 'change')); }
  setTimeout(() => failed('the picture did not change'), 20000);
})
"""


def in_python(opened: str, key: str, span: tuple[float, float] | None, moves: int = 40) -> float:
    """Median seconds from a move reaching Python to the new frame leaving it."""
    picture = eval(opened, vars(pictures))
    slot = next(control.get("slot") for control in picture.controls if control["key"] == key)
    taken = []
    for value in values(span, moves):
        told = value if slot is None else [slot, str(value)]  # as the page tells what was typed
        start = time.perf_counter()
        picture.inputs = {**picture.inputs, key: told}
        taken.append(time.perf_counter() - start)
    assert not picture.message, picture.message
    return statistics.median(taken)


def in_chromium(page: Any, opened: str, key: str, span: tuple[float, float] | None, moves: int = 15) -> float:
    """Median seconds from a move by hand to the pixels."""
    stage = played(page, f"from backprop.pictures import *\n{opened}", 1400, [])
    control = stage.node.locator(f"[data-control='{key}']")
    kind = "button" if span is None else "input"
    control.evaluate(f"e => (e.matches('{kind}') ? e : e.querySelector('{kind}')).id = 'moved'")
    taken = [page.evaluate(TO_THE_PIXELS, ["#moved", None if span is None else value]) for value in values(span, moves)[1:]]
    return statistics.median(taken) / 1000


def report() -> None:
    """Print a line a picture."""
    print("\npictures, median ms from a move to the new picture      in Python   to the pixels")
    print("  goals                                                       50.0           150.0")
    pixels: dict[str, float] = {}
    if CHROMIUM:
        with tempfile.TemporaryDirectory() as home, running_lab(Path(home)) as lab, chromium() as browser:
            page = open_desk(browser, lab)
            pixels = {name: in_chromium(page, *move) for name, move in MOVES.items()}
    for name, move in MOVES.items():
        seen = f"{1e3 * pixels[name]:10.1f}" if name in pixels else "no chromium"
        print(f"  {name:52s} {1e3 * in_python(*move):8.1f}      {seen}")


if __name__ == "__main__":
    report()
