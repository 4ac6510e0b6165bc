"""What a handler of a Graph operation is given, and how an operation is declared."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from werkzeug.wrappers import Request, Response

from scheduler.emulator import odata
from scheduler.emulator.access import Caller
from scheduler.emulator.delivery import Delivery
from scheduler.emulator.envelope import Answer, Stamp, bad_request
from scheduler.emulator.faults import FaultPlan
from scheduler.emulator.notifications import Hub
from scheduler.emulator.state import Mailbox
from scheduler.emulator.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a Graph operation, already let in.

    Args:
        mailbox: the mailbox of the path; None for operations without one.
        path: the other variables of the path.
        at_once: whether requests inside this one may be answered by threads; not so while effects are settled.
        relay: answers a request inside this one as if it had come alone; not to be called under the emulator's lock.
    """

    world: World
    delivery: Delivery
    request: Request
    now: datetime
    caller: Caller
    mailbox: Mailbox | None
    path: Mapping[str, str]
    preferences: odata.Preferences
    stamp: Stamp
    faults: FaultPlan
    at_once: bool
    hub: Hub
    relay: Callable[[Request], Response]

    @property
    def root(self) -> str:
        """The version root of this service as the client addressed it."""
        return f"{self.request.host_url}v1.0"

    @property
    def owner(self) -> Mailbox:
        """The mailbox of the path, for operations that have one."""
        assert self.mailbox is not None
        return self.mailbox

    def body(self, *, optional: bool = False) -> dict[str, Any]:
        """The JSON object of the request.

        Raises:
            GraphFailure: 400 when there is none or it is something else.
        """
        data = self.request.get_data(as_text=True)
        if optional and not data.strip():
            return {}
        try:
            content = json.loads(data)
        except json.JSONDecodeError as error:
            raise bad_request("BadRequest", "Unable to read JSON request payload.") from error
        if not isinstance(content, dict):
            raise bad_request("BadRequest", "The request payload is not a JSON object.")
        return content

    def query(self, *allowed: str) -> odata.Query:
        """The system query options, of which only `allowed` may be there."""
        return odata.read_query(self.request.args.to_dict(), allowed)

    def context(self, fragment: str) -> str:
        """The value of @odata.context."""
        return f"{self.root}/$metadata#{fragment}"

    def collection(
        self,
        fragment: str,
        items: Sequence[Mapping[str, Any]],
        query: odata.Query,
        *,
        filterable: Collection[str] = (),
        known: Collection[str] = (),
        size: int = 10,
        linked: bool = True,
    ) -> Answer:
        """Items filtered, ordered, cut into a page and reduced to what was selected.

        Args:
            fragment: of @odata.context.
            items: everything there is, unfiltered.
            query: the options of the request.
            filterable: the properties a filter or an order may name.
            known: the properties $select may name.
            size: items on a page unless $top says otherwise.
            linked: whether more pages are announced by @odata.nextLink.
        """
        kept = odata.matching(items, query, filterable)
        shown, following = odata.page(kept, query, size=self.preferences.page_size or size)
        body: dict[str, Any] = {"@odata.context": self.context(fragment)}
        if query.count:
            body["@odata.count"] = len(kept)
        body["value"] = [odata.project(item, query, known) for item in shown]
        if following is not None and linked:
            options = self.request.args.to_dict()
            body["@odata.nextLink"] = odata.next_link(self.request.base_url, options, following)
        return Answer(200, body, applied=self.preferences.applied())


@dataclass(frozen=True, slots=True)
class Deferred:
    """The rest of an operation that waits for others, and is done without the emulator's lock."""

    finish: Callable[[], Answer]


Handler = Callable[[Call], Answer | Deferred]
Guard = Literal["mailbox", "outlook", "directory", "none"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the service.

    Args:
        name: what journals and fault plans call it.
        rule: path below the version root in Werkzeug's notation; `<user>` names the mailbox.
        roles: application roles of which one is needed.
        guard: `mailbox` needs the role over the mailbox of the path; `outlook` and `directory` need it at all
            and differ in the code of the refusal; `none` needs a valid token.
        refusal: what is answered and why, for an operation that is known and refused; else empty.
    """

    name: str
    method: str
    rule: str
    handler: Handler
    roles: frozenset[str]
    guard: Guard = "mailbox"
    refusal: str = ""
