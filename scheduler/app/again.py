"""Reading again, right before anything is written, whether people and rooms are still free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scheduler.app.ports import Calendars, Ledger
from scheduler.booking.booking import Booking
from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, availability
from scheduler.calendars.snapshot import MailboxSchedule
from scheduler.zones import WeeklyHours
from solvers.timeline import Span


def obstacles(
    booking: Booking, addresses: Sequence[str], calendars: Calendars, ledger: Ledger
) -> dict[str, str]:
    """Who of these cannot have the interview's time now, and why, by one fresh read."""
    span = booking.interview.span
    reasons = {}
    for found, schedule in look(booking, addresses, span, calendars, ledger, hours=None):
        if found.unknown:
            why = schedule.problem or "its status is unknown"
            reasons[schedule.address] = f"{schedule.address} could not be read: {why}"
        elif found.blocked_all:
            reasons[schedule.address] = f"{schedule.address} is no longer free at that time"
    return reasons


def look(
    booking: Booking,
    addresses: Sequence[str],
    window: Span,
    calendars: Calendars,
    ledger: Ledger,
    *,
    hours: WeeklyHours | None,
) -> list[tuple[Availability, MailboxSchedule]]:
    """What the window allows each of these, the booking itself being in nobody's way.

    Args:
        hours: the hours of whoever has none; None when working hours do not bind.
    """
    if not addresses:
        return []
    held = ledger.claimed(addresses, window, except_booking=booking.booking_id)
    standing = _standing(booking)
    read = calendars.read_schedules(addresses, window, as_mailbox=booking.interview.organizer)
    return [
        (
            availability(
                without(schedule, standing[schedule.address]) if schedule.address in standing else schedule,
                policy=BusyPolicy(),
                default_hours=hours,
                ledger=held[schedule.address],
                constrain_hours=hours is not None,
            ),
            schedule,
        )
        for schedule in read
    ]


def _standing(booking: Booking) -> dict[str, Span]:
    """In whose calendars the booking may be, and at which time."""
    known = booking.before or booking
    interview, shown = known.interview, {}
    if booking.invitation is not None:
        people = (*interview.busy, interview.organizer)
        shown = dict.fromkeys(people, booking.shown or interview.span)
    if known.room is not None and known.reservation is not None:
        shown[known.room.address] = interview.span
    return shown


def without(schedule: MailboxSchedule, span: Span) -> MailboxSchedule:
    """The mailbox's answer without one entry of exactly this time: the one that we wrote.

    Free/busy does not tell whose entries are. A second entry of the same time stays, and so does all that a mailbox
    shows without entries, because nobody can tell ours in it.
    """
    items = schedule.items or ()
    ours = next((place for place, item in enumerate(items) if item.span == span), None)
    if ours is None:
        return schedule
    # The view was made with our entry in it, so that it would only be told to disagree.
    return replace(schedule, items=(*items[:ours], *items[ours + 1 :]), view=None)
