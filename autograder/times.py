"""Reads times as platforms and people write them, and says where one could mean several moments."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from zoneinfo import ZoneInfo

LONGEST = 100

# Abbreviations of one offset from UTC, in hours. Others, such as CST and IST, mean different times
# in different countries.
ABBREVIATIONS = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "ACST": 9.5, "ACDT": 10.5, "AWST": 8, "NZST": 12, "NZDT": 13,
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar",
            "feb february februar",
            "mar march märz mär",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ],
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
FILLERS = re.compile(rf"\b(?:{WEEKDAYS}|at|um|uhr)\b\.?", re.IGNORECASE)
HALF = re.compile(r"\b([ap])\.?m\b\.?", re.IGNORECASE)
ZONE = re.compile(r"(?:\s*(?P<offset>(?:UTC|GMT)?[+-]\d{1,2}(?::?\d\d)?)|\s*(?P<utc>Z)|\s+(?P<name>[A-Za-z]+(?:/[\w+-]+)*))$")
DATES = [
    re.compile(r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"),
    re.compile(r"(?P<day>\d\d?)\.? (?P<word>[^\W\d]+)\.? (?P<year>\d{4})"),
    re.compile(r"(?P<word>[^\W\d]+)\.? (?P<day>\d\d?) (?P<year>\d{4})"),
    re.compile(r"(?P<day>\d\d?)\. ?(?P<month>\d\d?)\. ?(?P<year>\d{4})"),
    re.compile(r"(?P<one>\d\d?)/(?P<other>\d\d?)/(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"),
]
TIMES = [
    re.compile(r"[ T-](?P<hour>\d\d?)[:.-](?P<minute>\d\d)(?:[:.-](?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?(?: ?(?P<half>[AP]M))?"),
    re.compile(r" (?P<hour>\d\d?)(?P<minute>\d\d) ?(?P<half>[AP]M)"),
    re.compile(r"[ T]?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"),
]


class Doubt(Enum):
    """Why a time is not certain; the value says it in words."""

    NO_TIME = "is no time"
    NO_ZONE = "does not say in which time zone it is"
    UNKNOWN_ZONE = "is in a time zone that is not known, or that has several meanings"
    DAY_OR_MONTH = "could be the one day or the other: day and month cannot be told apart"
    TWICE = "came twice, for the clocks were put back; the earlier one counts"
    NEVER = "never was, for the clocks were put forward; the time an hour later counts"


@dataclass(frozen=True)
class ReadTime:
    """A time as written and as read, in UTC without a
    zone as nbgrader keeps it; None if it is not known.
    """

    text: str
    utc: datetime | None = None
    doubt: Doubt | None = None

    @property
    def words(self) -> str:
        """What is doubtful about it, and what to do; empty if nothing is."""
        if self.doubt is None:
            return ""
        ask = self.doubt in (Doubt.NO_ZONE, Doubt.UNKNOWN_ZONE)
        advice = "; set c.Grading.timezone in nbgrader_config.py, to 'Europe/Berlin' for example" if ask else ""
        return f"{self.text[:60]!r} {self.doubt.value}{advice}"


def read_time(text: str, zone: ZoneInfo | None = None) -> ReadTime:
    """Read a date with a time of day.

    A time that names no zone is in `zone`. Without that there is no time, and `doubt` says why.
    """
    text = text.strip()
    if len(text) > LONGEST:
        return ReadTime(text[:LONGEST], None, Doubt.NO_TIME)
    plain = " ".join(FILLERS.sub(" ", HALF.sub(lambda found: f"{found[1].upper()}M", text)).replace(",", " ").split())
    named = _named_zone(plain)
    moments = _moments(plain[: named.start()] if named else plain)
    if not moments:
        return ReadTime(text, None, Doubt.NO_TIME)
    if len(moments) > 1:
        return ReadTime(text, None, Doubt.DAY_OR_MONTH)
    if named is None:
        return _in_zone(text, moments[0], zone) if zone else ReadTime(text, None, Doubt.NO_ZONE)
    return _in_named_zone(text, moments[0], named, zone)


def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of that name from the time zone database; None if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None


def _named_zone(text: str) -> re.Match[str] | None:
    """The zone at the end of a time.

    Parts of the time, such as PM or the -10 of 17-00-10, are no zone.
    """
    named = ZONE.search(text)
    before = text[: named.start()] if named else ""
    if not named or (named["name"] or "").upper() in ("AM", "PM") or not _moments(before):
        return None
    return None if named["offset"] and ":" not in before and not re.search(r"\dT\d|[AP]M$", before) else named


def _moments(text: str) -> list[datetime]:
    """The moments that a text may mean, without a zone: two if day and month can be exchanged."""
    for date in DATES:
        for time in TIMES:
            found = re.fullmatch(f"(?:{date.pattern})(?:{time.pattern})", text)
            if found:
                return _dated(found.groupdict())
    return []


def _dated(part: dict[str, str | None]) -> list[datetime]:
    year = int(part["year"] or 0)
    if part.get("one"):
        one, other = int(part["one"] or 0), int(part["other"] or 0)
        days = {(one, other), (other, one)}
    else:
        word = part.get("word")
        month = MONTHS.get(word.lower(), 0) if word else int(part.get("month") or 0)
        days = {(month, int(part["day"] or 0))}
    hour, half = int(part["hour"] or 0), part.get("half")
    if half and not 1 <= hour <= 12:
        return []
    hour = hour % 12 + 12 * (half == "PM") if half else hour
    second, fraction = int(part.get("second") or 0), int((part.get("fraction") or "0").ljust(6, "0")[:6])
    moments = []
    for month, day in sorted(days):
        try:
            moments.append(datetime(year, month, day, hour, int(part["minute"] or 0), second, fraction))
        except ValueError:  # there is no such day
            continue
    return moments


def _in_named_zone(text: str, moment: datetime, named: re.Match[str], zone: ZoneInfo | None) -> ReadTime:
    name = (named["name"] or named["utc"] or "").strip()
    if shift := re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", named["offset"] or ""):
        sign, hours, minutes = shift.groups()
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
        return _shifted(text, moment, offset) if abs(offset) < timedelta(hours=15) else ReadTime(text, None, Doubt.UNKNOWN_ZONE)
    if zone and any(moment.replace(tzinfo=zone, fold=fold).tzname() == name for fold in (0, 1)):
        return next(
            ReadTime(text, _utc(moment.replace(tzinfo=zone, fold=fold)))
            for fold in (0, 1)
            if moment.replace(tzinfo=zone, fold=fold).tzname() == name
        )
    if name.upper() in ABBREVIATIONS:
        return _shifted(text, moment, timedelta(hours=ABBREVIATIONS[name.upper()]))
    known = zone_named(name) if "/" in name else None
    return _in_zone(text, moment, known) if known else ReadTime(text, None, Doubt.UNKNOWN_ZONE)


def _shifted(text: str, moment: datetime, offset: timedelta) -> ReadTime:
    try:
        return ReadTime(text, _utc(moment.replace(tzinfo=timezone(offset))))
    except OverflowError:  # the first or the last day of all
        return ReadTime(text, None, Doubt.NO_TIME)


def _in_zone(text: str, moment: datetime, zone: ZoneInfo) -> ReadTime:
    try:
        first, second = (_utc(moment.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    except OverflowError:
        return ReadTime(text, None, Doubt.NO_TIME)
    doubt = Doubt.TWICE if first < second else Doubt.NEVER if first > second else None
    return ReadTime(text, min(first, second) if doubt is Doubt.TWICE else first, doubt)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
