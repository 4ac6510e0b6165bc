"""getSchedule's answer: what one mailbox or group says about its time, never whose business it was.

Follows resources/scheduleinformation.md and Exchange's availability service beneath it: default calendars
only, whole items, slots anchored at the start of the window, the worst status of a slot wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scheduler.emulator import zones
from scheduler.emulator.past import Shown
from scheduler.emulator.registration import Level
from scheduler.emulator.registry import allows
from scheduler.emulator.state import Mailbox, occurrences
from scheduler.emulator.workhours import wire_hours
from scheduler.emulator.world import World

_DIGITS = {"free": 0, "workingElsewhere": 0, "tentative": 1, "busy": 2, "oof": 3, "unknown": 4}
_MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Window:
    """What was asked: the instants [start, end), the slot length in minutes, and two zones.

    Args:
        floating_zone: all-day events are days of this zone, the one the request wrote its start in.
        output_zone: items are written in this zone.
    """

    start: datetime
    end: datetime
    interval: int
    floating_zone: str
    output_zone: str


@dataclass(frozen=True, slots=True)
class _Item:
    start: datetime
    end: datetime
    status: str
    details: dict[str, Any]


def schedule_of(
    world: World, address: str, window: Window, level: Callable[[Mailbox], Level]
) -> dict[str, Any]:
    """One scheduleInformation: items and view, a group's merged view, or the error of this entry.

    Args:
        level: what the caller may see of a mailbox.
    """
    now, past = world.clock.now(), world.past
    members = world.members(address)
    if members is not None:
        boxes = [box for member in members if (box := world.mailbox(member)) and box.hosting != "none"]
        items = [item for box in boxes for item in _items("none", past.shown(box, now), window)]
        return {"scheduleId": address, "availabilityView": _view(items, window), "scheduleItems": []}
    mailbox = world.mailboxes.get(address.casefold())
    if mailbox is None or mailbox.hosting == "none":
        return _unresolved(address, world.tenant.options.unknown_recipient_code)
    if mailbox.spec.free_busy_error is not None:
        return _failed(
            address, mailbox.spec.free_busy_error, "Unable to read the free/busy data of this mailbox."
        )
    rights = level(mailbox)
    if rights == "none":
        return _failed(
            address, "ErrorNoFreeBusyAccess", "The caller may not see the free/busy data of this mailbox."
        )
    items = _items(rights, past.shown(mailbox, now), window)
    if len(items) > _MOST_ENTRIES:
        return _failed(
            address,
            "5006",
            "The result set contains too many calendar entries. "
            f"The allowed size = {_MOST_ENTRIES}; the actual size = {len(items)}.",
        )
    answer: dict[str, Any] = {
        "scheduleId": address,
        "availabilityView": _view(items, window),
        "scheduleItems": [_wire(item, window.output_zone) for item in items],
    }
    hours = wire_hours(mailbox.spec)
    return answer if hours is None else {**answer, "workingHours": hours}


def _unresolved(address: str, code: str) -> dict[str, Any]:
    message = f"Unable to resolve e-mail address {address} to an Active Directory object."
    answer = _failed(address, code, message)
    return {**answer, "scheduleItems": None} if code == "5016" else answer


def _failed(address: str, code: str, message: str) -> dict[str, Any]:
    return {"scheduleId": address, "error": {"message": message, "responseCode": code}}


def _items(rights: Level, shown: Shown, window: Window) -> list[_Item]:
    found = [
        _Item(occurrence.start, occurrence.end, show_as, details)
        for content, show_as in shown
        for details in (_details(rights, content.sensitivity, content.subject, _place(content.locations)),)
        for occurrence in occurrences(content, window.start, window.end, window.floating_zone)
    ]
    return sorted(found, key=lambda item: (item.start, item.end))


def _place(locations: Iterable[Any]) -> str:
    return "; ".join(location.get("displayName") or "" for location in locations)


def _details(rights: Level, sensitivity: str, subject: str, place: str) -> dict[str, Any]:
    if not allows(rights, "limited"):
        return {}
    private = sensitivity in {"private", "confidential"}
    if private and not allows(rights, "delegate"):
        return {"isPrivate": True}
    return {"isPrivate": private, "subject": subject, "location": place}


def _wire(item: _Item, zone: str) -> dict[str, Any]:
    return {
        **item.details,
        "status": item.status,
        "start": {"dateTime": zones.wire(item.start, zone), "timeZone": zone},
        "end": {"dateTime": zones.wire(item.end, zone), "timeZone": zone},
    }


def _view(items: Iterable[_Item], window: Window) -> str:
    slot = timedelta(minutes=window.interval)
    digits = [0] * -((window.start - window.end) // slot)
    for item in items:
        first = max(0, (item.start - window.start) // slot)
        last = min(len(digits), -((window.start - item.end) // slot))
        for index in range(first, last):
            digits[index] = max(digits[index], _DIGITS[item.status])
    return "".join(map(str, digits))
