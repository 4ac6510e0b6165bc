"""The emulator's own routes under /emulator/: for tests and people at a desk, from this machine only.

GET  /emulator/            what there is: operations, roles, control routes
GET  /emulator/clock       {"now": "2026-03-02T08:00:00Z", "running": false}
POST /emulator/clock       {"advance_seconds": 60}; everything that became due has happened on return
GET  /emulator/journal     {"requests": [...], "effects": [...], "mail": [...], "notifications": [...]}
GET  /emulator/faults      {"faults": [...]} still to come
POST /emulator/faults      {"faults": [{"operation": "createEvent", "kind": "drop_reply"}]}; see faults.Fault
GET  /emulator/operations  what is supported and what is refused
POST /emulator/moves       {"mailbox": "...", "event": "...", "calendar": "..."}: a person drags an event to a calendar
POST /emulator/lifecycle   {"subscription": "...", "event": "subscriptionRemoved"}, or missed, reauthorizationRequired
POST /emulator/reset       back to the tenant file: state, clock, journal and faults
GET  /emulator/snapshot    every mailbox with its calendars and events
GET  /emulator/apps        the registrations as they are: secret ids, certificates, grants, consents; whether Exchange
                           goes by the last change yet
POST /emulator/apps        {"client_id": "...", "grants": [...]}: replaces fields of a registration (registration.App)
POST /emulator/mailboxes   {"address": "...", "shares": "read", "shared_with": {...}, "sign_in": "disabled"}
GET  /emulator/options     the options as they are
POST /emulator/options     {"automatic_sign_in": true, "user_consent": "blocked"}; see registry.CHANGEABLE_OPTIONS
GET  /emulator/devices     {"devices": [...]}: codes that devices show, with their state
POST /emulator/devices     {"user_code": "...", "account": "...", "decision": "accept"}
POST /emulator/revocations {"account": "..."}: all refresh tokens of a person are void
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, Forbidden, MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from scheduler.emulator import zones
from scheduler.emulator.event_wire import View, wire_event
from scheduler.emulator.faults import Fault, FaultPlan
from scheduler.emulator.journal import Journal
from scheduler.emulator.routes import happenings
from scheduler.emulator.routes.administration import ROUTES, Administered
from scheduler.emulator.world import World

_Body = TypeVar("_Body", bound=BaseModel)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})


class Controlled(Administered, happenings.Happening, Protocol):
    """What the control routes need of an emulator."""

    journal: Journal
    faults: FaultPlan

    def reset(self) -> None:
        """Go back to the start."""

    def snapshot(self) -> dict[str, Any]:
        """All state."""

    def operations(self) -> list[dict[str, Any]]:
        """The operations there are."""


class _Advance(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advance_seconds: float = Field(ge=0)


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    faults: list[Fault]


def control(emulator: Controlled, request: Request) -> Response:
    """Answer a control request.

    Raises:
        HTTPException: 400, 403, 404 or 405, as Werkzeug's exceptions.
    """
    if request.remote_addr not in _LOOPBACK:
        raise Forbidden("the control routes answer this machine only")
    name = request.path.removeprefix("/emulator").strip("/")
    if name not in {route for _, route in _ROUTES}:
        raise NotFound
    answer = _ROUTES.get((request.method, name))
    if answer is None:
        raise MethodNotAllowed
    body = json.dumps(answer(emulator, request))
    return Response(body, content_type="application/json; charset=utf-8")


def snapshot(world: World) -> dict[str, Any]:
    """Every mailbox with its calendars and events, as the wire writes events, immutable ids beside."""
    return {
        "now": zones.stamp(world.clock.now()),
        "mailboxes": {
            mailbox.address: {
                "id": mailbox.object_id,
                "calendars": [
                    {
                        "id": calendar.calendar_id,
                        "name": calendar.name,
                        "isDefaultCalendar": calendar.is_default,
                        "events": [
                            {"immutableId": event.immutable_id, **wire_event(world, event, View())}
                            for event in calendar.events.values()
                        ],
                    }
                    for calendar in mailbox.calendars.values()
                ],
            }
            for mailbox in world.mailboxes.values()
        },
    }


def _index(emulator: Controlled, _: Request) -> dict[str, Any]:
    return {"operations": emulator.operations(), "control": (__doc__ or "").splitlines()[2:]}


def _clock(emulator: Controlled, _: Request) -> dict[str, Any]:
    return {"now": zones.stamp(emulator.clock.now()), "running": emulator.clock.running}


def _advance(emulator: Controlled, request: Request) -> dict[str, Any]:
    emulator.clock.advance(_read(request, _Advance).advance_seconds)
    return _clock(emulator, request)


def _faults(emulator: Controlled, _: Request) -> dict[str, Any]:
    return {"faults": [fault.model_dump() for fault in emulator.faults.planned]}


def _plan(emulator: Controlled, request: Request) -> dict[str, Any]:
    emulator.faults.add(*_read(request, _Plan).faults)
    return _faults(emulator, request)


def _reset(emulator: Controlled, request: Request) -> dict[str, Any]:
    emulator.reset()
    return _clock(emulator, request)


def _read(request: Request, model: type[_Body]) -> _Body:
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadRequest(str(error)) from error


_ROUTES: dict[tuple[str, str], Callable[[Controlled, Request], dict[str, Any]]] = {
    ("GET", ""): _index,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _advance,
    ("GET", "journal"): lambda emulator, _: emulator.journal.wire(),
    ("GET", "faults"): _faults,
    ("POST", "faults"): _plan,
    ("POST", "reset"): _reset,
    ("GET", "snapshot"): lambda emulator, _: emulator.snapshot(),
    ("GET", "operations"): lambda emulator, _: {"operations": emulator.operations()},
    **ROUTES,
    **happenings.ROUTES,
}
