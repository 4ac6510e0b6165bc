"""Tell how a mailbox's time was read, for whoever wonders why somebody is, or is not, offered."""

from __future__ import annotations

from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import listed_rooms
from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import availability
from scheduler.errors import InputError
from scheduler.planning.explanation import TimeExplanation, explain
from scheduler.planning.hours import default_hours
from scheduler.planning.localtimes import request_window
from scheduler.planning.request import make_request


def explain_time(  # noqa: PLR0917 - who, when, and where to ask
    address: str, between: str, until: str, zone: str, calendars: Calendars, ledger: Ledger, *, organizer: str
) -> TimeExplanation:
    """Hours, entries and layers of one mailbox, by the same functions that `find` uses.

    Args:
        between: a date or local time in `zone`.
        until: the same; a bare date is included.
        organizer: through whose calendar it is asked; the mailbox itself if empty.

    Raises:
        InputError: an address, time or zone that cannot be used, or an address that is nobody's.
        GraphError: Graph could not be read.
    """
    request = make_request(
        {"people": [address], "minutes": 30, "between": between, "and": until, "zone": zone}
    )
    window = request_window(request)
    mailbox = request.people[0].address
    (schedule,) = calendars.read_schedules([mailbox], window.span, as_mailbox=organizer or mailbox)
    if schedule.nobody:
        raise InputError("mailbox", f"Microsoft 365 knows nobody under {mailbox}", "correct the address")
    imported = {record.address for record in ledger.catalogue.rooms()}
    is_room = mailbox in imported | {room.address for room in listed_rooms(calendars) or ()}
    hours = None if is_room else default_hours(request, window)
    free = availability(
        schedule,
        policy=BusyPolicy(),
        default_hours=hours,
        ledger=ledger.claimed([mailbox], window.span)[mailbox],
        constrain_hours=not is_room,
    )
    return explain(schedule, free, window.zone, hours)
