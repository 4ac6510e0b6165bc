"""Meeting messages on their way: invitations, updates and cancellations to attendees, answers back.

Messages arrive `delivery_seconds` after they were sent and land in default calendars only. People answer as
the tenant file says, rooms as their attendant decides. An answer is tallied on the organizer's copy only when
that copy lies in the organizer's default calendar (resources/calendar.md, isTallyingResponses).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from scheduler.emulator.agenda import Agenda
from scheduler.emulator.attendant import judge
from scheduler.emulator.state import Attendee, Content, Event, Mailbox
from scheduler.emulator.tenant import Person, Room
from scheduler.emulator.world import World

_ANSWERS = {"accept": "accepted", "decline": "declined", "tentative": "tentativelyAccepted"}


@dataclass(frozen=True, slots=True)
class Message:
    """A meeting as it was when the organizer sent it; `asks` is whether it wants a (new) answer."""

    kind: Literal["invitation", "update", "cancellation"]
    organizer: Mailbox
    ical_uid: str
    content: Content
    guests: tuple[Attendee, ...]
    revision: int
    asks: bool


@dataclass(frozen=True, slots=True)
class _Reply:
    sender: Mailbox
    organizer_address: str
    ical_uid: str
    subject: str
    revision: int
    answer: str


class Delivery:
    """The transport of meeting messages inside one world."""

    def __init__(self, world: World, agenda: Agenda) -> None:
        self._world = world
        self._agenda = agenda

    def send(
        self,
        kind: Literal["invitation", "update", "cancellation"],
        event: Event,
        addresses: list[str],
        now: datetime,
        *,
        asks: bool = True,
        comment: str = "",
    ) -> None:
        """Send the organizer's `event` to some of its (former) attendees; only insiders get copies."""
        organizer = self._world.mailboxes[event.mailbox]
        guests = tuple(replace(guest, response="none", answered=None) for guest in event.attendees)
        message = Message(kind, organizer, event.ical_uid, event.content, guests, event.revision, asks)
        for address in addresses:
            self._world.mail(
                now,
                kind,
                organizer,
                recipient=address,
                subject=event.content.subject,
                ical_uid=event.ical_uid,
                comment=comment,
            )
            for target in self._world.members(address) or [address]:
                mailbox = self._world.mailbox(target)
                if mailbox is None or mailbox is organizer or mailbox.hosting == "none":
                    continue
                self._deliver(mailbox, message, now + self._delay())

    def answer(
        self, mailbox: Mailbox, copy: Event, answer: str, now: datetime, *, reply: bool = True
    ) -> None:
        """Let an attendee answer: `accepted`, `tentativelyAccepted`, or `declined`, dropping the copy."""
        copy.response, copy.responded = answer, now
        copy.show_as = copy.content.show_as if answer == "accepted" else "tentative"
        copy.touch(now)
        if answer == "declined":
            self._world.remove_event(copy)
        self._world.effect(now, answer, mailbox, copy.ical_uid)
        if reply:
            subject = copy.content.subject
            sent = _Reply(mailbox, copy.organizer_address, copy.ical_uid, subject, copy.revision, answer)
            self._reply(sent, now)

    def _delay(self) -> timedelta:
        return timedelta(seconds=self._world.tenant.options.delivery_seconds)

    def _deliver(self, mailbox: Mailbox, message: Message, at: datetime) -> None:
        if isinstance(mailbox.spec, Room):
            wait = timedelta(seconds=mailbox.spec.attendant.delay_seconds)
            self._agenda.add(at + wait, lambda due: self._reach_room(mailbox, message, due))
        else:
            self._agenda.add(at, lambda due: self._reach_person(mailbox, message, due))

    def _reach_person(self, mailbox: Mailbox, message: Message, now: datetime) -> None:
        copy = mailbox.copy_of(message.ical_uid)
        if message.kind == "cancellation":
            if copy is not None:
                subject = f"Canceled: {copy.content.subject}"
                copy.content = replace(copy.content, subject=subject, show_as="free")
                copy.cancelled, copy.show_as = True, "free"
                copy.touch(now)
                self._world.effect(now, "cancelled", mailbox, message.ical_uid)
            return
        if copy is None and not message.asks:
            return
        copy = self._write_copy(mailbox, message, copy, message.content, now)
        if not message.asks:
            return
        copy.response, copy.responded, copy.show_as = "notResponded", None, "tentative"
        assert isinstance(mailbox.spec, Person)
        rule = mailbox.spec.answers
        if rule.answer != "none":
            answer, revision = _ANSWERS[rule.answer], message.revision
            self._agenda.add(
                now + timedelta(seconds=rule.delay_seconds),
                lambda due: self._answer_by_rule(mailbox, message.ical_uid, revision, answer, due),
            )

    def _answer_by_rule(
        self, mailbox: Mailbox, ical_uid: str, revision: int, answer: str, now: datetime
    ) -> None:
        copy = mailbox.copy_of(ical_uid)
        if (
            copy is not None
            and copy.revision == revision
            and copy.response == "notResponded"
            and not copy.cancelled
        ):
            self.answer(mailbox, copy, answer, now)

    def _reach_room(self, room: Mailbox, message: Message, now: datetime) -> None:
        copy = room.copy_of(message.ical_uid)
        if message.kind == "cancellation":
            if copy is not None:
                self._world.remove_event(copy)
                self._world.effect(now, "freed", room, message.ical_uid)
            return
        if not message.asks and copy is None:
            return
        verdict = judge(
            self._world, room, message.content, message.organizer, ical_uid=message.ical_uid, now=now
        )
        match verdict.answer:
            case "ignore":
                self._world.effect(now, "ignored", room, message.ical_uid)
            case "decline":
                if copy is not None:
                    self._world.remove_event(copy)
                self._world.effect(now, "declined", room, message.ical_uid, reason=verdict.reason)
                self._reply_from_room(room, message, "declined", now)
            case "pending":
                copy = self._write_copy(room, message, copy, verdict.content, now)
                copy.show_as = "tentative"
                self._world.effect(now, "pending", room, message.ical_uid)
            case "accept":
                copy = self._write_copy(room, message, copy, verdict.content, now)
                copy.show_as, copy.response, copy.responded = "busy", "accepted", now
                self._world.effect(now, "accepted", room, message.ical_uid)
                if message.asks:
                    self._reply_from_room(room, message, "accepted", now)

    def _write_copy(
        self, mailbox: Mailbox, message: Message, copy: Event | None, content: Content, now: datetime
    ) -> Event:
        if copy is None:
            copy = self._world.add_event(
                mailbox,
                mailbox.default,
                content,
                now,
                ical_uid=message.ical_uid,
                organizer=message.organizer,
            )
            self._world.effect(now, "copyDelivered", mailbox, message.ical_uid)
        else:
            copy.content = content
            copy.touch(now)
            self._world.effect(now, "copyUpdated", mailbox, message.ical_uid)
        copy.attendees = [replace(guest) for guest in message.guests]
        copy.revision = message.revision
        return copy

    def _reply_from_room(self, room: Mailbox, message: Message, answer: str, now: datetime) -> None:
        subject = message.content.subject
        reply = _Reply(room, message.organizer.address, message.ical_uid, subject, message.revision, answer)
        self._reply(reply, now)

    def _reply(self, reply: _Reply, now: datetime) -> None:
        self._world.mail(
            now,
            reply.answer,
            reply.sender,
            recipient=reply.organizer_address,
            subject=reply.subject,
            ical_uid=reply.ical_uid,
        )
        self._agenda.add(now + self._delay(), lambda due: self._tally(reply, now, due))

    def _tally(self, reply: _Reply, answered: datetime, now: datetime) -> None:
        organizer = self._world.mailbox(reply.organizer_address)
        # Secondary calendars are not searched: their responses are never tallied.
        event = None if organizer is None else organizer.copy_of(reply.ical_uid)
        if organizer is None or event is None or not event.is_organizer or event.revision != reply.revision:
            return
        for guest in event.attendees:
            if guest.address.casefold() == reply.sender.address.casefold():
                guest.response, guest.answered = reply.answer, answered
                event.touch(now)
                reason = f"{reply.sender.address} {reply.answer}"
                self._world.effect(now, "tallied", organizer, reply.ical_uid, reason=reason)
