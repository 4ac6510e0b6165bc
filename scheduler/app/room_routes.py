"""Which way each room would be reserved, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scheduler.booking.booking import Route
from scheduler.booking.events import CalendarAccess
from scheduler.booking.routes import decide
from scheduler.connection.profiles import RESERVE_DIRECT, Consent
from scheduler.connection.report import RoomRoute, Step, Way, fine, warned
from scheduler.directory.rooms import Room
from scheduler.graph.errors import CallFailed, NotThere

_WAYS: Mapping[Way, str] = {
    "direct": "written directly",
    "scheduler": "invited",
    "none": "not to be booked",
    "unknown": "could not be asked",
}


class Asked(Protocol):
    """Microsoft Graph, as far as it is asked."""

    def access(self, mailbox: str) -> CalendarAccess | None:
        """What we may do with a calendar; raises CallFailed."""


@dataclass(frozen=True, slots=True)
class RouteMatrix:
    """Asks for the rights on rooms.

    Args:
        granted: what the token says was granted; None when it does not say.
        can_invite: whether there is a calendar to invite rooms from.
    """

    graph: Asked
    consent: Consent
    granted: Collection[str] | None
    can_invite: bool

    def of(self, rooms: Sequence[Room], limit: int | None) -> tuple[Step | None, tuple[RoomRoute, ...]]:
        """The ways of the first `limit` rooms, and a step that counts them; no step without rooms."""
        routes = tuple(self._one(room) for room in rooms[:limit])
        if not routes:
            return None, ()
        ways = Counter(each.route for each in routes)
        told = ", ".join(f"{ways[way]} {words}" for way, words in _WAYS.items() if ways[way])
        more = f"; {len(rooms) - len(routes)} more were not asked" if len(rooms) > len(routes) else ""
        if not ways["direct"] and not ways["scheduler"]:
            return warned("rooms", told + more, "see the reasons below"), routes
        return fine("rooms", told + more), routes

    def _one(self, room: Room) -> RoomRoute:
        way, why = self._way(room)
        return RoomRoute(address=room.address, name=room.name, route=way, why=why)

    def _way(self, room: Room) -> tuple[Way, str]:
        if room.closed:
            return "none", f"it {room.closed}"
        try:
            access = self.graph.access(room.address)
        except NotThere:
            return "none", "its mailbox is not in Exchange Online"
        except CallFailed as error:
            return "unknown", str(error).rstrip(".")
        if decide(access, direct_refused=False) is Route.SCHEDULER:
            why = "its calendar does not open" if access is None else "its calendar may be read only"
        elif self.consent == "user" and not self._writes_shared:
            why = f"{RESERVE_DIRECT.needs('user')[0]} is not granted"
        else:
            return "direct", "its calendar may be written"
        if self.can_invite:
            return "scheduler", why
        return "none", f"{why}, and there is no calendar to invite it from"

    @property
    def _writes_shared(self) -> bool:
        """A person's rights on the room's calendar are no use to an app that may not write others' calendars."""
        return self.granted is None or RESERVE_DIRECT.granted("user", self.granted)
