"""How far a start is from legal: what stands in its way, what would have to give, and the nearest legal starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Literal

from solvers.explain.conflict import explain
from solvers.explain.deciding import Budget, Decider, beginning, the_only_session
from solvers.explain.facts import Fact
from solvers.explain.holding import hold
from solvers.explain.question import Question, ask
from solvers.explain.shrinking import Trial, shrink
from solvers.explain.universe import by_day, by_span, every_fact, joined, structure
from solvers.plan import Plan
from solvers.problem import Frozen, Person, Problem, Room
from solvers.timeline import SpanSet

MOST_LIFTED = 6
"""Larger sets of facts to lift are not looked for."""


class NearMiss(Frozen):
    """What is known of one start of a loop.

    Args:
        outcome: `unknown` when the budget ended before it was decided.
        facts: of a loop of one session every fact that stands in the way, whether or not others do as well; of a longer
            one a smallest set that forbids the start. Empty also when structure alone forbids it: a start off the grid,
            or outside the horizon.
        lift: a smallest set of facts without which the start is legal, where of a longer loop all the blocked time of a
            person is one fact; None when there is none of at most `MOST_LIFTED`, or none was found in time.
        before: the last legal start before this one, in minutes from it; None when there is none.
        after: the first legal start after it, likewise.
        complete: whether all of this was decided within the budget; what is None may otherwise exist, and legal starts
            may lie closer.
    """

    loop: str
    start: int
    outcome: Literal["legal", "forbidden", "unknown"]
    facts: tuple[Fact, ...] = ()
    context: tuple[Fact, ...] = ()
    lift: tuple[Fact, ...] | None = None
    before: int | None = None
    after: int | None = None
    complete: bool = True

    @property
    def fewest(self) -> int | None:
        """How many facts must be lifted at least."""
        return None if self.lift is None else len(self.lift)


def why_not(problem: Problem, loop: str, start: int, *, budget: Budget | None = None) -> NearMiss:
    """Whether the loop may begin at this minute beside all that must be scheduled, and what forbids it.

    Raises:
        ValueError: there is no such loop.
    """
    decider = Decider(budget or Budget())
    question = ask(problem, loop)
    at_start = replace(question, start=start)
    decision = decider.decide(hold(at_start, every_fact(question)))
    if isinstance(decision, Plan):
        return NearMiss(loop=loop, start=start, outcome="legal")
    if decision == "unknown":
        return NearMiss(loop=loop, start=start, outcome="unknown", complete=False)
    trial = Trial(at_start, decider)
    if the_only_session(question.problem) is not None:
        pieces = tuple(_pieces(question, start))
        hopeless = trial.forbids([])
        facts = tuple(fact for fact in pieces if not hopeless and _stands_in_the_way(trial, pieces, fact))
    else:
        pieces = every_fact(question)
        facts = explain(at_start, decider).pieces
    lift = _fewest(trial, pieces)
    before, after, complete = _nearest(question, decider, loop, start)
    return NearMiss(
        loop=loop,
        start=start,
        outcome="forbidden",
        facts=joined(question, facts),
        context=structure(question, facts) if facts else tuple(_broken_structure(question, start)),
        lift=lift,
        before=before,
        after=after,
        complete=complete and not decider.spent,
    )


def _broken_structure(question: Question, start: int) -> Iterator[Fact]:
    """What of the horizon and the grid alone forbids the start; all of the structure where neither does."""
    problem = question.problem
    loop = next(each for each in problem.loops if each.key in question.asked)
    structural = structure(question, ())
    first = loop.sessions[:1] if loop.order == "fixed" else loop.sessions
    fits = any(problem.start <= start and start + each.minutes <= problem.end for each in first)
    on_grid = {each.key for each in first if (start - each.anchor) % each.grid == 0}
    broken = [fact for fact in structural if fact.kind == "horizon" and not fits]
    if fits and not on_grid:
        names = {each.key for each in first}
        broken = [fact for fact in structural if fact.kind == "grid" and fact.session in names]
    yield from broken or structural


def _pieces(question: Question, start: int) -> Iterator[Fact]:
    """The facts of a loop of one session in single stretches near this start."""
    loop = question.problem.loops[0]
    resources: list[Person | Room] = [*question.problem.people, *question.problem.rooms]
    reach = max((max(each.buffer_before, each.buffer_after) for each in resources), default=0)
    guarded = SpanSet((start - reach, start + loop.sessions[0].minutes + reach))
    for fact in every_fact(question):
        for day in by_day(question, fact):
            for piece in by_span(question, day):
                if not piece.within or piece.within & guarded:
                    yield piece


def _stands_in_the_way(trial: Trial, facts: Sequence[Fact], fact: Fact) -> bool:
    """Whether there are facts beside which the start is legal, but not with this one as well.

    They are taken one by one as long as the start stays legal: first what asks for people and rooms, last what is about
    the same person or room, which would otherwise be reason enough without this one.
    """

    def late(other: Fact) -> tuple[bool, bool]:
        same = fact.kind not in ("pool", "room") and other.people == fact.people and other.rooms == fact.rooms
        return same, other.kind not in ("pool", "room")

    held: list[Fact] = []
    for other in sorted((each for each in facts if each is not fact), key=late):
        if isinstance(trial.decide([*held, other]), Plan):
            held.append(other)
    return trial.forbids([*held, fact])


def _fewest(trial: Trial, facts: Sequence[Fact]) -> tuple[Fact, ...] | None:
    """A smallest set of facts without which there is a plan.

    Every such set meets every conflict, so sets that meet all conflicts known so far are tried, the smallest first;
    one that is not enough shows another conflict.
    """
    if not isinstance(trial.decide([]), Plan):
        return None
    known: list[tuple[Fact, ...]] = []
    while True:
        lifted = _meeting(known)
        if lifted is None:
            return None
        rest = [fact for fact in facts if fact not in lifted]
        decision = trial.decide(rest)
        if isinstance(decision, Plan):
            return lifted
        if decision == "unknown":
            return None
        known.append(shrink(trial.forbids, rest))


def _meeting(conflicts: list[tuple[Fact, ...]]) -> tuple[Fact, ...] | None:
    """A smallest set that has a fact of each conflict."""
    family = list(dict.fromkeys(fact for each in conflicts for fact in each))
    for size in range(MOST_LIFTED + 1):
        for some in combinations(family, size):
            chosen = set(some)
            if all(chosen.intersection(each) for each in conflicts):
                return some
    return None


def _nearest(
    question: Question, decider: Decider, loop: str, start: int
) -> tuple[int | None, int | None, bool]:
    """How far the nearest legal starts before and after lie, and whether that is decided."""
    problem = question.problem_with_promises()
    if the_only_session(problem) is not None:
        begins, complete = decider.begins(problem, loop, 1)
        before = max((each for each in begins if each < start), default=None)
        after = min((each for each in begins if each > start), default=None)
    else:
        before, one = _closest(problem, decider, loop, start, -1)
        after, other = _closest(problem, decider, loop, start, 1)
        complete = one and other
    return (
        None if before is None else start - before,
        None if after is None else after - start,
        complete,
    )


def _closest(
    problem: Problem, decider: Decider, loop: str, start: int, way: Literal[-1, 1]
) -> tuple[int | None, bool]:
    """The legal start that is closest on one side, by halving what lies between it and the start."""
    far = problem.end - start if way == 1 else start - problem.start
    near, found = 1, None
    while near <= far:
        middle = far if found is None else (near + far) // 2
        edges = (start + near, start + middle + 1) if way == 1 else (start - middle, start - near + 1)
        decision = decider.decide(beginning(problem, loop, SpanSet(edges)))
        if decision == "unknown":
            return found, False
        if isinstance(decision, Plan):
            found = min(each.start for each in decision.assignments if each.loop == loop)
            far = abs(found - start) - 1
        elif found is None:
            return None, True
        else:
            near = middle + 1
    return found, True
