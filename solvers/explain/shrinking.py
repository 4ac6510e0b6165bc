"""From facts that cannot hold together to a set of them from which none can be spared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from solvers.check import judge
from solvers.explain.deciding import Decider, Decision
from solvers.explain.facts import Fact
from solvers.explain.holding import hold
from solvers.explain.question import Question
from solvers.plan import Plan

RECENT = 4
"""So many of the plans found last are tried before another is looked for."""


class Trial:
    """Decides whether facts of a question can hold together; what follows from what is known is not solved again.

    Facts that are part of some that can hold together can as well, and so can all under which a known plan is lawful.
    Those that hold a part which cannot, cannot either.
    """

    def __init__(self, question: Question, decider: Decider) -> None:
        self._question = question
        self._decider = decider
        self._possible: list[tuple[frozenset[Fact], Plan]] = []
        self._impossible: list[frozenset[Fact]] = []

    def decide(self, facts: Sequence[Fact]) -> Decision:
        """A plan under just these facts, or that there is none, or that it is not known."""
        asked = frozenset(facts)
        if any(known <= asked for known in self._impossible):
            return "impossible"
        for known, plan in self._possible:
            if asked <= known:
                return plan
        problem = hold(self._question, facts)
        for _, plan in self._possible[-RECENT:]:
            if judge(problem, plan).lawful:
                self._possible.append((asked, plan))
                return plan
        decision = self._decider.decide(problem)
        if isinstance(decision, Plan):
            self._possible.append((asked, decision))
        elif decision == "impossible":
            self._impossible.append(asked)
        return decision

    @property
    def smallest(self) -> frozenset[Fact]:
        """The fewest facts of which it is proved that they forbid every plan; empty if of none."""
        return min(self._impossible, key=len, default=frozenset())

    def forbids(self, facts: Sequence[Fact]) -> bool:
        """Whether it is proved that these facts leave no plan."""
        return self.decide(facts) == "impossible"

    def standing(self, facts: Sequence[Fact]) -> Literal["minimal", "forbidding", "unknown"]:
        """What is proved of these facts: that they forbid every plan, and that without any one of them there is one."""
        if not self.forbids(facts):
            return "unknown"
        rests = ([other for other in facts if other is not fact] for fact in facts)
        return "minimal" if all(isinstance(self.decide(rest), Plan) for rest in rests) else "forbidding"


def shrink(
    forbids: Callable[[Sequence[Fact]], bool], facts: Sequence[Fact], kept: Sequence[Fact] = ()
) -> tuple[Fact, ...]:
    """Some of the facts that together with those kept leave no plan, and of which none can be spared.

    QuickXplain (U. Junker, 2004): halves are tried before single facts, so that few of many cost few decisions. Facts
    at the front are rather in the answer than those at the back. What is not proved forbidden counts as possible, so
    an answer that was cut short is only too large.

    Args:
        forbids: whether it is proved that so many facts leave no plan; it does of all given.
    """
    if not facts or forbids(kept):
        return ()
    return tuple(_explain(forbids, list(kept), new=False, facts=list(facts)))


def _explain(
    forbids: Callable[[Sequence[Fact]], bool], kept: list[Fact], *, new: bool, facts: list[Fact]
) -> list[Fact]:
    if new and forbids(kept):
        return []
    if len(facts) == 1:
        return facts
    front, back = facts[: len(facts) // 2], facts[len(facts) // 2 :]
    of_back = _explain(forbids, [*kept, *front], new=True, facts=back)
    of_front = _explain(forbids, [*kept, *of_back], new=bool(of_back), facts=front)
    return of_front + of_back
