"""A problem as a model: the variables, every rule, the levels of the objective."""

from __future__ import annotations

from dataclasses import dataclass

from solvers.cpsat import energy, objective, rules
from solvers.cpsat.options import Options
from solvers.cpsat.variables import Linear, Variables
from solvers.plan import Size
from solvers.problem import Problem


@dataclass(frozen=True, eq=False)
class Model:
    """The variables of a problem under all its rules, and what is to be minimised, level after level."""

    variables: Variables
    levels: tuple[Linear, ...]

    @property
    def size(self) -> Size:
        """How many variables and constraints there are."""
        proto = self.variables.model.proto
        return Size(variables=len(proto.variables), constraints=len(proto.constraints))


def build(problem: Problem, options: Options | None = None, *, energise: bool = True) -> Model:
    """The whole model of a problem.

    Args:
        options: what is possible, if it is known already.
        energise: whether to add rows that follow from the rules, and are there for better bounds only.
    """
    variables = Variables(problem, options)
    for rule in rules.ALL:
        rule.add(variables)
    levels = objective.build(variables)
    if energise:
        energy.add(variables)
    return Model(variables, levels)
