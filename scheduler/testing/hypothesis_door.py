"""The one importer of Hypothesis, so that its absence is one clear sentence.

Hypothesis is a dependency of `slotwright[test]` only.
"""

from __future__ import annotations

try:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st
    from hypothesis.errors import InvalidArgument
except ModuleNotFoundError as missing:
    if missing.name != "hypothesis":
        raise
    raise ImportError(
        "The laws and strategies of scheduler.testing need Hypothesis: run pip install 'slotwright[test]'."
    ) from missing

__all__ = ["HealthCheck", "InvalidArgument", "Phase", "given", "settings", "st"]
