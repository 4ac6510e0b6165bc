"""Why a loop cannot be scheduled: a smallest set of facts that together forbid it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from solvers.explain.deciding import Budget, Decider
from solvers.explain.facts import Fact
from solvers.explain.holding import hold
from solvers.explain.question import Question, ask
from solvers.explain.shrinking import Trial, shrink
from solvers.explain.universe import by_day, by_span, every_fact, joined, structure
from solvers.plan import Plan
from solvers.problem import Frozen, Problem

MANY = 40
"""Of more facts than these some smallest conflict is looked for, not the smallest of several."""


class Conflict(Frozen):
    """Facts that together leave no lawful plan.

    Args:
        outcome: `forbidden` when that is proved; `solvable` when there is a lawful plan after all, and `unknown` when
            the budget ended before either; then there are no facts.
        facts: what forbids it; empty also when the structure alone does.
        context: what of the structure is worth telling beside the facts.
        minimal: whether it is proved that without any one of the facts there is a lawful plan under the others; where
            a fact is about several stretches of time, without any one of its stretches.
        loops: the loops that cannot be scheduled together.
    """

    outcome: Literal["forbidden", "solvable", "unknown"]
    facts: tuple[Fact, ...] = ()
    context: tuple[Fact, ...] = ()
    minimal: bool = False
    loops: tuple[str, ...] = ()


def conflict(problem: Problem, loop: str | None, *, budget: Budget | None = None) -> Conflict:
    """Why the loop cannot be scheduled beside all that must be; with None, why all that must cannot.

    Other loops that must be scheduled are part of it as the problem has them; those that are booked and may not move
    are told as promised time. The rest are left out.

    Raises:
        ValueError: there is no such loop.
    """
    return explain(ask(problem, loop), Decider(budget or Budget())).said()


class Explained:
    """A conflict in pieces: facts so small that none can be spared."""

    def __init__(
        self,
        question: Question,
        outcome: Literal["forbidden", "solvable", "unknown"],
        pieces: tuple[Fact, ...] = (),
        *,
        minimal: bool = False,
    ) -> None:
        self.question = question
        self.outcome = outcome
        self.pieces = pieces
        self.minimal = minimal

    def said(self) -> Conflict:
        """The conflict with pieces of one person's or room's time put together."""
        return Conflict(
            outcome=self.outcome,
            facts=joined(self.question, self.pieces),
            context=structure(self.question, self.pieces) if self.outcome == "forbidden" else (),
            minimal=self.minimal,
            loops=tuple(loop.key for loop in self.question.problem.loops),
        )


def explain(question: Question, decider: Decider, *, like: Sequence[Fact] = ()) -> Explained:
    """The conflict of a question: facts as large as they can be first, then cut into days and stretches of time.

    Args:
        like: facts of the conflict of a similar loop; where the same forbid this one, no others are looked for.
    """
    found = decider.decide(hold(question, every_fact(question)))
    if found != "impossible":
        return Explained(question, "solvable" if isinstance(found, Plan) else "unknown")
    question = _fewest_loops(question, decider)
    trial = Trial(question, decider)
    facts = every_fact(question)
    own = [fact for fact in facts if fact.kind not in ("promised", "mandatory")]
    if len(own) < len(facts) and trial.forbids(own):
        facts = tuple(own)
    orders = _orders(facts)
    alike = {_about(fact) for fact in like}
    similar = tuple(fact for fact in facts if _about(fact) in alike)
    if similar and trial.forbids(similar):
        facts = similar
        orders = _orders(facts)[-1:]
    elif len(facts) > MANY:
        facts = _without_spare_groups(trial, facts)
        orders = _orders(facts)[-1:]
    if facts is similar and trial.standing(similar) == "minimal":
        orders = []
    pieces = min(
        (shrink(trial.forbids, order) for order in orders),
        key=lambda each: (len(each), [facts.index(fact) for fact in each]),
        default=facts,
    )
    for cut in (by_day, by_span):
        pieces = _cut(trial, pieces, [cut(question, fact) for fact in pieces])
    pieces = tuple(sorted(pieces, key=lambda fact: _rank(facts, fact)))
    standing = trial.standing(pieces)
    if standing == "unknown":
        proved = trial.smallest
        return Explained(question, "forbidden", tuple(sorted(proved, key=lambda fact: _rank(facts, fact))))
    return Explained(question, "forbidden", pieces, minimal=standing == "minimal")


def _fewest_loops(question: Question, decider: Decider) -> Question:
    """The question with only those loops that cannot be scheduled together."""
    loops = [loop.key for loop in question.problem.loops]
    asked = list(question.asked)
    single = asked if len(asked) == 1 else []

    def forbidden(kept: Sequence[str]) -> bool:
        smaller = question.of(kept)
        return decider.decide(hold(smaller, every_fact(smaller))) == "impossible"

    if len(loops) == 1:
        return question
    if single and forbidden(single):
        return question.of(single)
    alone = next((key for key in asked if forbidden([key])), None)
    if alone is not None:
        return question.of([alone])
    kept = loops
    for key in loops:
        fewer = [each for each in kept if each != key]
        if key not in single and forbidden(fewer):
            kept = fewer
    return question.of(kept)


def _about(fact: Fact) -> tuple[object, ...]:
    """What makes two facts of different loops alike."""
    return (
        fact.kind,
        fact.session,
        () if fact.kind == "pool" else fact.people,
        fact.rooms,
        fact.keys,
        fact.limit,
    )


def _without_spare_groups(trial: Trial, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The facts without those groups that are not needed, so that of many facts most are gone in a few decisions."""
    kept = facts
    for group in GROUPS:
        rest = tuple(fact for fact in kept if not group(fact))
        if len(rest) < len(kept) and trial.forbids(rest):
            kept = rest
    return kept


