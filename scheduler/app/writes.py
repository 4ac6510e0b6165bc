"""Writes to calendars that have one effect: done, refused, or read back until it is known which.

Before every write its bytes, or what it goes by, are in the ledger. A write of unknown outcome is read back before
it is sent again, and so is a write that another process may have made before it died.
"""

from __future__ import annotations

from collections.abc import Callable

from scheduler.app.ports import Calendars
from scheduler.booking import drafts
from scheduler.booking.booking import Booking, Written
from scheduler.booking.events import EventCopy
from scheduler.errors import WorldError
from scheduler.graph.errors import CallFailed, Clash, NotAllowed, NotThere, RequestRefused
from solvers.timeline import Span

WRITE_ROUNDS = 3
"""How often a write of unknown outcome is read back and sent again before a person is told."""


class Writer:
    """Creates, changes and removes our events.

    Args:
        tell: takes a short line about what is going on.
    """

    def __init__(self, calendars: Calendars, *, tell: Callable[[str], None]) -> None:
        self._calendars = calendars
        self._tell = tell
        self._unsent: set[str] = set()

    def unsent(self, written: Written) -> None:
        """Nobody but this process knows the event's bytes, and it has not sent them yet."""
        self._unsent.add(written.marker)

    def create(self, written: Written, span: Span, *, absent: Callable[[], None]) -> EventCopy | None:
        """Create the event, or find it if an earlier try did; None when its transaction id is burnt.

        Args:
            absent: told, before anything else is done, that the event was asked for and is not there.

        Raises:
            GraphError: refused for good, or still of unknown outcome after several rounds.
        """
        for rounds_left in reversed(range(WRITE_ROUNDS)):
            unsent = written.marker in self._unsent
            if not unsent:
                found = self._calendars.find_marked(written.calendar, written.marker, span)
                if found:
                    return found[0]
                absent()
            self._unsent.discard(written.marker)
            try:
                return self._calendars.create(written.calendar, written.body.encode())
            except Clash:
                found = self._calendars.find_marked(written.calendar, written.marker, span)
                if not found:
                    absent()
                return found[0] if found else None
            except CallFailed as error:
                if error.applied == "no" and unsent:
                    self._unsent.add(written.marker)
                if error.applied == "no" or rounds_left == 0:
                    raise
                self._tell("Graph did not say whether it was written; looking ...")
        raise AssertionError("unreachable")

    def amend(self, booking: Booking) -> str | None:
        """Let the invitation say what the booking says; None when it does, else why that was refused for good.

        The invitation is read first: what somebody else changed of it stays, and a change that is there already is not
        made again. The change is bound to the version that was read, so that it can never take effect twice.

        Raises:
            GraphError: Graph failed, or the outcome is still unknown after several rounds.
            WorldError: Graph says that it made the change, and shows another one.
        """
        invitation = booking.invitation
        assert invitation is not None
        assert invitation.event_id is not None
        mailbox, event_id = invitation.calendar.mailbox, invitation.event_id
        for rounds_left in reversed(range(WRITE_ROUNDS)):
            shown = self._calendars.read(mailbox, event_id)
            if shown is None or shown.cancelled:
                return f"the invitation is no longer in the calendar of {mailbox}"
            change = drafts.amendment(booking, shown)
            if change is None:
                return None
            try:
                shown = self._calendars.amend(mailbox, event_id, change, version=shown.version)
            except Clash:
                if rounds_left == 0:
                    raise
            except (NotAllowed, NotThere, RequestRefused) as error:
                return f"the invitation could not be changed: {error}"
            except CallFailed as error:
                if error.applied == "no" or rounds_left == 0:
                    raise
                self._tell("Graph did not say whether it was changed; looking ...")
            else:
                if drafts.amendment(booking, shown) is None:
                    return None
        raise WorldError(
            f"Graph took the change of an event of {mailbox} and shows another one; look at it in Outlook."
        )

    def remove(self, written: Written, span: Span, *, alone: bool, comment: str) -> bool:
        """Take our event out of its calendar; gone already is as good.

        Args:
            alone: whether nobody is invited to it, so that there is nobody to tell.
            comment: what those who are invited are told.

        Returns:
            Whether that is all; False means that Graph did not show it although it was asked for: it may still come, or
            Graph may only have said so, as it does where access was lost.

        Raises:
            GraphError: refused for good, or still of unknown outcome after several rounds.
        """
        event_ids = [written.event_id] if written.event_id is not None else []
        sent = written.marker not in self._unsent
        if not event_ids and sent:
            copies = self._calendars.find_marked(written.calendar, written.marker, span)
            event_ids = [copy.event_id for copy in copies]
        removed = [
            self._remove(written.calendar.mailbox, event_id, alone=alone, comment=comment)
            for event_id in event_ids
        ]
        return all(removed) if removed else not sent

    def _remove(self, mailbox: str, event_id: str, *, alone: bool, comment: str) -> bool:
        """Whether it was there to be removed."""
        for rounds_left in reversed(range(WRITE_ROUNDS)):
            try:
                if alone:
                    return self._calendars.delete(mailbox, event_id)
                return self._calendars.cancel(mailbox, event_id, comment)
            except CallFailed as error:
                if error.applied == "no" or rounds_left == 0:
                    raise
                self._tell("Graph did not say whether it was removed; looking ...")
                left = self._calendars.read(mailbox, event_id)
                if left is None or left.cancelled:
                    return True
        raise AssertionError("unreachable")
