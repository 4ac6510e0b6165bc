"""The errors people see, as one small tree.

SlotwrightError
├── InputError          what was asked cannot be done as asked; exit code 2, HTTP 4xx
└── WorldError          something outside answered no, wrongly or not at all; exit code 1
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


class WorldError(SlotwrightError):
    """Something outside Slotwright failed or refused; trying again later may help."""


class GraphError(WorldError):
    """Microsoft Graph or its sign-in failed; see scheduler.graph.errors for whose fault it was."""


class StoreError(WorldError):
    """The database could not be opened, read or written."""
