"""Conflicts, remedies and near misses of tiny problems against every lawful plan of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, event, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject, SearchStrategy

from solvers.check import judge
from solvers.exhaustive import every_lawful
from solvers.explain import Budget, Fact, conflict, grant, remedies, why_not
from solvers.explain.conflict import explain
from solvers.explain.deciding import Decider, the_only_session
from solvers.explain.holding import hold
from solvers.explain.question import Question, ask
from solvers.explain.universe import by_day, by_span, every_fact
from solvers.problem import Problem

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))
PLENTY = Budget(seconds=600, work=60)
COUNTS: Counter[str] = Counter()


def tell(what: str) -> None:
    """Count what a test met, for Hypothesis and for the campaign."""
    event(what)
    COUNTS[what] += 1


def alone(problem: Problem, loop: str) -> Problem:
    """The problem without any objective and only with loops that must be held, of which this is one."""
    loops = tuple(
        each.model_copy(update={"mandatory": True})
        for each in problem.loops
        if each.key == loop or each.mandatory or any(s.placed and not s.placed.movable for s in each.sessions)
    )
    return problem.model_copy(update={"loops": loops, "pair_costs": (), "levels": ()})


WAYS = 300
"""Problems with more ways to hold a session, a loop or all loops are solved, but not tried out, by default."""


TRIED = 40
"""Of the smaller sets of facts to lift so many are tried."""


def has_a_plan(problem: Problem, ways: int) -> bool | None:
    """Whether there is a lawful plan, found by trying all; None when these are too many."""
    if not problem.loops:
        return True
    try:
        return next(every_lawful(problem, ways), None) is not None
    except ValueError:
        tell("too many plans to try")
        return None


def begins(problem: Problem, loop: str, ways: int) -> set[int] | None:
    """The minutes at which the loop begins in some lawful plan; None when there are too many to try."""
    try:
        plans = every_lawful(alone(problem, loop), ways)
    except ValueError:
        tell("too many plans to try")
        return None
    return {min(each.start for each in plan.assignments if each.loop == loop) for plan in plans}


def conflict_is_smallest(problem: Problem, loop: str, ways: int) -> None:
    """All facts together leave no plan, and all but any one do; a conflict is found just when there is no plan."""
    possible = has_a_plan(alone(problem, loop), ways)
    found = explain(ask(problem, loop), Decider(PLENTY))
    if possible is not None:
        assert ("solvable" if possible else "forbidden") == found.outcome
    if found.outcome != "forbidden":
        return
    assert found.minimal
    tell(f"conflict of {len(found.pieces)} facts")
    for fact in found.pieces:
        tell(f"fact {fact.kind}")
    assert has_a_plan(hold(found.question, found.pieces), ways) is not True
    for fact in found.pieces:
        rest = [other for other in found.pieces if other is not fact]
        assert has_a_plan(hold(found.question, rest), ways) is not False
    said = conflict(problem, loop, budget=PLENTY)
    assert has_a_plan(hold(found.question, said.facts), ways) is not True


def remedies_open_what_they_say(problem: Problem, loop: str, ways: int) -> None:
    """Each remedy's plan is lawful once its changes are made, and its starts are those of all lawful plans."""
    for remedy in remedies(problem, loop, budget=Budget(seconds=600, work=60, decisions=80)):
        tell(f"remedy {' and '.join(remedy.kinds)}")
        changed = problem
        for change in remedy.changes:
            changed = grant(changed, change)
        for change in remedy.changes if len(remedy.changes) > 1 else ():
            assert not begins(grant(problem, change), loop, ways)
        kept = {each.key for each in alone(changed, loop).loops}
        held = {each.loop for each in remedy.plan.assignments}
        if held == kept:
            assert judge(alone(changed, loop), remedy.plan).lawful
        expected = begins(changed, loop, ways)
        if expected is not None and not remedy.at_least:
            assert len(expected) == remedy.opens
        if expected is not None:
            assert len(expected) >= remedy.opens > 0


def near_miss_is_exact(problem: Problem, loop: str, start: int, ways: int) -> None:
    """A start is legal just when a lawful plan begins there; the nearest ones and what to lift are as trying shows."""
    legal = begins(problem, loop, ways)
    if legal is None:
        return
    miss = why_not(problem, loop, start, budget=PLENTY)
    tell(f"start {miss.outcome}")
    assert ("legal" if start in legal else "forbidden") == miss.outcome
    if miss.outcome == "legal":
        return
    assert miss.complete
    assert min((start - each for each in legal if each < start), default=None) == miss.before
    assert min((each - start for each in legal if each > start), default=None) == miss.after
    question = replace(ask(problem, loop), start=start)
    assert has_a_plan(hold(question, miss.facts), ways) is not True
    if miss.lift is None:
        assert has_a_plan(hold(question, ()), ways) is not True
        return
    tell(f"{miss.fewest} to lift")
    assert miss.fewest is not None
    rest = _without(question, miss.lift)
    assert has_a_plan(hold(question, rest), ways) is not False
    some = list(combinations(_without(question, ()), miss.fewest - 1)) if miss.fewest > 1 else []
    for fewer in some[:TRIED]:
        assert has_a_plan(hold(question, _without(question, fewer)), ways) is not True


def _without(question: Question, lifted: tuple[Fact, ...]) -> list[Fact]:
    """The facts that a near miss counts, but for these."""
    facts = every_fact(question)
    if the_only_session(question.problem) is not None:
        facts = tuple(
            piece for fact in facts for day in by_day(question, fact) for piece in by_span(question, day)
        )
    return [fact for fact in facts if fact not in lifted]


def check(problem: Problem, data: DataObject, ways: int) -> None:
    """All of the above for one loop of the problem."""
    loop = data.draw(st.sampled_from([each.key for each in problem.loops]))
    note(problem.model_dump_json(exclude_defaults=True))
    conflict_is_smallest(problem, loop, ways)
    remedies_open_what_they_say(problem, loop, ways)
    start = data.draw(st.integers((problem.start - 15) // 15, problem.end // 15)) * 15
    near_miss_is_exact(problem, loop, start + data.draw(st.sampled_from([0, 0, 0, 1])), ways)


@settings(QUIET, max_examples=4)
@given(data=st.data())
def test_against_every_plan(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """Conflicts are smallest, remedies open what they say, and near misses are as near as they say."""
    check(data.draw(problems), data, WAYS)


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(8))
def test_against_every_plan_at_length(part: int, problems: SearchStrategy[Problem]) -> None:
    """The same on many more problems."""
    COUNTS.clear()

    @seed(part)
    @settings(QUIET, max_examples=100, derandomize=False)
    @given(data=st.data())
    def holds(data: DataObject) -> None:
        COUNTS["problems"] += 1
        check(data.draw(problems), data, 20_000)

    holds()
    print(sorted(COUNTS.items()))  # noqa: T201  # the campaign's own record
