"""What would help: changes that open starts, each solved again, the cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from types import MappingProxyType

from solvers.check import judge
from solvers.explain.candidates import candidates
from solvers.explain.changes import Change, ChangeKind, grant
from solvers.explain.conflict import Conflict, Explained, explain
from solvers.explain.deciding import Budget, Decider
from solvers.explain.question import DAY, Question, ask
from solvers.plan import Plan
from solvers.problem import Frozen, Problem
from solvers.timeline import Span, SpanSet

NOBODY: Mapping[str, SpanSet] = MappingProxyType({})
COUNTED = 20
"""Starts of a loop of several sessions are counted so far."""
FEW = 3
"""With fewer single changes than these, pairs are looked for until there are so many remedies."""
FOR_PAIRS = 0.25
"""The part of the time left that goes into pairs where single changes help already."""
AS_FIRST = 6
"""So many hours of one person, and the like, are tried as the first of a pair."""
COMPARED = 3
"""So far they are counted when hours of one person are compared."""
WORTH = 3
"""So many changes are tried together before one by one."""
STRICTER: frozenset[ChangeKind] = frozenset({"minutes"})
"""Of these not everything stays lawful when more of them are made: the gap after a shorter session is longer."""
OF_ONE_KIND = 3
"""So many remedies are told that are of one kind."""


class Remedy(Frozen):
    """One change, or two together, after which the loop can be scheduled.

    Args:
        changes: none of which opens anything without the other.
        opens: at how many different minutes the loop could begin then.
        at_least: whether there may be more.
        plan: how it could be held; lawful in the problem with the changes made, beside the loops that may not move.
    """

    changes: tuple[Change, ...]
    price: int
    opens: int
    at_least: bool
    plan: Plan

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """The kinds of its changes."""
        return tuple(change.kind for change in self.changes)


class Explanation(Frozen):
    """Why a loop cannot be scheduled, and what would help."""

    conflict: Conflict
    remedies: tuple[Remedy, ...] = ()


def explanation(
    problem: Problem,
    loop: str | None,
    *,
    budget: Budget | None = None,
    extra: Mapping[str, SpanSet] = NOBODY,
    most: int = 8,
) -> Explanation:
    """The conflict and the remedies of a loop in one budget; the parts as `conflict` and `remedies` say.

    Raises:
        ValueError: there is no such loop.
    """
    decider = Decider(budget or Budget())
    found = explain(ask(problem, loop), decider)
    return Explanation(
        conflict=found.said(), remedies=search(problem, loop, found, decider, extra=extra, most=most)
    )


def remedies(
    problem: Problem,
    loop: str | None,
    *,
    budget: Budget | None = None,
    extra: Mapping[str, SpanSet] = NOBODY,
    most: int = 8,
) -> tuple[Remedy, ...]:
    """What would let the loop be scheduled beside all that must be; with None, all that must be scheduled.

    Pairs are looked for only if few single changes help; neither of a pair helps alone. Where a change could be smaller
    or larger, as with hours and gaps, the one that opens most of the same size stands for all, and the smallest step
    that opens anything. Cheapest first, then those that open most. Of None, `opens` is counted for the first of the
    loops in conflict.

    Args:
        extra: minutes by person or room that are blocked only because what is tentative counts as busy.
        most: how many at most.

    Raises:
        ValueError: there is no such loop.
    """
    decider = Decider(budget or Budget())
    return search(problem, loop, explain(ask(problem, loop), decider), decider, extra=extra, most=most)


def search(
    problem: Problem,
    loop: str | None,
    found: Explained,
    decider: Decider,
    *,
    extra: Mapping[str, SpanSet] = NOBODY,
    most: int = 8,
) -> tuple[Remedy, ...]:
    """The remedies for a conflict that is known already."""
    if found.outcome != "forbidden":
        return ()
    trying = _Trying(problem, loop, found.question, decider, most)
    changes = candidates(problem, found.question, found.pieces, extra)
    singles = trying.best((change,) for change in trying.hopeful(changes))
    if len(singles) >= FEW or decider.spent:
        return singles
    rest = decider.part(FOR_PAIRS if singles else 1.0)
    pairing = _Trying(problem, loop, found.question, rest, min(most, FEW) - len(singles))
    pairs = pairing.best(_pairs(pairing, changes, trying.helpful, extra))
    return tuple(sorted((*singles, *pairs), key=lambda each: (each.price, -each.opens)))


def _pairs(
    trying: _Trying, changes: tuple[Change, ...], helpful: set[Change], extra: Mapping[str, SpanSet]
) -> Iterable[tuple[Change, ...]]:
    """Pairs whose second change weakens what still stands after the first, and neither of which helps alone."""
    told: set[frozenset[Change]] = set()
    for first in _some_of_each([change for change in changes if change not in helpful]):
        if any(first.ladder in ladder for ladder in trying.found):
            continue
        still = explain(ask(grant(trying.problem, first), trying.loop), trying.decider)
        if still.outcome != "forbidden":
            continue
        for second in candidates(trying.problem, still.question, still.pieces, extra):
            pair = frozenset((first, second))
            if second.ladder != first.ladder and pair not in told and not trying.helps(second):
                told.add(pair)
                yield (first, second)


def _some_of_each(changes: list[Change]) -> Iterable[Change]:
    """Of each ladder a few, evenly chosen, in the order given."""
    ladders: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        ladders.setdefault(change.ladder, []).append(change)
    some = {each[index * len(each) // AS_FIRST] for each in ladders.values() for index in range(AS_FIRST)}
    return [change for change in changes if change in some]


def _alike(changes: Iterable[Change], of: Callable[[Change], Hashable]) -> list[list[Change]]:
    """The changes of which this is the same, in the order in which each first came."""
    found: dict[Hashable, list[Change]] = {}
    for change in changes:
        found.setdefault(of(change), []).append(change)
    return list(found.values())


class _Trying:
    """One search: changes are made one after the other and solved."""

    def __init__(
        self, problem: Problem, loop: str | None, question: Question, decider: Decider, most: int
    ) -> None:
        self.problem = problem
        self.loop = loop
        self._counted_for = loop if loop is not None else question.problem.loops[0].key
        self._days = question.days
        self._promised = bool(question.people or question.rooms)
        self.decider = decider
        self._most = most
        self.found: dict[tuple[object, ...], Remedy] = {}
        self.helpful: set[Change] = set()
        self._known: dict[Change, bool] = {}
        self._days_tried: dict[tuple[str | None, str | None, Span], bool] = {}

    def best(self, sets: Iterable[tuple[Change, ...]]) -> tuple[Remedy, ...]:
        """Of the changes that open something the cheapest, of each ladder one."""
        found = self.found
        for changes in sets:
            if self.decider.spent:
                break
            ladder = tuple(change.ladder for change in changes)
            known = found.get(ladder)
            if known is None and self._is_enough(found.values(), changes):
                continue
            if known is not None and self._is_no_better(known, changes):
                continue
            if len(changes) == 1 and self._is_hopeless(changes[0]):
                continue
            remedy = self._attempt(changes, COMPARED)
            if remedy is not None and len(changes) == 1:
                self.helpful.add(changes[0])
            if remedy is not None and (known is None or remedy.opens > known.opens):
                found[ladder] = remedy
            if len(changes) > 1 and len(found) >= self._most:
                break
        told = sorted(found.values(), key=lambda each: (each.price, -each.opens))[: self._most]
        counted = [each if not each.at_least else self._counted(each) for each in told]
        return tuple(sorted(counted, key=lambda each: (each.price, -each.opens)))

    def hopeful(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Those that are not proved to open nothing by what all of a kind, or all of one resource, open together.

        Kinds with few changes come first, as they are soon tried; of these, and of the others, the cheapest.
        """
        kinds = _alike(changes, lambda change: change.kind)
        for of_kind in sorted(kinds, key=lambda each: len(each) >= WORTH):
            if self.decider.spent:
                return
            if not self._could_help(of_kind):
                continue
            for of_one in _alike(of_kind, lambda change: (change.person, change.room)):
                if len(of_one) == len(of_kind) or self._could_help(of_one):
                    yield from of_one

    def _could_help(self, changes: Sequence[Change]) -> bool:
        """Whether it is not proved that all of these, made together, open nothing; then none alone does."""
        if len(changes) < WORTH or any(change.kind in STRICTER for change in changes):
            return True
        changed = ask(reduce(grant, changes, self.problem), self.loop, promised=self._promised)
        return self.decider.decide(changed.problem_with_promises()) != "impossible"

    def helps(self, change: Change) -> bool:
        """Whether it is not proved that the change alone opens nothing."""
        if change not in self._known:
            changed = ask(grant(self.problem, change), self.loop, promised=self._promised)
            self._known[change] = self.decider.decide(changed.problem_with_promises()) != "impossible"
        return self._known[change]

    def _is_enough(self, found: Collection[Remedy], changes: tuple[Change, ...]) -> bool:
        kinds, price = tuple(change.kind for change in changes), sum(change.price for change in changes)
        cheaper = sum(each.price <= price for each in found)
        return cheaper >= self._most or sum(each.kinds == kinds for each in found) >= OF_ONE_KIND

    @staticmethod
    def _is_no_better(known: Remedy, changes: tuple[Change, ...]) -> bool:
        """Whether it goes further than what is known to help, or that opens too much to be compared."""
        further = any(change.step > old.step for change, old in zip(changes, known.changes, strict=True))
        return further or known.at_least or len(changes) > 1

    def _is_hopeless(self, change: Change) -> bool:
        """Whether an hour of a day cannot help because all of the day would not; each day is solved once."""
        if change.kind not in ("hour", "room_hour"):
            return False
        middle = (change.spans.edges[0] + change.spans.edges[-1]) // 2
        day = next((each for each in self._days if each.start <= middle < each.end), None)
        if day is None:
            return False
        key = change.person, change.room, day
        if key not in self._days_tried:
            spans = SpanSet((day.start, day.end)).widen(DAY, DAY)
            freed = grant(self.problem, change.model_copy(update={"spans": spans}))
            self._days_tried[key] = (
                self.decider.decide(ask(freed, self.loop, promised=self._promised).problem_with_promises())
                == "impossible"
            )
        return self._days_tried[key]

    def _counted(self, remedy: Remedy) -> Remedy:
        """The remedy with its starts counted as far as they are, and as time allows."""
        counted = self._attempt(remedy.changes, COUNTED)
        return remedy if counted is None or counted.opens < remedy.opens else counted

    def _attempt(self, changes: tuple[Change, ...], most: int) -> Remedy | None:
        """The remedy, if there is a plan after these changes."""
        changed = self.problem
        for change in changes:
            changed = grant(changed, change)
        whole = ask(changed, self.loop, promised=self._promised).problem_with_promises()
        begins, complete = self.decider.begins(whole, self._counted_for, most)
        if not begins:
            return None
        plan = begins[min(begins)]
        assert judge(whole, plan).lawful
        return Remedy(
            changes=changes,
            price=sum(change.price for change in changes),
            opens=len(begins),
            at_least=not complete,
            plan=plan,
        )
