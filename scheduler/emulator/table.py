"""The operations as a person reads them: the part of docs/emulator.md between two marks.

`python -m scheduler.emulator.table docs/emulator.md` writes it there anew.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from scheduler.emulator.operations import OPERATIONS
from scheduler.emulator.routes.refused import IN_PART
from scheduler.emulator.service import Operation

BEGIN = "<!-- drawn from scheduler/emulator/operations.py -->"
END = "<!-- end of the drawing -->"


def redrawn(text: str) -> str:
    """The document with today's tables between its marks.

    Raises:
        ValueError: the document does not have each of the marks once.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError("the document needs each of the two marks once")
    return f"{before}{BEGIN}\n\n{drawing()}\n{END}{after}"


def drawing() -> str:
    """The tables of what is supported and what is refused, in Markdown, and what anything else is answered."""
    return "\n".join((*_supported(), "", *_refused(), "", _unknown(), ""))


def _supported() -> Iterator[str]:
    named: defaultdict[str, list[Operation]] = defaultdict(list)
    for operation in OPERATIONS:
        if not operation.refusal:
            named[operation.name].append(operation)
    yield f"### Supported: {len(named)} operations"
    yield ""
    yield "| operation | request | needs one of |"
    yield "|---|---|---|"
    for name, operations in named.items():
        requests = "<br>".join(_request(operation) for operation in operations)
        yield f"| `{name}` | {requests} | {_needs(operations[0])} |"


def _refused() -> Iterator[str]:
    yield "### Known and refused"
    yield ""
    yield "| request | answer |"
    yield "|---|---|"
    for operation in OPERATIONS:
        if operation.refusal:
            yield f"| {_request(operation)} | {operation.refusal} |"
    for what, answer in IN_PART.items():
        yield f"| {what} | {answer} |"


def _unknown() -> str:
    return (
        "### Unknown\n\nEverything else: 404 `ResourceNotFound` for a path that is in neither table, 405 "
        "`MethodNotAllowed` for another method of a path that is, 404 for `/beta`; and a line in the journal without "
        "the name of an operation."
    )


def _request(operation: Operation) -> str:
    path = operation.rule.replace("<", "{").replace(">", "}")
    return f"`{operation.method} {path}`"


def _needs(operation: Operation) -> str:
    roles = ", ".join(sorted(operation.roles))
    return "a token" if operation.guard == "none" else roles


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(redrawn(document.read_text(encoding="utf-8")), encoding="utf-8")
