"""Local search for plans of many single sessions, where prices on pairs leave exact models behind."""

from solvers.local.improve import improve
from solvers.local.support import suits, unsupported

__all__ = ["improve", "suits", "unsupported"]
