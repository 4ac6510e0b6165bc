"""What a request asks for: one interview, or a loop; an interview that names a tag is a loop of one session."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from scheduler.planning.loops.request import LoopRequest, make_loop_request
from scheduler.planning.members import PREFIX, plain_member
from scheduler.planning.request import FindRequest, make_request

SESSION: Final = "interview"


def make_asked(values: dict[str, Any]) -> FindRequest | LoopRequest:
    """The request that these values are: with sessions, or with a tag among its people, it is for a loop.

    Raises:
        InputError: something in them cannot be used.
    """
    if "sessions" in values:
        return make_loop_request(values)
    people = values.get("people")
    if isinstance(people, list | tuple) and any(_tag(person) for person in people):
        return make_loop_request(_as_loop(values, people))
    return make_request(values)


def _tag(person: Any) -> str | None:
    """The tag by which one of several people is asked for, with its prefix; None if it is somebody by address."""
    if isinstance(person, dict):
        bare = {name: value for name, value in person.items() if name != "required"}
        person = plain_member(bare)
    return person if isinstance(person, str) and person.strip().casefold().startswith(PREFIX) else None


def _as_loop(values: dict[str, Any], people: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    """The same interview with a seat for each person and each tag; whoever has more said of them is told apart."""
    seats: list[dict[str, Any]] = []
    described: list[Any] = []
    names = Counter[str]()
    for person in people:
        tag = _tag(person)
        required = person.get("required", True) if isinstance(person, dict) else True
        member = tag if tag is not None else person.get("address") if isinstance(person, dict) else person
        names[str(member)] += 1
        number = names[str(member)]
        called = str(member) if tag is None else tag.removeprefix(PREFIX)
        seats.append(
            {
                "name": called if number == 1 else f"{called} {number}",
                "pool": [member],
                "kind": "required" if required else "optional",
            }
        )
        if tag is None and isinstance(person, dict):
            described.append({name: value for name, value in person.items() if name != "required"})
    session = {"name": SESSION, "seats": seats}
    if "minutes" in values:
        session["minutes"] = values["minutes"]
    if "subject" in values:
        session["subject"] = values["subject"]
    kept = {name: value for name, value in values.items() if name not in {"minutes", "people"}}
    weights = {"load_spread": 0, "room_changes": 0, "fragile": 0, **(values.get("weights") or {})}
    return {**kept, "people": described, "sessions": [session], "weights": weights}
