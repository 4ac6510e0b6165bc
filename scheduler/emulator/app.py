"""The emulator as one object: state, clock, journal and faults behind a WSGI application.

By path it is a token endpoint (`/{tenant}/...`), Microsoft Graph (`/v1.0/...`) and its own controls
(`/emulator/...`), on whatever host it is asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from scheduler.emulator.access import reach_mailbox, require_directory_role
from scheduler.emulator.agenda import Agenda
from scheduler.emulator.clock import Clock
from scheduler.emulator.delivery import Delivery
from scheduler.emulator.envelope import GraphFailure, Stamp, bad_request, refusal, reply
from scheduler.emulator.faults import FaultPlan
from scheduler.emulator.identity import Identities
from scheduler.emulator.journal import EffectSeen, Journal, RequestSeen
from scheduler.emulator.mishaps import Work, through
from scheduler.emulator.odata import read_preferences
from scheduler.emulator.operations import OPERATIONS, operation_table, spelled
from scheduler.emulator.routes import control, token
from scheduler.emulator.service import Call
from scheduler.emulator.tenant import Tenant
from scheduler.emulator.throttle import Throttle
from scheduler.emulator.tokens import Tokens
from scheduler.emulator.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_VERSION = "/v1.0"


@dataclass(slots=True)
class _Seen:
    """What the journal will say about the request under way."""

    operation: str = ""
    mailbox: str = ""
    client_id: str = ""
    code: str = ""


@cache
def _graph_urls() -> Map:
    """Graph's URLs; they are the same for every emulator of a process, and compiling them takes a while."""
    return Map(
        [Rule(operation.rule, methods=[operation.method], endpoint=operation) for operation in OPERATIONS]
    )


@cache
def _sign_in_urls() -> Map:
    """The token endpoint's URLs."""
    return Map([
        Rule("/<tenant>/v2.0/.well-known/openid-configuration", methods=["GET"], endpoint="discovery"),
        Rule("/<tenant>/oauth2/v2.0/token", methods=["POST"], endpoint="token"),
    ])  # fmt: skip


