"""What we may do with a mailbox's calendar, and the generated calendar of the Scheduler route."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from scheduler.booking.events import CalendarAccess
from scheduler.graph.errors import Applied, BadAnswer, Clash, NotAllowed, NotThere, Unavailable
from scheduler.graph.gate import Gate
from scheduler.graph.paging import linked_pages
from scheduler.graph.paths import literal, query, user_path
from scheduler.graph.wire.calendars import Calendar

CREATE_ROUNDS = 3
"""How often a calendar is asked for whose creation Graph did not answer for."""


def access(gate: Gate, mailbox: str) -> CalendarAccess | NotAllowed | NotThere:
    """What the caller may do with the default calendar, or the refusal that says why nothing.

    On calendars of others 403 and 404 both mean no access, so both are answers here and not failures.

    Raises:
        CallFailed: Graph did not say.
    """
    doing = f"asking for access to the calendar of {mailbox}"
    path = f"{user_path(mailbox)}/calendar" + query(select="id,canEdit")
    try:
        reply = gate.send("GET", path, mailbox=mailbox, doing=doing)
    except (NotAllowed, NotThere) as refused:
        return refused
    calendar = _calendar(reply.body, doing)
    return CalendarAccess(calendar.id, can_edit=calendar.can_edit is True)


def get_or_create(gate: Gate, mailbox: str, name: str, known_id: str | None) -> str:
    """The id of our calendar in a mailbox: the known one, else one of that name, else a new one.

    A renamed calendar keeps its id and stays ours; a deleted one is looked for by name and then made again.
    A name that turns out to be taken, or a creation of unknown outcome, is looked up once more, because an
    earlier try may have succeeded unseen; a mailbox has no two calendars of one name, so that it may be tried again.

    Raises:
        CallFailed: it could be neither found nor made.
    """
    found = find_calendar(gate, mailbox, name, known_id)
    if found is not None:
        return found
    doing = f"creating the calendar {name!r} in the mailbox {mailbox}"
    for rounds_left in reversed(range(CREATE_ROUNDS)):
        try:
            reply = gate.send(
                "POST",
                f"{user_path(mailbox)}/calendars",
                mailbox=mailbox,
                json={"name": name},
                doing=doing,
                write=True,
            )
            return _calendar(reply.body, doing, "unknown").id
        except (Clash, Unavailable, BadAnswer) as error:
            found = _named(gate, mailbox, name)
            if found is not None:
                return found
            if rounds_left == 0 or isinstance(error, Clash):
                raise
    raise AssertionError("unreachable")


def find_calendar(gate: Gate, mailbox: str, name: str, known_id: str | None) -> str | None:
    """The id of our calendar in a mailbox: the known one, else one of that name; None when there is none.

    Raises:
        CallFailed: the mailbox could not be searched.
    """
    if known_id is not None and _still_there(gate, mailbox, known_id):
        return known_id
    return _named(gate, mailbox, name)


def _still_there(gate: Gate, mailbox: str, calendar_id: str) -> bool:
    path = f"{user_path(mailbox)}/calendars/{quote(calendar_id, safe='')}" + query(select="id")
    try:
        gate.send("GET", path, mailbox=mailbox, doing=f"looking for our calendar in the mailbox {mailbox}")
    except NotThere as gone:
        if gone.whole_mailbox:
            raise
        return False
    return True


def _named(gate: Gate, mailbox: str, name: str) -> str | None:
    """The id of the calendar of that name; folder names in Exchange do not differ by case alone."""
    doing = f"looking for the calendar {name!r} in the mailbox {mailbox}"
    path = f"{user_path(mailbox)}/calendars" + query(
        filter=f"name eq {literal(name)}", select="id,name", top="100"
    )
    rows = linked_pages(gate, path, mailbox=mailbox, doing=doing)
    calendars = [_calendar(row, doing) for row in rows]
    return next((row.id for row in calendars if row.name.casefold() == name.casefold()), None)


def _calendar(body: Any, doing: str, applied: Applied = "no") -> Calendar:
    try:
        return Calendar.model_validate(body)
    except ValidationError as fault:
        raise BadAnswer(
            doing,
            "Graph's answer holds no calendar in the documented form",
            "try again later",
            applied=applied,
        ) from fault


def purpose(gate: Gate, mailbox: str) -> str | None:
    """The `userPurpose` of a mailbox in lower case, such as `room` or `equipment` (resources/mailboxsettings).

    None if it has none, or if we may not read it: that needs MailboxSettings.Read.

    Raises:
        CallFailed: Graph did not say.
    """
    path = f"{user_path(mailbox)}/mailboxSettings" + query(select="userPurpose")
    try:
        body = gate.send("GET", path, mailbox=mailbox, doing=f"asking what {mailbox} is for").body
    except (NotAllowed, NotThere):
        return None
    found = body.get("userPurpose") if isinstance(body, dict) else None
    return found.lower() if isinstance(found, str) else None
