"""What happened, in order: each request with its answer, each effect in the tenant, each mail and notification."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from scheduler.emulator import zones


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request and how it was answered; `status` 0 means the reply was dropped.

    Args:
        operation: the name of the operation, such as `getSchedule`, or empty for an unknown route.
        mailbox: address of the mailbox in the path, or empty.
        batch: the request id of the $batch that this request was a part of, or empty.
    """

    at: datetime
    method: str
    path: str
    operation: str
    mailbox: str
    status: int
    code: str
    client_id: str
    request_id: str
    batch: str = ""


@dataclass(frozen=True, slots=True)
class EffectSeen:
    """Something that changed in a mailbox, such as `copyDelivered`, `accepted` or `declined`, and why."""

    at: datetime
    name: str
    mailbox: str
    ical_uid: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MailSent:
    """A meeting message: `invitation`, `update`, `cancellation`, or an answer by its responseType.

    Args:
        comment: what the organizer wrote to a cancellation.
    """

    at: datetime
    kind: str
    sender: str
    recipient: str
    subject: str
    ical_uid: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class NotificationSent:
    """One posting to a receiver of notifications, and what came of it.

    Args:
        kind: `change`, `lifecycle`, or `validation` for the handshake.
        attempt: 1 is the first.
        status: of the receiver's answer; 0 is none.
        seconds: until it answered.
        value: the notifications of the posting.
    """

    at: datetime
    kind: str
    url: str
    attempt: int
    status: int
    seconds: float
    value: tuple[Mapping[str, Any], ...]


_Entry = RequestSeen | EffectSeen | MailSent | NotificationSent


class Journal:
    """Append-only lists, safe to read while requests are served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[RequestSeen] = []
        self._effects: list[EffectSeen] = []
        self._mail: list[MailSent] = []
        self._notifications: list[NotificationSent] = []

    def add(self, entry: _Entry) -> None:
        """Record one entry."""
        with self._lock:
            match entry:
                case RequestSeen():
                    self._requests.append(entry)
                case EffectSeen():
                    self._effects.append(entry)
                case MailSent():
                    self._mail.append(entry)
                case NotificationSent():
                    self._notifications.append(entry)

    @property
    def requests(self) -> list[RequestSeen]:
        """The requests so far, control routes excepted."""
        with self._lock:
            return list(self._requests)

    @property
    def effects(self) -> list[EffectSeen]:
        """The effects so far."""
        with self._lock:
            return list(self._effects)

    @property
    def mail(self) -> list[MailSent]:
        """The mail so far."""
        with self._lock:
            return list(self._mail)

    @property
    def notifications(self) -> list[NotificationSent]:
        """The notifications posted so far, handshakes included."""
        with self._lock:
            return list(self._notifications)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()
            self._effects.clear()
            self._mail.clear()
            self._notifications.clear()

    def wire(self) -> dict[str, Any]:
        """The whole journal as JSON values, instants as UTC text."""
        return {
            "requests": [_plain(entry) for entry in self.requests],
            "effects": [_plain(entry) for entry in self.effects],
            "mail": [_plain(entry) for entry in self.mail],
            "notifications": [_plain(entry) for entry in self.notifications],
        }


def _plain(entry: _Entry) -> dict[str, Any]:
    return {**asdict(entry), "at": zones.stamp(entry.at)}
