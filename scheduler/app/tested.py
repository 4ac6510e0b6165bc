"""What was never tested is not used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from scheduler.connection.report import Outcome, Report
from scheduler.errors import InputError
from scheduler.store.connections import Connections


def fingerprint(parts: Sequence[str]) -> str:
    """A digest of every setting that a test depends on; secrets go in and cannot be read from it."""
    return hashlib.sha256(json.dumps(list(parts)).encode()).hexdigest()[:32]


def insist_tested(connections: Connections, key: str) -> Report:
    """The report of the last test of this connection.

    Raises:
        InputError: it was never tested, or did not pass.
    """
    found = connections.test(key)
    if found is None:
        raise InputError(
            "connection",
            "was never tested with these settings",
            "type `slotwright doctor`; it changes nothing",
        )
    report = Report.model_validate_json(found[1])
    if not report.passed:
        step = next(step for step in report.steps if step.outcome is Outcome.FAILED)
        raise InputError(
            "connection",
            f"did not pass its test of {report.tested} ({step.name}: {step.said})",
            f"{step.remedy or 'mend it'}, then type `slotwright doctor`",
        )
    return report
