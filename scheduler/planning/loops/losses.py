"""What an option survives, in the public answer's terms."""

from __future__ import annotations

from scheduler.planning.loops.answer import PlanB, Resilience, SessionChange
from scheduler.planning.loops.compile import CompiledLoops
from scheduler.planning.loops.sentences import label
from scheduler.planning.reasons import listed
from scheduler.planning.sentences import count
from solvers import resilience as solvers


def decode_losses(compiled: CompiledLoops, found: solvers.Resilience) -> Resilience:
    """Every loss with its plan B, and a line about all of them."""
    unknown = tuple(loss.key for loss in found.losses if loss.survives is None)
    return Resilience(
        survives=None if unknown else found.survived,
        losses=len(found.losses),
        fatal=found.fatal,
        unknown=unknown,
        plans=tuple(_plan_b(found.loop, loss) for loss in found.losses),
        text=_text(compiled, found, unknown),
    )


def _plan_b(loop: str, loss: solvers.Loss) -> PlanB:
    held = () if loss.plan is None else loss.plan.assignments
    changed = [each for each in held if each.loop == loop and each.session in loss.changed]
    return PlanB(
        lost=loss.key,
        role="interviewer" if loss.kind == "person" else "room",
        survives=loss.survives,
        changes=tuple(
            SessionChange(session=each.session, people=each.people, room=each.room)
            for each in sorted(changed, key=lambda each: each.start)
        ),
    )


def _text(compiled: CompiledLoops, found: solvers.Resilience, unknown: tuple[str, ...]) -> str:
    fatal = [label(compiled, key) for key in found.fatal]
    if unknown:
        of_these = f"; not of {listed(fatal)}" if fatal else ""
        return (
            f"not known in time for {len(unknown)} of {count(len(found.losses), 'loss', 'losses')}{of_these}"
        )
    of_these = f"; not of {listed(fatal)}" if fatal else ""
    return f"survives {found.survived} of {count(len(found.losses), 'loss', 'losses')}{of_these}"
