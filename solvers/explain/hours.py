"""The one ask that opens most: which hour of which person would let most of what was left out be held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType

from solvers.explain.candidates import candidates, windows
from solvers.explain.changes import Change, grant
from solvers.explain.conflict import Explained, explain
from solvers.explain.deciding import Budget, Decider
from solvers.explain.question import Question, ask, beside
from solvers.plan import Plan
from solvers.problem import Frozen, Problem, Spans
from solvers.timeline import Span, SpanSet

NOTHING: Mapping[str, Explained] = MappingProxyType({})
COUNTED = 10
"""Starts of a loop of several sessions are counted so far."""


class Ask(Frozen):
    """One stretch of one person's blocked time, given free.

    Args:
        loops: those that could be scheduled with it beside the plan, each by itself, though they could not without.
        opens: starts that the loops asked about gain, counted for each by itself.
        at_least: whether there may be more.
    """

    person: str
    spans: Spans
    loops: tuple[str, ...]
    opens: int
    at_least: bool = False


def value_of_hours(
    problem: Problem,
    plan: Plan,
    *,
    loops: Iterable[str] | None = None,
    budget: Budget | None = None,
    known: Mapping[str, Explained] = NOTHING,
    most: int = 3,
) -> tuple[Ask, ...]:
    """The hours that open most beside a plan: first those that let most loops be held, then those with most starts.

    Of many hours those are solved first that most of the loops could use, while rooms are free and most others busy.

    Args:
        loops: the ones asked about; None asks about those that the plan leaves out.
        known: why some of these loops do not fit beside the plan.
        most: how many asks at most.

    Raises:
        ValueError: there is no such loop.
    """
    decider = Decider(budget or Budget())
    held = {each.loop for each in plan.assignments}
    asked = [loop.key for loop in problem.loops if loop.key not in held] if loops is None else list(loops)
    around = [_Around(beside(problem, plan, loop), loop, decider, known.get(loop)) for loop in asked]
    hours: dict[tuple[str, SpanSet], list[_Around]] = {}
    for each in around:
        for change in each.hours:
            assert change.person is not None
            hours.setdefault((change.person, change.spans), []).append(each)
    ranked = sorted(hours, key=lambda hour: _promise(hour, hours[hour]))
    opened: dict[tuple[str, SpanSet], list[_Around]] = {}
    for hour in ranked:
        if decider.spent:
            break
        opened[hour] = [each for each in hours[hour] if each.could_use(*hour)]
    asks = []
    for hour in sorted(opened, key=lambda hour: -len(opened[hour])):
        gains = [each.gain(*hour) for each in opened[hour]]
        if any(gain.opens for gain in gains):
            asks.append(
                Ask(
                    person=hour[0],
                    spans=hour[1],
                    loops=tuple(gain.loop for gain in gains if gain.anew and gain.opens),
                    opens=sum(gain.opens for gain in gains),
                    at_least=any(gain.at_least for gain in gains),
                )
            )
    asks.sort(key=lambda each: (-len(each.loops), -each.opens, each.spans.edges, each.person))
    best: dict[str, Ask] = {}
    for asked_of in asks:
        best.setdefault(asked_of.person, asked_of)
    return tuple(best.values())[:most]


@dataclass(frozen=True, slots=True)
class _Gain:
    """What an hour opens for a loop: how many starts more, whether there may be others, and whether it had none."""

    loop: str
    opens: int
    at_least: bool
    anew: bool


class _Around:
    """A loop beside a plan: which hours could help it, and what each of them does.

    Args:
        known: why it does not fit, if that was found out before.
    """

    def __init__(self, problem: Problem, loop: str, decider: Decider, known: Explained | None) -> None:
        self._problem = problem
        self._loop = loop
        self._decider = decider
        self.question = ask(problem, loop)
        self._before: set[int] = set()
        if known is None or known.outcome != "forbidden":
            known = None
            begins, _ = decider.begins(self.question.problem_with_promises(), loop, COUNTED)
            self._before = set(begins)
        self.hours = list(self._hopeful(known))

    def could_use(self, person: str, spans: SpanSet) -> bool:
        """Whether there is a plan with the hour; of a loop that fits without, it is not asked."""
        return bool(self._before) or isinstance(
            self._decider.decide(self._with([_hour(person, spans)])), Plan
        )

    def gain(self, person: str, spans: SpanSet) -> _Gain:
        """What the hour opens. A loop that fits with it, and not without, gains a start even if none is counted."""
        begins, complete = self._decider.begins(self._with([_hour(person, spans)]), self._loop, COUNTED)
        anew = not self._before
        opens = max(len(begins) - len(self._before), int(anew))
        return _Gain(self._loop, opens, at_least=not complete, anew=anew)

    def _hopeful(self, known: Explained | None) -> Iterator[Change]:
        """The hours of the conflict, or of everybody if there is none, but those of people of whom none helps."""
        if self._before:
            yield from _every_hour(self.question)
            return
        found = explain(self.question, self._decider) if known is None else known
        if found.outcome != "forbidden":
            return
        changes = candidates(self._problem, found.question, found.pieces, {})
        hours = [change for change in changes if change.kind == "hour"]
        if not self._helps(hours):
            return
        by_person: dict[str | None, list[Change]] = {}
        for change in hours:
            by_person.setdefault(change.person, []).append(change)
        for each in by_person.values():
            if self._helps(each):
                yield from each

    def _helps(self, changes: Sequence[Change]) -> bool:
        """Whether it is not proved that the loop cannot be held even with all of these."""
        return bool(changes) and self._decider.decide(self._with(changes)) != "impossible"

    def _with(self, changes: Sequence[Change]) -> Problem:
        promised = bool(self.question.people or self.question.rooms)
        changed = ask(reduce(grant, changes, self._problem), self._loop, promised=promised)
        return changed.problem_with_promises()


def _hour(person: str, spans: SpanSet) -> Change:
    return Change(kind="hour", person=person, spans=spans)


def _promise(hour: tuple[str, SpanSet], around: Sequence[_Around]) -> tuple[int, float, int]:
    """Hours that most loops could use come first, of these those in which most rooms are free, and most people busy."""
    _, spans = hour
    problem = around[0].question.problem_with_promises()
    rooms = sum(not room.blocked.overlaps(Span(spans.edges[0], spans.edges[-1])) for room in problem.rooms)
    busy = sum(person.blocked.overlaps(Span(spans.edges[0], spans.edges[-1])) for person in problem.people)
    return -len(around), -rooms, -busy


def _every_hour(question: Question) -> Iterator[Change]:
    for person in question.problem.people:
        for day in question.days:
            for window in windows(question, person, day):
                if person.blocked.overlaps(window):
                    yield Change(kind="hour", person=person.key, spans=SpanSet((window.start, window.end)))
