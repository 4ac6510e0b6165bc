"""Whether a problem has a lawful plan, within a budget; a session alone is decided without any solver."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from solvers.check import judge
from solvers.cpsat import solve
from solvers.cpsat.options import Choice, kept_place, options
from solvers.plan import Assignment, Infeasible, Optimal, Plan, Unknown
from solvers.problem import Loop, Person, Problem
from solvers.timeline import SpanSet


@dataclass(frozen=True)
class Budget:
    """How much may be spent on one explanation.

    Args:
        seconds: wall time in all.
        work: CP-SAT's deterministic time for each decision.
        decisions: how many decisions at most, which unlike seconds does not depend on the machine; None is no limit.
        on_decision: called before each decision.
    """

    seconds: float = 20.0
    work: float = 2.0
    decisions: int | None = None
    on_decision: Callable[[], None] | None = None


Decision = Plan | Literal["impossible", "unknown"]


class Decider:
    """Answers whether problems have a lawful plan until its budget is spent; then everything is unknown.

    Ctrl-C while CP-SAT works spends what is left.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._until = time.monotonic() + budget.seconds
        self._decided = 0

    def part(self, share: float) -> Decider:
        """Another decider with a share of what is left."""
        decisions = self._budget.decisions
        left = None if decisions is None else int((decisions - self._decided) * share)
        return Decider(replace(self._budget, seconds=max(0.0, self._left() * share), decisions=left))

    @property
    def spent(self) -> bool:
        """Whether nothing more will be decided."""
        return self._left() <= 0 or (
            self._budget.decisions is not None and self._decided >= self._budget.decisions
        )

    def decide(self, problem: Problem) -> Decision:
        """A lawful plan, or that there is none; `unknown` when the budget does not last."""
        if not problem.loops:
            return Plan()
        if self.spent:
            return "unknown"
        self._decided += 1
        if self._budget.on_decision is not None:
            self._budget.on_decision()
        alone = the_only_session(problem)
        if alone is not None:
            first = next(starts_alone(problem, alone), None)
            return "impossible" if first is None else Plan(assignments=(first,))
        verdict = solve(
            problem.model_copy(update={"levels": (), "pair_costs": ()}),
            seconds=self._left(),
            workers=1,
            deterministic_time=self._budget.work,
        )
        if isinstance(verdict, Infeasible):
            return "impossible"
        if not isinstance(verdict, Optimal) and verdict.limit == "interrupted":
            self._until = time.monotonic()
        return "unknown" if isinstance(verdict, Unknown) else verdict.plan

    def begins(self, problem: Problem, loop: str, most: int) -> tuple[dict[int, Plan], bool]:
        """The minutes at which the loop could begin, each with a plan, and whether these are all.

        Args:
            most: of a loop of several sessions, after how many to stop.
        """
        alone = the_only_session(problem)
        if alone is not None and alone.key == loop and not self.spent:
            self._decided += 1
            found = {each.start: Plan(assignments=(each,)) for each in starts_alone(problem, alone)}
            return found, True
        found = {}
        left = self._possible(problem, loop)
        while len(found) < most:
            if not left:
                return found, True
            decision = self.decide(beginning(problem, loop, left))
            if not isinstance(decision, Plan):
                return found, decision == "impossible"
            begin = min(each.start for each in decision.assignments if each.loop == loop)
            found[begin] = decision
            left -= SpanSet((begin, begin + 1))
        return found, False

    def _possible(self, problem: Problem, loop: str) -> SpanSet:
        asked = next(each for each in problem.loops if each.key == loop)
        time_of_loop = SpanSet((problem.start, problem.end))
        return time_of_loop if asked.begins is None else time_of_loop & asked.begins

    def _left(self) -> float:
        return self._until - time.monotonic()


def beginning(problem: Problem, loop: str, minutes: SpanSet) -> Problem:
    """The problem in which the loop must be scheduled and begins at one of these minutes, if it may begin there."""
    loops = []
    for each in problem.loops:
        if each.key == loop:
            begins = minutes if each.begins is None else minutes & each.begins
            loops.append(each.model_copy(update={"begins": begins, "mandatory": True}))
        else:
            loops.append(each)
    return problem.model_copy(update={"loops": tuple(loops)})


def the_only_session(problem: Problem) -> Loop | None:
    """The loop, if it is the only one and has one session."""
    if len(problem.loops) == 1 and len(problem.loops[0].sessions) == 1:
        return problem.loops[0]
    return None


def starts_alone(problem: Problem, loop: Loop) -> Iterator[Assignment]:
    """Every legal start of the only session of a problem in order of time, with people and a room that make it so.

    Optional seats stay empty. That a start is legal is asked of `solvers.check`; that no other is follows, because
    seats are filled by a matching of everybody who could sit there, and rooms do not depend on people.
    """
    choices = options(problem)
    if not choices.loops:
        return
    choice = choices.choices[loop.key, loop.sessions[0].key]
    people = {person.key: person for person in problem.people}
    kept = kept_place(choice.session)
    for tick in chain.from_iterable(range(span.start, span.end) for span in choice.ticks):
        start = choice.grid.minute(tick)
        sitting = _sit(choice, people, tick, start)
        if sitting is None:
            continue
        room = None
        if choice.rooms is not None:
            room = next((key for key, ticks in choice.rooms.items() if ticks.contains_minute(tick)), None)
        if kept is not None and kept.people != sitting:
            continue
        held = Assignment(loop=loop.key, session=choice.session.key, start=start, people=sitting, room=room)
        if judge(problem, Plan.model_construct(assignments=(held,))).lawful:
            yield held


def _sit(choice: Choice, people: dict[str, Person], tick: int, start: int) -> dict[str, str] | None:
    """Different people for all seats that must be filled, by augmenting paths; None if there are not enough."""
    could = {
        seat: [
            key
            for key, ticks in choice.seats[seat].items()
            if ticks.contains_minute(tick) and _within_limits(people[key], start, choice.session.minutes)
        ]
        for seat in choice.filled
    }
    seat_of: dict[str, str] = {}

    def seated(seat: str, tried: set[str]) -> bool:
        for key in could[seat]:
            if key not in tried:
                tried.add(key)
                if key not in seat_of or seated(seat_of[key], tried):
                    seat_of[key] = seat
                    return True
        return False

    if not all(seated(seat, set()) for seat in choice.filled):
        return None
    return dict(sorted((seat, key) for key, seat in seat_of.items()))


def _within_limits(person: Person, start: int, minutes: int) -> bool:
    return all(
        (limit.sessions is None or limit.already_sessions + 1 <= limit.sessions)
        and (limit.minutes is None or limit.already_minutes + minutes <= limit.minutes)
        for limit in person.limits
        if limit.start <= start < limit.end
    )
