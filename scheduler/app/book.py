"""Book a slot that was found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace

from scheduler.app.bookings import bring_up_to_date
from scheduler.app.drive import Driver
from scheduler.app.ports import Ledger
from scheduler.booking.booking import Booking, Interview, Key, RoomChoice
from scheduler.booking.events import Guest, GuestKind
from scheduler.errors import InputError, NotFound
from scheduler.planning.answer import Slot, SlotRoom, read_slot
from scheduler.zones import parse_utc
from solvers.timeline import Span

MAXIMUM_MINUTES = 24 * 60
LONGEST_KEY = 255


def book(
    slot: Slot,
    ledger: Ledger,
    driver: Driver,
    *,
    organizer: str,
    new_id: Callable[[], str],
    wait: bool,
    key: str = "",
    begun: Callable[[Booking], None] = lambda _: None,
) -> Booking:
    """Claim the slot, invite the people, reserve the room and wait for its proof.

    A slot that is booked already is not booked again: its booking is driven on, if need be, and returned. So is what
    was booked with the same key, however it ended.

    Args:
        organizer: whose calendar the invitation goes into when the slot names nobody.
        new_id: makes an id that no other booking has.
        wait: whether to wait for the room's answer.
        key: the caller's idempotency key, or empty.
        begun: told about the booking as soon as it is in the ledger.

    Raises:
        InputError: the slot's times cannot be used, nobody is named as organizer, or the key was used for something
        else.
        Taken: the ledger holds somebody or the room for another booking; nothing was done.
        GraphError: Graph failed midway; the booking is in the ledger and `show` drives it on.
    """
    asked = booking_of(slot, organizer=organizer, booking_id=new_id())
    asked = replace(asked, key=key_of(key, slot.id, asked.interview.organizer))
    standing = ledger.reserve_together([asked])
    begun(standing[0])
    return bring_up_to_date(standing[0], ledger, driver, wait=wait)


def key_of(text: str, *body: str) -> Key | None:
    """The idempotency key of a request with this body; None if no key is given.

    Raises:
        InputError: it is too long, or has no visible character.
    """
    if not text:
        return None
    if not text.strip() or len(text) > LONGEST_KEY:
        raise InputError("key", "cannot be used", f"pass 1 to {LONGEST_KEY} characters, such as a UUID")
    return Key(text, hashlib.sha256(json.dumps(body).encode()).hexdigest())


def known(text: str, ledger: Ledger, *, called: str, remedy: str) -> str:
    """The document of something that a search has found, by its id.

    Args:
        called: what it is.

    Raises:
        NotFound: no search has found it.
    """
    found = ledger.offer(text.strip())
    if found is None:
        raise NotFound(called, f"no {called} {text.strip()!r} was found from here", remedy)
    return found


def known_slot(text: str, ledger: Ledger) -> Slot:
    """A slot by its id.

    Raises:
        NotFound: no search has found it.
        InputError: it was kept in a form that is not known any more.
    """
    remedy = "run `slotwright find` and use an id that it shows"
    return read_slot(known(text, ledger, called="slot", remedy=remedy))


def booking_of(slot: Slot, *, organizer: str, booking_id: str) -> Booking:
    """What is asked for with a slot, nothing of it done yet.

    Raises:
        InputError: the slot's times cannot be used, or nobody is named as organizer.
    """
    inviting = slot.interview.organizer or organizer
    if not inviting:
        raise InputError(
            "organizer",
            "nobody is named whose calendar the invitation goes into",
            "pass --organizer, or set organizer in the settings",
        )
    span = span_of(slot)
    attending = [person for person in slot.people if person.attends]
    guests = [
        Guest(person.address, person.name, GuestKind.REQUIRED if person.required else GuestKind.OPTIONAL)
        for person in attending
        if person.address != inviting
    ]
    if slot.candidate is not None and slot.candidate.address is not None:
        guests.append(Guest(slot.candidate.address, slot.candidate.name, GuestKind.REQUIRED))
    return Booking(
        booking_id=booking_id,
        interview=Interview(
            slot_id=slot.id,
            span=span,
            zone=slot.zone,
            organizer=inviting,
            subject=slot.interview.subject,
            text=slot.interview.text,
            guests=tuple(guests),
            busy=tuple(person.address for person in attending),
            online_meeting=slot.interview.online_meeting,
            stand_ins=tuple((person.address, person.stand_ins) for person in attending if person.stand_ins),
        ),
        room=None if slot.room is None else room_choice(slot.room),
        alternatives=tuple(room_choice(room) for room in slot.alternatives),
    )


def span_of(slot: Slot) -> Span:
    """The time of a slot, in UTC minutes.

    Raises:
        InputError: it cannot be read, or is no time that an interview can take.
    """
    try:
        start, end = parse_utc(slot.start_utc), parse_utc(slot.end_utc)
    except ValueError as error:
        raise InputError(
            "start_utc", str(error).rstrip("."), "pass a slot as `find --json` gave it"
        ) from None
    if not start < end <= start + MAXIMUM_MINUTES:
        raise InputError(
            "end_utc",
            f"{slot.end_utc} is not within a day after {slot.start_utc}",
            "pass a slot as `find --json` gave it",
        )
    return Span(start, end)


def room_choice(room: SlotRoom) -> RoomChoice:
    """A room of a slot as one that a booking may take."""
    return RoomChoice(room.address, room.name)
