"""What free/busy showed a while ago: getSchedule may lag behind what was written to the calendars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from scheduler.emulator.state import Content, Mailbox

Shown = tuple[tuple[Content, str], ...]
"""What is in a default calendar, each with the status that its copy shows."""


class Past:
    """Remembers every default calendar for as long as getSchedule is behind.

    Args:
        mailboxes: by address, as they are; read again at each change.
        lag: how far behind it is; none remembers nothing.
    """

    def __init__(self, mailboxes: Mapping[str, Mailbox], lag: timedelta) -> None:
        self._mailboxes = mailboxes
        self._lag = lag
        self._states: dict[str, list[tuple[datetime, Shown]]] = {}
        self.remember(datetime.min.replace(tzinfo=UTC))

    def remember(self, now: datetime) -> None:
        """Everything that changes until `now` has changed."""
        if not self._lag:
            return
        for address, mailbox in self._mailboxes.items():
            present = _present(mailbox)
            states = self._states.setdefault(address, [])
            if not states or states[-1][1] != present:
                states.append((now, present))
                while len(states) > 1 and states[1][0] <= now - self._lag:
                    del states[0]

    def shown(self, mailbox: Mailbox, now: datetime) -> Shown:
        """What getSchedule knows at `now` of a mailbox."""
        states = self._states.get(mailbox.address.casefold())
        if states is None:
            return _present(mailbox)
        seen = [state for at, state in states if at <= now - self._lag]
        return seen[-1] if seen else states[0][1]


def _present(mailbox: Mailbox) -> Shown:
    return tuple((event.content, event.show_as) for event in mailbox.default.events.values())
