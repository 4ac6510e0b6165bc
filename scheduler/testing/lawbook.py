"""What every slot search has to keep, law by law; `scheduler.testing.laws` puts them to a `find`.

A law looks at a case and, for most laws, at one harmless or telling change of it. It names what it found wrong in a
sentence, or finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scheduler.testing import oracle
from scheduler.testing.clocks import utc
from scheduler.testing.hypothesis_door import st
from scheduler.testing.strategies.people import busy_entries, people, rooms
from scheduler.testing.vocabulary import Busy, Case, Find, Person, Room, Slot

_MOST_EXTRA = 90  # minutes by which a meeting is made longer, or a window wider


@dataclass(frozen=True)
class Law:
    """One law.

    Args:
        name: how tests and errors name it.
        says: the law in one sentence.
        change: the strategy of what is changed about a case.
        broken: what a `find` gets wrong in a case with that change, as a sentence; None when nothing.
    """

    name: str
    says: str
    change: Callable[[Case], st.SearchStrategy[Any]]
    broken: Callable[[Find, Case, Any], str | None]


def _answer(find: Find, case: Case) -> list[Slot]:
    return list(find(case.people, case.rooms, case.request))


def _starts(find: Find, case: Case) -> set[int]:
    return {slot.start for slot in find(case.people, case.rooms, case.request)}


def _nothing(_: Case) -> st.SearchStrategy[None]:
    return st.none()


def _shown(slot: Slot) -> str:
    where = f" in {slot.room}" if slot.room else ""
    return f"{utc(slot.start)} to {utc(slot.end)}{where}"


def _differ(before: set[int], after: set[int], what: str) -> str | None:
    """The first start that is only before or only after a change."""
    for minute in sorted(before ^ after):
        return f"{what}, a slot at {utc(minute)} {'disappears' if minute in before else 'appears'}"
    return None


def _as_asked(find: Find, case: Case, _: None) -> str | None:
    asked, seen = case.request, set()
    keys = [person.key for person in case.people]
    places = {room.key for room in case.rooms} if asked.needs_room else {None}
    for slot in _answer(find, case):
        if slot.start < asked.window[0] or slot.end > asked.window[1]:
            return f"{_shown(slot)} is not inside the window"
        if slot.end - slot.start != asked.minutes:
            return f"{_shown(slot)} does not last {asked.minutes} minutes"
        if slot.start % asked.grid:
            return f"{_shown(slot)} does not start on the grid of {asked.grid} minutes"
        if sorted(slot.people) != sorted(keys):
            return f"{_shown(slot)} is for {slot.people}, but asked were {tuple(keys)}"
        if slot.room not in places:
            return f"{_shown(slot)} names the room {slot.room!r}, which was not to choose from"
        if (slot.start, slot.room) in seen:
            return f"{_shown(slot)} is offered twice"
        seen.add((slot.start, slot.room))
    return None


def _no_overlap(find: Find, case: Case, _: None) -> str | None:
    asked = case.request
    calendars = {room.key: room.busy or () for room in case.rooms}
    for slot in _answer(find, case):
        taken = [(person.key, entry) for person in case.people for entry in person.busy or ()]
        for key, entry in taken:
            before, after = slot.start - asked.buffer_before, slot.end + asked.buffer_after
            if asked.blocks(entry.status) and entry.start < after and before < entry.end:
                return f"{_shown(slot)} with its buffers lies over {_entry(key, entry)}"
        for entry in calendars.get(slot.room or "", ()):
            if asked.blocks(entry.status) and entry.start < slot.end and slot.start < entry.end:
                return f"{_shown(slot)} lies over {_entry(slot.room, entry)}"
    return None


def _entry(key: str | None, entry: Busy) -> str:
    return f"{key}'s {entry.status} time from {utc(entry.start)} to {utc(entry.end)}"


def _inside_hours(find: Find, case: Case, _: None) -> str | None:
    offered = _answer(find, case)
    used = {minute for slot in offered for minute in range(slot.start, slot.end)}
    for person in case.people:
        idle = {minute for minute in used if not oracle.works(person, minute)}
        for slot in offered:
            for minute in sorted(idle.intersection(range(slot.start, slot.end))):
                return (
                    f"{_shown(slot)} is outside the hours of {person.key} in {person.zone} at {utc(minute)}"
                )
    return None


def _not_double_booked(find: Find, case: Case, choice: int) -> str | None:
    offered = _answer(find, case)
    if not offered:
        return None
    chosen = offered[choice % len(offered)]
    entry = Busy(chosen.start, chosen.end, "busy")
    panel = tuple(_add(person, entry) for person in case.people)
    places = tuple(_add(room, entry) if room.key == chosen.room else room for room in case.rooms)
    for person in range(len(panel)):
        alone = case._replace(people=(*case.people[:person], panel[person], *case.people[person + 1 :]))
        for slot in _answer(find, alone):
            if slot.start < chosen.end and chosen.start < slot.end:
                return f"after {_shown(chosen)} was booked, {panel[person].key} is offered again at {_shown(slot)}"
    for slot in _answer(find, case._replace(rooms=places)) if chosen.room else ():
        if slot.room == chosen.room and slot.start < chosen.end and chosen.start < slot.end:
            return f"after {_shown(chosen)} was booked, the room is offered again at {_shown(slot)}"
    return None


def _more_busy(case: Case) -> st.SearchStrategy[tuple[int, Busy]]:
    return st.tuples(
        st.integers(0, len(case.people) + len(case.rooms) - 1),
        busy_entries(*case.request.window, statuses=["busy"]),
    )


def _busier_not_freer(find: Find, case: Case, change: tuple[int, Busy]) -> str | None:
    place, entry = change
    everybody = _everybody(case)
    everybody[place] = _add(everybody[place], entry)
    more = _starts(find, _with(case, everybody)) - _starts(find, case)
    for minute in sorted(more):
        return f"with {_entry(everybody[place].key, entry)} added, a slot at {utc(minute)} appears"
    return None


def _cuts(case: Case) -> st.SearchStrategy[tuple[int, ...]]:
    entries = sum(len(each.busy or ()) for each in _everybody(case))
    return st.tuples(*[st.integers(0, 120)] * entries)


def _split_or_merged(find: Find, case: Case, cuts: tuple[int, ...]) -> str | None:
    left = list(cuts)

    def pieces(entry: Busy) -> Iterable[Busy]:
        cut = left.pop()
        at = entry.start + cut
        if not entry.start < at < entry.end:
            return (entry, entry)
        beginning = Busy(entry.start, at, entry.status)
        # Splitting it, or saying a part of it once more.
        return (Busy(at, entry.end, entry.status) if cut % 2 else entry, beginning)

    split = [_calendar(each, pieces) for each in _everybody(case)]
    merged = [replace(each, busy=_merged(each.busy)) for each in _everybody(case)]
    before = _starts(find, case)
    return _differ(
        before, _starts(find, _with(case, split)), "with entries split, or repeated in part"
    ) or _differ(before, _starts(find, _with(case, merged)), "with touching and overlapping entries merged")


def _display_zone(find: Find, case: Case, zone: str) -> str | None:
    shown = case._replace(request=replace(case.request, zone=zone))
    return _differ(_starts(find, case), _starts(find, shown), f"read in {zone}")


def _shuffled(case: Case) -> st.SearchStrategy[tuple[list[Person], list[Room], bool]]:
    return st.tuples(st.permutations(case.people), st.permutations(case.rooms), st.booleans())


def _order(find: Find, case: Case, change: tuple[list[Person], list[Room], bool]) -> str | None:
    panel, places, back = change
    mixed: list[Person | Room] = [*panel, *places]
    everybody = [replace(each, busy=each.busy[::-1]) if back and each.busy else each for each in mixed]
    there = [
        replace(each, hours=each.hours[::-1]) if isinstance(each, Person) else each for each in everybody
    ]
    return _differ(_starts(find, case), _starts(find, _with(case, there)), "in another order")


def _longer(find: Find, case: Case, extra: int) -> str | None:
    length = case.request.minutes + extra
    longer = case._replace(request=replace(case.request, minutes=length))
    for minute in sorted(_starts(find, longer) - _starts(find, case)):
        return f"at {utc(minute)} {length} minutes fit, but {case.request.minutes} do not"
    return None


def _wider(find: Find, case: Case, by: tuple[int, int]) -> str | None:
    first, end = case.request.window
    wider = case._replace(request=replace(case.request, window=(first - by[0], end + by[1])))
    for minute in sorted(_starts(find, case) - _starts(find, wider)):
        return (
            f"with a window {by[0]} minutes earlier and {by[1]} later, the slot at {utc(minute)} disappears"
        )
    return None


def _unreadable(find: Find, case: Case, place: int) -> str | None:
    everybody = _everybody(case)
    key = everybody[place].key
    everybody[place] = replace(everybody[place], busy=None)
    for slot in _answer(find, _with(case, everybody)):
        if key in (*slot.people, slot.room):
            return f"{_shown(slot)} is offered although nobody could read the calendar of {key}"
    return None


def _read_as_asked(find: Find, case: Case, _: None) -> str | None:
    def plainly(entry: Busy) -> Busy:
        return entry._replace(status="busy" if case.request.blocks(entry.status) else "free")

    everybody = [_calendar(each, lambda entry: (plainly(entry),)) for each in _everybody(case)]
    return _differ(
        _starts(find, case),
        _starts(find, _with(case, everybody)),
        "with every status said plainly as busy or free",
    )


def _another(case: Case) -> st.SearchStrategy[tuple[Person, Room]]:
    first, end = case.request.window
    person = people(
        first,
        end,
        key="zoe",
        zones=_zones(case),
        statuses=["busy"],
        max_busy=2,
        uniform_hours=True,
        unreadable=False,
    )
    return st.tuples(person, rooms(first, end, key="zuider", statuses=["busy"], max_busy=2, unreadable=False))


def _zones(case: Case) -> tuple[str, ...]:
    """The zones of a case, the only ones that a search is known to support."""
    return tuple(dict.fromkeys([case.request.zone, *(person.zone for person in case.people)]))


def _company(find: Find, case: Case, more: tuple[Person, Room]) -> str | None:
    person, room = more
    before = _starts(find, case)
    for minute in sorted(_starts(find, case._replace(people=(*case.people, person))) - before):
        return f"with {person} asked too, a slot at {utc(minute)} appears"
    # Without a room in the case, the search may not know rooms at all.
    after = _starts(find, case._replace(rooms=(*case.rooms, room))) if case.rooms else before
    for minute in sorted(before - after):
        return f"with {room} to choose from, the slot at {utc(minute)} disappears"
    return None


def _complete(find: Find, case: Case, _: None) -> str | None:
    right = oracle.find(*case)
    offered = _answer(find, case)
    for minute in sorted({slot.start for slot in right} ^ {slot.start for slot in offered}):
        wrong = (
            "is missing" if any(slot.start == minute for slot in right) else "is offered and should not be"
        )
        return f"the slot at {utc(minute)} {wrong}"
    rooms_right = {(slot.start, slot.room) for slot in right}
    for slot in offered:
        if (slot.start, slot.room) not in rooms_right:
            return f"{_shown(slot)} is offered, but that room is not free"
    return None


def _everybody(case: Case) -> list[Person | Room]:
    return [*case.people, *case.rooms]


def _with(case: Case, everybody: Sequence[Person | Room]) -> Case:
    return case._replace(
        people=tuple(each for each in everybody if isinstance(each, Person)),
        rooms=tuple(each for each in everybody if isinstance(each, Room)),
    )


def _add(each: Any, entry: Busy) -> Any:
    return each if each.busy is None else replace(each, busy=(*each.busy, entry))


def _calendar(each: Person | Room, pieces: Callable[[Busy], Iterable[Busy]]) -> Person | Room:
    if each.busy is None:
        return each
    return replace(each, busy=tuple(piece for entry in each.busy for piece in pieces(entry)))


def _merged(busy: tuple[Busy, ...] | None) -> tuple[Busy, ...] | None:
    """Entries of one status that touch or overlap become one."""
    if busy is None:
        return None
    done: list[Busy] = []
    for entry in sorted(busy, key=lambda entry: (entry.status, entry.start)):
        if done and done[-1].status == entry.status and entry.start <= done[-1].end:
            done[-1] = done[-1]._replace(end=max(done[-1].end, entry.end))
        else:
            done.append(entry)
    return tuple(done)


LAWS: tuple[Law, ...] = (
    Law(
        "as_asked",
        "Every slot is inside the window, on the grid, of the length asked, for everybody, and offered once.",
        _nothing,
        _as_asked,
    ),
    Law(
        "no_overlap",
        "No slot lies over busy time of a person, buffers included, or of its room.",
        _nothing,
        _no_overlap,
    ),
    Law(
        "inside_hours",
        "Every minute of a slot is worked by everybody on their own clock.",
        _nothing,
        _inside_hours,
    ),
    Law(
        "not_double_booked",
        "A slot that was chosen and written down as busy is not offered again to its people or its room.",
        lambda _: st.integers(0, 500),
        _not_double_booked,
    ),
    Law("busier_not_freer", "Adding busy time never adds a slot.", _more_busy, _busier_not_freer),
    Law(
        "split_or_merged",
        "Splitting, repeating or merging busy entries changes nothing.",
        _cuts,
        _split_or_merged,
    ),
    Law(
        "display_zone",
        "The zone in which the answer is read changes no instant.",
        lambda case: st.sampled_from(_zones(case)),
        _display_zone,
    ),
    Law("order", "The order of people, rooms, entries and hours changes nothing.", _shuffled, _order),
    Law(
        "longer_where_shorter",
        "A longer meeting fits only where a shorter one does.",
        lambda _: st.integers(1, _MOST_EXTRA),
        _longer,
    ),
    Law(
        "wider_window",
        "Widening the window never removes a slot.",
        lambda _: st.tuples(st.integers(0, _MOST_EXTRA), st.integers(0, _MOST_EXTRA)),
        _wider,
    ),
    Law(
        "unreadable_not_free",
        "Who has a calendar that nobody could read is never offered.",
        lambda case: st.integers(0, len(case.people) + len(case.rooms) - 1),
        _unreadable,
    ),
    Law(
        "status_as_asked",
        "Tentative time and working elsewhere count exactly as busy or free, as the request says.",
        _nothing,
        _read_as_asked,
    ),
    Law(
        "company",
        "Asking one more person never adds a slot; one more room never removes one.",
        _another,
        _company,
    ),
    Law("complete", "The slots are exactly those that counting minute by minute finds.", _nothing, _complete),
)
"""Every law, in the order in which they are put; the one that includes most others comes last."""
