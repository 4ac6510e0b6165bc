"""The public request for loops: sessions with seats and pools, their order, gaps, breaks and rooms, in local terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from scheduler.planning.localtimes import minute_of_day
from scheduler.planning.members import PoolMember, Training, plain_pool
from scheduler.planning.request import (
    MAXIMUM_MINUTES,
    Candidate,
    Caps,
    Clock,
    Colleague,
    DayRange,
    FindRequest,
    Part,
    RoomNeed,
    Search,
    read_values,
    refuse_twice,
    validated,
    with_plain_addresses,
)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Panelist(Colleague):
    """Somebody of whom there is more to say than the address by which seats name them."""

    training: Training | None = Field(
        None, description="what they may sit in by the pools they are in; the catalogue's, else trained"
    )


class Seat(Part):
    """A place in a session, for one of the pool; an address, a tag, or a list of them, means a required seat."""

    name: Name
    pool: tuple[PoolMember, ...] = Field(
        min_length=1,
        max_length=500,
        description='addresses, and `tag:NAME` or {"tag": "NAME"} for everybody of the catalogue with that tag',
    )
    kind: Literal["required", "optional", "trainee"] = "required"
    beside: Name | None = Field(None, description="the seat of whom a trainee shadows, or who watches them")

    @model_validator(mode="before")
    @classmethod
    def _one_of_a_pool(cls, values: Any) -> Any:
        if isinstance(values, dict) and "pool" in values:
            return {**values, "pool": plain_pool(values["pool"])}
        return values

    @field_validator("pool")
    @classmethod
    def _different(cls, pool: tuple[str, ...]) -> tuple[str, ...]:
        if twice := _repeated(pool):
            raise ValueError(f"{twice} is named twice")
        return pool

    @model_validator(mode="after")
    def _stands_beside(self) -> Self:
        if (self.kind == "trainee") != (self.beside is not None):
            raise ValueError(f"{self.name}: a trainee seat, and no other, names the seat it is beside")
        return self


class SessionNeed(Part):
    """One interview of a loop."""

    name: Name
    minutes: int = Field(ge=5, le=MAXIMUM_MINUTES)
    seats: tuple[Seat, ...] = Field(min_length=1, max_length=50)
    room: RoomNeed | None = Field(None, description="the loop's room if absent; null: no room is needed")
    within: tuple[DayRange, ...] = Field(
        (), description="parts of the day it must lie in, on the request's clock; any if empty"
    )
    preferred: tuple[DayRange, ...] = Field(
        (), description="parts of the day that suit it best, on the request's clock"
    )
    subject: str | None = Field(None, min_length=1, max_length=255)

    @model_validator(mode="before")
    @classmethod
    def _plain_seats(cls, values: Any) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("seats"), list | tuple):
            return values
        plain = [{"pool": seat} if isinstance(seat, str | list | tuple) else seat for seat in values["seats"]]
        usual = ["interviewer"] if len(plain) == 1 else [f"seat {n}" for n in range(1, len(plain) + 1)]
        named = [
            {"name": name, **seat} if isinstance(seat, dict) else seat
            for name, seat in zip(usual, plain, strict=True)
        ]
        return {**values, "seats": named}

    @field_validator("seats")
    @classmethod
    def _told_apart(cls, seats: tuple[Seat, ...]) -> tuple[Seat, ...]:
        names = [seat.name for seat in seats]
        if twice := _repeated(names):
            raise ValueError(f"two seats are called {twice}")
        for seat in seats:
            if seat.beside is not None and (seat.beside not in names or seat.beside == seat.name):
                raise ValueError(
                    f"{seat.name} is beside {seat.beside}, which is no other seat of the session"
                )
        return seats


class BreakNeed(Part):
    """Time the candidate has off, between `from` and `to` on their clock, on every day that lasts beyond it."""

    name: Name = "lunch"
    minutes: int = Field(ge=5, le=MAXIMUM_MINUTES)
    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if minute_of_day(self.end) - minute_of_day(self.start) < self.minutes:
            raise ValueError(f"{self.minutes} minutes do not fit between {self.start} and {self.end}")
        return self


class WalkNeed(Part):
    """Minutes on foot between two buildings, for everybody."""

    between: tuple[Name, Name]
    minutes: int = Field(ge=0, le=480)


class LoopShape(Part):
    """What a loop is, whoever the candidate."""

    sessions: tuple[SessionNeed, ...] = Field(min_length=1, max_length=30)
    order: Literal["fixed", "free"] = Field("fixed", description="as listed, or any")
    before: tuple[tuple[Name, Name], ...] = Field(
        (), description="pairs of sessions, the first before the other"
    )
    min_gap: int = Field(0, ge=0, le=1440, description="minutes between sessions of one day, at least")
    max_gap: int | None = Field(
        None, ge=0, le=1440, description="minutes from a session to the day's next, at most"
    )
    breaks: tuple[BreakNeed, ...] = Field((), max_length=10)
    max_days: int | None = Field(1, ge=1, le=366, description="on how many days at most; null: any number")
    earliest: Clock | None = Field(None, description="nothing starts before, on the candidate's clock")
    latest: Clock | None = Field(None, description="nothing ends after, on the candidate's clock")
    room: RoomNeed | None = Field(
        None, description="of every session that says nothing else; null: none is needed"
    )
    same_room: bool = Field(default=False, description="whether the candidate stays in one room")
    meets_once: bool = Field(default=True, description="whether nobody interviews the candidate twice")

    @field_validator("sessions")
    @classmethod
    def _told_apart(cls, sessions: tuple[SessionNeed, ...]) -> tuple[SessionNeed, ...]:
        if twice := _repeated(session.name for session in sessions):
            raise ValueError(f"two sessions are called {twice}")
        return sessions

    @field_validator("before")
    @classmethod
    def _possible_order(
        cls, before: tuple[tuple[str, str], ...], info: ValidationInfo
    ) -> tuple[tuple[str, str], ...]:
        if "sessions" not in info.data or "order" not in info.data:
            return before
        names = [session.name for session in info.data["sessions"]]
        for pair in before:
            if unheard := [name for name in pair if name not in names]:
                raise ValueError(f"{unheard[0]} is no session")
        chain = pairwise(names) if info.data["order"] == "fixed" else ()
        order = TopologicalSorter[str]()
        for first, later in (*chain, *before):
            order.add(later, first)
        try:
            order.prepare()
        except CycleError as error:
            raise ValueError(f"the order goes in a circle: {' before '.join(error.args[1])}") from None
        return before

    @field_validator("max_gap")
    @classmethod
    def _room_between(cls, most: int | None, info: ValidationInfo) -> int | None:
        if most is not None and most < info.data.get("min_gap", 0):
            raise ValueError(f"{most} is below the least gap, which is {info.data['min_gap']}")
        return most

    @field_validator("latest")
    @classmethod
    def _after_earliest(cls, latest: str | None, info: ValidationInfo) -> str | None:
        earliest = info.data.get("earliest")
        if latest is not None and earliest is not None and latest <= earliest:
            raise ValueError(f"{latest} is not after {earliest}")
        return latest

    def room_of(self, session: SessionNeed) -> RoomNeed | None:
        """What the room of the session must be; None if it needs none."""
        return session.room if "room" in session.model_fields_set else self.room

    @property
    def minutes(self) -> int:
        """All sessions together."""
        return sum(session.minutes for session in self.sessions)


class LoopWeights(Part):
    """What one unit of each scoring term costs, in points; lower totals rank first."""

    earliness: int = Field(1, ge=0, le=1_000_000)
    tentative: int = Field(2, ge=0, le=1_000_000)
    optional_missing: int = Field(240, ge=0, le=1_000_000)
    preferred_hours: int = Field(1, ge=0, le=1_000_000)
    day_part: int = Field(1, ge=0, le=1_000_000)
    load_spread: int = Field(1, ge=0, le=1_000_000)
    room_fit: int = Field(1, ge=0, le=1_000_000)
    room_changes: int = Field(30, ge=0, le=1_000_000)
    fragile: int = Field(
        5, ge=0, le=1_000_000, description="of each required seat and room that nothing else could take over"
    )


class LoopSearch(Search):
    """What every search for loops says."""

    people: tuple[Panelist, ...] = Field((), max_length=500, description="those of whom there is more to say")
    caps: Caps = Field(Caps(), description="of everybody who has none of their own")
    walks: tuple[WalkNeed, ...] = ()
    weights: LoopWeights = LoopWeights()

    @model_validator(mode="before")
    @classmethod
    def _plain_addresses(cls, values: Any) -> Any:
        return with_plain_addresses(values)

    @field_validator("people")
    @classmethod
    def _different(cls, people: tuple[Panelist, ...]) -> tuple[Panelist, ...]:
        refuse_twice(people)
        return people

    @field_validator("walks")
    @classmethod
    def _different_buildings(cls, walks: tuple[WalkNeed, ...]) -> tuple[WalkNeed, ...]:
        pairs = [" and ".join(sorted(name.casefold() for name in walk.between)) for walk in walks]
        if twice := _repeated(pairs):
            raise ValueError(f"{twice} stand there twice")
        for walk in walks:
            if walk.between[0].casefold() == walk.between[1].casefold():
                raise ValueError(f"{walk.between[0]} is one building, not two")
        return walks


class LoopRequest(LoopSearch, LoopShape):
    """One candidate's loop to be placed.

    `between` and `and` are local to `zone`; a bare date means the start of that day in `between` and its end in `and`.
    """

    candidate: Candidate | None = None
    limit: int = Field(10, ge=1, le=100, description="how many options to answer with")
    apart: int | None = Field(
        None,
        ge=1,
        le=60 * 24 * 7,
        description="minutes between the starts of two options; all sessions together if absent",
    )

    @property
    def apart_minutes(self) -> int:
        """Minutes between the starts of two options, at least."""
        return self.minutes if self.apart is None else self.apart


def read_loop_request(text: str) -> LoopRequest:
    """A request from JSON text.

    Raises:
        InputError: not JSON, an unknown key, or a value out of range; the field is named by its path.
    """
    return make_loop_request(read_values(text))


def make_loop_request(values: dict[str, Any]) -> LoopRequest:
    """A request from plain values.

    Raises:
        InputError: as for read_loop_request.
    """
    return validated(LoopRequest, values, schema="loop-request")


def loop_of(request: FindRequest) -> LoopRequest:
    """One interview as a loop of one session, with a seat for each person, called by their address.

    Days between the starts of two answers and the spread of load mean nothing for it.
    """
    shared = {name: getattr(request, name) for name in Search.model_fields}
    weights = {name: value for name, value in request.weights.model_dump().items() if value is not None}
    return LoopRequest(
        **shared,
        sessions=(
            SessionNeed(
                name="interview",
                minutes=request.minutes,
                seats=tuple(
                    Seat(
                        name=person.address,
                        pool=(person.address,),
                        kind="required" if person.required else "optional",
                    )
                    for person in request.people
                ),
            ),
        ),
        people=tuple(
            # What is not said of them stays unsaid, so that the catalogue may say it.
            Panelist(
                **{
                    name: getattr(person, name)
                    for name in Colleague.model_fields
                    if name in person.model_fields_set
                }
            )
            for person in request.people
        ),
        room=request.room,
        candidate=request.candidate,
        weights=LoopWeights(load_spread=0, room_changes=0, fragile=0, **weights),
    )


def everybody(search: LoopSearch, shapes: Iterable[tuple[str, LoopShape]]) -> Iterator[tuple[Panelist, str]]:
    """Everybody whose calendar is read, with the path of where they are named first; who is in no pool is left out.

    Args:
        shapes: loops, each with its path, which is empty for the request itself.
    """
    described = {person.address: (person, f"people.{index}") for index, person in enumerate(search.people)}
    seen: set[str] = set()
    for path, shape in shapes:
        for index, session in enumerate(shape.sessions):
            for place, seat in enumerate(session.seats):
                for member, address in enumerate(seat.pool):
                    if address in seen:
                        continue
                    seen.add(address)
                    here = f"{path}sessions.{index}.seats.{place}.pool.{member}"
                    yield described.get(address, (Panelist(address=address), here))


def _repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
