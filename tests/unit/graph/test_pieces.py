"""Odd entries from Graph's JSON through to what may be offered."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, Cause, NoteKind, availability
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from scheduler.graph.pieces import Piece, read_piece
from scheduler.zones import DayBlock, NamedZone, WeeklyHours, parse_utc
from solvers.timeline import Span, SpanSet

DAY = parse_utc("2026-10-25T00:00Z")
WINDOW = Span(DAY, DAY + 1440)
ALWAYS = WeeklyHours(tuple(DayBlock(weekday, 0, 1440) for weekday in range(7)), NamedZone("UTC"))


def time(text: str, zone: str | None = "UTC") -> dict[str, Any]:
    """A reading of the day, or of another day when it is written out."""
    return {"dateTime": text if "-" in text else f"2026-10-25T{text}", "timeZone": zone}


def item(start: str, end: str, zone: str | None = "UTC", status: Any = "busy") -> dict[str, Any]:
    """An entry with both readings on one clock."""
    return {"status": status, "start": time(start, zone), "end": time(end, zone)}


def read(*items: dict[str, Any]) -> Piece:
    """What becomes of the entries."""
    return read_piece([{"scheduleId": "ana@contoso.test", "scheduleItems": list(items)}], digits=96)


def offered(*items: dict[str, Any]) -> Availability:
    """What may be offered of the day."""
    piece = read(*items)
    schedule = MailboxSchedule(
        "ana@contoso.test",
        WINDOW,
        items=piece.items,
        hours=ALWAYS,
        problem=piece.problem,
        zeroed=piece.zeroed,
    )
    return availability(
        schedule, policy=BusyPolicy(), default_hours=None, ledger=SpanSet(), constrain_hours=True
    )


def at(*pairs: tuple[int, int]) -> SpanSet:
    """Minutes of the day."""
    return SpanSet.of((DAY + start, DAY + end) for start, end in pairs)


@pytest.mark.parametrize(
    ("items", "taken"),
    [
        pytest.param([item("09:00:00.0000000", "10:00:00.0000000")], [(540, 600)], id="seven digits"),
        pytest.param([item("09:00:59.9999999", "10:00:00.0000001")], [(540, 601)], id="a ten-millionth over"),
        pytest.param([item("09:00:15", "09:00:45")], [(540, 541)], id="within a minute"),
        pytest.param([item("09:00:30", "09:00:30")], [(540, 541)], id="no length within a minute"),
        pytest.param(
            [item("09:00:00", "09:30:30"), item("09:30:20", "10:00:00")], [(540, 600)], id="seconds overlap"
        ),
        pytest.param(
            [item("2026-10-25T00:00:00.0000000", "2026-10-26T00:00:00.0000000")], [(0, 1440)], id="all day"
        ),
        pytest.param(
            [item("2026-10-20T00:00:00.0000000", "2026-10-28T00:00:00.0000000")], [(0, 1440)], id="many days"
        ),
        pytest.param([item("2026-10-25", "2026-10-26")], [(0, 1440)], id="dates alone"),
        pytest.param(
            [item("2026-10-25T00:00:00", "2026-10-26T00:00:00", "W. Europe Standard Time")],
            [(0, 1380)],
            id="all day elsewhere, 25 hours",
        ),
        pytest.param([item("09:00:00", "10:00:00")] * 3, [(540, 600)], id="the same thrice"),
        pytest.param(
            [item("09:00:00", "12:00:00"), item("10:00:00", "11:00:00")],
            [(540, 720)],
            id="one within another",
        ),
        pytest.param([item("09:00:00", "10:00:00", None)], [(540, 600)], id="no zone is the zone asked for"),
        pytest.param(
            [item("09:00:00", "10:00:00", "tzone://Microsoft/Utc")], [(540, 600)], id="a name of UTC"
        ),
        pytest.param(
            [item("09:00:00", "10:00:00"), item("11:00:00", "11:00:00")], [(540, 600)], id="without length"
        ),
    ],
)
def test_taken(items: list[dict[str, Any]], taken: list[tuple[int, int]]) -> None:
    """Entries of every odd shape take their minutes, seconds widened outwards, and leave the others."""
    found = offered(*items)
    assert ((Cause.BUSY, at(*taken)),) == found.blocked
    assert SpanSet() == found.unknown
    assert SpanSet.of([WINDOW]) - at(*taken) == found.offerable


@pytest.mark.parametrize(
    "status", ["napping", "", None, 7, 2, {}, "busy-ish", "Unknown", "unknownFutureValue", "freeish"]
)
def test_statuses_never_seen(status: Any) -> None:
    """Time of a status that Graph never documented is not offered, and is told."""
    found = offered(item("09:00:00", "10:00:00", status=status))
    assert at((540, 600)) == found.unknown
    assert SpanSet.of([WINDOW]) - at((540, 600)) == found.offerable
    assert [NoteKind.UNKNOWN_STATUS] == [note.kind for note in found.notes]


@pytest.mark.parametrize("status", ["busy", "free", None])
def test_ends_before_it_starts(status: Any) -> None:
    """What lies between an entry's end and its later start is not offered, whatever its status, and is told."""
    found = offered(item("10:00:00", "09:00:00", status=status))
    assert at((540, 600)) == found.unknown
    assert at((0, 540), (600, 1440)) == found.offerable
    (note,) = found.notes
    text = (
        "ana@contoso.test has entries that end before they start, first at 2026-10-25T09:00Z; what is between "
        "is not known."
    )
    assert (NoteKind.REVERSED_ITEMS, text, DAY + 540) == (note.kind, note.text, note.at)


