"""Every Graph operation of the emulator in one table, and how their paths are spelt."""

from __future__ import annotations

from typing import Any

from scheduler.emulator.routes import (
    batch,
    calendars,
    delta,
    events,
    groups,
    places,
    refused,
    schedule,
    subscriptions,
    users,
)
from scheduler.emulator.service import Operation

OPERATIONS: tuple[Operation, ...] = (
    *schedule.OPERATIONS,
    *calendars.OPERATIONS,
    *events.OPERATIONS,
    *places.OPERATIONS,
    *groups.OPERATIONS,
    *users.OPERATIONS,
    *delta.OPERATIONS,
    *subscriptions.OPERATIONS,
    *batch.OPERATIONS,
    *refused.OPERATIONS,
)
_NAMESPACE = "microsoft.graph."
_SPELLING = {
    part.casefold(): part
    for operation in OPERATIONS
    for part in operation.rule.split("/")
    if part and not part.startswith("<")
}


def spelled(path: str) -> str:
    """The path with its fixed segments spelt as in the table: Graph ignores their case, not that of ids."""
    return "/".join(_spelled(part) for part in path.split("/"))


def _spelled(part: str) -> str:
    # A function without parameters may be called with empty parentheses.
    folded = part.casefold().removesuffix("()")
    # Microsoft's own SDKs write the alias `graph.` for the namespace.
    full = f"microsoft.{folded}" if folded.startswith("graph.") else folded
    return _SPELLING.get(full) or _SPELLING.get(full.removeprefix(_NAMESPACE)) or part


def operation_table() -> list[dict[str, Any]]:
    """The operations as JSON values, sorted by path."""
    return [
        {
            "name": operation.name,
            "method": operation.method,
            "path": "/v1.0" + operation.rule.replace("<", "{").replace(">", "}"),
            "roles": sorted(operation.roles),
            "refused": operation.refusal or None,
        }
        for operation in sorted(OPERATIONS, key=lambda operation: (operation.rule, operation.method))
    ]
