"""Hours that a request brings: several blocks a day, nights, days off, one-off hours, another clock."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.calendars.snapshot import MailboxSchedule, UnreadableHours
from scheduler.errors import InputError
from scheduler.planning.hours import default_hours, with_own_hours
from scheduler.planning.localtimes import request_window
from scheduler.planning.request import FindRequest, make_request
from scheduler.zones import DayBlock, NamedZone, WeeklyHours, expand, format_wall, wall_at

NEW_YORK = WeeklyHours(tuple(DayBlock(day, 480, 1020) for day in range(5)), NamedZone("America/New_York"))


def worked(person: dict[str, Any], hours: object = NEW_YORK, **changes: Any) -> list[str]:
    """What somebody works from Monday 21 to Wednesday 23 December 2026, on their own clock."""
    request: FindRequest = make_request(
        {
            "people": [{"address": "ana@x.example", **person}],
            "minutes": 60,
            "between": "2026-12-21",
            "and": "2026-12-23",
            "zone": "Europe/Amsterdam",
            **changes,
        }
    )
    window = request_window(request)
    schedule = MailboxSchedule("ana@x.example", window.span, (), hours=hours)  # type: ignore[arg-type]
    own = with_own_hours(schedule, request, request.people[0], window, "people.0").hours
    if isinstance(own, UnreadableHours):
        return [own.reason]
    used = own or default_hours(request, window)
    return [
        f"{format_wall(wall_at(used.zone, span.start))[8:]}/{format_wall(wall_at(used.zone, span.end))[8:]}"
        for span in expand(used, window.span)
    ]


def test_the_mailbox_decides_by_default() -> None:
    """Without a word in the request the mailbox's hours stand."""
    assert ["21T08:00/21T17:00", "22T08:00/22T17:00", "23T08:00/23T17:00"] == worked({})


def test_several_blocks_a_day() -> None:
    """A morning and an afternoon, on the mailbox's clock."""
    blocks = [
        {"from": "08:00", "to": "10:00", "days": ["monday"]},
        {"from": "14:00", "to": "16:00", "days": ["monday"]},
    ]
    assert ["21T08:00/21T10:00", "21T14:00/21T16:00"] == worked({"hours": blocks})


def test_a_night() -> None:
    """An end that is not after the start is on the next day."""
    night = [{"from": "20:00", "to": "04:00", "days": ["monday"]}]
    assert ["21T20:00/22T04:00"] == worked({"hours": night, "zone": "Europe/Amsterdam"})


def test_the_whole_day() -> None:
    """Midnight to 24:00 is a day."""
    assert ["22T00:00/23T00:00"] == worked(
        {"hours": [{"from": "00:00", "to": "24:00", "days": ["tuesday"]}], "zone": "Europe/Amsterdam"}
    )


def test_a_day_off_for_everybody() -> None:
    """A holiday takes the date out of everybody's own calendar, also where hours are assumed."""
    assert ["21T08:00/21T17:00", "23T08:00/23T17:00"] == worked({}, days_off=["2026-12-22"])
    assert ["21T08:00/21T17:00", "23T08:00/23T17:00"] == worked({}, None, days_off=["2026-12-22"])


def test_hours_for_once() -> None:
    """A person's own word for a date stands above everybody's day off."""
    exceptions = [{"date": "2026-12-22", "hours": [{"from": "10:00", "to": "12:00"}]}, {"date": "2026-12-23"}]
    expected = ["21T08:00/21T17:00", "22T10:00/22T12:00"]
    assert expected == worked({"exceptions": exceptions}, days_off=["2026-12-22"])


def test_an_unreadable_clock_stays_unknown() -> None:
    """Hours without a clock to put them on are not guessed."""
    unreadable = UnreadableHours("nobody knows this zone")
    hours = [{"from": "08:00", "to": "10:00", "days": ["monday"]}]
    assert ["nobody knows this zone"] == worked({"hours": hours}, unreadable)
    assert ["21T08:00/21T10:00"] == worked({"hours": hours, "zone": "Asia/Tokyo"}, unreadable)


@pytest.mark.parametrize(
    ("person", "message"),
    [
        ({"hours": [{"from": "08:00", "to": "08:00"}]}, r"^people\.0\.hours\.0: hours from 08:00 to 08:00"),
        ({"zone": "Mars"}, r"^people\.0\.zone: 'Mars' is neither"),
        (
            {"exceptions": [{"date": "2026-12-22"}, {"date": "2026-12-22"}]},
            r"^people\.0\.exceptions: There are two sets",
        ),
        (
            {"exceptions": [{"date": "2026-02-30"}]},
            r"^people\.0\.exceptions\.0\.date: '2026-02-30' cannot be used",
        ),
    ],
)
def test_hours_that_cannot_be_used(person: dict[str, Any], message: str) -> None:
    """The field and what is wrong with it."""
    with pytest.raises(InputError, match=message):
        worked(person)