@pytest.mark.parametrize(
    ("zone", "word"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("[]", "neither"),
        ("tzone://Microsoft/Custom", "made up rules"),
        ("Customized Time Zone", "made up rules"),
        ("Mars Standard Time", "neither"),
        ("GMT+6:30", "neither"),
    ],
)
def test_zones_that_name_no_clock(zone: str, word: str) -> None:
    """An entry on a clock that nobody knows makes the mailbox unknown, with the reason."""
    for entry in (
        item("09:00:00", "10:00:00", zone),
        item("09:00:00", "10:00:00") | {"start": time("09:00:00", zone)},
        item("09:00:00", "10:00:00") | {"end": time("10:00:00", zone)},
    ):
        found = offered(item("12:00:00", "13:00:00"), entry)
        assert (SpanSet.of([WINDOW]), SpanSet()) == (found.unknown, found.offerable)
        (note,) = found.notes
        assert NoteKind.PROBLEM == note.kind
        assert word in note.text


@pytest.mark.parametrize(
    "reading",
    [
        "",
        "today",
        "2026-10-25",
        "09:00",
        "2026-10-25T09:00:00+02:00",
        "0001-01-01T00:00:00",
        "2026-02-30T00:00:00",
    ],
)
def test_readings_that_are_none(reading: str) -> None:
    """An entry whose time is no reading makes the mailbox unknown; a bare date is its midnight."""
    entry = item("09:00:00", "10:00:00") | {"start": {"dateTime": reading, "timeZone": "Europe/Amsterdam"}}
    found = read(entry)
    assert (reading == "2026-10-25") == (found.problem is None)


class TestDoubtfulTime:
    @pytest.mark.parametrize(
        ("items", "taken"),
        [
            pytest.param([item("02:15:00", "02:45:00", "Europe/Amsterdam")], (15, 105), id="inside the hour"),
            pytest.param([item("01:30:00", "02:30:00", "Europe/Amsterdam")], (-30, 90), id="ends in it"),
            pytest.param([item("02:30:00", "04:00:00", "Europe/Amsterdam")], (30, 180), id="starts in it"),
            pytest.param([item("02:45:00", "02:15:00", "Europe/Amsterdam")], (45, 75), id="over the change"),
        ],
    )
    def test_repeated(self, items: list[dict[str, Any]], taken: tuple[int, int]) -> None:
        """A repeated start is taken the first time and a repeated end the second, and the entry is marked."""
        span = Span(DAY + taken[0], DAY + taken[1])
        assert (BusyItem(span, Status.BUSY, doubtful=True),) == read(*items).items

    def test_skipped_midnight(self) -> None:
        """An all-day entry on a day whose midnight the clock skips starts too early rather than too late."""
        entry = item("2026-04-24T00:00:00.0000000", "2026-04-25T00:00:00.0000000", "Egypt Standard Time")
        start, end = parse_utc("2026-04-23T21:00Z"), parse_utc("2026-04-24T21:00Z")
        assert (BusyItem(Span(start, end), Status.BUSY, doubtful=True),) == read(entry).items

    def test_told(self) -> None:
        """A mailbox with such entries says so, and those on a clear reading are not marked."""
        found = offered(
            item("05:00:00", "06:00:00", "Europe/Amsterdam"),
            item("02:15:00", "02:45:00", "Europe/Amsterdam"),
        )
        assert ((Cause.BUSY, at((15, 105), (240, 300))),) == found.blocked
        (note,) = found.notes
        text = (
            "ana@contoso.test has entries at local times that their clock shows twice or never, first at "
            "2026-10-25T00:15Z; they are taken for as long as they can mean."
        )
        assert (NoteKind.REPEATED_TIME, text, DAY + 15) == (note.kind, note.text, note.at)

    def test_utc_is_never_doubtful(self) -> None:
        """What comes in UTC, as it is asked for, is never marked, on the night of a change either."""
        assert () == offered(item("00:15:00", "01:45:00")).notes


def test_thousands_of_entries() -> None:
    """Three thousand entries, many of them doubled, are all read and merged."""
    entries = [
        item(f"{n // 60 % 24:02}:{n % 60:02}:00", f"{n // 60 % 24:02}:{n % 60:02}:30") for n in range(3000)
    ]
    found = offered(*entries, *entries)
    assert ((Cause.BUSY, SpanSet.of([WINDOW])),) == found.blocked
    assert SpanSet() == found.offerable
