"""What a candidate's day looks like: order, gaps and walks, days, breaks, and whom and which rooms they meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from solvers.check.judgement import RuleName, Violation
from solvers.check.schedule import Held, Schedule, close_pairs
from solvers.problem import Break, Loop
from solvers.timeline import Span, SpanSet


def judge_loops(schedule: Schedule) -> Iterator[Violation]:
    """Every candidate's sessions are held as the loop asks."""
    for loop in schedule.problem.loops:
        held = schedule.by_loop[loop.key]
        days = [Span(*day) for day in sorted(loop.days)] or [schedule.problem.horizon]
        of_day = [[each for each in held if each.span.overlaps(day)] for day in days]
        yield from _judge_order(loop, held)
        yield from _judge_gaps(schedule, loop, held, of_day)
        yield from _judge_window(loop, held)
        yield from _judge_days(loop, held, days, of_day)
        for rest in loop.breaks:
            for day, on_day in zip(days, of_day, strict=True):
                yield from _judge_break(loop, rest, day, on_day)
        yield from _judge_company(loop, held)


def _judge_order(loop: Loop, held: list[Held]) -> Iterator[Violation]:
    for one, other, apart in close_pairs(held, 0):
        yield _pair("overlap", one, other, -apart, f"overlap by {-apart} minutes")
    found = {each.session.key: each for each in held}
    for before, after in loop.precedences():
        if before in found and after in found:
            one, other = found[before], found[after]
            late = one.span.end - other.span.start
            if late > 0:
                yield _pair("order", one, other, late, f"are in the wrong order by {late} minutes")


def _judge_gaps(
    schedule: Schedule, loop: Loop, held: list[Held], of_day: list[list[Held]]
) -> Iterator[Violation]:
    for on_day in of_day:
        for one, other, apart in close_pairs(on_day, loop.min_gap):
            if apart >= 0:
                text = f"are {apart} minutes apart, but at least {loop.min_gap} are asked"
                yield _pair("min_gap", one, other, loop.min_gap - apart, text)
        for one, other in pairwise(on_day):
            apart = other.span.start - one.span.end
            if loop.max_gap is not None and apart > loop.max_gap:
                text = f"are {apart} minutes apart, but at most {loop.max_gap} are asked"
                yield _pair("max_gap", one, other, apart - loop.max_gap, text)
    for one, other, apart in close_pairs(held, schedule.longest_walk):
        walk = schedule.walk(one, other)
        if 0 <= apart < walk:
            text = f"are {apart} minutes apart, but the walk between them takes {walk}"
            yield _pair("walk", one, other, walk - apart, text)


def _judge_window(loop: Loop, held: list[Held]) -> Iterator[Violation]:
    for each in held:
        span = each.span
        if loop.available is not None and not loop.available.covers(span):
            by = span.minutes - loop.available.minutes_in(span)
            yield _single("available", each, by, f"takes {by} minutes that the candidate does not offer")
        if loop.earliest is not None and span.start < loop.earliest:
            by = loop.earliest - span.start
            yield _single("earliest", each, by, f"starts {by} minutes before the candidate can")
        if loop.latest is not None and span.end > loop.latest:
            by = span.end - loop.latest
            yield _single("latest", each, by, f"ends {by} minutes after the candidate must leave")
    if loop.begins is not None and held and not loop.begins.contains_minute(held[0].span.start):
        by = _distance(loop.begins, held[0].span.start)
        yield _single("begins", held[0], by, "is the first of its loop, which may not begin then")


def _distance(minutes: SpanSet, minute: int) -> int:
    """How far the minute is from the nearest of the set; 1 when the set is empty."""
    ways = [max(span.start - minute, minute - span.end + 1) for span in minutes]
    return min(ways, default=1)


def _judge_days(
    loop: Loop, held: list[Held], days: list[Span], of_day: list[list[Held]]
) -> Iterator[Violation]:
    if not loop.days:
        return
    for each in held:
        inside = max((part.minutes for day in days if (part := each.span.clip(day)) is not None), default=0)
        if by := each.span.minutes - inside:
            yield _single("day", each, by, f"lies {by} minutes outside its day")
    used = [day for day, on_day in zip(days, of_day, strict=True) if on_day]
    if loop.max_days is not None and len(used) > loop.max_days:
        yield Violation(
            rule="max_days",
            who=(loop.key,),
            when=Span(used[0].start, used[-1].end),
            by=len(used) - loop.max_days,
            text=f"{loop.key} is spread over {len(used)} days where {loop.max_days} are allowed.",
        )


def _judge_break(loop: Loop, rest: Break, day: Span, on_day: list[Held]) -> Iterator[Violation]:
    part = rest.window.clip(day)
    if not part:
        return
    hull = Span(part.edges[0], part.edges[-1])
    if all(each.span.start >= hull.end for each in on_day) or all(
        each.span.end <= hull.start for each in on_day
    ):
        return
    free = part - SpanSet.of([each.span for each in on_day])
    longest = max((piece.minutes for piece in free), default=0)
    if longest < rest.minutes:
        yield Violation(
            rule="break",
            who=(loop.key, rest.key),
            when=hull,
            by=rest.minutes - longest,
            text=f"{loop.key} has {longest} minutes off for {rest.key}, which takes {rest.minutes}.",
        )


def _judge_company(loop: Loop, held: list[Held]) -> Iterator[Violation]:
    rooms = sorted({each.assignment.room for each in held if each.session.room and each.assignment.room})
    if loop.same_room and len(rooms) > 1:
        yield Violation(
            rule="same_room",
            who=(loop.key, *rooms),
            when=None,
            by=len(rooms) - 1,
            text=f"{loop.key} is held in {', '.join(rooms)} instead of one room.",
        )
    if loop.meets_once:
        for person, times in Counter(person.key for each in held for person in each.people).items():
            if times > 1:
                yield Violation(
                    rule="meets_once",
                    who=(loop.key, person),
                    when=None,
                    by=times - 1,
                    text=f"{loop.key} meets {person} in {times} sessions.",
                )


def _pair(rule: RuleName, one: Held, other: Held, by: int, text: str) -> Violation:
    return Violation(
        rule=rule,
        who=(one.name, other.name),
        when=max(one.span, other.span),
        by=by,
        text=f"{one.name} and {other.name} {text}.",
    )


def _single(rule: RuleName, held: Held, by: int, text: str) -> Violation:
    return Violation(rule=rule, who=(held.name,), when=held.span, by=by, text=f"{held.name} {text}.")
