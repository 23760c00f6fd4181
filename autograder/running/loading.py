"""What is loaded and tried out before any fork, so that no submission has to wait for it."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .shell import Shell


def prepare() -> None:
    """Fix what is read while modules are loaded: nothing of the person's who grades counts."""
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # figures are outputs, as in a notebook's kernel
    found = importlib.util.find_spec("matplotlib")
    if found is not None and found.origin:
        os.environ["MATPLOTLIBRC"] = str(Path(found.origin).with_name("mpl-data") / "matplotlibrc")


def load(modules: Iterable[str]) -> None:
    """Import modules, and do once what takes longer the first time.

    Missing packages are left out.
    """
    wanted = list(modules)
    for module in wanted:
        with suppress(ImportError):
            importlib.import_module(module)
    if "torch" in sys.modules:
        _warm_torch(sys.modules["torch"], wanted)
    if any(module.startswith("matplotlib") for module in wanted) and "matplotlib" in sys.modules:
        import matplotlib.pyplot
        import matplotlib_inline.backend_inline  # noqa: F401

        _draw_once(matplotlib.pyplot)
    if "backprop.pictures" in wanted and "backprop.pictures" in sys.modules:
        sys.modules["backprop.pictures"].warm(module.removeprefix("backprop.pictures.") for module in wanted)
    if "matplotlib.pyplot" in sys.modules:
        _close_fonts()


def _warm_torch(torch: Any, wanted: Sequence[str]) -> None:
    """Its first uses import more."""
    torch.set_num_threads(1)  # since threads do not outlive a fork
    weight = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    torch.sigmoid(weight * 2).sum().backward()
    if "torch.testing" in wanted:  # half a second
        torch.testing.assert_close(weight.detach(), weight.detach())
    if "torch.optim" in wanted:  # the first step of any optimizer imports a compiler
        torch.optim.SGD([weight], lr=0.1).step()
    if "torch.autograd.gradcheck" in wanted:  # the same compiler
        torch.autograd.gradcheck(torch.sin, weight)


def _draw_once(pyplot: Any) -> None:
    """Fonts and renderers are found at the first drawing."""
    import io

    figure, axes = pyplot.subplots()
    axes.plot([0, 1])
    axes.set_title(r"$x^2$")
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close(figure)


def _close_fonts() -> None:
    """Close the files of fonts.

    Children start without open files: a font freed there would close another file.
    """
    from matplotlib import font_manager, mathtext

    getattr(mathtext.MathTextParser, "_parse_cached").cache_clear()  # noqa: B009  what it has set in type holds fonts
    getattr(font_manager, "_get_font").cache_clear()  # noqa: B009  (none of its public names)


def warm(shell: Shell) -> None:
    """Run what the first cell and the first error of a notebook would have to load."""
    drawing = ["import matplotlib.pyplot"] if "matplotlib.pyplot" in sys.modules else []
    for source in ("1", "1/0", "print('x')", *drawing, "await __import__('asyncio').sleep(0)"):
        shell.run(source, 10_000)
    shell.reset(new_session=True)


def reseed() -> None:
    """Let NumPy's shared generator go on from new entropy.

    Processes forked from one would draw the same numbers: a test's arguments would be the noise
    that a student's function adds to them.
    """
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


FAILING = {
    "numpy.testing": "import numpy.testing\nnumpy.testing.assert_allclose(numpy.ones(2), numpy.zeros(2))",
    "torch.testing": "import torch.testing\ntorch.testing.assert_close(torch.ones(2), torch.zeros(2))",
}


def warm_failures(shell: Shell, loaded: Collection[str]) -> None:
    """Fail an assertion of each library in `loaded`: to show the first one, IPython parses its
    modules, which takes up to half a second.
    """
    for module, source in FAILING.items():
        if module in loaded and module in sys.modules:
            shell.run(source, 10_000)
    shell.reset(new_session=True)


def rehearse(statements: list[str]) -> None:
    """Run statements whose results stay in memory for all children.

    A child does itself what failed here.
    """
    space: dict[str, Any] = {}
    for statement in statements:
        with suppress(Exception):
            exec(statement, space)
