"""Tiny random problems over all rules, and plans for them.

A problem is drawn with a handful of features, so that every rule meets every other one while each problem stays small
enough to be enumerated, and shrinks to the features that matter. Times are quarters of an hour, some a minute off.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from solvers.plan import Assignment, Plan
from solvers.problem import TERMS, Problem, Session

Q = 15
PLANS = 1200
"""About how many plans a problem has at most."""

FEATURES = (
    "open",
    "blocked",
    "unknown",
    "soft",
    "buffers",
    "limits",
    "load",
    "second_seat",
    "trainee",
    "rooms",
    "room_times",
    "room_buffers",
    "room_needs",
    "walks",
    "same_room",
    "room_costs",
    "starts",
    "anchor",
    "start_costs",
    "delay_cost",
    "free_order",
    "before",
    "min_gap",
    "max_gap",
    "breaks",
    "available",
    "begins",
    "window",
    "days",
    "max_days",
    "meets_once",
    "priority",
    "placed",
    "pair_costs",
    "levels",
)
OF_SEVERAL = {
    "walks",
    "same_room",
    "free_order",
    "before",
    "min_gap",
    "max_gap",
    "breaks",
    "max_days",
    "meets_once",
}
OF_ROOMS = {"rooms", "room_times", "room_buffers", "room_needs", "walks", "same_room", "room_costs"}


class Sketch:
    """One problem being drawn.

    Args:
        features: what may be in it.
        sure: which of these are used wherever they can be.
        insists: whether every loop must be scheduled.
    """

    def __init__(
        self, draw: DrawFn, features: set[str], *, sure: frozenset[str] = frozenset(), insists: bool = False
    ) -> None:
        self.draw = draw
        self.features = features | sure
        self.sure = sure
        self.insists = insists
        self.start = draw(st.sampled_from([0, -45, 10_000]))
        self.quarters = draw(st.integers(4, 14))
        self.end = self.start + Q * self.quarters
        self.people = ["p", "q", "r"][: draw(st.sampled_from([2, 1, 3]))]
        self.rooms = (
            ["m", "n"][: 2 if self.features & {"walks", "same_room"} else draw(st.sampled_from([2, 1]))]
            if self.features & OF_ROOMS
            else []
        )

    def has(self, feature: str) -> bool:
        """Whether the feature is chosen, and used in this place."""
        return feature in self.sure or (feature in self.features and self.draw(st.integers(0, 5)) > 0)

    def minute(self) -> int:
        """A time in or near the horizon."""
        quarter = self.draw(st.integers(0, self.quarters))
        return self.start + Q * quarter + self.draw(st.sampled_from([0, 0, 0, 0, 1, -1]))

    def span(self) -> tuple[int, int]:
        """Some minutes in or near the horizon."""
        start = self.minute()
        return start, start + Q * self.draw(st.integers(1, 4)) + self.draw(st.sampled_from([0, 0, 1]))

    def spans(self) -> list[tuple[int, int]]:
        """One or two spans."""
        return [self.span() for _ in range(self.draw(st.integers(1, 2)))]

    def most(self) -> list[tuple[int, int]]:
        """Most of the horizon."""
        start, end = self.span()
        return [part for part in ((self.start - Q, start), (end, self.end + Q)) if part[0] < part[1]]

    def quarters_of(self, most: int) -> int:
        """A length in minutes, most often whole quarters."""
        return Q * self.draw(st.integers(1, most)) + self.draw(st.sampled_from([0, 0, 0, 1, -1]))

    def times(self, open_: str, taken: tuple[str, ...], buffers: str) -> dict[str, Any]:
        """The calendar of a person or room."""
        values: dict[str, Any] = {"open": self.most() if self.has(open_) else [(self.start, self.end)]}
        for part in ("blocked", "unknown", "soft"):
            if part in taken and self.has(part if open_ == "open" else open_):
                values[part] = self.spans()
        if self.has(buffers):
            values["buffer_before"] = self.draw(st.sampled_from([0, Q, Q + 1]))
            values["buffer_after"] = self.draw(st.sampled_from([0, Q, 2 * Q]))
        return values

    def person(self, key: str) -> dict[str, Any]:
        """An interviewer."""
        values = {"key": key, **self.times("open", ("blocked", "unknown", "soft"), "buffers")}
        if self.has("limits"):
            values["limits"] = [self.limit() for _ in range(self.draw(st.integers(1, 2)))]
        if self.has("load"):
            values["load"] = self.draw(st.integers(0, 90))
        return values

    def limit(self) -> dict[str, Any]:
        """A cap that one or two sessions may reach."""
        start, end = self.draw(st.sampled_from([(self.start, self.end), self.span()]))
        values: dict[str, Any] = {"start": start, "end": end}
        if self.draw(st.booleans()):
            values["sessions"] = self.draw(st.integers(0, 2))
            values["already_sessions"] = self.draw(st.sampled_from([0, 0, 1, 3]))
        else:
            values["minutes"] = self.quarters_of(4)
            values["already_minutes"] = self.draw(st.sampled_from([0, 0, Q, 300]))
        return values

    def room(self, key: str) -> dict[str, Any]:
        """A room, in one of two buildings."""
        values = {
            "key": key,
            **self.times("room_times", ("blocked", "unknown", "soft"), "room_buffers"),
            "seats": self.draw(st.integers(0, 4)),
            "building": {"m": "east", "n": "west"}[key] if self.has("walks") else "east",
        }
        if self.has("room_needs"):
            values["features"] = self.draw(st.sampled_from([[], ["screen"], ["screen", "phone"]]))
            values["step_free"] = self.draw(st.booleans())
        return values

    def need(self) -> dict[str, Any]:
        """What is asked of a room."""
        values: dict[str, Any] = {}
        if self.has("room_needs"):
            asked = self.draw(st.sampled_from(["among", "seats", "features", "building", "step_free"]))
            values[asked] = {
                "among": [self.rooms[-1]],
                "seats": 2,
                "features": ["screen"],
                "building": "east",
                "step_free": True,
            }[asked]
        return values

    def pool(self) -> list[str]:
        """One or two people."""
        return self.draw(st.lists(st.sampled_from(self.people), min_size=1, max_size=2, unique=True))

    def seats(self, key: str) -> list[dict[str, Any]]:
        """The seats of a session; the third session of a loop has but one, to keep plans few."""
        seats: list[dict[str, Any]] = [{"key": "lead", "pool": self.pool()}]
        if key == "z":
            return seats
        if self.has("second_seat"):
            kind = self.draw(st.sampled_from(["optional", "required"]))
            seats.append({"key": "second", "pool": self.pool(), "kind": kind})
        if self.has("trainee"):
            beside = seats[-1]["key"]
            seats.append({"key": "new", "pool": self.pool(), "kind": "trainee", "beside": beside})
        return seats

    def session(self, key: str) -> dict[str, Any]:
        """A session; its grid is fitted later."""
        values: dict[str, Any] = {
            "key": key,
            "minutes": Q * self.draw(st.integers(1, 3)) + self.draw(st.sampled_from([0, 0, 0, 0, 1])),
            "seats": self.seats(key),
        }
        if self.rooms and self.draw(st.integers(0, 5)):
            values["room"] = self.need()
            if self.has("room_costs"):
                values["room_costs"] = [(self.rooms[0], self.draw(st.integers(0, 50)))]
        if self.has("starts"):
            values["starts"] = self.most()
        if self.has("start_costs"):
            values["start_costs"] = [(*span, self.draw(st.integers(0, 50))) for span in self.spans()]
        if self.has("delay_cost"):
            values["delay_cost"] = self.draw(st.integers(0, 20))
        return values

    def loop(self, key: str, sessions: list[dict[str, Any]]) -> dict[str, Any]:
        """A loop of these sessions."""
        values: dict[str, Any] = {"key": key, "sessions": sessions}
        keys = [session["key"] for session in sessions]
        if {"free_order", "before"} & self.features and self.draw(st.integers(0, 5)):
            values["order"] = "free"
            if len(keys) > 1 and self.has("before"):
                values["before"] = [(keys[-1], keys[0])]
        if self.has("min_gap"):
            values["min_gap"] = self.quarters_of(2)
        if self.has("max_gap"):
            values["max_gap"] = values.get("min_gap", 0) + self.draw(st.sampled_from([0, 1, Q, 2 * Q]))
        if self.has("breaks"):
            values["breaks"] = [
                {"key": f"rest{number}", "minutes": self.quarters_of(2), "window": self.spans()}
                for number in range(self.draw(st.integers(1, 2)))
            ]
        if self.has("available"):
            values["available"] = self.most()
        if self.has("begins"):
            values["begins"] = self.most()
        if self.has("window"):
            end = self.draw(st.sampled_from(["earliest", "latest"]))
            values[end] = self.minute()
        if {"days", "max_days"} & self.features and self.draw(st.integers(0, 5)):
            noon = self.start + Q * self.draw(st.integers(1, self.quarters - 1))
            values["days"] = [(self.start, noon), (noon + self.draw(st.sampled_from([0, Q])), self.end + Q)]
            if self.has("max_days"):
                values["max_days"] = 1
        values["same_room"] = self.has("same_room")
        values["meets_once"] = self.has("meets_once")
        values["mandatory"] = self.insists or self.draw(st.integers(0, 3)) == 3
        if self.has("priority"):
            values["priority"] = self.draw(st.integers(1, 5))
        return values

    def fit_grids(self, sessions: list[dict[str, Any]]) -> None:
        """Give each session a grid, so that the problem has few enough plans."""
        people = prod(
            len(seat["pool"]) + (seat.get("kind", "required") != "required")
            for session in sessions
            for seat in session["seats"]
        )
        rooms = prod(len(self.rooms) for session in sessions if "room" in session)
        starts = max(2, int((PLANS / (people * rooms)) ** (1 / len(sessions))))
        grid = -(-self.quarters // starts)
        for session in sessions:
            session["grid"] = Q * (grid + (self.draw(st.integers(0, 1)) if self.has("anchor") else 0))
            session["anchor"] = self.start + (self.draw(st.integers(-20, 20)) if self.has("anchor") else 0)

    def place(self, sessions: list[dict[str, Any]]) -> None:
        """Say of a session that it is booked already, where it could be."""
        for session in sessions:
            if self.has("placed"):
                seats = [seat for seat in session["seats"] if seat.get("kind", "required") == "required"]
                steps = self.draw(st.integers(0, max(0, Q * self.quarters // session["grid"] - 1)))
                session["placed"] = {
                    "start": session["anchor"] + session["grid"] * steps,
                    "people": {seat["key"]: self.draw(st.sampled_from(seat["pool"])) for seat in seats},
                    "room": self.draw(st.sampled_from(self.rooms)) if "room" in session else None,
                    "movable": self.draw(st.integers(0, 3)) > 0,
                    "price": self.draw(st.integers(0, 5)),
                }

    def pair_costs(self, names: list[str]) -> list[dict[str, Any]]:
        """Prices on one to three pairs, maybe several on one."""
        costs: list[dict[str, Any]] = []
        for _ in range(self.draw(st.integers(1, 3))):
            one, other = self.draw(st.permutations(names))[:2]
            kinds = self.draw(
                st.sets(st.sampled_from(["overlap", "touching", "apart", "rushed"]), min_size=1)
            )
            prices = {
                kind: self.draw(st.integers(0, 5 if kind == "overlap" else 50)) for kind in sorted(kinds)
            }
            if "rushed" in kinds:
                prices["rushed_within"] = self.draw(st.sampled_from([0, 1, Q, 3 * Q]))
            costs.append({"one": one, "other": other, **prices})
        return costs

    def problem(self) -> Problem:
        """The whole."""
        shapes = [(2,), (2, 1), (3,)] if self.features & OF_SEVERAL else [(1,), (1, 1), (2,), (1, 1, 1)]
        shape = self.draw(st.sampled_from(shapes))
        loops = [[self.session("xyz"[number]) for number in range(count)] for count in shape]
        sessions = [session for loop in loops for session in loop]
        self.fit_grids(sessions)
        self.place(sessions)
        values: dict[str, Any] = {
            "start": self.start,
            "end": self.end,
            "people": [self.person(key) for key in self.people],
            "rooms": [self.room(key) for key in self.rooms],
            "loops": [self.loop("abc"[number], loop) for number, loop in enumerate(loops)],
        }
        if self.has("walks"):
            values["walks"] = [{"one": "east", "other": "west", "minutes": self.quarters_of(4)}]
        if len(sessions) > 1 and self.has("pair_costs"):
            values["pair_costs"] = self.pair_costs(
                [f"{loop['key']}/{each['key']}" for loop in values["loops"] for each in loop["sessions"]]
            )
        if self.has("levels"):
            weights = st.dictionaries(st.sampled_from(TERMS), st.integers(0, 20), max_size=4)
            values["levels"] = [{"weights": each} for each in self.draw(st.lists(weights, max_size=3))]
        return Problem.model_validate(values)


@st.composite
def _problems(draw: DrawFn) -> Problem:
    some = st.sets(st.sampled_from(FEATURES), max_size=8)
    return Sketch(draw, draw(some) | draw(some)).problem()


@st.composite
def _problems_with(draw: DrawFn, sure: frozenset[str]) -> Problem:
    some = draw(st.sets(st.sampled_from(FEATURES), max_size=3))
    return Sketch(draw, some, sure=sure, insists=draw(st.booleans())).problem()


@st.composite
def _assignments(draw: DrawFn, problem: Problem, loop: str, session: Session) -> Assignment:
    last = max(problem.start, problem.end - session.minutes)
    first = problem.start + (session.anchor - problem.start) % session.grid
    steps = max(0, (last - first) // session.grid)
    start = first + session.grid * draw(st.integers(0, steps))
    off = draw(st.integers(0, 19)) == 0
    people: dict[str, str] = {}
    for seat in session.seats:
        if seat.kind == "required" or draw(st.booleans()):
            people[seat.key] = draw(st.sampled_from(seat.pool))
    rooms = [room.key for room in problem.rooms]
    return Assignment(
        loop=loop,
        session=session.key,
        start=start + (draw(st.integers(-40, 40)) if off else 0),
        people=people,
        room=draw(st.sampled_from(rooms)) if session.room is not None and rooms else None,
    )


@st.composite
def _plans(draw: DrawFn, problem: Problem) -> Plan:
    held = [loop for loop in problem.loops if loop.mandatory or draw(st.integers(0, 3))]
    return Plan(
        assignments=tuple(
            draw(_assignments(problem, loop.key, session)) for loop in held for session in loop.sessions
        )
    )


@pytest.fixture(scope="session")
def problems() -> SearchStrategy[Problem]:
    """Tiny problems that `solvers.exhaustive` can enumerate."""
    return _problems()


@pytest.fixture(scope="session")
def features() -> tuple[str, ...]:
    """What a problem may be drawn with."""
    return FEATURES


@pytest.fixture(scope="session")
def problems_with() -> Callable[[frozenset[str]], SearchStrategy[Problem]]:
    """Tiny problems with these features wherever they can be, and few others; all loops must be held in about half."""
    return _problems_with


@pytest.fixture(scope="session")
def plans() -> Callable[[Problem], SearchStrategy[Plan]]:
    """Plans for a problem that hold loops whole, and are lawful about as often as not."""
    return _plans
