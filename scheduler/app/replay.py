"""Solve a request again that was solved before, and compare."""

from __future__ import annotations

from scheduler.app.drive import BookingRules
from scheduler.app.find_loop import compile_loop, search
from scheduler.app.plan import compile_plan, search_plan
from scheduler.app.ports import Calendars, Ledger
from scheduler.errors import NotFound
from scheduler.planning.loops.differences import Replay, Teller
from scheduler.planning.loops.plan_request import make_plan_request
from scheduler.planning.loops.record import Names, Solution, engine_versions, names_of, read_solution
from scheduler.planning.loops.request import make_loop_request
from solvers.changes import changes
from solvers.check import judge
from solvers.cpsat import Effort
from solvers.plan import Plan
from solvers.problem import Problem


def solution(solution_id: str, ledger: Ledger) -> Solution:
    """What was solved under that id.

    Raises:
        InputError: nothing was, or it cannot be read.
    """
    found = ledger.solution(solution_id.strip())
    if found is None:
        raise NotFound(
            "solution",
            f"nothing was solved under {solution_id.strip()!r}",
            "run `slotwright replay` to see all",
        )
    return read_solution(found)


def replay_record(earlier: Solution) -> Replay:
    """Solve the recorded problem again; the same engine gives the same plan if nothing was cut short by the clock.

    Raises:
        InputError: the recorded request cannot be used any more.
    """
    now = _plans(earlier, earlier.problem)
    return _compared(earlier, earlier.problem, now, earlier.names, "record")


def replay_now(
    earlier: Solution,
    calendars: Calendars,
    ledger: Ledger,
    *,
    organizer: str,
    rules: BookingRules,
) -> Replay:
    """Ask the request again over the calendars as they are now.

    Raises:
        InputError: the window has passed, or something in the request cannot be used any more.
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    if earlier.kind == "loop":
        loop = make_loop_request(earlier.request)
        compiled, _ = compile_loop(loop, calendars, ledger, organizer=organizer, rules=rules)
    else:
        plan = make_plan_request(earlier.request)
        compiled, _ = compile_plan(plan, calendars, ledger, organizer=organizer, rules=rules)
    now = _plans(earlier, compiled.problem)
    return _compared(earlier, compiled.problem, now, names_of(compiled), "calendars")


def _plans(earlier: Solution, problem: Problem) -> tuple[Plan, ...]:
    """The plans that the same effort gives."""
    effort = Effort(**earlier.tried.model_dump())
    if earlier.kind == "loop":
        request = make_loop_request(earlier.request)
        found = search(problem, request.limit, request.apart_minutes, effort)
        return tuple(option.plan for option in found.options)
    verdict = search_plan(problem, effort)
    return (verdict.plan,) if verdict.kind in {"optimal", "feasible"} else ()


def _compared(earlier: Solution, problem: Problem, now: tuple[Plan, ...], names: Names, of: str) -> Replay:
    """The best plans of both, session by session; of a loop the other options are only counted."""
    then = earlier.plans[0] if earlier.plans else Plan()
    best = now[0] if now else Plan()
    found = changes(problem, then, best)
    notes = []
    if earlier.plans[1:] != now[1:]:
        kept = len({*earlier.plans[1:]} & {*now[1:]})
        notes.append(f"Of {len(earlier.plans) - 1} further options {kept} are the same.")
    versions = engine_versions()
    for name, was in earlier.versions.items():
        if versions.get(name) != was:
            notes.append(f"It was solved by {name} {was}; this is {versions.get(name, 'none')}.")
    if not all(earlier.proved):
        notes.append("The earlier search was cut short by its time limit, so another plan may be as good.")
    return Replay.model_validate(
        {
            "solution": earlier.id,
            "of": of,
            "same": bool(now) == bool(earlier.plans) and not found.changes,
            "differences": Teller(names, earlier.names).differences(found),
            "then_costs": None if found.then is None or not earlier.plans else found.then.levels,
            "now_costs": judge(problem, best).objective.levels if now else None,
            "notes": tuple(notes),
        }
    )
