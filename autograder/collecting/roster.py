"""Reads a platform's list of participants as it exports it, and finds whose a submission is."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .handins import Person

# The columns' names on different platforms, in lower case and without accents; the first match
# counts.
COLUMNS = {
    "student_id": ["student_id", "student"],
    "login": ["sis login id", "username", "login", "user name", "login id", "anmeldename", "benutzername"],
    "number": ["id", "identifier", "usr_id", "user id", "participant"],
    "email": ["email address", "email", "e-mail", "mail", "e-mail-adresse"],
    "id_number": ["orgdefinedid", "org defined id", "sis user id", "student id", "id number", "sid", "matriculation", "matrikelnummer"],
    "name": ["full name", "name", "student name", "vollständiger name", "student"],
    "first": ["first name", "firstname", "given name", "vorname"],
    "last": ["last name", "lastname", "surname", "family name", "nachname"],
    "group": ["group", "groups", "team", "gruppe", "gruppen"],
    "time": ["last modified (submission)", "zuletzt geändert (abgabe)"],
}
NOBODY = ("points possible", "student, test", "test student")  # rows that stand for nobody, as Canvas has them
UNSAFE = re.compile(r"[^\w.@-]+")


class RosterProblem(Exception):
    """The list of participants cannot be used; the message says why."""


@dataclass(frozen=True)
class Participant:
    """One student of the course, and the id by which nbgrader knows them."""

    student_id: str
    person: Person
    group: str = ""
    time: str = ""


@dataclass(frozen=True)
class Table:
    """A CSV file: its rows, the header first, and the format to write it in again."""

    rows: list[list[str]]
    encoding: str
    delimiter: str
    quoted: bool = False  # every cell
    end: str = "\r\n"  # of each line


def read_table(path: Path) -> Table:
    """Read a CSV file in UTF-8 or UTF-16, with commas, semicolons or tabs.

    RosterProblem if it is none.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RosterProblem(f"{path} cannot be read: {error.strerror or error}.") from None
    if data.startswith(b"PK"):
        raise RosterProblem(f"{path} is a spreadsheet of Excel's (.xlsx) or a zip. Save it as CSV first.")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = data.decode(encoding, "replace")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise RosterProblem(f"{path} has no rows below its head. Export the list of participants as CSV again.")
    quoted = text.startswith('"') and head.strip().count('"') == 2 * len(rows[0])
    return Table(rows, encoding, delimiter, quoted, "\r\n" if "\r\n" in text else "\n")


def read_roster(path: Path) -> list[Participant]:
    """The participants in a platform's list, or in one with a column student_id.

    RosterProblem if no row says who somebody is.
    """
    table = read_table(path)
    columns = columns_of(table.rows[0])
    if not columns.keys() & {"student_id", "login", "email", "name", "last", "id_number"}:
        raise RosterProblem(
            f"{path} has none of the columns that say who somebody is; it has {', '.join(table.rows[0][:8])}. "
            "Known are, among others, student_id, Username, Email address, Full name, First name and Last name, SIS Login ID."
        )
    people = [_participant(row, columns) for row in table.rows[1:]]
    return _with_ids([one for one in people if str(one.person) and str(one.person).strip().lower() not in NOBODY])


def columns_of(head: Sequence[str]) -> dict[str, int]:
    """Which of a table's columns says what."""
    names = [cell.strip().lstrip("#").strip().lower() for cell in head]
    found = {}
    for key, known in COLUMNS.items():
        place = next((names.index(name) for name in known if name in names), None)
        if place is not None:
            found[key] = place
    if found.get("name") == found.get("student_id"):  # Canvas' column Student holds names
        found.pop("student_id" if "sis login id" in names or "section" in names else "name", None)
    return found


def person_in(row: Sequence[str], columns: dict[str, int]) -> Person:
    """Who a row is about."""
    said = {key: row[place].strip().lstrip("#") if place < len(row) else "" for key, place in columns.items()}
    name = said.get("name") or " ".join(filter(None, (said.get("first"), said.get("last"))))
    if "," in name and "first" not in said:  # Canvas writes Lovelace, Ada
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}"
    number = re.sub(r"^\D+ ", "", said.get("number", ""))  # Moodle writes Participant 1234567
    return Person(name, said.get("login", ""), number, said.get("email", ""), said.get("id_number", ""))


def _participant(row: Sequence[str], columns: dict[str, int]) -> Participant:
    def said(key: str) -> str:
        return row[columns[key]].strip() if key in columns and columns[key] < len(row) else ""

    return Participant(said("student_id"), person_in(row, columns), said("group"), said("time"))


def _with_ids(people: Sequence[Participant]) -> list[Participant]:
    """Each participant with an id: the list's own, or the
    login, the e-mail address up to the @, the number, the name.
    """
    if all(one.student_id for one in people):
        return [replace(one, student_id=safe_id(one.student_id)) for one in people]
    for make in (
        lambda one: one.person.login,
        lambda one: one.person.email.partition("@")[0],
        lambda one: one.person.email,
        lambda one: one.person.id_number,
        lambda one: one.person.name,
        lambda one: f"{one.person.name}-{one.person.number}",
    ):
        ids = [safe_id(make(one)) for one in people]
        if all(ids) and len(set(ids)) == len(ids):
            return [replace(one, student_id=student) for one, student in zip(people, ids)]
    raise RosterProblem("The list of participants has two rows of the same person, or rows without a name. Add a column student_id.")


def safe_id(text: str) -> str:
    """A text as the name of a student's folder."""
    return UNSAFE.sub("-", unicodedata.normalize("NFC", text.strip())).strip("-.").lower()[:100]


def folded(name: str) -> str:
    """A name for comparison: its words without accents and capitals, sorted."""
    return " ".join(sorted(re.findall(r"\w+", plain(name))))


def plain(text: str) -> str:
    """A text without marks and case."""
    spread = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    return "".join(sign for sign in spread if not unicodedata.combining(sign)).casefold()


class Roster:
    """The participants, to be found by whatever a platform says of a person."""

    def __init__(self, people: Iterable[Participant]) -> None:
        self.people = list(people)

    def find(self, person: Person) -> list[Participant]:
        """Who this may be: nobody, one person, or several of the same name.

        The most certain rule comes first.
        """
        for key in ("number", "login", "email", "id_number"):
            said = getattr(person, key).casefold()
            found = [one for one in self.people if said and getattr(one.person, key).casefold() == said]
            if found:
                return found
        said = person.login.casefold()
        found = [one for one in self.people if said and said in (one.student_id.casefold(), one.person.email.partition("@")[0].casefold())]
        return found or self._by_name(person)

    def members(self, person: Person) -> list[Participant]:
        """All of the group that a person, or a group handing in under its own name, belongs to."""
        names = {_letters(name) for name in (person.name, person.folded) if name}
        return [one for one in self.people if one.group and _letters(one.group) in names] or [
            other for mine in self.find(person) if mine.group for other in self.people if other.group == mine.group
        ]

    def _by_name(self, person: Person) -> list[Participant]:
        if person.folded:
            found = [one for one in self.people if _letters(_last_first(one.person.name)) == _letters(person.folded)]
            return found or [one for one in self.people if sorted(_letters(one.person.name)) == sorted(_letters(person.folded))]
        name = person.name
        found = [one for one in self.people if name and folded(one.person.name) == folded(name)]
        if not found and "-" in name:  # Moodle writes a group before the name
            return self._by_name(Person(name=name.partition("-")[2]))
        return found


def _letters(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isalnum())


def _last_first(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last} {first}"
