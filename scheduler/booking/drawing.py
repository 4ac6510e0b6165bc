"""The table of states as a person reads it: the part of docs/booking.md between two marks.

`python -m scheduler.booking.drawing docs/booking.md` writes it there anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from scheduler.booking.states import ENDED, TABLE, State

BEGIN = "<!-- drawn from scheduler/booking/states.py -->"
END = "<!-- end of the drawing -->"


def redrawn(text: str) -> str:
    """The document with the drawing of today's table between its marks.

    Raises:
        ValueError: the document does not have each of the marks once.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError("the document needs each of the two marks once")
    return f"{before}{BEGIN}\n\n{drawing()}\n{END}{after}"


def drawing() -> str:
    """The diagram, the states and the transitions, in Markdown."""
    return "\n".join((*_diagram(), "", *_states(), "", *_transitions(), ""))


def _diagram() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.CLAIMED.value}"
    for state, row in TABLE.items():
        for after in row.leads_to:
            # An arrow from every state would hide all the others.
            if after is not State.CANCELLING:
                yield f"    {state.value} --> {after.value}"
    for state in TABLE:
        if state in ENDED:
            yield f"    {state.value} --> [*]"
    yield "```"


def _states() -> Iterator[str]:
    yield "| state | what is true | what is done, in this order |"
    yield "|---|---|---|"
    for state, row in TABLE.items():
        steps = ", ".join(step.value for step in row.steps) or "*rests*"
        yield f"| `{state.value}` | {row.meaning} | {steps} |"


def _transitions() -> Iterator[str]:
    yield "| from | to | when |"
    yield "|---|---|---|"
    for state, row in TABLE.items():
        for after, when in row.leads_to.items():
            yield f"| `{state.value}` | `{after.value}` | {when} |"


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(redrawn(document.read_text(encoding="utf-8")), encoding="utf-8")
