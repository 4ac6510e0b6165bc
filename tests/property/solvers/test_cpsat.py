"""CP-SAT against every lawful plan of tiny problems: the same feasibility, the same objective at every level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import HealthCheck, Phase, event, find, given, note, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from hypothesis.strategies import DataObject, SearchStrategy

from solvers.check import judge
from solvers.cpsat import solve
from solvers.exhaustive import best, every_lawful
from solvers.plan import Infeasible, Optimal
from solvers.problem import DEFAULT_LEVELS, Loop, Person, Problem, Room, RoomNeed, Session

QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def _is_open(problem: Problem, of: Person | Room) -> bool:
    return of.open.covers(problem.horizon)


def _buffers(of: Person | Room) -> bool:
    return bool(of.buffer_before or of.buffer_after)


def _needs(loop: Loop) -> int:
    return sum(session.room is not None for session in loop.sessions)


OF_PERSON: dict[str, Callable[[Problem, Person], object]] = {
    "open": lambda problem, person: not _is_open(problem, person),
    "blocked": lambda _, person: person.blocked,
    "unknown": lambda _, person: person.unknown,
    "soft": lambda _, person: person.soft,
    "buffers": lambda _, person: _buffers(person),
    "limits": lambda _, person: person.limits,
    "load": lambda _, person: person.load,
}
OF_ROOM: dict[str, Callable[[Problem, Room], object]] = {
    "room_times": lambda problem, room: (
        not _is_open(problem, room) or room.blocked or room.unknown or room.soft
    ),
    "room_buffers": lambda _, room: _buffers(room),
}
OF_SESSION: dict[str, Callable[[Problem, Session], object]] = {
    "second_seat": lambda _, session: any(seat.key == "second" for seat in session.seats),
    "trainee": lambda _, session: any(seat.kind == "trainee" for seat in session.seats),
    "rooms": lambda _, session: session.room is not None,
    "room_needs": lambda _, session: session.room not in (None, RoomNeed()),
    "room_costs": lambda _, session: session.room_costs,
    "starts": lambda _, session: session.starts is not None,
    "anchor": lambda problem, session: (session.anchor - problem.start) % session.grid,
    "start_costs": lambda _, session: session.start_costs,
    "delay_cost": lambda _, session: session.delay_cost,
    "placed": lambda _, session: session.placed is not None,
}
OF_LOOP: dict[str, Callable[[Problem, Loop], object]] = {
    "available": lambda _, loop: loop.available is not None,
    "begins": lambda _, loop: loop.begins is not None,
    "window": lambda _, loop: loop.earliest is not None or loop.latest is not None,
    "breaks": lambda _, loop: loop.breaks,
    "days": lambda _, loop: loop.days,
    "priority": lambda _, loop: loop.priority > 1,
    "same_room": lambda _, loop: loop.same_room and _needs(loop) > 1,
}
OF_LONG_LOOP: dict[str, Callable[[Problem, Loop], object]] = {
    "free_order": lambda _, loop: loop.order == "free",
    "before": lambda _, loop: loop.before,
    "min_gap": lambda _, loop: loop.min_gap,
    "max_gap": lambda _, loop: loop.max_gap is not None,
    "max_days": lambda _, loop: loop.max_days is not None,
    "meets_once": lambda _, loop: loop.meets_once,
}
OF_PROBLEM: dict[str, Callable[[Problem], object]] = {
    "walks": lambda problem: problem.walks and len({room.building for room in problem.rooms}) > 1,
    "pair_costs": lambda problem: problem.pair_costs,
    "levels": lambda problem: problem.levels != DEFAULT_LEVELS,
}


def features_of(problem: Problem) -> set[str]:
    """The features that the problem really has, however it was drawn."""
    found = {name for name, has in OF_PROBLEM.items() if has(problem)}
    found |= {name for person in problem.people for name, has in OF_PERSON.items() if has(problem, person)}
    found |= {name for room in problem.rooms for name, has in OF_ROOM.items() if has(problem, room)}
    found |= {
        name for _, each in problem.sessions() for name, has in OF_SESSION.items() if has(problem, each)
    }
    found |= {name for loop in problem.loops for name, has in OF_LOOP.items() if has(problem, loop)}
    long = [loop for loop in problem.loops if len(loop.sessions) > 1]
    return found | {name for loop in long for name, has in OF_LONG_LOOP.items() if has(problem, loop)}


def agrees_with_every_plan(problem: Problem) -> str:
    """The verdict of CP-SAT is the one that trying every plan gives; says what it was."""
    expected = best(problem)
    verdict = solve(problem, seconds=600, workers=1, deterministic_time=60)
    if expected is None:
        assert isinstance(verdict, Infeasible)
        return "infeasible"
    assert isinstance(verdict, Optimal)
    assert judge(problem, expected).objective.levels == verdict.objective.levels
    assert judge(problem, verdict.plan).objective == verdict.objective
    assert () == judge(problem, verdict.plan).violations
    return f"{len(expected.assignments)} sessions"


@settings(QUIET, max_examples=25)
@given(data=st.data())
def test_best_of_all_plans(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """What CP-SAT proves of a tiny problem is what trying every plan shows, infeasible ones included."""
    problem = data.draw(problems)
    note(problem.model_dump_json(exclude_defaults=True))
    event(agrees_with_every_plan(problem))


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(10))
def test_best_of_all_plans_at_length(
    part: int, problems: SearchStrategy[Problem], capsys: pytest.CaptureFixture[str]
) -> None:
    """The same on many more problems, in parts that each end before a hanging test would be suspected."""
    verdicts: Counter[str] = Counter()

    @seed(part)
    @settings(QUIET, max_examples=300, derandomize=False)
    @given(problem=problems)
    def holds(problem: Problem) -> None:
        note(problem.model_dump_json(exclude_defaults=True))
        verdicts[agrees_with_every_plan(problem)] += 1

    holds()
    with capsys.disabled():
        print(f"\n{verdicts.total()} problems: {dict(sorted(verdicts.items()))}")  # noqa: T201 - the campaign's count


def test_every_feature_is_recognized(features: tuple[str, ...]) -> None:
    """What is counted below are the features that problems are drawn with."""
    tables = (OF_PERSON, OF_ROOM, OF_SESSION, OF_LOOP, OF_LONG_LOOP, OF_PROBLEM)
    assert sorted(features) == sorted(name for table in tables for name in table)


PARTS_OF_PAIRS = 12
SEARCH = settings(QUIET, max_examples=600, phases=[Phase.generate])


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(PARTS_OF_PAIRS))
def test_every_pair_of_features(
    part: int,
    features: tuple[str, ...],
    problems_with: Callable[[frozenset[str]], SearchStrategy[Problem]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Any two features meet in a problem with a lawful plan and in one without, and CP-SAT is right about both."""
    pairs = list(combinations(features, 2))[part::PARTS_OF_PAIRS]
    missing: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for pair in pairs:
        for feasible in (True, False):

            def meets(problem: Problem, pair: tuple[str, str] = pair, *, feasible: bool = feasible) -> bool:
                found = features_of(problem)
                return found.issuperset(pair) and feasible == any(True for _ in every_lawful(problem))

            try:
                agrees_with_every_plan(find(problems_with(frozenset(pair)), meets, settings=SEARCH))
            except NoSuchExample:
                missing[feasible].append(pair)
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what the campaign is run for
            f"\n{len(pairs)} pairs: {len(pairs) - len(missing[True])} met feasible, "
            f"{len(pairs) - len(missing[False])} infeasible; not met: {missing}"
        )
    assert {True: [], False: []} == missing


@settings(QUIET, max_examples=5)
@given(data=st.data())
def test_same_plan_twice(problems: SearchStrategy[Problem], data: DataObject) -> None:
    """With one worker and the same seed the same problem gives the same verdict."""
    problem = data.draw(problems)
    one, other = (
        solve(problem, seconds=600, workers=1, seed=7, deterministic_time=60).model_dump(exclude={"seconds"})
        for _ in range(2)
    )
    assert one == other
