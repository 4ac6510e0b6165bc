"""One half-open stretch of time in whole UTC minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The minutes m with start <= m < end, counted from 1970-01-01T00:00Z; never empty.

    Half-open, so that two interviews back to back do not touch.

    Raises:
        ValueError: end is not after start.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a span must end after it starts, not {self.start}..{self.end}")

    @property
    def minutes(self) -> int:
        """Length in minutes, at least 1."""
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one minute."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether every minute of the other is a minute of this one."""
        return self.start <= other.start and other.end <= self.end

    def clip(self, window: Span) -> Span | None:
        """The part inside the window, or None when they share no minute."""
        start, end = max(self.start, window.start), min(self.end, window.end)
        return Span(start, end) if start < end else None
