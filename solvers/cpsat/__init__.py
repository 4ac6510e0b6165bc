"""The exact solver: a frozen problem as a CP-SAT model, solved level by level, every answer judged before it leaves."""

from solvers.cpsat.solve import Progress, solve

__all__ = ["Progress", "solve"]
