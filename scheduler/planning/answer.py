"""The public answer: ranked slots that carry everything a booking needs, and what a person should know about them."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scheduler.errors import InputError
from scheduler.planning.request import Address, LocalRange, first_problem


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlotPerson(_Part):
    """One interviewer at this slot; `start` and `end` are on their own clock."""

    address: Address
    name: str = ""
    required: bool
    attends: bool
    tentative: bool = Field(
        default=False, description="whether the slot lies over a tentative entry of theirs"
    )
    zone: str
    start: str
    end: str
    stand_ins: tuple[Address, ...] = Field(
        (), description="who else of the pool could come instead, the best first"
    )


class SlotCandidate(_Part):
    """The candidate's side of a slot; `start` and `end` are on the candidate's clock."""

    name: str = ""
    address: Address | None = None
    zone: str
    start: str
    end: str
    available: tuple[LocalRange, ...] = Field(
        (), description="when they can, as the request said, on their clock; any time if empty"
    )


class SlotRoom(_Part):
    """A room that is free for the whole slot."""

    address: Address
    name: str
    seats: int | None = None
    building: str | None = None
    floor: int | None = None
    tentative: bool = False


class ScoreTerm(_Part):
    """One reason why a slot ranks where it does: units x weight = cost, lower is better."""

    term: Literal["earliness", "tentative", "optional_missing", "preferred_hours", "day_part", "room_fit"]
    units: int
    weight: int
    cost: int
    why: str


class Score(_Part):
    """The total cost in points and where it comes from."""

    total: int
    terms: tuple[ScoreTerm, ...]


class SlotInterview(_Part):
    """What the invitation will say."""

    organizer: Address | None = None
    subject: str = Field(min_length=1, max_length=255)
    text: str = ""
    online_meeting: bool = False


class Slot(_Part):
    """One bookable slot. `start_utc` and `end_utc` are the instants; every other time is for reading.

    `id` is a digest of what would be booked, so equal slots have equal ids.
    """

    id: str
    start_utc: str
    end_utc: str
    zone: str
    start: str
    end: str
    people: tuple[SlotPerson, ...]
    candidate: SlotCandidate | None = None
    room: SlotRoom | None = None
    alternatives: tuple[SlotRoom, ...] = ()
    score: Score
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = Field((), description="clock changes on the day of the slot, for anybody in it")
    interview: SlotInterview


class Unread(_Part):
    """A mailbox whose time is not known; nobody is shown as free because reading failed."""

    address: Address
    reason: str


class Blocker(_Part):
    """What stands in the way: how many of the permitted starts it forbids, and how many it forbids alone."""

    who: str
    forbids: int
    alone: int
    why: str


class Slots(_Part):
    """The answer to a request."""

    zone: str
    minutes: int
    window: tuple[str, str] = Field(description="start and end, local to `zone`")
    slots: tuple[Slot, ...]
    feasible: int = Field(description="how many starts on the grid fit in all, shown or not")
    considered: int = Field(description="how many starts on the grid lie in the window")
    blockers: tuple[Blocker, ...] = Field((), description="given when nothing fits, the worst first")
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()


def slot_id(slot: Slot) -> str:
    """The id that goes with a slot's content: who, when, where and what, not its rank or wording."""
    room = slot.room.address if slot.room is not None else None
    candidate = [slot.candidate.address, slot.candidate.name] if slot.candidate is not None else None
    people = [[person.address, person.required] for person in slot.people if person.attends]
    content = [slot.start_utc, slot.end_utc, people, room, candidate, slot.interview.model_dump()]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"s-{digest[:12]}"


def read_slot(text: str) -> Slot:
    """A slot from JSON text, under the id that its content has.

    Raises:
        InputError: not JSON, an unknown key, or a missing or wrong value.
    """
    try:
        slot = Slot.model_validate_json(text)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise InputError(
                "slot", "is not JSON", "pass one element of `slots` from `slotwright find --json`"
            ) from None
        raise first_problem(error, schema="slots") from None
    return slot.model_copy(update={"id": slot_id(slot)})
