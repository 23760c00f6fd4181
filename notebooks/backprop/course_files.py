"""Where the course's files are: in a clone at its top, in an installed package inside this one."""

from importlib.resources import files
from pathlib import Path


def course_folder(name: str) -> Path:
    """The folder of that name: notebooks (what learners open),
    img (its figures) or solutions (the lessons' sources).
    """
    package = Path(str(files(__package__))).resolve()
    packaged = package / "course" / name
    return packaged if packaged.is_dir() else package.parents[1] / name
