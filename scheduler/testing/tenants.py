"""A small tenant in which every kind of person and room that a booking can meet exists once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scheduler.emulator.tenant import Tenant

DOMAIN = "small.example"
START = datetime(2026, 3, 2, 6, tzinfo=UTC)
"""A Monday; the tenant's calendars are empty."""

RECRUITER = f"rita@{DOMAIN}"
SCHEDULING_USER = f"scheduling@{DOMAIN}"
ANA = f"ana@{DOMAIN}"
BEN = f"ben@{DOMAIN}"
CHITRA = f"chitra@{DOMAIN}"
"""Interviewers in Amsterdam, New York and Kolkata, 08:00-17:00 on their own clocks."""

OPEN_ROOM = f"room.open@{DOMAIN}"
WALLED_ROOM = f"room.walled@{DOMAIN}"
HIDDEN_ROOM = f"room.hidden@{DOMAIN}"
APPROVAL_ROOM = f"room.approval@{DOMAIN}"
PICKY_ROOM = f"room.picky@{DOMAIN}"
SILENT_ROOM = f"room.silent@{DOMAIN}"
"""Rooms of six seats: writable; answering; answering unread; asking a delegate; refusing us; never answering."""

READABLE_ROOMS = (OPEN_ROOM, WALLED_ROOM, APPROVAL_ROOM, PICKY_ROOM, SILENT_ROOM)
CLIENT_SECRET = "small-secret"  # noqa: S105 - opens an emulated tenant only
OUTSIDER = "5a11a11e-0000-4000-8000-0000000000bb"
"""Client id of a second app with every right, which plays the people who use Outlook themselves."""


def small_tenant(*, writable: tuple[str, ...] = (OPEN_ROOM,)) -> Tenant:
    """The tenant; invitations and rooms take one second each.

    Args:
        writable: the rooms whose calendars the app may write.
    """
    rooms: dict[str, dict[str, Any]] = {
        OPEN_ROOM: {},
        WALLED_ROOM: {},
        HIDDEN_ROOM: {},
        APPROVAL_ROOM: {"automate": "AutoUpdate"},
        PICKY_ROOM: {"book_in_policy": [ANA]},
        SILENT_ROOM: {"automate": "None"},
    }
    people = {RECRUITER: "Europe/Amsterdam", SCHEDULING_USER: "UTC", ANA: "Europe/Amsterdam"}
    people |= {BEN: "Eastern Standard Time", CHITRA: "India Standard Time"}
    return Tenant.model_validate(
        {
            "id": "5a11a11e-0000-4000-8000-000000000001",
            "domain": DOMAIN,
            "clock": START,
            "apps": [
                {
                    "client_id": "5a11a11e-0000-4000-8000-0000000000aa",
                    "secret": CLIENT_SECRET,
                    "grants": [
                        {"role": "Place.Read.All"},
                        {"role": "Calendars.Read", "over": [*people, *READABLE_ROOMS]},
                        {"role": "Calendars.ReadWrite", "over": [RECRUITER, SCHEDULING_USER, *writable]},
                    ],
                },
                {
                    "client_id": OUTSIDER,
                    "name": "Outlook",
                    "secret": CLIENT_SECRET,
                    "grants": [{"role": "Calendars.ReadWrite"}],
                },
            ],
            "people": [
                {"address": address, "time_zone": zone, "name": address.partition("@")[0].title()}
                for address, zone in people.items()
            ],
            "rooms": [
                {
                    "address": address,
                    "name": address.partition("@")[0].partition(".")[2].title(),
                    "building": "Main",
                    "capacity": 6,
                    "attendant": {"delay_seconds": 1, **attendant},
                }
                for address, attendant in rooms.items()
            ],
            "options": {"delivery_seconds": 1},
        }
    )
