"""What a candidate's loop survives: for every person and room of it, whether it could be held without them.

The candidate's times stay. Within the loop people and rooms may be swapped freely, also those of sessions that are
booked and may not move, as a loss leaves no choice; every other loop of the plan keeps what it has. Where others can
stand in for what is lost and nothing else changes, no plan changes less; where none can, the loss is a problem of its
own, and its answer is proved.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from solvers.check import judge
from solvers.cpsat.solve import solve
from solvers.plan import Assignment, Feasible, Infeasible, Optimal, Plan
from solvers.problem import Frozen, Key, Level, Loop, Placed, Problem, Session
from solvers.regions import cut
from solvers.timeline import Span, SpanSet

_AS_IT_WAS = (Level(weights={"moved": 1}), Level(weights={"empty_seats": 1}))
"""A plan B changes as few sessions as it can, and of such plans leaves as few optional and trainee seats empty."""

Resource = tuple[Literal["person", "room"], str]
Held = dict[tuple[str, str], Assignment]


class Loss(Frozen):
    """One person or room that the loop cannot have, at any time.

    Args:
        survives: whether the loop can be held all the same, at the same times; None if the limit came before a proof.
        plan: the whole plan with the loop as it would be held, in which no single change of a person or a room could be
            taken back; None unless it survives.
        changed: keys of the sessions that would have other people or another room, in the order of the loop.
        least: whether it is proved that no plan changes fewer sessions.
    """

    kind: Literal["person", "room"]
    key: Key
    survives: bool | None
    plan: Plan | None = None
    changed: tuple[Key, ...] = ()
    least: bool = False


class Resilience(Frozen):
    """Every single loss of one loop: its people, then its rooms, as they come in its sessions and seats."""

    loop: Key
    losses: tuple[Loss, ...]

    @property
    def survived(self) -> int:
        """How many of the losses the loop survives, as far as is known."""
        return sum(loss.survives is True for loss in self.losses)

    @property
    def fatal(self) -> tuple[str, ...]:
        """The people and rooms without which the loop cannot be held at its times; proved."""
        return tuple(loss.key for loss in self.losses if loss.survives is False)


def resilience(
    problem: Problem,
    plan: Plan,
    loop: str,
    *,
    seconds: float = 10.0,
    workers: int = 1,
    seed: int = 0,
    deterministic_time: float | None = None,
) -> Resilience:
    """Lose each person and room of a scheduled loop in turn.

    Args:
        loop: key of the loop.
        seconds: wall time for all losses together.
        deterministic_time: a limit for each loss, in CP-SAT's own measure of work; None is no limit.

    Raises:
        ValueError: the plan is not lawful, or does not hold the loop.
    """
    if broken := judge(problem, plan).violations:
        raise ValueError(f"the plan is not lawful: {broken[0].text}")
    held: Held = {(each.loop, each.session): each for each in plan.assignments}
    ours = next((each for each in problem.loops if each.key == loop), None)
    if ours is None or (loop, ours.sessions[0].key) not in held:
        raise ValueError(f"the plan does not hold {loop}")
    until = time.monotonic() + seconds
    losses: list[Loss] = []
    problem = _around(problem, plan)
    stand_ins = _StandIns(problem, ours, plan)
    for lost in _used(ours, held):
        kind, key = lost
        if until > time.monotonic() and (other := stand_ins.of(lost)) is not None:
            losses.append(_survived(lost, plan, ours, other, least=True))
            continue
        without = _without(problem, ours, held, lost)
        left = until - time.monotonic()
        if without is None:
            losses.append(Loss(kind=kind, key=key, survives=False))
            continue
        if left <= 0:
            losses.append(Loss(kind=kind, key=key, survives=None))
            continue
        match solve(without, seconds=left, workers=workers, seed=seed, deterministic_time=deterministic_time):
            case (Optimal() | Feasible()) as verdict:
                found = _without_needless_changes(without, held, verdict.plan)
                least = isinstance(verdict, Optimal) or verdict.level > 0
                losses.append(_survived(lost, plan, ours, found, least=least))
            case Infeasible():
                losses.append(Loss(kind=kind, key=key, survives=False))
            case _:
                losses.append(Loss(kind=kind, key=key, survives=None))
    return Resilience(loop=loop, losses=tuple(losses))


def _around(problem: Problem, plan: Plan) -> Problem:
    """The problem without what matters only outside the time of the plan, in which a plan costs nothing."""
    minutes = {(loop.key, session.key): session.minutes for loop, session in problem.sessions()}
    begin = min(each.start for each in plan.assignments)
    end = max(each.start + minutes[each.loop, each.session] for each in plan.assignments)
    return cut(problem, Span(begin, end)).model_copy(update={"pair_costs": (), "levels": ()})


class _StandIns:
    """Who and which rooms could take over in a plan, with everything else of it as it is; the judge decides.

    Args:
        loop: whose people and rooms are lost; where it is booked, this does not bind it.
    """

    def __init__(self, problem: Problem, loop: Loop, plan: Plan) -> None:
        free = tuple(each.model_copy(update={"placed": None}) for each in loop.sessions)
        loops = tuple(
            each.model_copy(update={"sessions": free}) if each.key == loop.key else each
            for each in problem.loops
        )
        self._problem = problem.model_copy(update={"loops": loops})
        self._loop = loop
        self._plan = plan
        self._sessions = {session.key: session for session in loop.sessions}

    def of(self, lost: Resource) -> Plan | None:
        """A lawful plan that differs only where the lost one was, and leaves no seat empty there; None if none is."""
        kind, key = lost
        touched = [
            each
            for each in self._plan.assignments
            if each.loop == self._loop.key
            and key in (each.people.values() if kind == "person" else (each.room,))
        ]
        if any(
            seat.key not in each.people for each in touched for seat in self._sessions[each.session].seats
        ):
            return None
        if kind == "person":
            return self._in_turn([list(self._seated(each, key)) for each in touched])
        rooms = [[each.model_copy(update={"room": room}) for room in self._rooms(each)] for each in touched]
        together = (
            [each.model_copy(update={"room": room}) for each in touched] for room in self._rooms(*touched)
        )
        found = next((plan for plan in map(self._with, together) if self._is_lawful(plan)), None)
        return found if found is not None or len(touched) == 1 else self._in_turn(rooms)

    def _in_turn(self, choices: Sequence[Sequence[Assignment]]) -> Plan | None:
        """The plan with one of each of these, chosen one after the other."""
        plan = self._plan
        for each in choices:
            trials = (self._with([other], plan) for other in each)
            found = next((trial for trial in trials if self._is_lawful(trial)), None)
            if found is None:
                return None
            plan = found
        return plan

    def _seated(self, held: Assignment, lost: str) -> Iterator[Assignment]:
        for seat in self._sessions[held.session].seats:
            if held.people.get(seat.key) == lost:
                for key in seat.pool:
                    if key not in held.people.values():
                        yield held.model_copy(update={"people": {**held.people, seat.key: key}})

    def _rooms(self, *held: Assignment) -> list[str]:
        needs = [need for each in held if (need := self._sessions[each.session].room) is not None]
        return [
            room.key
            for room in self._problem.rooms
            if room.key != held[0].room and all(need.suits(room) for need in needs)
        ]

    def _with(self, others: Iterable[Assignment], plan: Plan | None = None) -> Plan:
        changed = {each.session: each for each in others}
        assignments = (plan or self._plan).assignments
        return Plan.model_construct(
            assignments=tuple(
                changed.get(each.session, each) if each.loop == self._loop.key else each
                for each in assignments
            )
        )

    def _is_lawful(self, plan: Plan) -> bool:
        return judge(self._problem, plan).lawful


def _used(loop: Loop, held: Held) -> Iterator[Resource]:
    """The people of the loop, then its rooms, each once."""
    sessions = [(session, held[loop.key, session.key]) for session in loop.sessions]
    people = (each.people.get(seat.key) for session, each in sessions for seat in session.seats)
    yield from (("person", key) for key in dict.fromkeys(people) if key is not None)
    rooms = (each.room for _, each in sessions)
    yield from (("room", key) for key in dict.fromkeys(rooms) if key is not None)


def _without(problem: Problem, loop: Loop, held: Held, lost: Resource) -> Problem | None:
    """The problem of holding the loop at its times without what is lost; None if a session has no room left."""
    sessions = []
    for session in loop.sessions:
        spare = _spare(problem, session, held[loop.key, session.key], lost)
        if spare is None:
            return None
        sessions.append(spare)
    ours = loop.model_copy(update={"sessions": tuple(sessions), "mandatory": True})
    needed = {
        *(("person", key) for session in sessions for seat in session.seats for key in seat.pool),
        *(("room", key) for session in sessions if session.room is not None for key in session.room.among),
    }
    others = [
        _as_it_is(each, held)
        for each in problem.loops
        if each.key != loop.key and not needed.isdisjoint(_booked(each, held))
    ]
    return problem.model_copy(update={"loops": (ours, *others), "pair_costs": (), "levels": _AS_IT_WAS})


def _spare(problem: Problem, session: Session, held: Assignment, lost: Resource) -> Session | None:
    """The session at its time, with whoever and whatever is left for it; None if no room is."""
    need = session.room
    if need is not None:
        rooms = tuple(room.key for room in problem.rooms if need.suits(room) and ("room", room.key) != lost)
        if not rooms:
            return None
        need = need.model_copy(update={"among": rooms})
    seats = tuple(
        seat.model_copy(update={"pool": tuple(key for key in seat.pool if ("person", key) != lost)})
        for seat in session.seats
    )
    was = Placed(start=held.start, people=held.people, room=held.room, movable=True, price=1)
    starts = SpanSet((held.start, held.start + 1))
    return session.model_copy(update={"seats": seats, "room": need, "placed": was, "starts": starts})


def _booked(loop: Loop, held: Held) -> set[Resource]:
    """The people and rooms of the loop; none if it is not held."""
    found: set[Resource] = set()
    for session in loop.sessions:
        each = held.get((loop.key, session.key))
        if each is not None:
            found |= {("person", key) for key in each.people.values()}
            found |= {("room", each.room)} if each.room is not None else set()
    return found


def _as_it_is(loop: Loop, held: Held) -> Loop:
    """The loop with every session booked for good where the plan has it."""
    sessions = []
    for session in loop.sessions:
        each = held[loop.key, session.key]
        placed = Placed(start=each.start, people=each.people, room=each.room)
        sessions.append(session.model_copy(update={"placed": placed}))
    return loop.model_copy(update={"sessions": tuple(sessions)})


def _without_needless_changes(problem: Problem, held: Held, found: Plan) -> Plan:
    """The plan with everybody and every room back that can come back, one by one, with the others as they are.

    The solver counts sessions, so that in one that changes anyway it may change more than it must.
    """
    plan = list(found.assignments)
    for index, each in enumerate(found.assignments):
        was = held[each.loop, each.session]
        for seat in (*was.people, None):
            now = plan[index]
            people = now.people if seat is None else {**now.people, seat: was.people[seat]}
            back = Assignment(
                loop=now.loop,
                session=now.session,
                start=now.start,
                people=people,
                room=was.room if seat is None else now.room,
            )
            trial = Plan(assignments=(*plan[:index], back, *plan[index + 1 :]))
            if back != now and judge(problem, trial).lawful:
                plan[index] = back
    return Plan(assignments=tuple(plan))


def _survived(lost: Resource, plan: Plan, loop: Loop, found: Plan, *, least: bool) -> Loss:
    now = {each.session: each for each in found.assignments if each.loop == loop.key}
    was = {each.session: each for each in plan.assignments if each.loop == loop.key}
    whole = tuple(now[each.session] if each.loop == loop.key else each for each in plan.assignments)
    return Loss(
        kind=lost[0],
        key=lost[1],
        survives=True,
        plan=Plan(assignments=whole),
        changed=tuple(session.key for session in loop.sessions if now[session.key] != was[session.key]),
        least=least,
    )
