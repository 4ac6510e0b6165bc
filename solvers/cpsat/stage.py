"""A problem as it is searched at some level, and by which means."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from solvers.cpsat import symmetry
from solvers.cpsat.model import Model, build
from solvers.cpsat.options import Options
from solvers.cpsat.symmetry import Alike, alike
from solvers.plan import Plan
from solvers.problem import Problem

Means = Literal["annealing", "energy", "relaxation", "aim", "neighbourhoods", "components", "symmetry"]
"""What a search can do without, if it takes longer.

annealing: single sessions with prices on pairs are annealed first. energy: rows about energy. relaxation: a bound from
the model without its clock. aim: places are sought in the time that the bound of the worst-off candidate leaves.
neighbourhoods: parts are searched one after another. components: loops that have nothing in common are solved apart.
symmetry: rooms, and people, that are alike are first used in order.
"""


class Stage:
    """A problem as it is searched at some level: its choices, and its model under what is reached already."""

    def __init__(self, problem: Problem, choices: Options, without: Collection[Means] = ()) -> None:
        self.problem = problem
        self.choices = choices
        self._energise = "energy" not in without
        self._alike = Alike((), ()) if "symmetry" in without else alike(problem)
        self._model: Model | None = None

    def part(self, choices: Options) -> Model:
        """A model with only some of the choices."""
        return build(self.problem, choices, energise=self._energise)

    @property
    def model(self) -> Model:
        """The whole model, under what is reached already."""
        if self._model is None:
            self._model = self.part(self.choices)
            symmetry.add(self._model.variables, self._alike)
        return self._model

    def values(self, plan: Plan) -> dict[int, int]:
        """A possible plan, or its twin that the whole model allows, as the values of decisions by their index."""
        return self.model.variables.values(symmetry.in_turn(self.choices.choices, self._alike, plan))

    def is_fixed(self, index: int) -> bool:
        """Whether nothing can change the level."""
        return not self.model.levels or isinstance(self.model.levels[index], int)

    def keep(self, index: int, value: int) -> None:
        """From now on the level is at most so much."""
        level = self.model.levels[index]
        if not isinstance(level, int):
            self.model.variables.model.add(level <= value)
