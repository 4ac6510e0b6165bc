"""What every error of every command is called where programs read: one table with a fixed vocabulary."""

from __future__ import annotations

from typing import Any, NamedTuple

from scheduler.app.changing import NotChanged, clock_of
from scheduler.app.conflict import Conflict
from scheduler.cli.context import Unfinished
from scheduler.errors import (
    Busy,
    Gone,
    GraphError,
    Impossible,
    InputError,
    NotFound,
    SlotwrightError,
    StoreError,
    WorldError,
)
from scheduler.graph.errors import SignInFailed, Throttled, Unavailable
from scheduler.planning.localtimes import local
from scheduler.zones import iso_utc


class Word(NamedTuple):
    """How an error is told to programs.

    Args:
        error: one word of a fixed vocabulary.
        status: the HTTP status that means the same.
        when: what it says, for people.
    """

    error: str
    status: int
    when: str


USAGE = Word("invalid", 400, "something in the request, an option or a setting cannot be used")

WORDS: dict[type[SlotwrightError], Word] = {
    InputError: USAGE,
    Impossible: Word("invalid", 422, "well said, but as things stand it can never be done"),
    NotFound: Word("not_found", 404, "an id that nobody knows here"),
    Busy: Word("busy", 423, "another process is at it; try again in a moment"),
    Gone: Word("conflict", 409, "the slot, option, time, person or room has gone; nothing was changed"),
    SignInFailed: Word("sign_in", 502, "Microsoft 365 does not let us in"),
    Throttled: Word("unavailable", 503, "Microsoft Graph asked for a longer pause than we may make"),
    Unavailable: Word("unavailable", 503, "Microsoft Graph is out of reach"),
    GraphError: Word("graph", 502, "Microsoft Graph refused, or answered what cannot be used"),
    StoreError: Word("database", 503, "the database refused, or is out of reach"),
    Unfinished: Word("unfinished", 502, "it failed midway and is in the ledger; `show` goes on with it"),
    WorldError: Word("failed", 500, "anything else that went wrong outside"),
}
"""The closest class of an error decides; the code with which a command ends stands with the class itself."""


def word_of(error: SlotwrightError) -> Word:
    """How the error is called."""
    return next((WORDS[each] for each in type(error).__mro__ if each in WORDS), WORDS[WorldError])


def document_of(error: SlotwrightError) -> dict[str, Any]:
    """The error as `--json` writes it."""
    word = word_of(error)
    return {"error": word.error, "status": word.status, "what": str(error), **_more(error)}


def usage_document(what: str) -> dict[str, Any]:
    """A command line that cannot be used, as `--json` writes it."""
    return {"error": USAGE.error, "status": USAGE.status, "what": what}


def _more(error: SlotwrightError) -> dict[str, Any]:
    match error:
        case InputError():
            return {"field": error.field, "problem": error.problem, "remedy": error.remedy}
        case Conflict():
            return {
                "gone": error.gone,
                "why": error.why,
                "alternatives": [each.model_dump(mode="json") for each in error.alternatives],
            }
        case NotChanged():
            clock = clock_of(error.booking)
            return {
                "booking": error.booking.booking_id,
                "why": error.reason,
                "alternatives": [
                    {"start_utc": iso_utc(minute), "zone": clock.key, "start": local(clock, minute)}
                    for minute in error.free
                ],
            }
        case Gone():
            return {"why": str(error), "alternatives": []}
        case Unfinished():
            return {"unfinished": error.unfinished}
        case _:
            return {}
