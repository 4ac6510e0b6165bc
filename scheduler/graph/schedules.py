"""Free/busy and working hours of many mailboxes (api/calendar-getschedule).

One call takes 20 addresses and a window under 62 days, so what is asked is cut into pieces, and the answers
are put together again. A call is counted on the mailbox through which it is asked, and a mailbox has four under way,
so a round trip of one batch brings 80 mailboxes where one may be asked through, and 400 where five may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scheduler.calendars.snapshot import BusyItem, MailboxSchedule
from scheduler.graph.calls import Ask, Reply
from scheduler.graph.errors import BadAnswer, NotAllowed, NotThere
from scheduler.graph.gate import Gate
from scheduler.graph.pacing import IN_FLIGHT_PER_MAILBOX
from scheduler.graph.paths import UTC_PREFERENCE, user_path
from scheduler.graph.pieces import Piece, owner, read_piece
from scheduler.graph.wire.schedules import schedule_request
from solvers.timeline import Span

ADDRESSES_PER_CALL = 20
_LONGEST_WINDOW = 61 * 1440  # minutes; a multiple of every interval, so that the views of two pieces line up
_SHORTEST_INTERVAL, _LONGEST_INTERVAL = 5, 15  # minutes


def read_schedules(
    gate: Gate, addresses: Sequence[str], window: Span, *, as_mailbox: str, through: Sequence[str] = ()
) -> tuple[MailboxSchedule, ...]:
    """What each distinct address said about the window, in the order they were first asked for.

    Args:
        gate: the door to Graph.
        addresses: mailboxes; letter case does not matter.
        window: UTC minutes, of any length.
        as_mailbox: through whose calendar it is asked.
        through: through whose calendars it may be asked as well, where one has not enough places for all calls; what
            cannot be asked through one of them is asked through as_mailbox.

    Raises:
        CallFailed: a call as a whole failed; what failed for one mailbox is its `problem`.
    """
    asked = list(dict.fromkeys(address.strip().lower() for address in addresses))
    starts = range(window.start, window.end, _LONGEST_WINDOW)
    parts = [
        _Part(address, [Span(start, min(start + _LONGEST_WINDOW, window.end))])
        for start in starts
        for address in asked
    ]
    others = [each for each in dict.fromkeys(name.strip().lower() for name in through) if each != as_mailbox]
    interval = min(max(window.minutes, _SHORTEST_INTERVAL), _LONGEST_INTERVAL)
    reader = _Reader(gate, [as_mailbox, *others], interval)
    while unread := [part for part in parts if part.left]:
        reader.ask(unread)
    said: dict[str, list[Piece]] = {address: [] for address in asked}
    for part in parts:
        said[part.address] += part.pieces
    return tuple(_stitch(address, window, interval, pieces) for address, pieces in said.items())


@dataclass(slots=True)
class _Part:
    """A part of the window for one address.

    Args:
        left: what is still to be asked, the earliest last; what had too many entries is there as halves.
        pieces: what was answered, in order of time.
    """

    address: str
    left: list[Span]
    pieces: list[Piece] = field(default_factory=list)

    def take(self, piece: Piece, interval: int) -> None:
        """Take the answer about the earliest span that was left."""
        span = self.left.pop()
        slots = -(-span.minutes // interval)
        if piece.too_many and slots > 1:
            middle = span.start + slots // 2 * interval
            self.left += [Span(middle, span.end), Span(span.start, middle)]
            return
        if piece.too_many:
            piece = Piece(problem="Its calendar has more entries than Graph will list.")
        self.pieces.append(piece)
        if piece.problem:
            # One span without an answer decides the whole, and asking on would only cost calls.
            self.left.clear()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks through some mailboxes, of which the first is sure, with one width of view digits in minutes."""

    gate: Gate
    through: Sequence[str]
    interval: int

    def ask(self, parts: Sequence[_Part]) -> None:
        """Ask about the earliest span of each part that is left, all at once.

        Raises:
            CallFailed: a call failed.
        """
        by_span: dict[Span, list[_Part]] = {}
        for part in parts:
            by_span.setdefault(part.left[-1], []).append(part)
        jobs = [
            (span, alike[first : first + ADDRESSES_PER_CALL])
            for span, alike in by_span.items()
            for first in range(0, len(alike), ADDRESSES_PER_CALL)
        ]
        doors = self.through[: -(-len(jobs) // IN_FLIGHT_PER_MAILBOX)]
        asks = [self._ask(span, some, doors[number % len(doors)]) for number, (span, some) in enumerate(jobs)]
        outcomes = list(self.gate.send_many(asks))
        refused = [
            number
            for number, outcome in enumerate(outcomes)
            if isinstance(outcome, NotAllowed | NotThere) and asks[number].mailbox != self.through[0]
        ]
        once_more = [self._ask(*jobs[number], self.through[0]) for number in refused]
        for number, outcome in zip(refused, self.gate.send_many(once_more), strict=True):
            outcomes[number] = outcome
        for (span, some), outcome in zip(jobs, outcomes, strict=True):
            self._take(span, some, outcome)

    def _asked_span(self, span: Span) -> Span:
        # Graph refuses an interval longer than the window, so the last piece may reach beyond what is wanted.
        return Span(span.start, max(span.end, span.start + self.interval))

    def _ask(self, span: Span, parts: Sequence[_Part], door: str) -> Ask:
        addresses = [part.address for part in parts]
        return Ask(
            "POST",
            f"{user_path(door)}/calendar/getSchedule",
            door,
            _doing(len(addresses)),
            schedule_request(addresses, self._asked_span(span), self.interval),
            {"Prefer": UTC_PREFERENCE},
        )

    def _take(self, span: Span, parts: Sequence[_Part], outcome: Reply | Exception) -> None:
        if isinstance(outcome, Exception):
            raise outcome
        entries = outcome.body.get("value") if isinstance(outcome.body, dict) else None
        if not isinstance(entries, list):
            raise BadAnswer(
                _doing(len(parts)), "Graph's answer holds no list of schedules", "try again later"
            )
        owned: dict[str | None, list[Any]] = {}
        for entry in entries:
            owned.setdefault(owner(entry), []).append(entry)
        digits = -(-self._asked_span(span).minutes // self.interval)
        for part in parts:
            part.take(read_piece(owned.get(part.address.casefold(), []), digits), self.interval)


def _doing(count: int) -> str:
    return f"reading free/busy of {count} {'mailbox' if count == 1 else 'mailboxes'}"


def _stitch(address: str, window: Span, interval: int, pieces: Sequence[Piece]) -> MailboxSchedule:
    failed = next((piece for piece in pieces if piece.problem), None)
    if failed is not None:
        return MailboxSchedule(
            address, window, view_minutes=interval, problem=failed.problem, nobody=failed.nobody
        )
    views = [piece.view for piece in pieces if piece.view is not None]
    view = "".join(views) if len(views) == len(pieces) else None
    lists = [piece.items for piece in pieces if piece.items is not None]
    if len(lists) < len(pieces) and view is None:
        return MailboxSchedule(
            address, window, view_minutes=interval, problem="Only a part of the window was answered."
        )
    # An entry over a cut comes back whole with both pieces; two equal ones of the same piece are two meetings.
    found: Counter[BusyItem] = Counter()
    for items in lists:
        found |= Counter(item for item in items if item.span.overlaps(window))
    return MailboxSchedule(
        address=address,
        window=window,
        items=tuple(found.elements()) if len(lists) == len(pieces) else None,
        view=view,
        view_minutes=interval,
        hours=next((piece.hours for piece in pieces if piece.hours is not None), None),
        zeroed=tuple(dict.fromkeys(pair for piece in pieces for pair in piece.zeroed)),
    )
