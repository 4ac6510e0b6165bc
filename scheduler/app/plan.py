"""Plan the loops of many candidates together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from scheduler.app.drive import BookingRules
from scheduler.app.find_loop import DEFAULT_EFFORT, kept, known_people, read_world, refusing_overflow
from scheduler.app.ports import Calendars, Ledger
from scheduler.app.reading import DEFAULT_RULES, Named, Reader, World
from scheduler.planning.localtimes import request_window
from scheduler.planning.loops.compile import CompiledLoops, Party, compile_loops, points
from scheduler.planning.loops.decode_plan import Excuse, decode_plan
from scheduler.planning.loops.offer import PlanOffer, loop_offer
from scheduler.planning.loops.plan_answer import Plans
from scheduler.planning.loops.plan_request import PlanRequest
from scheduler.planning.loops.pools import opened_plan
from scheduler.planning.loops.record import Tried, solution_of
from scheduler.planning.loops.request import everybody
from scheduler.planning.loops.words import LocalWords
from scheduler.planning.reasons import Reasons
from solvers.cpsat import Effort, Progress, solve
from solvers.explain import explain_missing
from solvers.plan import Feasible, Optimal, Plan, Verdict
from solvers.problem import Level, Problem


@dataclass(frozen=True, slots=True)
class Told:
    """Why candidates were left out, and what would help most of them."""

    excuses: Mapping[str, Excuse]
    asks: tuple[str, ...]


def plan(
    request: PlanRequest,
    calendars: Calendars,
    ledger: Ledger,
    *,
    organizer: str,
    rules: BookingRules = DEFAULT_RULES,
    effort: Effort = DEFAULT_EFFORT,
    explain_seconds: float = 20.0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Plans:
    """The best plan: as many candidates as possible, then the worst-off of them, then the points of all.

    The slot of each session is remembered in the ledger under its id, and all of it under the id of the solution.

    Args:
        organizer: whose calendar the invitations go into when the request names nobody; may be empty.
        rules: where the generated calendar is.
        explain_seconds: how long to explain those that were left out.
        on_progress: told of each better plan.

    Raises:
        InputError: something in the request cannot be used, or an address is nobody's.
        GraphError: Graph could not be read.
        StoreError: the database refused.
    """
    compiled, world = compile_plan(request, calendars, ledger, organizer=organizer, rules=rules)
    verdict = search_plan(compiled.problem, effort, on_progress)
    solution = solution_of(
        "plan",
        request,
        compiled,
        tried=Tried(**asdict(effort)),
        read_at=world.now,
        plans=(verdict.plan,) if isinstance(verdict, Optimal | Feasible) else (),
        proved=(verdict.kind == "optimal",),
    )
    ledger.remember_solution(solution.id, solution.model_dump_json())
    told = Told({}, ())
    if verdict.kind in {"optimal", "feasible"}:
        told = _explained(compiled, verdict.plan, explain_seconds)
    answer = decode_plan(
        compiled,
        verdict,
        told.excuses,
        told.asks,
        organizer=request.organizer or organizer or None,
        solution=solution.id,
        unread=world.unread,
        notes=world.notes,
    )
    loops = tuple(
        loop_offer(candidate.sessions, solution=answer.solution)
        for candidate in answer.candidates
        if candidate.sessions
    )
    whole = PlanOffer(id=answer.solution, loops=loops)
    ledger.remember_offers({whole.id: whole.model_dump_json(), **kept(loops)})
    return answer


def compile_plan(
    request: PlanRequest, calendars: Calendars, ledger: Ledger, *, organizer: str, rules: BookingRules
) -> tuple[CompiledLoops, World]:
    """The problem of a request over the calendars as they are now, and what was read for it.

    Raises:
        InputError, GraphError, StoreError: as for plan.
    """
    window = request_window(request)
    members = ledger.catalogue.people()
    request, pooled = opened_plan(request, members)
    loops = list(request.loops())
    parties = [
        Party(f"c{number}", candidate, shape, path, candidate.priority)
        for number, (candidate, shape, path, _) in enumerate(loops, start=1)
    ]
    paths = [path for *_, path in loops]
    reader = Reader(request, window, calendars, ledger, rules, request.organizer or organizer or None)
    described = known_people(everybody(request, [(path, shape) for _, shape, _, path in loops]), members)
    world, known = read_world(
        reader, [Named(*each) for each in described], list(zip(parties, paths, strict=True)), pooled.notes
    )
    levels = (Level(weights={"unscheduled": 1}), Level(weights={"worst_off": 1}), points(request))
    people = [person for person, _ in described]
    compiled = compile_loops(request, window, parties, people, known, levels=levels)
    return replace(compiled, pools=pooled.pools), world


def search_plan(
    problem: Problem, effort: Effort, on_progress: Callable[[Progress], None] | None = None
) -> Verdict:
    """The best plan of all loops.

    Raises:
        InputError: the weights are too large.
    """
    with refusing_overflow():
        return solve(
            problem,
            seconds=effort.seconds,
            workers=effort.workers,
            seed=effort.seed,
            deterministic_time=effort.deterministic_time,
            on_progress=on_progress,
        )


def _explained(compiled: CompiledLoops, made: Plan, seconds: float) -> Told:
    """Why each of those that are left out does not fit beside the others."""
    found = explain_missing(compiled.problem, made, seconds=seconds)
    words = LocalWords(compiled)
    excuses = {}
    for each in found.left_out:
        reasons = Reasons(each.problem, words)
        excuses[each.loop] = Excuse(
            reasons.conflict(each.explanation.conflict),
            tuple(reasons.remedy(remedy) for remedy in each.explanation.remedies),
        )
    reasons = Reasons(compiled.problem, words)
    return Told(excuses, tuple(reasons.ask(ask) for ask in found.asks))
