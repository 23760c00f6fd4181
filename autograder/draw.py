"""Write the course's figures to img/, each as an SVG file: `python -m autograder.draw`."""

from pathlib import Path

from backprop.figures import FIGURES, as_svg

IMAGES = Path(__file__).resolve().parents[1] / "img"


def draw_all(folder: Path = IMAGES) -> list[Path]:
    """Write every figure into `folder` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.svg" for name in FIGURES]
    for file in files:
        file.write_bytes(as_svg(file.stem))
    return files


if __name__ == "__main__":
    for written in draw_all():
        print(written)
