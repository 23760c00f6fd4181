"""Feedback pages in one zip, under the names by which a platform gives each file to its student."""

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.collecting.record import Collected


@dataclass(frozen=True)
class Bundle:
    """How a platform wants the files named.

    name    name(where a submission came from, the page's file name) -> the path within the zip
    upload  where the zip goes on the platform
    """

    key: str
    title: str
    name: Callable[[Collected, str], str]
    upload: str


def _moodle(entry: Collected, file: str) -> str:
    place = re.sub(r"_assignsubmission_[a-z]+_?$", "_assignsubmission_file_", entry.place)
    return f"{place}/{file}"


BUNDLES = {
    bundle.key: bundle
    for bundle in [
        Bundle(
            "moodle",
            "Moodle",
            _moodle,
            "the assignment > Submissions > Actions > Upload multiple feedback files in a zip (feedback files on)",
        ),
        Bundle(
            "canvas", "Canvas", lambda entry, file: f"{entry.place}{file}", "the assignment > Upload Submissions: each page as a comment"
        ),
        Bundle("brightspace", "Brightspace", lambda entry, file: f"{entry.place}/{file}", "the assignment > Add Feedback Files"),
        Bundle("ilias", "ILIAS", lambda entry, file: f"multi_feedback/{entry.place}/{file}", "the exercise > Multi-Feedback > upload"),
    ]
}
NO_UPLOAD = "takes no feedback files for a whole class; the zip has a folder a student"


def bundle_for(key: str, collected: Mapping[str, Collected]) -> tuple[str, Bundle | None]:
    """The form of a bundle: the one asked for or, with
    `auto`, that of the platform of the submissions.

    None stands for a folder for each student.
    """
    if key == "auto":
        platforms = Counter(entry.platform for entry in collected.values())
        key = platforms.most_common(1)[0][0] if platforms else "zip"
    return key, BUNDLES.get(key)


def write_bundle(
    path: Path, bundle: Bundle | None, pages: Mapping[str, Sequence[Path]], collected: Mapping[str, Collected]
) -> tuple[int, list[str]]:
    """Write the zip; how many pages are in it, and which students the platform has no name for."""
    if bundle:
        chosen = {student: files for student, files in pages.items() if student in collected and collected[student].platform == bundle.key}
    else:
        chosen = dict(pages)
    shared = Counter(collected[student].place for student in chosen) if bundle else Counter()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    count = 0
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for student, files in sorted(chosen.items()):
            for file in files:
                if bundle is None:
                    name = f"{student}/{file.name}"
                else:
                    entry = collected[student]
                    several = shared[entry.place] > 1  # one hand-in of a group
                    name = bundle.name(entry, f"{file.stem}-{student}{file.suffix}" if several else file.name)
                archive.write(file, name)
                count += 1
    new.replace(path)
    return count, sorted(set(pages) - set(chosen))
