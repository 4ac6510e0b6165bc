"""What went wrong in the database: whether the same may work in a moment, and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from json import JSONDecodeError

from pydantic import ValidationError

from scheduler.errors import StoreError

UNREADABLE = (UnicodeDecodeError, JSONDecodeError, ValidationError)
"""What reading raises when a page holds something else than was written, and the engine itself has not noticed."""


def unreadable(name: str) -> StoreError:
    """What is said then; nothing of what was read is repeated, because it may be about people.

    Args:
        name: of the database.
    """
    return StoreError(
        f"The {name} holds something that was never written to it, so its disk or its file is damaged; nothing was"
        " changed, put a backup in its place."
    )


class OutcomeUnknown(StoreError):  # noqa: N818 - named like the fact it states
    """The connection went while a commit was on its way and did not come back; it may have been done or not.

    Whoever gets this reads the booking back by its id before anything else.
    """


class TakenOver(StoreError):  # noqa: N818 - named like the fact it states
    """Another process has got the right to move a booking on since this one got it; nothing was changed."""

    def __init__(self, booking_id: str) -> None:
        super().__init__(
            f"Booking {booking_id} was taken over by another process, because this one lost its hold on it;"
            f" nothing was changed, look at it with `slotwright show {booking_id}`."
        )
        self.booking_id = booking_id


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of an engine, judged.

    Args:
        text: the engine's own words, one line, without values of rows.
        remedy: what to do, as the second half of a sentence.
        passing: the same transaction may well succeed in a moment.
        undone: the transaction has certainly left nothing behind, even when it was being committed.
    """

    text: str
    remedy: str
    passing: bool
    undone: bool
