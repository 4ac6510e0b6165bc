"""How far a connection may go, enforced where every call passes: what is not allowed is not sent."""

from __future__ import annotations

import re
from enum import Enum

from scheduler.graph.errors import NotAllowed

_FREE_BUSY = (
    ("POST", re.compile(r"/users/[^/]+/calendar/getSchedule")),
    ("GET", re.compile(r"/places(/.*)?")),
    ("GET", re.compile(r"/groups(/.*)?")),
)


class Reach(Enum):
    """What may be asked of Graph: `FREE_BUSY` is free/busy and the directory of rooms, `BOOKING` also events."""

    FREE_BUSY = "free/busy"
    BOOKING = "booking"

    def allows(self, method: str, path: str) -> bool:
        """Whether a call may be made; `path` is below the version, without its query."""
        if self is Reach.BOOKING:
            return True
        return any(method == verb and pattern.fullmatch(path) for verb, pattern in _FREE_BUSY)

    def refusal(self, doing: str) -> NotAllowed:
        """Why a call was not made."""
        return NotAllowed(
            doing,
            "this connection reads free/busy only",
            'set connection = "advanced" and a profile that may book',
            code="ReadOnlyConnection",
        )
