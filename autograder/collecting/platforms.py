"""How each platform names the files that it exports:
declarations, and the one place that matches them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from .archives import SourceFile

# Files that platforms add for the instructor, beside the students' own.
FOR_INSTRUCTORS = re.compile(r"(.*/)?(index\.html?|readme\.(md|txt)|status\.(xlsx|csv|xls)|submission_metadata\.yml)", re.IGNORECASE)


@dataclass(frozen=True)
class Platform:
    """A learning platform.

    pattern  what the path of each file looks like, from the first folder on that matters. Its
             groups: `file`, the student's own name of the file; `name`, `login`, `number`, `first`,
             `last`, `folded` (last and first name in one), as far as the platform says who it is;
             `attempt`, what differs between two submissions of one person; `time`; `late`, present
             if the platform calls it late; `team`
    example  a name of that form, for messages
    flat     whether only the last part of the path says whose the file is
    """

    key: str
    title: str
    pattern: re.Pattern[str]
    example: str
    flat: bool = False

    def match(self, path: str) -> re.Match[str] | None:
        """Compare a path with the form, from any folder on."""
        parts = path.split("/")
        starts = [len(parts) - 1] if self.flat else range(len(parts))
        return next((found for start in starts if (found := self.pattern.fullmatch("/".join(parts[start:])))), None)


PLATFORMS = [
    Platform(
        "moodle",
        "Moodle",
        re.compile(
            r"(?P<place>(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?)(?:/(?P<file>.+)|(?<=_)(?P<flat_file>[^/]+))"
        ),
        "Ada Lovelace_1234567_assignsubmission_file_/01_chain_rule.ipynb",
    ),
    Platform(
        "gradescope",
        "Gradescope",
        re.compile(r"(?P<place>submission_(?P<number>\d+))/(?P<file>.+)"),
        "submission_123/01_chain_rule.ipynb, with submission_metadata.yml beside the folders",
    ),
    Platform(
        "blackboard",
        "Blackboard",
        re.compile(
            r"(?P<place>(?P<title_and_login>[^/]+)_attempt_(?P<attempt>(?P<time>\d{4}(?:-\d\d){5})))(?:_(?P<file>[^/]+(?:/.+)?)|(?P<about>\.txt))"
        ),
        "Chain rule_alovelace_attempt_2026-11-20-17-00-10_01_chain_rule.ipynb",
    ),
    Platform(
        "brightspace",
        "Brightspace",
        re.compile(r"(?P<place>(?P<attempt>(?P<number>\d+)-\d+ - (?P<name>[^/]+?) - (?P<time>[^/]*\d{4}[^/]*)))/(?P<file>.+)"),
        "12345-678 - Ada Lovelace - Nov 20, 2026 530 PM/01_chain_rule.ipynb",
    ),
    Platform(
        "ilias",
        "ILIAS",
        re.compile(
            r"(?:Team_(?P<team>\d+)/)?(?P<place>(?P<last>[^_/]+)_(?P<first>[^_/]+)_(?P<login>[^/]+)_(?P<number>\d+))/(?:(?P<time>\d{14})_)?(?P<file>.+)"
        ),
        "Lovelace_Ada_alovelace_1234/20261120170010_01_chain_rule.ipynb",
    ),
    Platform(
        "canvas",
        "Canvas",
        re.compile(
            r"(?P<place>(?:anon_(?P<anonymous>[A-Za-z0-9]{5})|(?P<folded>[^_/\d][^_/]*))(?:_(?P<late>LATE))?(?:_(?P<number>\d+))?_(?P<attachment>\d+)_)"
            r"(?P<file>[^/]+(?:/.+)?)"
        ),
        "lovelaceada_LATE_12345_67890_01_chain_rule-1.ipynb",
    ),
    Platform(
        "google-classroom",
        "Google Classroom",
        re.compile(r"(?P<place>(?:Copy of )?(?P<name>[^/]+?) - )(?P<file>[^/]+\.[A-Za-z]{2,5}(?:\.[a-z]{2,5})?)"),
        "Ada Lovelace - 01_chain_rule.ipynb",
        flat=True,
    ),
]
BY_KEY = {platform.key: platform for platform in PLATFORMS}


class NotRecognised(Exception):
    """The names are of no platform's form; the message says what was looked for."""


@dataclass(frozen=True)
class NamedFile:
    """A file, and the groups of the platform's pattern that its name matched."""

    entry: SourceFile
    said: dict[str, str]

    @property
    def file(self) -> str:
        """The student's own name of the file."""
        return self.said.get("file") or self.said.get("flat_file") or ""


def recognise(entries: Sequence[SourceFile], key: str = "auto") -> Platform:
    """The platform whose form most of the names have. NotRecognised if there is none."""
    wanted = PLATFORMS if key == "auto" else [BY_KEY[key]]
    students = [entry for entry in entries if not FOR_INSTRUCTORS.fullmatch(entry.path)]
    for platform in wanted:
        matching = sum(platform.match(entry.path) is not None for entry in students)
        if students and 2 * matching >= len(students):
            return platform
    shown = ", ".join(repr(entry.path) for entry in students[:3]) or "no file at all"
    forms = "\n".join(f"  {platform.title}: {platform.example}" for platform in wanted)
    raise NotRecognised(f"The names ({shown}) are not as {wanted[0].title if len(wanted) == 1 else 'any platform'} gives them:\n{forms}")


def read_names(platform: Platform, entries: Sequence[SourceFile]) -> tuple[list[NamedFile], list[str]]:
    """The students' files with what their names say,
    and the paths of files whose names do not match.
    """
    named, strange = [], []
    for entry in entries:
        found = platform.match(entry.path)
        if found:
            said = {key: text for key, text in found.groupdict().items() if text}
            if "folded" in said:  # Canvas: words typed in have the person's number only, and no attachment's
                said.setdefault("number", said["attachment"])
            named.append(NamedFile(entry, said))
        elif not FOR_INSTRUCTORS.fullmatch(entry.path):
            strange.append(entry.path)
    if platform.key == "blackboard":
        named = [NamedFile(file.entry, {**file.said, **said}) for file, said in zip(named, _logins(named))]
    return named, strange


def _logins(named: Sequence[NamedFile]) -> list[dict[str, str]]:
    """Blackboard's login of each file: the part that differs after the assignment's title.

    Title and login may both contain underscores.
    """
    heads = [unquote(file.said["title_and_login"]) for file in named]
    pieces = [head.split("_") for head in heads]
    shared = 0
    while len(set(heads)) > 1 and all(len(words) > shared + 1 for words in pieces) and len({words[shared] for words in pieces}) == 1:
        shared += 1
    return [{"login": "_".join(words[shared:]) if shared else words[-1]} for words in pieces]
