"""A model without its clock, whose optimum is a bound that is found soon.

What remains are the choices of people and rooms, who is held, how many minutes everything has (`solvers.cpsat.energy`)
and which loops are late: small enough for a linear relaxation to be solved well. As rules only ever leave, nothing
lawful is lost, and no plan can cost less than the best of what remains.
"""

from __future__ import annotations

from ortools.sat.python.cp_model import CpModel


def relaxed(model: CpModel) -> CpModel:
    """A copy of the model without intervals, and without sums that hold only under a condition."""
    copy = model.clone()
    for constraint in copy.proto.constraints:
        if constraint.has_no_overlap():
            constraint.clear_no_overlap()
        elif constraint.has_interval():
            constraint.enforcement_literal.clear()
            constraint.clear_interval()
        elif constraint.has_linear() and len(constraint.enforcement_literal):
            constraint.enforcement_literal.clear()
            constraint.clear_linear()
    copy.proto.clear_solution_hint()
    return copy
