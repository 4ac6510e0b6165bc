"""The requests that commands take: a file, options, or both, for one interview or for a loop."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import click

from scheduler.cli.files import read_text
from scheduler.errors import InputError
from scheduler.planning.loops.asked import make_asked
from scheduler.planning.loops.request import LoopRequest
from scheduler.planning.members import PREFIX
from scheduler.planning.request import FindRequest, read_values

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.argument(
        "request_file",
        metavar="[REQUEST.json]",
        required=False,
        type=click.Path(path_type=Path, allow_dash=True),
    ),
    click.option(
        "--with",
        "required",
        metavar="A@…,tag:T",
        help="Interviewers who must be there; tag:T is one of those with the tag T.",
    ),
    click.option("--optional", metavar="A@…,B@…", help="Interviewers who may be missing, at a cost."),
    click.option("--minutes", type=int, help="Length of the interview."),
    click.option(
        "--between", metavar="LOCAL", help="First day or local time, such as 2026-11-23 or 2026-11-23T13:00."
    ),
    click.option("--and", "until", metavar="LOCAL", help="Last day (included) or local time."),
    click.option("--zone", help="Zone of the local times, such as Europe/Amsterdam."),
    click.option(
        "--session",
        "sessions",
        multiple=True,
        metavar="NAME,MINUTES,A@…/B@…,C@…",
        help="A session of a loop, with A or B in one seat and C, or tag:T, in another; may be repeated.",
    ),
    click.option("--room", is_flag=True, help="A room with a chair for everybody is needed."),
    click.option("--room-seats", type=int, help="A room with at least so many seats is needed."),
    click.option("--building", help="The room is in this building."),
    click.option("--equipment", metavar="TAG,TAG", help="The room has all of these."),
    click.option("--step-free", is_flag=True, help="The room is known to be step-free."),
    click.option(
        "--candidate", metavar="ADDRESS", help="E-mail address of the candidate, who is invited too."
    ),
    click.option("--candidate-name", help="Name of the candidate."),
    click.option("--candidate-zone", help="Zone of the candidate's clock."),
    click.option(
        "--available",
        multiple=True,
        metavar="FROM/TO",
        help="A stretch the candidate offers, in their zone; may be repeated.",
    ),
    click.option("--grid", type=int, help="Starts lie on so many minutes of the local clock (15)."),
    click.option("--buffer-before", type=int, help="Minutes each interviewer must be free before (0)."),
    click.option("--buffer-after", type=int, help="Minutes each interviewer must be free after (0)."),
    click.option("--notice", type=int, help="Minutes from now in which nothing starts (60)."),
    click.option(
        "--tentative",
        type=click.Choice(["soft", "blocked", "free"]),
        help="How tentative entries count (soft).",
    ),
    click.option("--limit", type=int, help="How many slots to show (10)."),
    click.option(
        "--apart", type=int, help="Minutes between the starts of two answers (the length of all sessions)."
    ),
    click.option("--organizer", help="Whose calendar the invitation goes into."),
    click.option("--subject", help="Subject of the invitation."),
    click.option("--text", help="Text of the invitation."),
    click.option("--online-meeting", is_flag=True, help="Ask for a Teams link."),
)


def takes_request(command: Command) -> Command:
    """A command with `request_file` and every option of a request, to be put together by `request_of`."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)


def request_of(path: Path | None, flags: dict[str, Any]) -> FindRequest | LoopRequest:
    """The request from a JSON file (`-` is standard input), from options, or from both, where options win.

    Raises:
        InputError: neither is given, the file cannot be read, or a value cannot be used.
    """
    chosen = {
        name: value
        for name, value in flags.items()
        if value is not None and value is not False and value != ()
    }
    if path is None and not chosen:
        raise InputError(
            "request", "is missing", "name a REQUEST.json or describe it with options; see --help"
        )
    values: dict[str, Any] = {}
    if path is not None:
        read = _make(read_values(read_text(path, "request")))
        if not chosen:
            return read
        values = read.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return _make(_overlay(values, chosen))


def _make(values: dict[str, Any]) -> FindRequest | LoopRequest:
    """The request that these values are."""
    if "candidates" in values:
        raise InputError("candidates", "are several people", "plan them together with `slotwright plan`")
    return make_asked(values)


def _overlay(values: dict[str, Any], flags: dict[str, Any]) -> dict[str, Any]:
    """The request's values with the options' values over them."""
    merged = dict(values)
    people = [
        {"tag" if _is_tag(name) else "address": name.removeprefix(PREFIX), "required": option == "required"}
        for option in ("required", "optional")
        for name in _listed(flags.get(option, ""))
    ]
    if "sessions" in flags:
        merged["sessions"] = [_session(text) for text in flags["sessions"]]
    if "sessions" in merged:
        _refuse_single(flags)
    if people:
        merged["people"] = people
    for option, key in (("until", "and"), *((name, name) for name in _PLAIN)):
        if option in flags:
            merged[key] = flags[option]
    _overlay_room(merged, flags)
    _overlay_candidate(merged, flags)
    return merged


def _overlay_room(merged: dict[str, Any], flags: dict[str, Any]) -> None:
    room = dict(merged.get("room") or {})
    for option, key in (("room_seats", "seats"), ("building", "building"), ("step_free", "step_free")):
        if option in flags:
            room[key] = flags[option]
    if "equipment" in flags:
        room["equipment"] = _listed(flags["equipment"])
    if room or "room" in flags:
        merged["room"] = room


def _overlay_candidate(merged: dict[str, Any], flags: dict[str, Any]) -> None:
    candidate = dict(merged.get("candidate") or {})
    for option, key in (("candidate", "address"), ("candidate_name", "name"), ("candidate_zone", "zone")):
        if option in flags:
            candidate[key] = flags[option]
    if "available" in flags:
        candidate["available"] = [_stretch(text) for text in flags["available"]]
    if candidate:
        merged["candidate"] = candidate


_PLAIN = (
    "minutes",
    "between",
    "zone",
    "grid",
    "buffer_before",
    "buffer_after",
    "notice",
    "tentative",
    "limit",
    "apart",
    "organizer",
    "subject",
    "text",
    "online_meeting",
)


_OF_ONE_INTERVIEW = {"required": "--with", "optional": "--optional", "minutes": "--minutes"}


def _refuse_single(flags: dict[str, Any]) -> None:
    """A loop says who and how long with each session."""
    for name, option in _OF_ONE_INTERVIEW.items():
        if name in flags:
            raise InputError(option, "is for one interview", "say it with each --session")


def _session(text: str) -> dict[str, Any]:
    name, minutes, *seats = [part.strip() for part in text.split(",")] + [""] * (text.count(",") < 1)
    if not minutes.isdecimal() or not all(seats) or not seats:
        raise InputError(
            "--session", f"{text!r} is no session", "write NAME,MINUTES,A@example.com/B@example.com"
        )
    pools = [[member.strip() for member in seat.split("/") if member.strip()] for seat in seats]
    return {"name": name, "minutes": int(minutes), "seats": pools}


def _is_tag(name: str) -> bool:
    return name.startswith(PREFIX)


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _stretch(text: str) -> dict[str, str]:
    start, slash, end = text.partition("/")
    if not slash:
        raise InputError(
            "--available", f"{text!r} is not two local times", "write 2026-11-23T09:00/2026-11-23T12:00"
        )
    return {"from": start, "to": end}
