"""What was learnt of a mailbox, for whoever asks later; never what it said."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.timeline import Span


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That something was read of a mailbox.

    Args:
        read_at: UTC second; 0 before it is kept.
        request: what it was for, such as `find` or a booking id.
        fields: names of what was read, never what they said.
        window: of which time; None for what has none, such as calendar rights.
    """

    read_at: int
    request: str
    mailbox: str
    fields: tuple[str, ...]
    window: Span | None = None
