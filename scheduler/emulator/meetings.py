"""The life of a meeting on its organizer's side: created, changed, cancelled, deleted; answered on the other.

A create never checks for conflicts. What was changed decides who is told: a write of the attendees alone
reaches those who came or went, any other change of the meeting reaches all.
"""

from __future__ import annotations

import html
import json
from dataclasses import replace

from scheduler.emulator.envelope import GraphFailure, bad_request, item_not_found
from scheduler.emulator.event_input import Change, read_event
from scheduler.emulator.service import Call
from scheduler.emulator.state import Attendee, Calendar, Event
from scheduler.emulator.world import Written

_QUIET = frozenset({
    *("categories", "isReminderOn", "reminderMinutesBeforeStart", "showAs", "attendees", "transactionId"),
    "singleValueExtendedProperties",
})  # fmt: skip
_RESCHEDULING = frozenset({"start", "end", "isAllDay", "recurrence"})


def create(call: Call, calendar: Calendar) -> Event:
    """Create the event of the request in a calendar, once per transactionId, and invite its attendees.

    Raises:
        GraphFailure: 400 (or as the tenant says 409) when the transactionId made another event before.
    """
    body = call.body()
    change = read_event(call.world, body, None, call.now)
    canonical = json.dumps([calendar.calendar_id, body], sort_keys=True)
    if change.transaction_id is not None:
        earlier = call.world.transactions.get((call.owner.object_id, change.transaction_id))
        if earlier is not None:
            return _repeated(call, earlier, canonical)
    event = call.world.add_event(call.owner, calendar, change.content, call.now)
    event.transaction_id = change.transaction_id
    _apply(call, event, change)
    event.attendees = list(change.attendees or [])
    if change.transaction_id is not None:
        key = (call.owner.object_id, change.transaction_id)
        call.world.transactions[key] = Written(event.event_id, event.immutable_id, canonical)
    call.world.effect(call.now, "created", call.owner, event.ical_uid)
    call.delivery.send("invitation", event, _addresses(event.attendees), call.now)
    return event


def _repeated(call: Call, earlier: Written, request: str) -> Event:
    event = call.owner.find(earlier.immutable_id)
    if event is not None and earlier.request == request:
        return event
    options = call.world.tenant.options
    existing = earlier.immutable_id if call.preferences.immutable else earlier.event_id
    raise GraphFailure(
        options.duplicate_transaction_status,
        "ErrorDuplicateTransactionId",
        "Your request can't be completed. The TransactionId was already used for a different event.",
        extra={"@event.existingEventId": existing} if options.name_existing_event else None,
    )


def update(call: Call, event: Event) -> Event:
    """Change an event as the request says; the organizer's change is sent on, an attendee's stays theirs.

    Raises:
        GraphFailure: 400 for a change of the transactionId, which is written once.
    """
    body = call.body()
    change = read_event(call.world, body, event, call.now)
    if "transactionId" in body and change.transaction_id != event.transaction_id:
        raise bad_request("ErrorInvalidRequest", "The transactionId of an event cannot be changed.")
    before = {guest.address.casefold(): guest for guest in event.attendees}
    rescheduled = bool(change.named & _RESCHEDULING) and _times(event.content) != _times(change.content)
    event.content = change.content
    _apply(call, event, change)
    event.touch(call.now)
    call.world.effect(call.now, "changed", call.owner, event.ical_uid)
    if change.attendees is not None:
        event.attendees = [before.get(guest.address.casefold(), guest) for guest in change.attendees]
    if not event.is_organizer:
        return event
    if rescheduled:
        event.revision += 1
        event.attendees = [replace(guest, response="none", answered=None) for guest in event.attendees]
    after = {guest.address.casefold() for guest in event.attendees}
    gone = [guest.address for key, guest in before.items() if key not in after]
    new = [guest.address for guest in event.attendees if guest.address.casefold() not in before]
    kept = [guest.address for guest in event.attendees if guest.address.casefold() in before]
    call.delivery.send("cancellation", event, gone, call.now)
    call.delivery.send("invitation", event, new, call.now)
    if change.named - _QUIET:
        call.delivery.send("update", event, kept, call.now, asks=rescheduled)
    return event


