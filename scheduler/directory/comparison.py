"""What differs between two looks at a directory's places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from scheduler.directory.rooms import Room

Kind = Literal["room", "workspace", "equipment"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A place as it was seen, and what kind of place it is."""

    kind: Kind
    room: Room


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that was seen at one UTC second."""

    at: int
    seen: tuple[Seen, ...]

    @property
    def by_address(self) -> Mapping[str, Seen]:
        """The places by their addresses, because ids change."""
        return {each.room.address: each for each in self.seen}


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact of a place that is not as it was, in words."""

    address: str
    fact: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Differences:
    """Between an earlier look and a later one."""

    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[Difference, ...]


def differences(before: Look, after: Look) -> Differences:
    """What came, went and changed, by address."""
    was, now = before.by_address, after.by_address
    return Differences(
        new=tuple(sorted(now.keys() - was.keys())),
        gone=tuple(sorted(was.keys() - now.keys())),
        changed=tuple(
            Difference(address, fact, old, new)
            for address in sorted(was.keys() & now.keys())
            for fact, old, new in _differing(was[address], now[address])
        ),
    )


def _differing(was: Seen, now: Seen) -> Iterator[tuple[str, str, str]]:
    then = dict(_facts(was))
    for fact, value in _facts(now):
        if then[fact] != value:
            yield fact, then[fact], value


def _facts(seen: Seen) -> Iterator[tuple[str, str]]:
    room = seen.room
    yield "kind", seen.kind
    yield "name", room.name
    yield "seats", "unknown" if room.seats is None else str(room.seats)
    yield "building", room.building or "unknown"
    yield "floor", "unknown" if room.floor is None else str(room.floor)
    yield "equipment", ", ".join(sorted(room.equipment)) or "none"
    yield "step-free", {None: "unknown", True: "yes", False: "no"}[room.step_free]
    yield "booking", "first come, first served" if room.reserved else "by invitation"
