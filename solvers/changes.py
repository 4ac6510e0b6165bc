"""What differs between an earlier plan and a present one, session by session, and why it could not stay as it was."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from solvers.check import Violation, judge
from solvers.plan import Assignment, Objective, Plan
from solvers.problem import Frozen, Key, Problem

Cause = Literal["added", "impossible", "displaced", "better"]
"""Why a session is not as it was.

added: it was not held before. impossible: its loop, as it was held, is not lawful in the present problem. displaced: it
would be lawful by itself, but not beside what the present plan holds of the others. better: it could stay, and the
present plan costs less, or the same.
"""

_OF_WHOLE_PLANS = frozenset({"partial", "mandatory", "placed"})
"""Rules that a part of a plan may break without being wrong."""


class Change(Frozen):
    """One session that is not as it was.

    Args:
        then: how it was held; None when it was not.
        now: how it is held; None when it is not.
        why: the rules that the earlier place breaks now; empty for what is added or better.
    """

    loop: Key
    session: Key
    then: Assignment | None
    now: Assignment | None
    cause: Cause
    why: tuple[Violation, ...] = ()


class Changes(Frozen):
    """What differs, in the order of the present problem's sessions, those that it does not know at the end.

    Args:
        then: what the earlier plan would cost in the present problem; None when it is not lawful there.
        now: what the present plan costs.
    """

    changes: tuple[Change, ...]
    then: Objective | None
    now: Objective


def changes(problem: Problem, then: Plan, now: Plan) -> Changes:
    """Compare an earlier plan with the present one.

    Args:
        problem: the present problem, in which `now` is lawful.
        then: a plan that was lawful once; what it names may no longer exist.
    """
    was = {(each.loop, each.session): each for each in then.assignments}
    held = {(each.loop, each.session): each for each in now.assignments}
    names = dict.fromkeys(
        ((loop.key, session.key) for loop, session in problem.sessions()), None
    ) | dict.fromkeys(was)
    earlier = judge(problem, then)
    return Changes(
        changes=tuple(_change(problem, name, was, held) for name in names if was.get(name) != held.get(name)),
        then=earlier.objective if earlier.lawful else None,
        now=judge(problem, now).objective,
    )


_Assignments = dict[tuple[str, str], Assignment]


def _change(problem: Problem, name: tuple[str, str], was: _Assignments, held: _Assignments) -> Change:
    loop, session = name
    before = was.get(name)
    cause, why = ("added", ()) if before is None else _cause(problem, before, was, held)
    return Change(loop=loop, session=session, then=before, now=held.get(name), cause=cause, why=why)


def _cause(
    problem: Problem, before: Assignment, was: _Assignments, held: _Assignments
) -> tuple[Cause, tuple[Violation, ...]]:
    """Why the session is no longer held as before: by itself, then in its loop, then beside the others."""
    whole = [each for each in was.values() if each.loop == before.loop]
    for alone in ([before], whole):
        if why := _broken(problem, alone, before):
            return "impossible", why
    others = [each for each in held.values() if each.loop != before.loop]
    if why := _broken(problem, [*whole, *others], before):
        return "displaced", why
    return "better", ()


def _broken(problem: Problem, held: Iterable[Assignment], about: Assignment) -> tuple[Violation, ...]:
    """The rules that these sessions break, those that name the session if there are any."""
    found = [
        each
        for each in judge(problem, Plan(assignments=tuple(held))).violations
        if each.rule not in _OF_WHOLE_PLANS
    ]
    name = f"{about.loop}/{about.session}"
    return tuple([each for each in found if name in each.who] or found)
