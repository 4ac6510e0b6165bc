"""What was shown of loops and has to be kept, so that an id is enough to book all their sessions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, ValidationError

from scheduler.errors import InputError
from scheduler.planning.answer import Slot
from scheduler.planning.loops.answer import SessionAnswer


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfferedSession(_Part):
    """One session with the slot it takes."""

    name: str
    slot: Slot


class LoopOffer(_Part):
    """One way to hold a loop, its sessions in order of time; `solution` is what was solved when it was found."""

    id: str
    sessions: tuple[OfferedSession, ...]
    solution: str = ""


class PlanOffer(_Part):
    """The loops of a plan, a candidate each."""

    id: str
    loops: tuple[LoopOffer, ...]


def option_id(sessions: Iterable[SessionAnswer]) -> str:
    """The id that goes with what would be booked."""
    content = [[each.name, each.slot.id] for each in sessions]
    return f"l-{hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]}"


def loop_offer(sessions: tuple[SessionAnswer, ...], *, solution: str, same_room: bool = False) -> LoopOffer:
    """What is kept of these sessions.

    Args:
        solution: the id under which what was asked and solved is kept.
        same_room: whether the candidate stays in one room, so that no session may take another one by itself.
    """
    slots = [each.slot for each in sessions]
    if same_room and len(sessions) > 1:
        slots = [slot.model_copy(update={"alternatives": ()}) for slot in slots]
    return LoopOffer(
        id=option_id(sessions),
        sessions=tuple(
            OfferedSession(name=each.name, slot=slot) for each, slot in zip(sessions, slots, strict=True)
        ),
        solution=solution,
    )


def read_loop_offer(text: str) -> LoopOffer:
    """A loop from its document.

    Raises:
        InputError: another version of Slotwright wrote it in a form that this one does not know.
    """
    try:
        return LoopOffer.model_validate_json(text)
    except ValidationError:
        raise InputError("option", "was kept in a form that is not known any more", _AGAIN) from None


def read_plan_offer(text: str) -> PlanOffer:
    """A plan from its document.

    Raises:
        InputError: another version of Slotwright wrote it in a form that this one does not know.
    """
    try:
        return PlanOffer.model_validate_json(text)
    except ValidationError:
        raise InputError("plan", "was kept in a form that is not known any more", _AGAIN) from None


_AGAIN = "search again and use an id of the new answer"
