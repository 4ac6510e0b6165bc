"""Change notifications: what subscribed calendars tell, to whom, when, how often and what becomes of it.

After each request and each effect the calendars with subscriptions are compared with what they were, so nothing that
changes an event is forgotten. A notification is due on the emulated clock; it is posted outside the emulator's lock,
so that its receiver may ask the emulator back. Neither order nor exactly-once is promised, as in the service.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from scheduler.emulator import zones
from scheduler.emulator.agenda import Agenda
from scheduler.emulator.envelope import bad_request
from scheduler.emulator.event_wire import etag
from scheduler.emulator.journal import NotificationSent
from scheduler.emulator.receivers import Receivers
from scheduler.emulator.state import Event, Mailbox
from scheduler.emulator.world import World

LifecycleEvent = Literal["missed", "reauthorizationRequired", "subscriptionRemoved"]
HANDSHAKE_SECONDS = 10
ANSWER_SECONDS = 3
_GIVE_UP = timedelta(hours=4)
_FIRST_RETRY = timedelta(minutes=1)
_REAUTHORIZE_WITHIN = timedelta(minutes=30)


@dataclass(slots=True)
class Subscription:
    """What an app wants to hear of one calendar.

    Args:
        resource: as the app wrote it.
        immutable: the id format of its notifications, that of the request which made it.
        silent_from: notifications stop then unless it is reauthorized; None never.
        lost: whether something was not told since it fell silent.
    """

    subscription_id: str
    client_id: str
    mailbox: Mailbox
    calendar_id: str
    resource: str
    change_types: tuple[str, ...]
    url: str
    lifecycle_url: str | None
    client_state: str | None
    expires: datetime
    immutable: bool
    tls: str
    silent_from: datetime | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    event_id: str
    immutable_id: str
    etag: str


@dataclass(frozen=True, slots=True)
class _Post:
    """A posting that is due: `first` is when it was tried first."""

    kind: Literal["change", "lifecycle"]
    url: str
    value: tuple[Mapping[str, Any], ...]
    subscriptions: tuple[str, ...]
    at: datetime
    first: datetime
    attempt: int = 1


@dataclass(slots=True)
class _Bundle:
    """What goes to one address at one instant."""

    changes: list[tuple[Subscription, _Change]] = field(default_factory=list)


class Hub:
    """All subscriptions of a tenant.

    Args:
        lock: the emulator's.
        receivers: who listens.
    """

    def __init__(self, world: World, agenda: Agenda, lock: threading.RLock, receivers: Receivers) -> None:
        self.receivers = receivers
        self.subscriptions: dict[str, Subscription] = {}
        self._world = world
        self._agenda = agenda
        self._lock = lock
        self._random = random.Random(f"{world.tenant.seed} notifications")
        self._known: dict[tuple[str, str], dict[str, _Change]] = {}
        self._bundles: dict[tuple[datetime, str], _Bundle] = {}
        self._outbox: list[_Post] = []

    @property
    def busy(self) -> bool:
        """Whether there is anybody to tell, or anything still to post."""
        return bool(self.subscriptions or self._outbox)

    def validate(self, url: str, now: datetime) -> None:
        """Shake hands with a receiver; waits for it, so the emulator's lock must be free.

        Raises:
            GraphFailure: 400 unless it repeats the token as text/plain within ten seconds.
        """
        with self._lock:
            request = self._world.ids.next_uuid("validation")
        # Reserved characters and a plus show whether the receiver decodes what it repeats.
        token = f"Validation: subscription request {request} + 100% / {now:%Y-%m-%d}"
        mark = "&" if "?" in url else "?"
        told = f"{url}{mark}validationToken={quote(token, safe='')}"
        receipt = self.receivers.post(told, b"", "text/plain; charset=utf-8", HANDSHAKE_SECONDS)
        self._world.journal.add(
            NotificationSent(now, "validation", url, 1, receipt.status, receipt.seconds, ())
        )
        text = receipt.content_type.partition(";")[0].strip().casefold() == "text/plain"
        right = receipt.status == 200 and text and receipt.body == token.encode()
        if not right or receipt.seconds > HANDSHAKE_SECONDS:
            raise bad_request(
                "ValidationError",
                "Subscription validation request failed. "
                "The notification endpoint must answer 200 with the validation token as text/plain.",
            )

    def add(self, subscription: Subscription, now: datetime) -> None:
        """Begin to tell an app of a calendar's changes."""
        with self._lock:
            self.notice(now)
            key = _key(subscription)
            if key not in self._known:
                self._known[key] = self._present(key)
            self.subscriptions[subscription.subscription_id] = subscription
            self.renewed(subscription, now)

    def renewed(self, subscription: Subscription, now: datetime) -> None:
        """A subscription was made, renewed or reauthorized: its end and its next question are planned."""
        with self._lock:
            self._renew(subscription, now)

    def _renew(self, subscription: Subscription, now: datetime) -> None:
        name = subscription.subscription_id
        lost, subscription.lost, subscription.silent_from = subscription.lost, False, None
        self._agenda.add(subscription.expires, lambda at: self._expire(name, at))
        wait = self._world.tenant.options.reauthorize_after_seconds
        if wait is not None:
            self._agenda.add(
                now + timedelta(seconds=wait), lambda at: self.lifecycle(name, "reauthorizationRequired", at)
            )
        if lost:
            self.lifecycle(name, "missed", now)

    def remove(self, subscription_id: str) -> None:
        """Forget a subscription."""
        del self.subscriptions[subscription_id]
        wanted = {_key(subscription) for subscription in self.subscriptions.values()}
        self._known = {key: known for key, known in self._known.items() if key in wanted}

    def lifecycle(self, subscription_id: str, event: LifecycleEvent, now: datetime) -> None:
        """Let something happen to a subscription; its lifecycle address hears of it.

        `subscriptionRemoved` ends it; after `reauthorizationRequired` it falls silent within half an hour unless it is
        reauthorized or renewed.
        """
        with self._lock:
            subscription = self.subscriptions.get(subscription_id)
            if subscription is None:
                return
            if event == "subscriptionRemoved":
                self.remove(subscription_id)
            elif event == "reauthorizationRequired":
                subscription.silent_from = now + _REAUTHORIZE_WITHIN
            if subscription.lifecycle_url is None:
                return
            value = {**self._head(subscription), "lifecycleEvent": event}
            url, names = subscription.lifecycle_url, (subscription_id,)
            due = now + timedelta(seconds=self._world.tenant.options.notification_seconds)
            self._agenda.add(
                due, lambda at: self._outbox.append(_Post("lifecycle", url, (value,), names, at, at))
            )

    def notice(self, now: datetime) -> None:
        """Compare the subscribed calendars with what they were and plan what there is to tell."""
        for key, known in self._known.items():
            present = self._present(key)
            changes = [
                change if event_id not in known else _kind(change, "updated")
                for event_id, change in present.items()
                if known.get(event_id) != change
            ]
            changes += [_kind(known[event_id], "deleted") for event_id in known if event_id not in present]
            if not changes:
                continue
            self._known[key] = present
            for subscription in self.subscriptions.values():
                if _key(subscription) == key:
                    self._plan(subscription, changes, now)

    def flush(self) -> bool:
        """Post everything that is due; the emulator's lock must be free. Returns whether there was anything."""
        with self._lock:
            posts, self._outbox = self._outbox, []
        for post in posts:
            self._send(post)
        return bool(posts)

    def _present(self, key: tuple[str, str]) -> dict[str, _Change]:
        mailbox, calendar_id = key
        calendar = self._world.mailboxes[mailbox].calendars.get(calendar_id)
        events: Iterable[Event] = () if calendar is None else calendar.events.values()
        return {
            event.event_id: _Change("created", event.event_id, event.immutable_id, etag(event, self._world))
            for event in events
        }

    def _plan(self, subscription: Subscription, changes: Iterable[_Change], now: datetime) -> None:
        options = self._world.tenant.options
        due = now + timedelta(seconds=options.notification_seconds)
        for change in changes:
            tellings = [change]
            if change.kind == "created" and subscription.mailbox.is_room:
                # Exchange touches a room's booking again after it was made, so one action is told several times.
                tellings += [_kind(change, "updated")] * options.room_updates
            for number, telling in enumerate(tellings):
                if telling.kind not in subscription.change_types:
                    continue
                if self._random.random() < options.missed_notifications:
                    self.lifecycle(subscription.subscription_id, "missed", now)
                    continue
                at = due + timedelta(seconds=number)
                self._queue(at, subscription, telling)
                if self._random.random() < options.repeated_notifications:
                    self._queue(at + timedelta(seconds=1), subscription, telling)

    def _queue(self, at: datetime, subscription: Subscription, change: _Change) -> None:
        key = at, subscription.url
        if key not in self._bundles:
            self._bundles[key] = _Bundle()
            self._agenda.add(at, lambda due: self._fall_due(key, due))
        self._bundles[key].changes.append((subscription, change))

    def _fall_due(self, key: tuple[datetime, str], at: datetime) -> None:
        told: list[tuple[str, Mapping[str, Any]]] = []
        for subscription, change in self._bundles.pop(key).changes:
            name = subscription.subscription_id
            if self.subscriptions.get(name) is not subscription:
                continue
            if subscription.silent_from is not None and at >= subscription.silent_from:
                subscription.lost = True
                continue
            told.append((name, self._wire(subscription, change)))
        self._random.shuffle(told)
        if told:
            names, value = tuple(name for name, _ in told), tuple(item for _, item in told)
            self._outbox.append(_Post("change", key[1], value, names, at, at))

    def _expire(self, subscription_id: str, at: datetime) -> None:
        subscription = self.subscriptions.get(subscription_id)
        if subscription is not None and subscription.expires <= at:
            self.remove(subscription_id)

    def _head(self, subscription: Subscription) -> dict[str, Any]:
        return {
            "subscriptionId": subscription.subscription_id,
            "subscriptionExpirationDateTime": zones.stamp(subscription.expires),
            "clientState": subscription.client_state,
            "tenantId": self._world.tenant.id,
        }

    def _wire(self, subscription: Subscription, change: _Change) -> dict[str, Any]:
        event_id = change.immutable_id if subscription.immutable else change.event_id
        resource = f"Users/{subscription.mailbox.object_id}/Events/{event_id}"
        return {
            **self._head(subscription),
            "changeType": change.kind,
            "resource": resource,
            "resourceData": {
                "@odata.type": "#Microsoft.Graph.Event",
                "@odata.id": resource,
                "@odata.etag": change.etag,
                "id": event_id,
            },
        }

    def _send(self, post: _Post) -> None:
        body = json.dumps({"value": post.value}).encode()
        receipt = self.receivers.post(post.url, body, "application/json; charset=utf-8", ANSWER_SECONDS)
        sent = NotificationSent(
            post.at, post.kind, post.url, post.attempt, receipt.status, receipt.seconds, post.value
        )
        self._world.journal.add(sent)
        if 200 <= receipt.status < 300 and receipt.seconds <= ANSWER_SECONDS:
            return
        again = post.at + _FIRST_RETRY * 2 ** (post.attempt - 1)
        with self._lock:
            if again > post.first + _GIVE_UP:
                if post.kind == "change":
                    for name in post.subscriptions:
                        self.lifecycle(name, "missed", post.at)
                return
            self._agenda.add(
                again,
                lambda at: self._outbox.append(
                    _Post(
                        post.kind, post.url, post.value, post.subscriptions, at, post.first, post.attempt + 1
                    )
                ),
            )


def _key(subscription: Subscription) -> tuple[str, str]:
    return subscription.mailbox.address.casefold(), subscription.calendar_id


def _kind(change: _Change, kind: str) -> _Change:
    return _Change(kind, change.event_id, change.immutable_id, change.etag)
