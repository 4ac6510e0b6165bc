"""Free/busy and working hours of many mailboxes (api/calendar-getschedule).

One call takes 20 addresses and a window under 62 days, so what is asked is cut into pieces, and the answers
are put together again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from scheduler.calendars.snapshot import BusyItem, MailboxSchedule
from scheduler.graph.errors import BadAnswer
from scheduler.graph.gate import Gate
from scheduler.graph.paths import UTC_PREFERENCE, user_path
from scheduler.graph.pieces import Piece, owner, read_piece
from scheduler.graph.wire.schedules import schedule_request
from solvers.timeline import Span

_ADDRESSES_PER_CALL = 20
_LONGEST_WINDOW = 61 * 1440  # minutes; a multiple of every interval, so that the views of two pieces line up
_SHORTEST_INTERVAL, _LONGEST_INTERVAL = 5, 15  # minutes
_WORKERS = 4


def read_schedules(
    gate: Gate, addresses: Sequence[str], window: Span, *, as_mailbox: str
) -> tuple[MailboxSchedule, ...]:
    """What each distinct address said about the window, in the order they were first asked for.

    Args:
        gate: the door to Graph.
        addresses: mailboxes; letter case does not matter.
        window: UTC minutes, of any length.
        as_mailbox: through whose calendar it is asked; calls are counted on this mailbox.

    Raises:
        CallFailed: a call as a whole failed; what failed for one mailbox is its `problem`.
    """
    asked = list(dict.fromkeys(address.strip().lower() for address in addresses))
    if not asked:
        return ()
    reader = _Reader(gate, as_mailbox, min(max(window.minutes, _SHORTEST_INTERVAL), _LONGEST_INTERVAL))
    starts = range(window.start, window.end, _LONGEST_WINDOW)
    jobs = [
        (asked[first : first + _ADDRESSES_PER_CALL], Span(start, min(start + _LONGEST_WINDOW, window.end)))
        for first in range(0, len(asked), _ADDRESSES_PER_CALL)
        for start in starts
    ]
    said: dict[str, list[Piece]] = {address: [] for address in asked}
    with ThreadPoolExecutor(max_workers=min(_WORKERS, len(jobs))) as pool:
        for pieces in pool.map(lambda job: reader.ask(*job), jobs):
            for address, parts in pieces.items():
                said[address] += parts
    return tuple(_stitch(address, window, reader.interval, pieces) for address, pieces in said.items())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks through one mailbox, with one width of view digits in minutes."""

    gate: Gate
    as_mailbox: str
    interval: int

    def ask(self, addresses: Sequence[str], span: Span) -> dict[str, list[Piece]]:
        """Pieces in order for each address; those with too many entries are asked again by halves."""
        answered = self._call(addresses, span)
        return {
            address: self._halves(address, span) if piece.too_many else [piece]
            for address, piece in answered.items()
        }

    def _halves(self, address: str, span: Span) -> list[Piece]:
        slots = -(-span.minutes // self.interval)
        if slots == 1:
            return [Piece(problem="Its calendar has more entries than Graph will list.")]
        middle = span.start + slots // 2 * self.interval
        left = self.ask([address], Span(span.start, middle))[address]
        # One part without an answer decides the whole, and asking on would only cost calls.
        if any(piece.problem for piece in left):
            return left
        return left + self.ask([address], Span(middle, span.end))[address]

    def _call(self, addresses: Sequence[str], span: Span) -> dict[str, Piece]:
        # Graph refuses an interval longer than the window, so the last piece may reach beyond what is wanted.
        asked_span = Span(span.start, max(span.end, span.start + self.interval))
        noun = "mailbox" if len(addresses) == 1 else "mailboxes"
        doing = f"reading free/busy of {len(addresses)} {noun}"
        reply = self.gate.send(
            "POST",
            f"{user_path(self.as_mailbox)}/calendar/getSchedule",
            mailbox=self.as_mailbox,
            json=schedule_request(addresses, asked_span, self.interval),
            headers={"Prefer": UTC_PREFERENCE},
            doing=doing,
        )
        entries = reply.body.get("value") if isinstance(reply.body, dict) else None
        if not isinstance(entries, list):
            raise BadAnswer(doing, "Graph's answer holds no list of schedules", "try again later")
        owned: dict[str | None, list[Any]] = {}
        for entry in entries:
            owned.setdefault(owner(entry), []).append(entry)
        digits = -(-asked_span.minutes // self.interval)
        return {address: read_piece(owned.get(address.casefold(), []), digits) for address in addresses}


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
    # An entry that reaches over a cut comes back whole with both pieces; two equal entries of one piece are two meetings.
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
