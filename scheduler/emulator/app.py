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

from scheduler.emulator.access import Caller, reach_mailbox, require_directory_role
from scheduler.emulator.agenda import Agenda
from scheduler.emulator.clock import Clock
from scheduler.emulator.delivery import Delivery
from scheduler.emulator.envelope import GraphFailure, Stamp, refusal, reply
from scheduler.emulator.faults import FaultPlan
from scheduler.emulator.identity import Identities
from scheduler.emulator.journal import EffectSeen, Journal, RequestSeen
from scheduler.emulator.mishaps import Work, through
from scheduler.emulator.notifications import Hub, LifecycleEvent
from scheduler.emulator.odata import read_preferences
from scheduler.emulator.operations import OPERATIONS, operation_table, spelled
from scheduler.emulator.receivers import Receivers
from scheduler.emulator.registry import Registry
from scheduler.emulator.routes import control
from scheduler.emulator.service import Call, Deferred
from scheduler.emulator.signin.desk import Desk, Visit
from scheduler.emulator.signin.endpoints import answer, sign_in_urls
from scheduler.emulator.signin.refusals import SignInRefused
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
        self.receivers = Receivers()
        self._lock = threading.RLock()
        self._tokens = Tokens(tenant)
        self._throttle = Throttle(tenant.options)
        self._settling = False
        self._begin()
        clock.when_advanced(self.catch_up)
        self._graph_urls = _graph_urls().bind("graph")
        self._sign_in_urls = sign_in_urls().bind("login")

    def _begin(self) -> None:
        self._request_ids = Identities(self.tenant.seed)
        self._world = World(self.tenant, self.clock, self.journal)
        self.registry = Registry(self._world, self._lock)
        self.desk = Desk(self.registry, self._tokens)
        self._agenda = Agenda(self._changed)
        self._delivery = Delivery(self._world, self._agenda)
        self.hub = Hub(self._world, self._agenda, self._lock, self.receivers)

    def reset(self) -> None:
        """Go back to the tenant file: state, clock, journal and fault plan. Tokens stay valid."""
        with self._lock:
            self.clock.rewind()
            self.journal.clear()
            self.faults.clear()
            self.faults.sow(self.tenant.seed)
            self._throttle.clear()
            self._begin()

    def settle(self) -> int:
        """Let everything due by now happen; returns how many effects that were."""
        with self._lock:
            outer, self._settling = self._settling, True
            try:
                return self._agenda.settle(self.clock.now())
            finally:
                self._settling = outer

    def catch_up(self) -> None:
        """Settle and post the notifications that are due, until neither leaves anything to do."""
        self.settle()
        while self.hub.flush():
            self.settle()

    def _changed(self, at: datetime) -> None:
        self._world.past.remember(at)
        self.hub.notice(at)

    def snapshot(self) -> dict[str, Any]:
        """Every mailbox with its calendars and events, as JSON values."""
        with self._lock:
            self.settle()
            return control.snapshot(self._world)

    def move(self, mailbox: str, event_id: str, calendar: str) -> dict[str, Any]:
        """Let a person drag an event to another calendar of the mailbox; returns both ids that it has now.

        Args:
            mailbox: an address or a directory object id.
            event_id: the default or the immutable id.
            calendar: the name or the id of the calendar.

        Raises:
            KeyError: there is no such mailbox, event or calendar.
        """
        with self._lock:
            self.settle()
            box = self._world.mailbox(mailbox)
            if box is None:
                raise KeyError(f"mailbox {mailbox}")
            event, target = box.find(event_id), box.calendars.get(calendar) or box.calendar_named(calendar)
            if event is None or target is None:
                raise KeyError(f"event {event_id}" if event is None else f"calendar {calendar}")
            now = self.clock.now()
            self._world.move_event(event, target, now)
            self._world.effect(now, "moved", box, event.ical_uid, reason=target.name)
            self._changed(now)
            return {"id": event.event_id, "immutableId": event.immutable_id}

    def befall(self, subscription_id: str, event: LifecycleEvent) -> None:
        """Let Graph end a subscription, ask for its reauthorization, or tell that something was missed."""
        with self._lock:
            self.hub.lifecycle(subscription_id, event, self.clock.now())

    def operations(self) -> list[dict[str, Any]]:
        """The Graph operations there are, with the roles of which each needs one."""
        return operation_table()

    def wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI application.

        Raises:
            ReplyDropped: the fault plan loses this reply.
        """
        request = Request(environ)
        stamp = self._stamp(request)
        if request.path == "/emulator" or request.path.startswith("/emulator/"):
            response = self._controlled(request)
        else:
            try:
                response = self._observed(request, stamp)
            finally:
                # Against a running clock notifications are not the caller's to wait for: the server has a thread.
                if not self.clock.running and self.hub.busy:
                    self.catch_up()
        return response(environ, start_response)

    def _stamp(self, request: Request) -> Stamp:
        with self._lock:
            request_id = self._request_ids.next_uuid("request")
        return Stamp(request_id, request.headers.get("client-request-id") or request_id, self.clock.now())

    def _controlled(self, request: Request) -> Response:
        try:
            return control.control(self, request)
        except HTTPException as problem:
            return Response(
                f"{problem.description}\n", problem.code, content_type="text/plain; charset=utf-8"
            )

    def _observed(self, request: Request, stamp: Stamp, batch: str = "") -> Response:
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
                    batch=batch,
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
        except SignInRefused as refused:
            seen.code = f"AADSTS{refused.number}"
            return refused.response(stamp)
        except MethodNotAllowed:
            message = f"The method {request.method} is not supported at {request.path}."
            seen.code = "MethodNotAllowed"
            return refusal(GraphFailure(405, seen.code, message), stamp)
        except NotFound:
            seen.code = "ResourceNotFound"
            return refusal(GraphFailure(404, seen.code, f"There is no resource at {request.path}."), stamp)

    def _sign_in(self, request: Request, stamp: Stamp, seen: _Seen) -> Response:
        seen.operation, path = self._sign_in_urls.match(request.path, request.method)
        seen.client_id = request.values.get("client_id", "")

        def work(request: Request) -> Response:
            with self._lock:
                return answer(seen.operation, Visit(self.desk, request, path["tenant"], stamp))

        return self._through(request, seen, work)

    def _graph(self, request: Request, stamp: Stamp, seen: _Seen) -> Response:
        path = spelled(request.path.removeprefix(_VERSION))
        if path == "/me" or path.startswith("/me/"):
            path = f"/users/{self._caller(request, stamp, seen).oneself()}{path.removeprefix('/me')}"
        operation, matched = self._graph_urls.match(path, request.method)
        variables = dict(matched)
        seen.operation = operation.name
        key = variables.pop("user", "")
        named = self._world.mailbox(key)
        seen.mailbox = key if named is None else named.address
        caller = self._caller(request, stamp, seen)

        def work(request: Request) -> Response:
            with self._lock:
                self.settle()
                mailbox = None
                if operation.guard == "mailbox":
                    mailbox = reach_mailbox(self._world, caller, key, operation.roles)
                elif operation.guard != "none":
                    outlook = operation.guard == "outlook"
                    user = variables.get("user_id", "")
                    require_directory_role(caller, operation.roles, outlook=outlook, key=user)
                call = Call(
                    world=self._world,
                    delivery=self._delivery,
                    request=request,
                    now=self.clock.now(),
                    caller=caller,
                    mailbox=mailbox,
                    path=variables,
                    preferences=read_preferences(request.headers.get("Prefer", "")),
                    stamp=stamp,
                    faults=self.faults,
                    at_once=not self._settling,
                    hub=self.hub,
                    relay=lambda inner: self._observed(inner, self._stamp(inner), stamp.request_id),
                )
                answer = operation.handler(call)
                self._changed(call.now)
            return reply(answer.finish() if isinstance(answer, Deferred) else answer, stamp)

        with self._throttle.place(caller.app.client_id, seen.mailbox, stamp.now):
            return self._through(request, seen, work)

    def _caller(self, request: Request, stamp: Stamp, seen: _Seen) -> Caller:
        caller = self._tokens.caller(request.headers.get("Authorization", ""), stamp.now, self.registry)
        seen.client_id = caller.app.client_id
        return caller

    def _through(self, request: Request, seen: _Seen, work: Work) -> Response:
        def later(seconds: float, work: Work) -> None:
            def apply(at: datetime) -> None:
                try:
                    outcome = str(work(request).status_code)
                except (GraphFailure, SignInRefused) as refused:
                    outcome = str(refused)
                self.journal.add(
                    EffectSeen(at, "appliedLate", seen.mailbox, "", f"{seen.operation}: {outcome}")
                )

            with self._lock:
                self._agenda.add(self.clock.now() + timedelta(seconds=seconds), apply)

        return through(self.faults.meet(seen.operation, seen.mailbox), request, work, later)
