"""Control routes for what happens in Exchange without a request: events are moved, subscriptions end or ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from scheduler.emulator.notifications import Hub, LifecycleEvent


class Happening(Protocol):
    """What these routes need of an emulator."""

    hub: Hub

    def move(self, mailbox: str, event_id: str, calendar: str) -> dict[str, Any]:
        """Let a person drag an event to another calendar of the mailbox."""

    def befall(self, subscription_id: str, event: LifecycleEvent) -> None:
        """Let something happen to a subscription."""


class _Move(BaseModel):
    model_config = ConfigDict(extra="forbid")
    mailbox: str
    event: str
    calendar: str


class _Befalling(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subscription: str
    event: LifecycleEvent


def _move(emulator: Happening, request: Request) -> dict[str, Any]:
    try:
        wanted = _Move.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadRequest(str(error)) from error
    try:
        return emulator.move(wanted.mailbox, wanted.event, wanted.calendar)
    except KeyError as error:
        raise NotFound(f"there is no {error.args[0]}") from error


def _befall(emulator: Happening, request: Request) -> dict[str, Any]:
    try:
        wanted = _Befalling.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadRequest(str(error)) from error
    if wanted.subscription not in emulator.hub.subscriptions:
        raise NotFound(f"there is no subscription {wanted.subscription}")
    emulator.befall(wanted.subscription, wanted.event)
    return {"subscriptions": sorted(emulator.hub.subscriptions)}


ROUTES: Mapping[tuple[str, str], Callable[[Happening, Request], dict[str, Any]]] = {
    ("POST", "moves"): _move,
    ("POST", "lifecycle"): _befall,
}
