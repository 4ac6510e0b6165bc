"""The public answer of a replay: whether the plan is the same, and if not who moved, from where to where, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.planning.localtimes import local
from scheduler.planning.loops.record import Names
from scheduler.planning.sentences import count
from scheduler.zones import UnknownZone, find_zone
from solvers.changes import Cause, Change, Changes
from solvers.check import Violation
from solvers.check.judgement import RuleName
from solvers.plan import Assignment


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Part):
    """Where a session is held; `start` is local to the request's zone, people are named by seat."""

    start: str
    people: dict[str, str]
    room: str | None


class Difference(_Part):
    """One session that is not as it was; `then` or `now` is null when it was, or is, not held."""

    who: str
    session: str
    then: Place | None
    now: Place | None
    cause: Cause
    why: str


class Replay(_Part):
    """What solving again came to. Costs are by level, and null where the earlier plan is not lawful any more."""

    solution: str
    of: Literal["calendars", "record"] = Field(
        description="over the calendars as they are now, or as recorded"
    )
    same: bool
    differences: tuple[Difference, ...]
    then_costs: tuple[int, ...] | None
    now_costs: tuple[int, ...] | None = Field(description="null when nothing is lawful, or was found in time")
    notes: tuple[str, ...] = ()


_WHY: dict[RuleName, str] = {
    "person_open": "that is outside {who}'s hours",
    "person_blocked": "{who} is busy then",
    "person_unknown": "it is not known whether {who} is free then",
    "person_apart": "{who} is with {others} then",
    "person_walk": "{who} could not walk from or to {others} in time",
    "person_limit": "{who} would give more interviews than the limit",
    "room_open": "{who} is not open then",
    "room_blocked": "{who} is taken then",
    "room_unknown": "it is not known whether {who} is free then",
    "room_apart": "{who} is used for {others} then",
    "room_unsuited": "{who} no longer suits",
    "room_missing": "it needs a room",
    "room_unasked": "it needs no room",
    "available": "the candidate does not offer that time",
    "earliest": "that is earlier than the candidate can",
    "latest": "that is later than the candidate can",
    "starts": "it may not start then",
    "grid": "it may not start then",
    "horizon": "that time is over, or not in the window",
    "seat_pool": "{who} is no longer asked for that seat",
    "seat_empty": "a required seat would stay empty",
    "reference": "somebody or something in it is no longer part of the request",
    "meets_once": "the candidate would meet {who} twice",
    "min_gap": "the gap to {others} would be too short",
    "max_gap": "the gap to {others} would be too long",
    "walk": "the walk to {others} would take longer than there is",
    "order": "it would be in the wrong order with {others}",
    "overlap": "it would overlap with {others}",
    "break": "the candidate would have no break",
    "max_days": "the candidate would have to come on more days",
    "same_room": "the candidate would have to change rooms",
    "day": "it would not lie inside one day",
}


class Teller:
    """Tells changes with the names of both requests, the later ones first."""

    def __init__(self, *names: Names) -> None:
        zone = find_zone(names[0].zone)
        assert not isinstance(zone, UnknownZone)
        self._zone = zone
        self._called: dict[str, str] = {}
        self._loops: dict[str, str] = {}
        for each in reversed(names):
            self._called |= each.people | each.rooms
            self._loops |= each.loops

    def differences(self, found: Changes) -> tuple[Difference, ...]:
        """Every change, session by session."""
        return tuple(self._difference(change) for change in found.changes)

    def _difference(self, change: Change) -> Difference:
        return Difference(
            who=self._loops.get(change.loop, change.loop),
            session=change.session,
            then=self._place(change.then),
            now=self._place(change.now),
            cause=change.cause,
            why=self._why(change),
        )

    def _place(self, held: Assignment | None) -> Place | None:
        if held is None:
            return None
        return Place(
            start=local(self._zone, held.start),
            people={seat: self._name(person) for seat, person in held.people.items()},
            room=None if held.room is None else self._name(held.room),
        )

    def _why(self, change: Change) -> str:
        match change.cause:
            case "added":
                return "it was not held before"
            case "better":
                return "it could stay, but as a whole this costs less, or as much"
            case _:
                told = dict.fromkeys(self._violation(change, violation) for violation in change.why)
                return "; ".join(told)

    def _violation(self, change: Change, violation: Violation) -> str:
        own = f"{change.loop}/{change.session}"
        sessions = [name for name in violation.who if "/" in name and name != own]
        others = [key for key in violation.who if "/" not in key and key not in self._loops]
        template = _WHY.get(violation.rule)
        if template is None:
            return violation.text.rstrip(".")
        return template.format(
            who=" and ".join(self._name(key) for key in others) or "somebody",
            others=" and ".join(self._session(name) for name in sessions) or "others",
        )

    def _session(self, name: str) -> str:
        loop, _, session = name.partition("/")
        return f"{session} of {self._loops.get(loop, loop)}" if len(self._loops) > 1 else session

    def _name(self, key: str) -> str:
        return self._called.get(key, key)


def headline(answer: Replay) -> str:
    """One sentence on what solving again came to."""
    where = "the same calendars" if answer.of == "record" else "the calendars as they are now"
    if answer.now_costs is None:
        return f"No plan was found over {where}{', as before' if answer.same else ''}."
    if answer.same:
        return f"The same plan over {where}."
    said = f"{count(len(answer.differences), 'interview')} would be held otherwise over {where}"
    if answer.then_costs is None:
        return f"{said}; the earlier plan is not possible any more."
    return f"{said}; the earlier plan would cost {_costs(answer.then_costs)}, this one {_costs(answer.now_costs)}."


def _costs(levels: tuple[int, ...]) -> str:
    return " / ".join(map(str, levels))
