"""The public request: who, how long, when, in which room; in local terms, as a person writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from scheduler.errors import InputError

MAXIMUM_MINUTES = 12 * 60
MAXIMUM_WINDOW_DAYS = 366
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+|[^@\s,;]+@localhost")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def is_address(value: str) -> bool:
    """Whether it looks like an e-mail address."""
    return _ADDRESS.fullmatch(value) is not None


def _address(value: str) -> str:
    if not is_address(value):
        raise ValueError(f"{value!r} is not an e-mail address")
    return value


def _clock(value: str) -> str:
    if _CLOCK.fullmatch(value) is None:
        raise ValueError(f"{value!r} is not a time of day such as 09:30")
    return value


Address = Annotated[
    str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=320), AfterValidator(_address)
]
Clock = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_clock)]


def _divides_a_day(value: int) -> int:
    if 24 * 60 % value:
        raise ValueError(f"{value} minutes do not divide a day evenly")
    return value


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
LocalTime = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=40),
    Field(description="a date (2026-11-23) or a local date and time (2026-11-23T09:00), without an offset"),
]


class Part(BaseModel):
    """A part of a request: a frozen value that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DayRange(Part):
    """A part of the day on somebody's own clock, from `from` up to but not including `to`."""

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"the part of the day ends at {self.end}, which is not after {self.start}")
        return self


class Hours(Part):
    """Working hours on some weekdays; a `to` that is not after `from` is on the next day."""

    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    days: tuple[Weekday, ...] = Field(WEEKDAYS[:5], min_length=1)

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.end == self.start:
            raise ValueError(
                f"hours from {self.start} to {self.end} may mean a whole day or none; write 00:00 to 24:00"
            )
        return self


class DateHours(Part):
    """Other hours on one date of somebody's own calendar; none is a day off."""

    day: date = Field(alias="date")
    hours: tuple[DayRange, ...] = ()


Count = Annotated[int, Field(ge=0, le=1000)]


class Caps(Part):
    """How many interviews somebody gives, those we booked already included; days and weeks are of their own clock."""

    sessions_per_day: Count | None = None
    minutes_per_day: Annotated[int, Field(ge=0, le=1440)] | None = None
    sessions_per_week: Count | None = None
    minutes_per_week: Annotated[int, Field(ge=0, le=7 * 1440)] | None = None


class Colleague(Part):
    """Someone whose calendar is read; what is not said of them here, the catalogue of people may say."""

    address: Address
    name: str = Field("", max_length=200)
    preferred: tuple[DayRange, ...] = Field(
        (), description="parts of the day they like best, on their own clock"
    )
    zone: str | None = Field(None, description="IANA or Windows name of their clock; the mailbox's if absent")
    hours: tuple[Hours, ...] = Field((), description="working hours instead of the mailbox's")
    exceptions: tuple[DateHours, ...] = Field((), description="dates with other hours")
    caps: Caps | None = Field(
        None, description="how many interviews they give; for a loop, instead of its caps"
    )


class Interviewer(Colleague):
    """Someone who is asked into the one interview."""

    required: bool = True


class LocalRange(Part):
    """A stretch of local time in the request's zone, or in the zone of the person it belongs to."""

    start: LocalTime = Field(alias="from")
    end: LocalTime = Field(alias="to")


class Candidate(Part):
    """The person being interviewed; their calendar is not read."""

    name: str = Field("", max_length=200)
    address: Address | None = None
    zone: str | None = Field(None, description="IANA or Windows name; the request's zone if absent")
    available: tuple[LocalRange, ...] = Field((), description="when they can; any time if empty")


class RoomNeed(Part):
    """What a room must have; a room whose directory entry does not say is not proposed."""

    seats: int | None = Field(None, ge=1, le=10_000, description="as many as people are invited if absent")
    building: str | None = None
    equipment: tuple[str, ...] = Field((), description="tags or device names that must all be there")
    step_free: bool = False
    among: tuple[Address, ...] = Field((), description="only these rooms, if any are named")


class WeightChoice(Part):
    """What one unit of each scoring term costs, in points; lower totals rank first. Absent means the default."""

    earliness: int | None = Field(None, ge=0, le=1_000_000)
    tentative: int | None = Field(None, ge=0, le=1_000_000)
    optional_missing: int | None = Field(None, ge=0, le=1_000_000)
    preferred_hours: int | None = Field(None, ge=0, le=1_000_000)
    day_part: int | None = Field(None, ge=0, le=1_000_000)
    room_fit: int | None = Field(None, ge=0, le=1_000_000)


