"""Costs and blockers in plain English."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler.directory.rooms import Room
from scheduler.planning.compile import Compiled
from scheduler.planning.localtimes import local
from solvers.scoring import Cost, Slot
from solvers.slots import Blocker, Source
from solvers.timeline import Span


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 room`, `2 rooms`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def label(compiled: Compiled, address: str) -> str:
    """How a person or room is called in sentences: by name, else by as much of the address as tells them apart."""
    names = {person.address: person.name for person in compiled.request.people}
    return called(address, names, compiled.rooms)


def called(address: str, people: Mapping[str, str], rooms: Mapping[str, Room]) -> str:
    """How one of these people or rooms is called in sentences.

    Args:
        people: names, which may be empty, by address.
    """
    if address in rooms:
        return rooms[address].name
    short = address.partition("@")[0]
    alike = [person for person in people if person.partition("@")[0] == short]
    return people.get(address, "") or (short if len(alike) == 1 else address)


def why_cost(compiled: Compiled, slot: Slot, cost: Cost) -> str:
    """What a term of this slot's cost stands for."""
    match cost.term:
        case "earliness":
            return f"starts {count(cost.units, 'hour')} into the time allowed"
        case "tentative":
            if not slot.soft:
                return "nothing tentative is in the way"
            names = ", ".join(label(compiled, address) for address in slot.soft)
            return f"{count(cost.units, 'minute')} over tentative entries of {names}"
        case "optional_missing":
            if not slot.missing:
                return "nobody is missing"
            return "without " + ", ".join(label(compiled, address) for address in slot.missing)
        case "preferred_hours":
            return _of_people(compiled, slot, cost, "outside preferred hours", preferred=True)
        case "day_part":
            return _of_people(
                compiled, slot, cost, "early, at lunch or late on their own clock", preferred=False
            )
        case "room_fit":
            if slot.room is None:
                return "no room was asked for"
            return f"{count(cost.units, 'chair')} more than needed"
        case term:
            raise AssertionError(f"no words for the term {term}")


def reasons(compiled: Compiled, slot: Slot) -> tuple[str, ...]:
    """Why this slot, in the order a person would ask."""
    required = count(len(compiled.query.required), "required person", "required people")
    said = [f"{required} free" if not slot.soft else f"{required} free or only tentatively busy"]
    optional = [address for address in slot.attending if not _is_required(compiled, address)]
    if optional:
        said.append(", ".join(label(compiled, address) for address in optional) + " can join")
    said.extend(
        why_cost(compiled, slot, cost)
        for cost in slot.costs
        if cost.units and cost.term not in {"earliness", "room_fit"}
    )
    if slot.room is not None:
        room = compiled.rooms[slot.room]
        spare = next(cost.units for cost in slot.costs if cost.term == "room_fit")
        fit = "just large enough" if spare == 0 else f"{count(spare, 'chair')} to spare"
        others = (
            f", {count(len(slot.alternatives), 'other room')} free"
            if slot.alternatives
            else ", no other room free"
        )
        said.append(f"{room.name} seats {room.seats}, {fit}{others}")
    return tuple(said)


def why_blocked(compiled: Compiled, blocker: Blocker, considered: int) -> tuple[str, str]:
    """Who stands in the way, and how."""
    parts = []
    match blocker.source:
        case Source.ATTENDEE:
            who = label(compiled, blocker.key or "")
            if blocker.outside:
                parts.append(f"{blocker.outside} outside working hours")
            if blocker.blocked:
                parts.append(f"{blocker.blocked} busy, out of office or booked by us")
        case Source.CANDIDATE:
            who = "the candidate"
            if blocker.outside:
                parts.append(f"{blocker.outside} outside the times the candidate offered")
        case Source.ROOMS:
            who = "rooms"
            if blocker.outside + blocker.blocked:
                parts.append(f"{blocker.outside + blocker.blocked} with no suitable room free")
    if blocker.unknown:
        parts.append(f"{blocker.unknown} unknown")
    why = f"of {count(considered, 'start')}: " + (", ".join(parts) if parts else "none forbidden")
    if blocker.alone:
        why += f"; {count(blocker.alone, 'start')} would open without this"
    return who, why


def _is_required(compiled: Compiled, address: str) -> bool:
    return any(person.address == address and person.required for person in compiled.request.people)


def _of_people(compiled: Compiled, slot: Slot, cost: Cost, what: str, *, preferred: bool) -> str:
    if not cost.units:
        return f"nobody is asked {what}"
    meeting = Span(slot.start, slot.end)
    named = []
    for attendee in compiled.query.attendees:
        key = attendee.calendar.key
        if key not in slot.attending:
            continue
        if preferred:
            wished = attendee.preferred
            minutes = 0 if wished is None else meeting.minutes - wished.minutes_in(meeting)
        else:
            minutes = attendee.dislikes.minutes_in(meeting)
        if minutes:
            zone = compiled.people[key].zone or compiled.window.zone
            named.append(f"{label(compiled, key)} (from {local(zone, slot.start)[11:]})")
    return f"{count(cost.units, 'minute')} {what}: {', '.join(named)}"
