"""Control routes for what administrators and people decide: registrations, sharing, device codes, sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from scheduler.emulator import zones
from scheduler.emulator.clock import Clock
from scheduler.emulator.envelope import Stamp
from scheduler.emulator.registration import App
from scheduler.emulator.registry import Registry
from scheduler.emulator.signin.clients import secrets_of
from scheduler.emulator.signin.desk import Desk, Visit
from scheduler.emulator.signin.device import decided
from scheduler.emulator.signin.refusals import SignInRefused

_Body = TypeVar("_Body", bound=BaseModel)
_Result = TypeVar("_Result")


class Administered(Protocol):
    """What these routes need of an emulator."""

    clock: Clock
    registry: Registry
    desk: Desk


class _AppChange(BaseModel):
    model_config = ConfigDict(extra="allow")
    client_id: str


class _MailboxChange(BaseModel):
    model_config = ConfigDict(extra="allow")
    address: str


class _OptionsChange(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Decision(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user_code: str
    account: str
    decision: Literal["accept", "decline"] = "accept"


class _Revocation(BaseModel):
    model_config = ConfigDict(extra="forbid")
    account: str


def _apps(emulator: Administered, _: Request) -> dict[str, Any]:
    return {"apps": [_shown(emulator, app) for app in emulator.registry.apps]}


def _shown(emulator: Administered, app: App) -> dict[str, Any]:
    """A registration without its secrets' values, and whether Exchange goes by it yet."""
    hidden = app.model_dump(mode="json", exclude={"secret", "secret_expires", "secrets"})
    secrets = [secret.model_dump(mode="json", exclude={"value"}) for secret in secrets_of(app)]
    waiting = emulator.registry.awaited(app.client_id, emulator.clock.now()) is not None
    return {**hidden, "secrets": secrets, "policy_pending": waiting}


def _change_app(emulator: Administered, request: Request) -> dict[str, Any]:
    change = _read(request, _AppChange)
    app = _done(lambda: emulator.registry.change_app(change.client_id, **(change.model_extra or {})))
    return _shown(emulator, app)


def _change_mailbox(emulator: Administered, request: Request) -> dict[str, Any]:
    change = _read(request, _MailboxChange)
    _done(lambda: emulator.registry.change_mailbox(change.address, **(change.model_extra or {})))
    return {"address": change.address, **(change.model_extra or {})}


def _options(emulator: Administered, _: Request) -> dict[str, Any]:
    return emulator.registry.options.model_dump(mode="json")


def _change_options(emulator: Administered, request: Request) -> dict[str, Any]:
    change = _read(request, _OptionsChange)
    _done(lambda: emulator.registry.change_options(**(change.model_extra or {})))
    return _options(emulator, request)


def _devices(emulator: Administered, _: Request) -> dict[str, Any]:
    with emulator.registry.lock:
        waiting = [
            {
                "user_code": code.user_code,
                "client_id": code.client_id,
                "scope": code.scope,
                "ends": zones.stamp(code.ends),
                "state": code.state,
            }
            for code in emulator.desk.devices.values()
        ]
    return {"devices": waiting}


def _decide(emulator: Administered, request: Request) -> dict[str, Any]:
    said = _read(request, _Decision)
    visit = Visit(emulator.desk, request, "", Stamp("", "", emulator.clock.now()))
    with emulator.registry.lock:
        try:
            code = decided(visit, said.user_code, said.account, accept=said.decision == "accept")
        except SignInRefused as refusal:
            raise BadRequest(str(refusal)) from refusal
    return {"user_code": code.user_code, "state": code.state}


def _revoke(emulator: Administered, request: Request) -> dict[str, Any]:
    said = _read(request, _Revocation)
    with emulator.registry.lock:
        _done(lambda: emulator.desk.revoke(said.account))
    return {"account": said.account}


def _done(work: Callable[[], _Result]) -> _Result:
    try:
        return work()
    except KeyError as error:
        raise NotFound(f"there is no {error.args[0]!r} in this tenant") from error
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _read(request: Request, model: type[_Body]) -> _Body:
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        raise BadRequest(str(error)) from error


ROUTES: Mapping[tuple[str, str], Callable[[Administered, Request], dict[str, Any]]] = {
    ("GET", "apps"): _apps,
    ("POST", "apps"): _change_app,
    ("POST", "mailboxes"): _change_mailbox,
    ("GET", "options"): _options,
    ("POST", "options"): _change_options,
    ("GET", "devices"): _devices,
    ("POST", "devices"): _decide,
    ("POST", "revocations"): _revoke,
}