class Search(Part):
    """What every search says: where in time it looks, how calendars are read, and what the invitations say.

    `between` and `and` are local to `zone`; a bare date means the start of that day in `between` and its end in `and`.
    """

    between: LocalTime
    until: LocalTime = Field(alias="and")
    zone: str = Field(description="IANA or Windows name")
    grid: Annotated[int, AfterValidator(_divides_a_day)] = Field(
        15,
        ge=1,
        le=240,
        description="starts lie on multiples of so many minutes past the request zone's midnight",
    )
    buffer_before: int = Field(0, ge=0, le=480, description="minutes each interviewer must be free before")
    buffer_after: int = Field(0, ge=0, le=480, description="minutes each interviewer must be free after")
    notice: int = Field(60, ge=0, le=60 * 24 * 60, description="minutes from now before which nothing starts")
    tentative: Literal["soft", "blocked", "free"] = Field("soft", description="how tentative entries count")
    elsewhere: Literal["free", "soft", "blocked"] = Field("free", description="how working elsewhere counts")
    hours: Hours = Field(
        default_factory=lambda: Hours.model_validate({"from": "08:00", "to": "17:00"}),
        description="for mailboxes that have no working hours",
    )
    days_off: tuple[date, ...] = Field(
        (), description="dates on which nobody works, on everybody's own calendar"
    )
    organizer: Address | None = Field(None, description="whose calendar the invitation goes into")
    subject: str = Field("Interview", min_length=1, max_length=255)
    text: str = Field("", max_length=20_000, description="plain text of the invitation")
    online_meeting: bool = Field(default=False, description="ask Graph for a Teams link")


class FindRequest(Search):
    """One interview to be placed."""

    people: tuple[Interviewer, ...] = Field(min_length=1, max_length=200)
    minutes: int = Field(ge=5, le=MAXIMUM_MINUTES)
    room: RoomNeed | None = Field(None, description="null: no room is needed")
    candidate: Candidate | None = None
    limit: int = Field(10, ge=1, le=10_000, description="how many slots to answer with")
    apart: int | None = Field(
        None,
        ge=0,
        le=60 * 24 * 7,
        description="minutes between the starts of two answers; the duration if absent",
    )
    weights: WeightChoice = WeightChoice()

    @model_validator(mode="before")
    @classmethod
    def _plain_addresses(cls, values: Any) -> Any:
        return with_plain_addresses(values)

    @model_validator(mode="after")
    def _people_are_different(self) -> Self:
        refuse_twice(self.people)
        return self


def with_plain_addresses(values: Any) -> Any:
    """Values whose `people` may be named by their address alone."""
    if isinstance(values, dict) and isinstance(values.get("people"), list | tuple):
        people = [{"address": one} if isinstance(one, str) else one for one in values["people"]]
        return {**values, "people": people}
    return values


def refuse_twice(people: Sequence[Colleague]) -> None:
    """Nobody is named twice.

    Raises:
        ValueError: somebody is.
    """
    seen: set[str] = set()
    for person in people:
        if person.address in seen:
            raise ValueError(f"{person.address} is named twice")
        seen.add(person.address)


def read_values(text: str) -> dict[str, Any]:
    """The values of a request from JSON text, before anything is known of them.

    Raises:
        InputError: not JSON, or no object.
    """
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            "request",
            f"is not JSON (line {error.lineno}, column {error.colno}: {error.msg})",
            "correct the file",
        ) from None
    if not isinstance(values, dict):
        raise InputError("request", "is not a JSON object", "see `slotwright schema request`")
    return values


def read_request(text: str) -> FindRequest:
    """A request from JSON text.

    Raises:
        InputError: not JSON, an unknown key, or a value out of range; the field is named by its path.
    """
    return make_request(read_values(text))


def make_request(values: dict[str, Any]) -> FindRequest:
    """A request from plain values.

    Raises:
        InputError: as for read_request.
    """
    return validated(FindRequest, values, schema="request")


Format = TypeVar("Format", bound=BaseModel)


def validated(model: type[Format], values: dict[str, Any], *, schema: str) -> Format:
    """Plain values as one of the public formats.

    Args:
        schema: what `slotwright schema` calls the format.

    Raises:
        InputError: the first thing that is wrong, with its path.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise first_problem(error, schema=schema) from None


def first_problem(error: ValidationError, *, schema: str) -> InputError:
    """The first thing pydantic found wrong, as one sentence for a person."""
    first = error.errors()[0]
    path = ".".join(str(part) for part in first["loc"]) or schema
    remedy = f"see `slotwright schema {schema}`"
    match first["type"]:
        case "extra_forbidden":
            return InputError(path, "is not a known key", remedy)
        case "missing":
            return InputError(path, "is missing", remedy)
        case "value_error":
            return InputError(path, str(first["ctx"]["error"]), remedy)
        case _:
            shown = repr(first["input"])
            shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
            message = first["msg"][0].lower() + first["msg"][1:]
            return InputError(path, f"{shown} cannot be used: {message}", remedy)
