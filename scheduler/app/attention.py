"""Everything that a person has to decide, with what can be typed about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from scheduler.app import bookings
from scheduler.app.changing import clock_of
from scheduler.app.holding import holding
from scheduler.app.ports import Ledger
from scheduler.app.watch import since_state
from scheduler.booking import repairing, watching
from scheduler.booking.booking import Booking, Concern, ConcernKind
from scheduler.booking.states import ENDED, RESTING, TABLE, State
from scheduler.planning.localtimes import local
from scheduler.zones import iso_utc


class Item(BaseModel):
    """One thing to decide; `start` is on the clock of `zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    booking: str
    start_utc: str
    zone: str
    start: str
    subject: str
    kind: str
    who: str = Field(description="the mailbox that it is about; empty when it is about the booking")
    what: str
    commands: tuple[str, ...]


def attention(ledger: Ledger, *, now: int) -> tuple[Item, ...]:
    """What has to be decided, the earliest interview first; nothing is asked of Graph.

    A booking that is not finished within five minutes is among it, whatever the reason.

    Args:
        now: UTC second.
    """
    found = [
        _item(booking, concern)
        for booking in ledger.bookings()
        if booking.state not in ENDED
        for concern in _open(booking, ledger, now)
    ]
    return tuple(sorted(found, key=lambda item: (item.start_utc, item.booking)))


def settle(booking_id: str, ledger: Ledger) -> int:
    """Let everything that is to be decided about the booking stay as it is; returns how much that was.

    It is listed again only if something else happens.

    Raises:
        NotFound: there is no such booking.
        Busy: another process works on the booking.
    """
    with holding(booking_id, ledger):
        booking = bookings.one(booking_id, ledger)
        settled = tuple(
            replace(concern, settled=concern.kind is not ConcernKind.STUCK) for concern in booking.concerns
        )
        count = sum(
            not before.settled and after.settled
            for before, after in zip(booking.concerns, settled, strict=True)
        )
        if count:
            reason = "a person lets it be so: " + "; ".join(each.text for each in settled if each.settled)
            ledger.save(replace(booking, concerns=settled, reason=reason))
        return count


def _open(booking: Booking, ledger: Ledger, now: int) -> Iterator[Concern]:
    waits = booking.state not in RESTING or booking.state is State.PENDING
    if waits:
        waited = now - since_state(ledger.history(booking.booking_id))
        if waited >= watching.STUCK_SECONDS:
            yield from _stuck(booking, waited)
    elif booking.interview.span.start * 60 > now:
        known = [concern for concern in booking.concerns if concern.kind is not ConcernKind.STUCK]
        if booking.state is State.ROOM_DECLINED and not any(each.kind is ConcernKind.ROOM for each in known):
            known.append(Concern(ConcernKind.ROOM, "", f"there is no room: {booking.reason}"))
        yield from (concern for concern in known if not concern.settled)


def _stuck(booking: Booking, waited: int) -> Iterator[Concern]:
    failures = [concern.text for concern in booking.concerns if concern.kind is ConcernKind.STUCK]
    why = failures or [each for each in (TABLE[booking.state].meaning, booking.reason) if each]
    minutes = f"for {waited // 60} minutes"
    yield Concern(ConcernKind.STUCK, "", f"not finished {minutes}: {'; '.join(why)}")


def _item(booking: Booking, concern: Concern) -> Item:
    zone = clock_of(booking)
    return Item(
        booking=booking.booking_id,
        start_utc=iso_utc(booking.interview.span.start),
        zone=zone.key,
        start=local(zone, booking.interview.span.start),
        subject=booking.interview.subject,
        kind=concern.kind.value,
        who=concern.who,
        what=concern.text,
        commands=concern.commands or repairing.commands(booking, concern),
    )