class Emulator:
    """One emulated tenant. Any number of threads may call `wsgi` and the rest.

    Args:
        tenant: who and what there is at the start.
        clock: the only source of time; the emulator settles what is due whenever it is advanced.
    """

    def __init__(self, tenant: Tenant, *, clock: Clock) -> None:
        self.tenant = tenant
        self.clock = clock
        self.journal = Journal()
        self.faults = FaultPlan(tenant.seed)
        self._lock = threading.RLock()
        self._tokens = Tokens(tenant)
        self._throttle = Throttle(tenant.options.concurrent_requests)
        self._begin()
        clock.when_advanced(self._settle_quietly)
        self._graph_urls = _graph_urls().bind("graph")
        self._sign_in_urls = _sign_in_urls().bind("login")

    def _begin(self) -> None:
        self._request_ids = Identities(self.tenant.seed)
        self._world = World(self.tenant, self.clock, self.journal)
        self._agenda = Agenda(self._world.past.remember)
        self._delivery = Delivery(self._world, self._agenda)

    def reset(self) -> None:
        """Go back to the tenant file: state, clock, journal and fault plan. Tokens stay valid."""
        with self._lock:
            self.clock.rewind()
            self.journal.clear()
            self.faults.clear()
            self.faults.sow(self.tenant.seed)
            self._begin()

    def settle(self) -> int:
        """Let everything due by now happen; returns how many effects that were."""
        with self._lock:
            return self._agenda.settle(self.clock.now())

    def _settle_quietly(self) -> None:
        self.settle()

    def snapshot(self) -> dict[str, Any]:
        """Every mailbox with its calendars and events, as JSON values."""
        with self._lock:
            self.settle()
            return control.snapshot(self._world)

    def operations(self) -> list[dict[str, Any]]:
        """The Graph operations there are, with the roles of which each needs one."""
        return operation_table()

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application.

        Raises:
            ReplyDropped: the fault plan loses this reply.
        """
        request = Request(environ)
        with self._lock:
            request_id = self._request_ids.next_uuid("request")
        stamp = Stamp(request_id, request.headers.get("client-request-id") or request_id, self.clock.now())
        if request.path == "/emulator" or request.path.startswith("/emulator/"):
            response = self._controlled(request)
        else:
            response = self._observed(request, stamp)
        return response(environ, start_response)

    def _controlled(self, request: Request) -> Response:
        try:
            return control.control(self, request)
        except HTTPException as problem:
            return Response(
                f"{problem.description}\n", problem.code, content_type="text/plain; charset=utf-8"
            )

    def _observed(self, request: Request, stamp: Stamp) -> Response:
        seen = _Seen()
        status = 0
        try:
            response = self._answered(request, stamp, seen)
            status = response.status_code
        finally:
            self.journal.add(
                RequestSeen(
                    at=stamp.now,
                    method=request.method,
                    path=request.path,
                    operation=seen.operation,
                    mailbox=seen.mailbox,
                    status=status,
                    code=seen.code,
                    client_id=seen.client_id,
                    request_id=stamp.request_id,
                )
            )
        return response

    def _answered(self, request: Request, stamp: Stamp, seen: _Seen) -> Response:
        try:
            if request.path.startswith(f"{_VERSION}/"):
                return self._graph(request, stamp, seen)
            return self._sign_in(request, stamp, seen)
        except GraphFailure as failure:
            seen.code = failure.code
            return refusal(failure, stamp)
        except token.SignInRefused as refused:
            seen.code = f"AADSTS{refused.number}"
            return token.refused(refused, stamp)
        except MethodNotAllowed:
            message = f"The method {request.method} is not supported at {request.path}."
            seen.code = "MethodNotAllowed"
            return refusal(GraphFailure(405, seen.code, message), stamp)
        except NotFound:
            seen.code = "ResourceNotFound"
            return refusal(GraphFailure(404, seen.code, f"There is no resource at {request.path}."), stamp)

    def _sign_in(self, request: Request, stamp: Stamp, seen: _Seen) -> Response:
        seen.operation, path = self._sign_in_urls.match(request.path, request.method)
        seen.client_id = request.form.get("client_id", "")
        key = path["tenant"]

        def work(request: Request) -> Response:
            if seen.operation == "discovery":
                return token.discovery(self.tenant, request, key)
            return token.token(self.tenant, self._tokens, request, key, stamp)

        return self._through(request, seen, work)

    def _graph(self, request: Request, stamp: Stamp, seen: _Seen) -> Response:
        path = spelled(request.path.removeprefix(_VERSION))
        if path == "/me" or path.startswith("/me/"):
            self._tokens.caller(request.headers.get("Authorization", ""), stamp.now)
            message = "/me request is only valid with delegated authentication flow."
            raise bad_request("BadRequest", message)
        operation, matched = self._graph_urls.match(path, request.method)
        variables = dict(matched)
        seen.operation = operation.name
        key = variables.pop("user", "")
        named = self._world.mailbox(key)
        seen.mailbox = key if named is None else named.address
        caller = self._tokens.caller(request.headers.get("Authorization", ""), stamp.now)
        seen.client_id = caller.app.client_id

        def work(request: Request) -> Response:
            with self._lock:
                self.settle()
                mailbox = None
                if operation.guard == "mailbox":
                    mailbox = reach_mailbox(self._world, caller, key, operation.roles)
                else:
                    outlook = operation.guard == "outlook"
                    require_directory_role(caller, operation.roles, outlook=outlook)
                call = Call(
                    world=self._world,
                    delivery=self._delivery,
                    request=request,
                    now=self.clock.now(),
                    caller=caller,
                    mailbox=mailbox,
                    path=variables,
                    preferences=read_preferences(request.headers.get("Prefer", "")),
                )
                answer = operation.handler(call)
                self._world.past.remember(call.now)
                return reply(answer, stamp)

        with self._throttle.place(caller.app.client_id, seen.mailbox):
            return self._through(request, seen, work)

    def _through(self, request: Request, seen: _Seen, work: Work) -> Response:
        def later(seconds: float, work: Work) -> None:
            def apply(at: datetime) -> None:
                try:
                    outcome = str(work(request).status_code)
                except (GraphFailure, token.SignInRefused) as refused:
                    outcome = str(refused)
                self.journal.add(
                    EffectSeen(at, "appliedLate", seen.mailbox, "", f"{seen.operation}: {outcome}")
                )

            with self._lock:
                self._agenda.add(self.clock.now() + timedelta(seconds=seconds), apply)

        return through(self.faults.meet(seen.operation, seen.mailbox), request, work, later)
