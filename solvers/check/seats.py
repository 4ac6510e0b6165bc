"""Who may sit where: seat_empty, seat_pool, seat_twice, trainee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from solvers.check.judgement import RuleName, Violation
from solvers.check.schedule import Held, Schedule


def judge_seats(schedule: Schedule) -> Iterator[Violation]:
    """Every held session has the right people in its seats."""
    for held in schedule:
        yield from _judge(held)


def _judge(held: Held) -> Iterator[Violation]:
    sitting = held.assignment.people
    known = {person.key for person in held.people}
    for seat in held.session.seats:
        person = sitting.get(seat.key)
        if person is None:
            if seat.kind == "required":
                yield _broken(held, "seat_empty", (), 1, f"seat {seat.key} is empty, but required")
            continue
        if person in known and person not in seat.pool:
            yield _broken(held, "seat_pool", (person,), 1, f"{person} is not in the pool of seat {seat.key}")
        if seat.beside is not None and seat.beside not in sitting:
            text = f"{person} learns in seat {seat.key}, but seat {seat.beside} beside it is empty"
            yield _broken(held, "trainee", (person,), 1, text)
    seats = {seat.key for seat in held.session.seats}
    for person, times in Counter(who for seat, who in sitting.items() if seat in seats).items():
        if times > 1:
            yield _broken(held, "seat_twice", (person,), times - 1, f"{person} sits in {times} seats")


def _broken(held: Held, rule: RuleName, who: tuple[str, ...], by: int, text: str) -> Violation:
    return Violation(rule=rule, who=(held.name, *who), when=held.span, by=by, text=f"In {held.name} {text}.")
