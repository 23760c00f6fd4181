"""Put the lessons, their figures and their sources into the wheel,
where backprop.course_files looks for them.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PARTS = {"notebooks": "*.ipynb", "img": "*.svg", "solutions": "*.py"}


class BuildWithLessons(build_py):
    """The packages, and backprop/course beside them.

    In an editable installation the files stay where they are.
    """

    def run(self) -> None:
        """Copy what setuptools knows, then the course."""
        super().run()
        if not self.editable_mode:
            for source, target in self._course().items():
                Path(target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Every file that `run` writes."""
        return [*super().get_outputs(include_bytecode), *([] if self.editable_mode else self._course().values())]

    def _course(self) -> dict[str, str]:
        folder = Path(self.build_lib) / "backprop" / "course"
        return {str(path): str(folder / path) for part, kind in PARTS.items() for path in sorted(Path(part).glob(kind))}


setup(cmdclass={"build_py": BuildWithLessons})
