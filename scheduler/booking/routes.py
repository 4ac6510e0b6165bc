"""How a room is reserved: the decision table of the two routes.

| what the room's calendar said      | a direct write failed before | route     |
|------------------------------------|------------------------------|-----------|
| canEdit true                       | no                           | direct    |
| canEdit true                       | yes, 403 or 404              | scheduler |
| canEdit false, or 403 or 404       | any                          | scheduler |

canEdit is the room calendar's own word about the caller (resources/calendar); calendarPermissions cannot
be asked by others.
"""

from __future__ import annotations

from scheduler.booking.booking import Route
from scheduler.booking.events import CalendarAccess


def decide(access: CalendarAccess | None, *, direct_refused: bool) -> Route:
    """The route for one room; `access` is None when its calendar could not be opened."""
    if access is not None and access.can_edit and not direct_refused:
        return Route.DIRECT
    return Route.SCHEDULER