def _is_of_people(fact: Fact) -> bool:
    return fact.kind == "pool" or _is_of_their_time(fact)


def _is_of_their_time(fact: Fact) -> bool:
    return fact.kind.startswith("person") or (fact.kind == "promised" and bool(fact.people))


def _is_of_rooms(fact: Fact) -> bool:
    return fact.kind.startswith("room") or (fact.kind == "promised" and bool(fact.rooms))


GROUPS: tuple[Callable[[Fact], bool], ...] = (
    _is_of_people,
    _is_of_rooms,
    lambda fact: fact.kind == "person_limit",
    lambda fact: fact.kind in {"person_buffer", "room_buffer"},
    lambda fact: fact.kind in {"person_unknown", "room_unknown"},
    lambda fact: fact.kind == "promised",
    lambda fact: fact.kind in {"person_blocked", "room_blocked"},
    lambda fact: fact.kind in {"person_hours", "room_hours"},
    lambda fact: not _is_of_people(fact) and not _is_of_rooms(fact),
)
"""What is tried to do without, in this order, before single facts are: people are many, and rooms fewer."""


def _orders(facts: tuple[Fact, ...]) -> list[tuple[Fact, ...]]:
    """As they are told; the other way round; and with those about time last."""
    timeless = sorted(facts, key=lambda fact: bool(fact.within))
    return list(dict.fromkeys((facts, facts[::-1], tuple(timeless))))


def _cut(trial: Trial, pieces: tuple[Fact, ...], parts: list[tuple[Fact, ...]]) -> tuple[Fact, ...]:
    """The conflict with its facts cut into these parts, without those that can be spared."""
    whole = [fact for fact, each in zip(pieces, parts, strict=True) if len(each) == 1 and each[0] == fact]
    smaller = [part for fact, each in zip(pieces, parts, strict=True) if fact not in whole for part in each]
    if not smaller:
        return pieces
    if not trial.forbids([*whole, *smaller]):
        return pieces
    return (*whole, *shrink(trial.forbids, smaller, whole))


def _rank(facts: tuple[Fact, ...], fact: Fact) -> tuple[int, tuple[int, ...]]:
    for index, each in enumerate(facts):
        same = (each.kind, each.loop, each.session, each.people, each.rooms, each.keys, each.limit)
        if same == (fact.kind, fact.loop, fact.session, fact.people, fact.rooms, fact.keys, fact.limit):
            return index, fact.within.edges
    return len(facts), ()
