"""The exact solver: a frozen problem as a CP-SAT model, solved level by level, every answer judged before it leaves."""

from solvers.cpsat.progress import Progress
from solvers.cpsat.search import Effort
from solvers.cpsat.solve import solve

__all__ = ["Effort", "Progress", "solve"]