def _times(content: object) -> tuple[object, ...]:
    return tuple(getattr(content, name) for name in ("start", "end", "all_day", "recurrence"))


def _apply(call: Call, event: Event, change: Change) -> None:
    event.show_as = change.content.show_as if "showAs" in change.named else event.show_as
    event.categories = event.categories if change.categories is None else change.categories
    event.reminder_on = event.reminder_on if change.reminder_on is None else change.reminder_on
    if change.reminder_minutes is not None:
        event.reminder_minutes = change.reminder_minutes
    event.extended.update(change.extended)
    content = event.content
    # The way to join is in the text; an update that writes the text without it loses the meeting (event-update.md).
    if "body" in change.named and content.join_url is not None and content.join_url not in content.body:
        event.content = content = replace(content, join_url=None)
    # Without Teams in the calendar's providers the wish for an online meeting is silently dropped.
    if change.online and content.join_url is None and call.world.tenant.options.teams:
        link = (
            f"https://teams.emulated.test/l/meetup-join/{call.world.ids.named_uuid('teams', event.ical_uid)}"
        )
        text = content.body if content.body_type == "html" else html.escape(content.body)
        joining = f'{text}<div><a href="{link}">Join the meeting</a></div>'
        event.content = replace(content, join_url=link, body=joining, body_type="html")


def cancel(call: Call, event: Event) -> None:
    """Cancel a meeting: attendees are told, with the comment of the request, and the event is gone.

    Raises:
        GraphFailure: 400 unless the mailbox is the organizer.
    """
    body = {name.lower(): value for name, value in call.body(optional=True).items()}
    comment = body.get("comment")
    if not isinstance(comment, str | None):
        raise bad_request("RequestBodyRead", "The parameter 'comment' must be a string.")
    if not event.is_organizer:
        raise bad_request(
            "ErrorInvalidRequest",
            "Your request can't be completed. You need to be an organizer to cancel a meeting.",
        )
    remove(call, event, comment=comment or "")


def remove(call: Call, event: Event, *, comment: str = "") -> None:
    """Delete an event; on the organizer's copy this cancels the meeting, on another only the copy goes."""
    if event.is_organizer:
        call.delivery.send("cancellation", event, _addresses(event.attendees), call.now, comment=comment)
    call.world.remove_event(event)
    call.world.effect(call.now, "removed", call.owner, event.ical_uid)


def respond(call: Call, event: Event, answer: str) -> None:
    """Answer an invitation on behalf of the mailbox.

    Raises:
        GraphFailure: 400 on the organizer's own event, or for a proposal without a reply.
    """
    body = {name.lower(): value for name, value in call.body(optional=True).items()}
    reply = body.get("sendresponse", True)
    if not isinstance(reply, bool):
        raise bad_request("RequestBodyRead", "The parameter 'sendResponse' must be a boolean.")
    if body.get("proposednewtime") is not None and not reply:
        raise bad_request("ErrorInvalidParameter", "A new time is proposed only with sendResponse true.")
    if event.is_organizer:
        raise bad_request(
            "ErrorInvalidRequest",
            "Your request can't be completed. You can't respond to this meeting: you're the organizer.",
        )
    call.delivery.answer(call.owner, event, answer, call.now, reply=reply)


def check_match(call: Call, current: str) -> None:
    """Refuse a write whose If-Match names another state of the event.

    Raises:
        GraphFailure: 412 ErrorIrresolvableConflict.
    """
    wanted = call.request.headers.get("If-Match", "").strip()
    if wanted not in {"", "*", current}:
        raise GraphFailure(
            412,
            "ErrorIrresolvableConflict",
            "The change key passed in the request does not match the current change key for the item.",
        )


def require(event: Event | None) -> Event:
    """The event, or the 404 for none."""
    if event is None:
        raise item_not_found()
    return event


def _addresses(guests: list[Attendee]) -> list[str]:
    return [guest.address for guest in guests]
