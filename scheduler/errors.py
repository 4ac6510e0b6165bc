"""The errors people see, as one small tree.

SlotwrightError
├── InputError          what was asked cannot be done as asked; exit code 2, HTTP 4xx
│   ├── NotFound        an id that nobody knows
│   ├── Impossible      well said, but as things stand it can never be done
│   └── Busy            another process is at it
└── WorldError          something outside answered no, wrongly or not at all; exit code 1
    ├── Gone            what was asked for is not to be had any more; exit code 3, HTTP 409
    ├── GraphError      Microsoft Graph or its sign-in; the branches are in scheduler.graph.errors
    └── StoreError      the database

Every message is one sentence that says what, where and what to do about it.
"""

from __future__ import annotations


class SlotwrightError(Exception):
    """Base of every error that is meant for a person; `exit_code` is what a command ends with."""

    exit_code = 1


class InputError(SlotwrightError):
    """A request, setting or file that cannot be used as it is.

    `field` is the path of the offending value in what the person wrote, such as `room.seats`.
    """

    exit_code = 2

    def __init__(self, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{field}: {problem}; {remedy}.")
        self.field = field
        self.problem = problem
        self.remedy = remedy


class NotFound(InputError):  # noqa: N818 - named like the fact it states
    """An id that nobody knows here."""


class Impossible(InputError):  # noqa: N818 - named like the fact it states
    """Well said, but as things stand it can never be done; asking again cannot help."""


class Busy(InputError):  # noqa: N818 - named like the fact it states
    """Another process is at it; asking again in a moment may help."""


class WorldError(SlotwrightError):
    """Something outside Slotwright failed or refused; trying again later may help."""


class Gone(WorldError):  # noqa: N818 - named like the fact it states
    """What was asked for is not to be had any more, and nothing was changed."""

    exit_code = 3


class GraphError(WorldError):
    """Microsoft Graph or its sign-in failed; see scheduler.graph.errors for whose fault it was."""


class StoreError(WorldError):
    """The database could not be opened, read or written."""
