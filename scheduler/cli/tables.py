"""Slots and bookings as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.booking.document import BookingDocument
from scheduler.planning.answer import Slot, SlotCandidate, SlotPerson, SlotRoom, Slots
from scheduler.planning.explanation import TimeExplanation
from scheduler.planning.sentences import count
from scheduler.store.store import JournalEntry

SHOWN_ALTERNATIVES = 3

STATES = {
    "claimed": "claimed, nothing sent yet",
    "invited": "people invited",
    "reserving": "reserving the room",
    "proving": "waiting for the room",
    "telling": "naming the room",
    "pending": "room needs approval",
    "freeing": "room said no",
    "room_declined": "room declined",
    "undone": "not booked",
}
"""How states are called where people read; the others are called what they are."""


def print_slots(slots: Slots, console: Console) -> None:
    """The ranked slots with their reasons, or what stands in the way; then what could not be read."""
    asked = f"{slots.minutes} minutes {window_text(slots.window)}, {slots.zone}"
    if slots.slots:
        more = f", the best {len(slots.slots)} of them:" if len(slots.slots) < slots.feasible else ":"
        line(console, f"{slots.feasible} of {slots.considered} starts fit for {asked}{more}")
        for rank, slot in enumerate(slots.slots, start=1):
            console.print()
            console.print(_block(rank, slot))
        console.print()
        line(console, "Fewer points are better. Book one with: slotwright book SLOT")
    else:
        line(console, f"No slot: none of {slots.considered} starts fits for {asked}.")
        if slots.blockers:
            table = Table("who", "what stands in the way", pad_edge=False)
            for blocker in slots.blockers:
                table.add_row(Text(blocker.who), Text(blocker.why))
            console.print(table)
    for unread in slots.unread:
        line(console, f"unknown: {unread.reason}")
    for note in slots.notes:
        line(console, f"note: {note}")


def print_booking(booking: BookingDocument, history: Sequence[JournalEntry], console: Console) -> None:
    """One booking: what, where it stands, what to do next, and how it came there."""
    table = Table(show_header=False, pad_edge=False, box=None)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    rows = [
        ("booking", booking.id),
        *([] if booking.place is None else [("loop", f"{booking.place.session} of {booking.place.loop}")]),
        ("when", f"{moment(booking.start)}–{booking.end[11:]} {booking.zone}"),
        ("what", f"{booking.subject}, organized by {booking.organizer}"),
        ("invited", ", ".join(guest.name or guest.address for guest in booking.guests) or "nobody else"),
        ("room", room_line(booking)),
        ("state", state_text(booking.state) + (f": {booking.reason}" if booking.reason else "")),
    ]
    rows += [("refused", f"{room.name}: {room.reason}") for room in booking.refused_rooms]
    if booking.state == "room_declined":
        if booking.next_rooms:
            rows.append(
                ("next", f"{booking.next_rooms[0].name} was free as well: slotwright room {booking.id}")
            )
        else:
            rows.append(("next", f"name a room: slotwright room {booking.id} ADDRESS, or cancel the booking"))
    for name, value in rows:
        table.add_row(name, Text(value))
    console.print(table)
    for entry in history:
        at = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        reason = f": {entry.reason}" if entry.reason else ""
        console.print(f"  {at}  {state_text(entry.state)}{reason}", markup=False)


def print_bookings(bookings: Sequence[BookingDocument], console: Console) -> None:
    """All bookings, a line each."""
    if not bookings:
        console.print(
            "No bookings yet. Find a slot with `slotwright find` and book it with `slotwright book`."
        )
        return
    table = Table("booking", "when", "what", "room", "state", pad_edge=False)
    for booking in bookings:
        table.add_row(
            booking.id,
            Text(f"{moment(booking.start)}–{booking.end[11:]} {booking.zone}"),
            Text(booking.subject),
            Text(room_line(booking)),
            state_text(booking.state),
        )
    console.print(table)


def print_explanation(found: TimeExplanation, console: Console) -> None:
    """The hours, the entries as they came, and the layers that were made of them, day by day."""
    line(console, f"{found.address}, clock of {found.zone}")
    line(console, f"hours: {found.hours}")
    line(console, "layers, as what was read makes them:" if found.stretches else "Nothing was read.")
    layers = Table("layer", found.zone, "UTC", "what", pad_edge=False)
    for each in found.stretches:
        what = each.what if each.layer == "offered" else f"{each.what}, {each.source}"
        layers.add_row(each.layer, *_both(each.start, each.end, each.start_utc, each.end_utc), Text(what))
    console.print(layers)
    line(console, "entries, as they came:" if found.entries else "The calendar showed no entries.")
    if found.entries:
        entries = Table("status", found.zone, "UTC", pad_edge=False)
        for entry in found.entries:
            entries.add_row(entry.status, *_both(entry.start, entry.end, entry.start_utc, entry.end_utc))
        console.print(entries)
    for note in found.notes:
        line(console, f"note: {note}")


def moment(local: str) -> str:
    """`2026-11-23T15:00` as `Mon 23 Nov 2026 15:00`."""
    return datetime.fromisoformat(local).strftime("%a %d %b %Y %H:%M")


def window_text(window: tuple[str, str]) -> str:
    """A window of local times in words; whole days are named as days, the last one included."""
    start, end = (datetime.fromisoformat(text) for text in window)
    first = f"{start:%a %d %b %Y}" if start.time() == time() else f"{start:%a %d %b %Y %H:%M}"
    last = f"{end - timedelta(days=1):%a %d %b %Y}" if end.time() == time() else f"{end:%a %d %b %Y %H:%M}"
    return f"on {first}" if first == last else f"from {first} to {last}"


def line(console: Console, text: str) -> None:
    """A line of plain text, as long as it is."""
    console.print(text, markup=False, soft_wrap=True)


def _both(start: str, end: str, start_utc: str, end_utc: str) -> tuple[str, str]:
    """A stretch on the local clock and in UTC; dates are repeated only where they differ."""
    shown = _stretch(start, end)
    if start[:10] == end[:10] == start_utc[:10] == end_utc[:10]:
        return shown, f"{start_utc[11:16]}–{end_utc[11:16]}"
    return shown, _stretch(start_utc.removesuffix("Z"), end_utc.removesuffix("Z"))


def _stretch(start: str, end: str) -> str:
    """`Mon 23 Nov 2026 15:00` to the end, with the second date where it is another one."""
    first, last = moment(start), moment(end)
    return f"{first}–{last[-5:]}" if start[:10] == end[:10] else f"{first} – {last}"


def _block(rank: int, slot: Slot) -> Table:
    day, clock = moment(slot.start).rsplit(" ", 1)
    head = Text.assemble(
        f"{day}  ",
        (f"{clock}–{slot.end[11:]}", "bold"),
        f"  {slot.zone}  ",
        (slot.id, "cyan"),
        f"  {count(slot.score.total, 'point')}",
    )
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True, width=4)
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    table.add_row(Text(str(rank), style="bold"), "when", head)
    table.add_row("", "clocks", Text(" · ".join(_clocks(slot))))
    if slot.room is not None:
        table.add_row("", "room", _rooms(slot.room, slot.alternatives))
    table.add_row("", "why", Text("; ".join(slot.reasons)))
    for note in slot.notes:
        table.add_row("", "clock", Text(note))
    costs = [f"{term.term.replace('_', ' ')} {term.cost}" for term in slot.score.terms if term.cost]
    table.add_row("", "points", Text(" + ".join(costs) or "nothing speaks against it"))
    return table


def _clocks(slot: Slot) -> list[str]:
    lines = []
    for person in slot.people:
        called = person.name or person.address.partition("@")[0]
        lines.append(_clock(slot, called, person) + ("" if person.attends else " (cannot come)"))
    if slot.candidate is not None:
        called = slot.candidate.name or slot.candidate.address or "candidate"
        lines.append(_clock(slot, called, slot.candidate))
    return lines


def _clock(slot: Slot, called: str, their: SlotPerson | SlotCandidate) -> str:
    other_day = "" if their.start[:10] == slot.start[:10] else f" on {moment(their.start)[:10]}"
    return f"{called} {their.start[11:]}–{their.end[11:]}{other_day} {their.zone}"


def _rooms(room: SlotRoom, alternatives: Sequence[SlotRoom]) -> Text:
    others = [other.name for other in alternatives[:SHOWN_ALTERNATIVES]]
    more = len(alternatives) - len(others)
    text = Text(_room(room))
    if others:
        text.append(f"; also free: {', '.join(others)}" + (f" and {more} more" if more else ""))
    return text


def _room(room: SlotRoom) -> str:
    where = ", ".join(
        part
        for part in (
            room.building or "",
            f"floor {room.floor}" if room.floor is not None else "",
            f"{room.seats} seats" if room.seats is not None else "",
        )
        if part
    )
    return f"{room.name} ({where})" if where else room.name


def state_text(state: str) -> str:
    """What people call a state of a booking."""
    return STATES.get(state, state)


def room_line(booking: BookingDocument) -> str:
    """The room of a booking, how it is reserved and how that stands."""
    if booking.room is None:
        return "none"
    route = {"direct": ", direct", "scheduler": ", via Scheduler", None: ""}[booking.room.route]
    asked = "asked" if booking.room.state == "written" else booking.room.state
    return f"{booking.room.name}{route}, {asked}"
