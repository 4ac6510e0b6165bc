"""Change tracking: what became of a calendar's events since the last time (api/event-delta.md).

A round begins with everything (`calendarView/delta` in a window, `events/delta` without one) and ends with a deltaLink,
whose round tells what was made, changed or removed since. Tokens are opaque; the window is part of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from scheduler.emulator.access import READ_BASIC
from scheduler.emulator.envelope import Answer, GraphFailure, bad_request
from scheduler.emulator.event_wire import occurrence_id, shown_properties, wire_event
from scheduler.emulator.routes.events import bounds, calendar_of, view_of
from scheduler.emulator.service import Call, Operation
from scheduler.emulator.state import Calendar
from scheduler.emulator.tracking import Round, Told, first_round, next_round

_PAGE = 10
_SKIP, _DELTA = "$skiptoken", "$deltatoken"


def view_delta(call: Call) -> Answer:
    """A page of the changes in a window, series expanded."""
    return _delta(call, window=True)


def events_delta(call: Call) -> Answer:
    """A page of the changes of single events and series masters."""
    return _delta(call, window=False)


def _delta(call: Call, *, window: bool) -> Answer:
    options = call.request.args
    refused = [name for name in options if name.startswith("$") and name not in {_SKIP, _DELTA}]
    if refused:
        message = f"These parameters are not supported with change tracking: '{', '.join(refused)}'."
        raise bad_request("ErrorInvalidUrlQuery", message)
    calendar = calendar_of(call)
    if _SKIP in options:
        return _page(call, _kept(call, calendar, options[_SKIP], window=window))
    if _DELTA in options:
        return _page(
            call, next_round(_kept(call, calendar, options[_DELTA], window=window), calendar, call.now)
        )
    return _page(call, first_round(call.owner.address, calendar, bounds(call) if window else None, call.now))


def _kept(call: Call, calendar: Calendar, token: str, *, window: bool) -> Round:
    kept = call.world.rounds.get(token)
    options = call.world.tenant.options
    life = options.delta_token_seconds
    if (
        kept is None
        or (kept.mailbox, kept.calendar_id) != (call.owner.address, calendar.calendar_id)
        or (kept.window is not None) != window
        or (life is not None and call.now >= kept.at + timedelta(seconds=life))
    ):
        message = "The sync state is not there any more. Begin again without a token."
        raise GraphFailure(410, options.delta_refusal, message, {"Location": call.request.base_url})
    return kept


def _page(call: Call, round_: Round) -> Answer:
    size = call.preferences.page_size
    until = round_.offset + (size or _PAGE)
    body: dict[str, Any] = {
        "@odata.context": call.context("Collection(microsoft.graph.event)"),
        "value": [_wire(call, told) for told in round_.told[round_.offset : until]],
    }
    if until < len(round_.told):
        token = _keep(call, replace(round_, offset=until))
        body["@odata.nextLink"] = f"{call.request.base_url}?{_SKIP}={token}"
    else:
        body["@odata.deltaLink"] = f"{call.request.base_url}?{_DELTA}={_keep(call, round_)}"
    honoured = () if size is None else (f"odata.maxpagesize={size}",)
    return Answer(200, body, applied=(*call.preferences.applied(), *honoured))


def _keep(call: Call, round_: Round) -> str:
    token = call.world.ids.item("", "round", call.world.ids.next_number("round")).rstrip("=")
    call.world.rounds[token] = round_
    return token


def _wire(call: Call, told: Told) -> dict[str, Any]:
    if told.gone:
        own = told.event.immutable_id if call.preferences.immutable else told.event_id
        return {"id": occurrence_id(own, told.occurrence), "@removed": {"reason": "deleted"}}
    return shown_properties(wire_event(call.world, told.event, view_of(call), told.occurrence), None)


def _operations() -> Iterator[Operation]:
    for root in ("/users/<user>", "/users/<user>/calendar", "/users/<user>/calendars/<calendar_id>"):
        yield Operation("calendarViewDelta", "GET", f"{root}/calendarView/delta", view_delta, READ_BASIC)
        yield Operation("eventsDelta", "GET", f"{root}/events/delta", events_delta, READ_BASIC)


OPERATIONS = tuple(_operations())
