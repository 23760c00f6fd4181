"""Write the course's figures to img/, each as an SVG file: `python -m autograder.draw`."""

from pathlib import Path

from backprop.course_files import course_folder
from backprop.figures.catalogue import FIGURES

IMAGES = course_folder("img")


def draw_all(folder: Path = IMAGES) -> list[Path]:
    """Write every figure into `folder` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{name}.svg": drawing for name, drawing in FIGURES.items()}
    for file, drawing in files.items():
        file.write_bytes(drawing.as_svg())
    return list(files)


if __name__ == "__main__":
    for written in draw_all():
        print(written)
