"""`slotwright find`: ranked slots for one interview."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from scheduler.app.find import find as find_slots
from scheduler.cli import tables
from scheduler.cli.context import Context, output, pass_context
from scheduler.errors import InputError
from scheduler.planning.request import FindRequest, make_request, read_request


@click.command()
@click.argument(
    "request_file", metavar="[REQUEST.json]", required=False, type=click.Path(path_type=Path, allow_dash=True)
)
@click.option("--with", "required", metavar="A@…,B@…", help="Interviewers who must be there.")
@click.option("--optional", metavar="A@…,B@…", help="Interviewers who may be missing, at a cost.")
@click.option("--minutes", type=int, help="Length of the interview.")
@click.option(
    "--between", metavar="LOCAL", help="First day or local time, such as 2026-11-23 or 2026-11-23T13:00."
)
@click.option("--and", "until", metavar="LOCAL", help="Last day (included) or local time.")
@click.option("--zone", help="Zone of the local times, such as Europe/Amsterdam.")
@click.option("--room", is_flag=True, help="A room with a chair for everybody is needed.")
@click.option("--room-seats", type=int, help="A room with at least so many seats is needed.")
@click.option("--building", help="The room is in this building.")
@click.option("--equipment", metavar="TAG,TAG", help="The room has all of these.")
@click.option("--step-free", is_flag=True, help="The room is known to be step-free.")
@click.option("--candidate", metavar="ADDRESS", help="E-mail address of the candidate, who is invited too.")
@click.option("--candidate-name", help="Name of the candidate.")
@click.option("--candidate-zone", help="Zone of the candidate's clock.")
@click.option(
    "--available",
    multiple=True,
    metavar="FROM/TO",
    help="A stretch the candidate offers, in their zone; may be repeated.",
)
@click.option("--grid", type=int, help="Starts lie on so many minutes of the local clock (15).")
@click.option("--buffer-before", type=int, help="Minutes each interviewer must be free before (0).")
@click.option("--buffer-after", type=int, help="Minutes each interviewer must be free after (0).")
@click.option("--notice", type=int, help="Minutes from now in which nothing starts (60).")
@click.option(
    "--tentative", type=click.Choice(["soft", "blocked", "free"]), help="How tentative entries count (soft)."
)
@click.option("--limit", type=int, help="How many slots to show (10).")
@click.option("--apart", type=int, help="Minutes between the starts of two slots (the length).")
@click.option("--organizer", help="Whose calendar the invitation goes into.")
@click.option("--subject", help="Subject of the invitation.")
@click.option("--text", help="Text of the invitation.")
@click.option("--online-meeting", is_flag=True, help="Ask for a Teams link.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@pass_context
def find(context: Context, /, request_file: Path | None, *, as_json: bool, **flags: Any) -> int:
    """Find the best slots: the people named, free together, with a room if one is needed.

    The request comes from a JSON file (`-` is standard input), from options, or from both, where options win.
    Exit code 1 when nothing fits.
    """
    request = _request(request_file, flags)
    settings = context.settings()
    with context.slotwright("Reading calendars", settings) as slotwright:
        slots = find_slots(
            request,
            slotwright.graph,
            slotwright.store,
            organizer=settings.organizer,
            rules=slotwright.rules,
        )
    if as_json:
        click.echo(slots.model_dump_json(indent=2))
    else:
        tables.print_slots(slots, output())
    return 0 if slots.slots else 1


def _request(path: Path | None, flags: dict[str, Any]) -> FindRequest:
    chosen = {
        name: value
        for name, value in flags.items()
        if value is not None and value is not False and value != ()
    }
    if path is not None:
        text = _read(path)
        if not chosen:
            return read_request(text)
        values = read_request(text).model_dump(mode="json", by_alias=True, exclude_unset=True)
    elif not chosen:
        raise InputError(
            "request", "is missing", "name a REQUEST.json or describe it with options; see --help"
        )
    else:
        values = {}
    return make_request(_overlay(values, chosen))


def _read(path: Path) -> str:
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("request", f"{path} cannot be read ({error})", "check the path") from None


def _overlay(values: dict[str, Any], flags: dict[str, Any]) -> dict[str, Any]:
    """The request's values with the options' values over them."""
    merged = dict(values)
    people = [
        {"address": address, "required": option == "required"}
        for option in ("required", "optional")
        for address in _listed(flags.get(option, ""))
    ]
    if people:
        merged["people"] = people
    for option, key in (("until", "and"), *((name, name) for name in _PLAIN)):
        if option in flags:
            merged[key] = flags[option]
    room = dict(merged.get("room") or {})
    for option, key in (("room_seats", "seats"), ("building", "building"), ("step_free", "step_free")):
        if option in flags:
            room[key] = flags[option]
    if "equipment" in flags:
        room["equipment"] = _listed(flags["equipment"])
    if room or "room" in flags:
        merged["room"] = room
    candidate = dict(merged.get("candidate") or {})
    for option, key in (("candidate", "address"), ("candidate_name", "name"), ("candidate_zone", "zone")):
        if option in flags:
            candidate[key] = flags[option]
    if "available" in flags:
        candidate["available"] = [_stretch(text) for text in flags["available"]]
    if candidate:
        merged["candidate"] = candidate
    return merged


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


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _stretch(text: str) -> dict[str, str]:
    start, slash, end = text.partition("/")
    if not slash:
        raise InputError(
            "--available", f"{text!r} is not two local times", "write 2026-11-23T09:00/2026-11-23T12:00"
        )
    return {"from": start, "to": end}
