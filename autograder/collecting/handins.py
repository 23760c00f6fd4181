"""What one person handed in at one time, put together from the files of a platform."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from autograder.times import ReadTime, read_time

from .archives import SourceFile, UnreadableFile
from .platforms import NamedFile, Platform, read_names

LARGEST_METADATA = 50 * 2**20


@dataclass(frozen=True)
class Person:
    """Who a platform says that somebody is; what it does not say is empty."""

    name: str = ""
    login: str = ""
    number: str = ""  # the platform's own
    email: str = ""
    id_number: str = ""  # the university's
    folded: str = ""  # last and first name written as one word

    def __str__(self) -> str:
        return self.name or self.login or self.email or self.folded or self.number


@dataclass
class HandIn:
    """One hand-in: by one person, or by several who worked together."""

    platform: Platform
    source: str
    place: str  # the folder, or the beginning of the file names, by which the platform knows it
    people: list[Person]
    files: dict[str, SourceFile] = field(default_factory=dict)  # by the student's own names
    names: dict[str, str] = field(default_factory=dict)  # the platform's names of the same files
    time: ReadTime | None = None
    late: bool = False
    texts: list[str] = field(default_factory=list)  # files in which the platform passes on words typed into it

    @property
    def order(self) -> datetime:
        """By which of several hand-ins of one person the last is found."""
        return self.time.utc if self.time and self.time.utc else datetime.min


def hand_ins(platform: Platform, source: str, entries: Sequence[SourceFile], zone: ZoneInfo | None) -> tuple[list[HandIn], list[str]]:
    """All submissions of a source, and the paths of files whose names do not say whose they are."""
    named, strange = read_names(platform, entries)
    found: dict[tuple[str, ...], HandIn] = {}
    for file in named:
        said = file.said
        key = (said.get("team", ""), said.get("number") or said.get("anonymous") or said.get("login") or said.get("name", ""))
        hand_in = found.setdefault((*key, said.get("attempt", "")), HandIn(platform, source, said["place"], [_person(said)]))
        _add(hand_in, file, zone)
    if platform.key == "blackboard":
        _read_about(found.values(), zone)
    if platform.key == "gradescope":
        _read_metadata(found, entries, zone)
    return list(found.values()), strange


def _person(said: dict[str, str]) -> Person:
    name = said.get("name") or " ".join(filter(None, (said.get("first"), said.get("last"))))
    number = said.get("number") or said.get("anonymous", "")
    return Person(name=name.strip(), login=said.get("login", ""), number=number, folded=said.get("folded", ""))


def _add(hand_in: HandIn, file: NamedFile, zone: ZoneInfo | None) -> None:
    said = file.said
    hand_in.late = hand_in.late or "late" in said
    if "time" in said:
        time = read_time(said["time"], zone)
        if hand_in.time is None or (time.utc and time.utc > hand_in.order):
            hand_in.time = time
    if "about" in said or said.get("plugin") not in (None, "file"):
        hand_in.texts.append(file.entry.path)
        hand_in.files[f".about/{len(hand_in.texts)}"] = file.entry
        return
    name = file.file
    while name in hand_in.files:  # two files of the same name
        stem, dot, ending = name.rpartition(".")
        name = f"{stem or ending} (2){dot if stem else ''}{ending if stem else ''}"
    hand_in.files[name] = file.entry
    hand_in.names[name] = file.entry.path


def about(hand_in: HandIn) -> Iterator[SourceFile]:
    """The files that the platform itself adds to a hand-in."""
    return (entry for name, entry in hand_in.files.items() if name.startswith(".about/"))


def _read_about(found: Any, zone: ZoneInfo | None) -> None:
    """Blackboard's text beside each hand-in has the name, the login and the time with its zone."""
    for hand_in in found:
        for entry in about(hand_in):
            try:
                lines = entry.read()[:5000].decode("utf-8-sig", "replace").splitlines()
            except UnreadableFile:
                continue
            said = {key.strip().lower(): value.strip() for key, colon, value in (line.partition(":") for line in lines) if colon}
            name, _, login = said.get("name", "").rpartition(" (")
            if login.endswith(")"):
                hand_in.people = [Person(name=name.strip(), login=login[:-1])]
            time = read_time(said.get("date submitted", ""), zone)
            if time.utc and not (hand_in.time and hand_in.time.utc):
                hand_in.time = time


class _RubyLoader(yaml.SafeLoader):
    """Gradescope's YAML has tags of Ruby's classes: their contents are plain."""


def _plain(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else node.value


_RubyLoader.add_multi_constructor("!", _plain)
_RubyLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)


def _read_metadata(found: dict[tuple[str, ...], HandIn], entries: Sequence[SourceFile], zone: ZoneInfo | None) -> None:
    """Gradescope's submission_metadata.yml says who handed in, all of a group, and when."""
    for entry in entries:
        if entry.path.rpartition("/")[2] != "submission_metadata.yml":
            continue
        try:
            content = entry.read()
            metadata = yaml.load(content[:LARGEST_METADATA], _RubyLoader)  # a SafeLoader: plain data only
        except (UnreadableFile, yaml.YAMLError, ValueError, RecursionError):
            continue
        for hand_in in found.values():
            record = metadata.get(hand_in.place) if isinstance(metadata, dict) else None
            if isinstance(record, dict):
                submitters = [_submitter(one) for one in record.get(":submitters") or [] if isinstance(one, dict)]
                hand_in.people = submitters or hand_in.people
                created = record.get(":created_at", "")
                hand_in.time = read_time(str(created.get("utc", "") if isinstance(created, dict) else created), zone)


def _submitter(said: dict[str, Any]) -> Person:
    def text(key: str) -> str:
        return str(said.get(key) or "").strip()

    return Person(name=text(":name"), email=text(":email"), id_number=text(":sid"))
