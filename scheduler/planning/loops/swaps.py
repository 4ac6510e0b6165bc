"""Who and which rooms could stand in, with everything else of a plan as it is; the judge decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from solvers.check import judge
from solvers.plan import Assignment, Plan
from solvers.problem import Problem
from solvers.regions import cut
from solvers.timeline import Span


class Swaps:
    """The single changes of one plan that keep it lawful.

    Args:
        plan: a lawful plan of the problem.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        sessions = {(loop.key, session.key): session for loop, session in problem.sessions()}
        ends = [each.start + sessions[each.loop, each.session].minutes for each in plan.assignments]
        self._problem = cut(problem, Span(min(each.start for each in plan.assignments), max(ends)))
        self._plan = plan
        self._needs = {name: session.room for name, session in sessions.items()}

    def people(self, held: Assignment, seat: str, pool: Iterable[str]) -> tuple[str, ...]:
        """Those of the pool who could sit there instead, the cheapest first."""
        changed = {
            person: held.model_copy(update={"people": {**held.people, seat: person}})
            for person in pool
            if person not in held.people.values()
        }
        return self._lawful({key: [each] for key, each in changed.items()})

    def rooms(self, held: Assignment, *, together: bool) -> tuple[str, ...]:
        """The rooms the session could take instead, the cheapest first.

        Args:
            together: whether all sessions of the loop move at once, because they share one room.
        """
        moving = [
            each
            for each in self._plan.assignments
            if each is held or (together and each.loop == held.loop and each.room is not None)
        ]
        changed = {
            room.key: [each.model_copy(update={"room": room.key}) for each in moving]
            for room in self._problem.rooms
            if room.key != held.room and all(self._suits(each, room.key) for each in moving)
        }
        return self._lawful(changed)

    def _suits(self, held: Assignment, key: str) -> bool:
        need = self._needs[held.loop, held.session]
        room = next(room for room in self._problem.rooms if room.key == key)
        return need is not None and need.suits(room)

    def _lawful(self, changes: dict[str, list[Assignment]]) -> tuple[str, ...]:
        return tuple(key for _, key in sorted(self._judged(changes)))

    def _judged(self, changes: dict[str, list[Assignment]]) -> Iterator[tuple[tuple[int, ...], str]]:
        for key, changed in changes.items():
            named = {(each.loop, each.session): each for each in changed}
            assignments = tuple(named.get((each.loop, each.session), each) for each in self._plan.assignments)
            judgement = judge(self._problem, Plan.model_construct(assignments=assignments))
            if judgement.lawful:
                yield judgement.objective.levels, key
