"""Times as platforms write them: read where they mean one moment, asked about where they do not."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder.times import Doubt, read_time

BERLIN = ZoneInfo("Europe/Berlin")
FIVE = datetime(2026, 11, 20, 17)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20 17:00:10 +0100", datetime(2026, 11, 20, 16, 0, 10)),
        ("2026-11-20T17:00:10-08:00", datetime(2026, 11, 21, 1, 0, 10)),
        ("2026-11-20 17:00:10.123456000 -08:00", datetime(2026, 11, 21, 1, 0, 10, 123456)),
        ("2026-07-20 17:00 CEST", datetime(2026, 7, 20, 15)),
        ("2026-11-20 17:00 PST", datetime(2026, 11, 21, 1)),
        ("Friday, November 20, 2026 5:00:10 PM EST", datetime(2026, 11, 20, 22, 0, 10)),
        ("2026-11-20 17:00 Europe/Berlin", datetime(2026, 11, 20, 16)),
        ("2026-11-20T17:00:00Z", FIVE),
        ("11/20/2026 5:00 PM UTC", FIVE),
    ],
)
def test_a_time_with_a_zone_needs_no_other(text, utc):
    for zone in (None, ZoneInfo("Asia/Tokyo")):
        assert (read_time(text, zone).utc, read_time(text, zone).doubt) == (utc, None)


@pytest.mark.parametrize(
    "text",
    [
        "11/20/2026 5:00 PM",
        "2026-11-20-17-00-00",
        "Nov 20, 2026 500 PM",
        "Friday, 20 November 2026, 5:00 p.m.",
        "Freitag, 20. November 2026, 17:00 Uhr",
        "20261120170000",
        "20.11.2026 17:00",
        "2026-11-20 17:00",
    ],
)
def test_a_time_without_a_zone_asks_for_one(text):
    assert (read_time(text).utc, read_time(text).doubt) == (None, Doubt.NO_ZONE)
    assert "c.Grading.timezone" in read_time(text).words
    assert read_time(text, BERLIN).utc == datetime(2026, 11, 20, 16)
    assert read_time(text, BERLIN).text == text


@pytest.mark.parametrize(("text", "hour", "minute"), [("Nov 20, 2026 110 PM", 13, 10), ("Nov 20, 2026 1201 AM", 0, 1)])
def test_brightspace_leaves_the_colon_out(text, hour, minute):
    assert read_time(text, ZoneInfo("UTC")).utc == datetime(2026, 11, 20, hour, minute)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("3/4/2026 10:00", Doubt.DAY_OR_MONTH),
        ("2026-11-20 17:00 IST", Doubt.UNKNOWN_ZONE),
        ("2026-11-20 17:00 CST", Doubt.UNKNOWN_ZONE),
        ("2026-10-25 02:30", Doubt.TWICE),
        ("2026-03-29 02:30", Doubt.NEVER),
        ("2026-13-01 10:00", Doubt.NO_TIME),
        ("yesterday", Doubt.NO_TIME),
        ("2026-11-20", Doubt.NO_TIME),
        ("13:00 PM", Doubt.NO_TIME),
        ("0001-01-01 00:00 +1400", Doubt.NO_TIME),
    ],
)
def test_what_is_doubtful_is_said(text, doubt):
    found = read_time(text, BERLIN)
    assert found.doubt is doubt
    assert found.words
    assert (found.utc is not None) == (doubt in (Doubt.TWICE, Doubt.NEVER))


def test_an_hour_that_came_twice_counts_as_the_earlier_one_and_the_courses_zone_decides_its_own_abbreviation():
    assert read_time("2026-10-25 02:30", BERLIN).utc == datetime(2026, 10, 25, 0, 30)
    assert read_time("2026-10-25 02:30 CET", BERLIN).utc == datetime(2026, 10, 25, 1, 30)
    assert read_time("2026-11-20 17:00 CST", ZoneInfo("America/Chicago")).utc == datetime(2026, 11, 20, 23)
    assert read_time("2026-11-20 17:00 IST", ZoneInfo("Asia/Kolkata")).utc == datetime(2026, 11, 20, 11, 30)
