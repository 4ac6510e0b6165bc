"""What it costs when a session starts: preferred hours, and parts of the day that people dislike.

The problem prices starts, not people. So each required seat pays what the member of its pool pays whom the start suits
best, of those who are free then, if anybody is, and not needed elsewhere in the loop: what cannot be avoided, and just
what is paid where these keep one clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scheduler.calendars.merge import Availability
from scheduler.planning.compile import DISLIKED
from scheduler.planning.localtimes import Window, parts_of_day
from scheduler.planning.loops.request import LoopShape, LoopWeights, Seat, SessionNeed
from scheduler.zones import Zone
from solvers.timeline import Span, SpanSet


class StartPrice(NamedTuple):
    """What one start of a session costs: points, and the minutes they come from."""

    points: int
    preferred_hours: int
    day_part: int


@dataclass(frozen=True, slots=True)
class Pricing:
    """What is needed to price starts.

    Args:
        people: by address, for everybody in a pool.
        wished: the hours they like best, of those who like any.
    """

    weights: LoopWeights
    window: Window
    people: Mapping[str, Availability]
    wished: Mapping[str, SpanSet]

    def of(self, shape: LoopShape, session: SessionNeed, starts: Sequence[int]) -> dict[int, StartPrice]:
        """The price of each of these starts of a session of the loop."""
        zone, window = self.window.zone, self.window.span
        best = parts_of_day(session.preferred, zone, window) if session.preferred else None
        seats = [
            self._kinds([address for address in seat.pool if address not in needed], session.minutes)
            for seat in session.seats
            if seat.kind == "required"
            for needed in [_needed_elsewhere(shape, session, seat)]
        ]
        found = {}
        for start in starts:
            meeting = Span(start, start + session.minutes)
            paid = [
                min(self._price(*kind.minutes(meeting)) for kind in _possible(kinds, start) or kinds)
                for kinds in seats
                if kinds
            ]
            preferred = sum(price.preferred_hours for price in paid)
            if best is not None:
                preferred += _outside(best, meeting)
            found[start] = self._price(preferred, sum(price.day_part for price in paid))
        return found

    def _price(self, preferred: int, day_part: int) -> StartPrice:
        weights = self.weights
        points = weights.preferred_hours * preferred + weights.day_part * day_part
        return StartPrice(points, preferred, day_part)

    def _kinds(self, members: Sequence[str], minutes: int) -> list[_Kind]:
        """Those who pay the same, with when any of them is free for so many minutes."""
        free: dict[tuple[Zone, SpanSet | None], list[SpanSet]] = {}
        for address in members:
            kind = self.people[address].zone or self.window.zone, self.wished.get(address)
            free.setdefault(kind, []).append(self.people[address].offerable.starts(minutes))
        return [
            _Kind(parts_of_day(DISLIKED, zone, self.window.span), wished, SpanSet.union(starts))
            for (zone, wished), starts in free.items()
        ]


@dataclass(frozen=True, slots=True)
class _Kind:
    """People who pay the same: what they dislike, the hours they like best, and starts at which one of them is free."""

    disliked: SpanSet
    wished: SpanSet | None
    starts: SpanSet

    def minutes(self, meeting: Span) -> tuple[int, int]:
        """Minutes outside the hours they like best, and in parts of the day that they dislike."""
        outside = 0 if self.wished is None else _outside(self.wished, meeting)
        return outside, self.disliked.minutes_in(meeting)


def _possible(kinds: Sequence[_Kind], start: int) -> list[_Kind]:
    return [kind for kind in kinds if kind.starts.contains_minute(start)]


def _needed_elsewhere(shape: LoopShape, session: SessionNeed, seat: Seat) -> set[str]:
    """Who must sit in another seat of the session, or, where nobody is met twice, in another session."""
    others = shape.sessions if shape.meets_once else (session,)
    return {
        other.pool[0]
        for each in others
        for other in each.seats
        if other.kind == "required"
        and len(other.pool) == 1
        and (each.name, other.name) != (session.name, seat.name)
    }


def steps(prices: Mapping[int, StartPrice], length: int) -> tuple[tuple[int, int, int], ...]:
    """The same prices as spans of starts with one price each, those that cost nothing left out.

    Args:
        prices: by start, in order.
        length: minutes from one start to the next.
    """
    found: list[tuple[int, int, int]] = []
    for start, price in prices.items():
        if not price.points:
            continue
        if found and found[-1][1:] == (start, price.points):
            found[-1] = (found[-1][0], start + length, price.points)
        else:
            found.append((start, start + length, price.points))
    return tuple(found)


def _outside(hours: SpanSet, meeting: Span) -> int:
    return meeting.minutes - hours.minutes_in(meeting)
