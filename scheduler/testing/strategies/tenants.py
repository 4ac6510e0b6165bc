"""Whole emulated organizations."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from scheduler.emulator.tenant import Tenant
from scheduler.testing.clocks import EPOCH, changes
from scheduler.testing.hypothesis_door import InvalidArgument, st
from scheduler.testing.strategies.arguments import check_whole
from scheduler.testing.strategies.people import busy_entries

CLOCKS: tuple[Any, ...] = (
    "UTC",
    "Europe/Amsterdam",
    "W. Europe Standard Time",
    "Eastern Standard Time",
    "India Standard Time",
    "Lord Howe Standard Time",
    "Egypt Standard Time",
    {
        "bias": 300,
        "standard": {"month": 11, "day_occurrence": 1, "time": "02:00"},
        "daylight": {"month": 3, "day_occurrence": 2, "time": "02:00"},
    },
)
"""How working hours name their clock: IANA, Windows, or by rules, here those of New York."""

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def tenants(
    first: date | None = None,
    *,
    days: int = 3,
    max_people: int = 3,
    max_rooms: int = 3,
    max_events: int = 5,
    errors: bool = True,
) -> st.SearchStrategy[Tenant]:
    """Tenants with one app that may read and write everything, whose calendars matter on some days.

    Args:
        first: the first day, in UTC; if absent, a day on which some clock of CLOCKS changes in 2026 to 2028.
        days: how many days matter, at least 1.
        max_people: at least 1; the addresses are `p0@x.example` and so on.
        max_rooms: 0 or more; the addresses are `r0@x.example` and so on.
        max_events: of each calendar.
        errors: whether a mailbox may answer free/busy with an error, or live on premises.

    Raises:
        InvalidArgument: an argument out of range.
    """
    if first is not None and (isinstance(first, datetime) or not isinstance(first, date)):
        raise InvalidArgument(f"first={first!r} is not a date")
    for name, value, least in (
        ("days", days, 1),
        ("max_people", max_people, 1),
        ("max_rooms", max_rooms, 0),
        ("max_events", max_events, 0),
    ):
        check_whole(name, value, least=least)

    def on(day: date) -> st.SearchStrategy[Tenant]:
        midnight = datetime.combine(day, time(), UTC)
        start = (midnight - EPOCH) // timedelta(minutes=1)
        events = st.lists(
            busy_entries(start, start + days * 1440).map(
                lambda entry: {
                    "start": (EPOCH + timedelta(minutes=entry.start)).isoformat(),
                    "end": (EPOCH + timedelta(minutes=entry.end)).isoformat(),
                    "show_as": entry.status,
                }
            ),
            max_size=max_events,
        )
        failure = st.none() | st.just("ErrorNoFreeBusyAccess") if errors else st.none()
        person = st.fixed_dictionaries(
            {
                "working_hours": st.none() | _hours(),
                "events": events,
                "free_busy_error": failure,
                "mailbox": st.sampled_from(("cloud", "on_premises")) if errors else st.just("cloud"),
            }
        )
        room = st.fixed_dictionaries(
            {
                "capacity": st.sampled_from((6, 2, 4, None)),
                "booking_type": st.sampled_from(("standard", "standard", "reserved")),
                "events": events,
                "free_busy_error": failure,
            }
        )
        return st.builds(
            lambda people, rooms: Tenant.model_validate(
                {
                    "id": "7a11a11e-0000-4000-8000-000000000001",
                    "domain": "x.example",
                    "clock": midnight - timedelta(days=2),
                    "apps": [
                        {
                            "client_id": "7a11a11e-0000-4000-8000-0000000000aa",
                            "secret": "drawn",
                            "grants": [{"role": "Calendars.ReadWrite"}, {"role": "Place.Read.All"}],
                        }
                    ],
                    "people": [
                        {"address": f"p{index}@x.example", **each} for index, each in enumerate(people)
                    ],
                    "rooms": [
                        {"address": f"r{index}@x.example", "name": f"Room {index}", **each}
                        for index, each in enumerate(rooms)
                    ],
                }
            ),
            st.lists(person, min_size=1, max_size=max_people),
            st.lists(room, max_size=max_rooms),
        )

    return (st.sampled_from(_nasty_days()) if first is None else st.just(first)).flatmap(on)


def _hours() -> st.SearchStrategy[dict[str, Any]]:
    edges = st.sampled_from((("08:00", "17:00"), ("00:30", "09:00"), ("22:00", "06:00")))
    return st.builds(
        lambda edge, days, clock: {"start": edge[0], "end": edge[1], "days": days, "time_zone": clock},
        edges,
        st.just(list(_DAYS[:5])) | st.lists(st.sampled_from(_DAYS), max_size=7, unique=True),
        st.sampled_from(CLOCKS),
    )


def _nasty_days() -> list[date]:
    ordinary = date(2026, 6, 1)
    places = ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo")
    return [ordinary] + [
        (EPOCH + timedelta(minutes=change.minute)).date() for place in places for change in changes(place)
    ]
