"""What was solved, kept so that it can be solved again: the request, the problem made of it, and the plans."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scheduler.errors import InputError
from scheduler.planning.loops.compile import CompiledLoops
from scheduler.planning.loops.words import LocalWords
from scheduler.zones import iso_utc
from solvers.plan import Plan
from solvers.problem import Problem

ENGINES: Final = ("slotwright", "ortools")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tried(_Part):
    """How hard the solver was allowed to try."""

    seconds: float
    workers: int
    seed: int
    deterministic_time: float | None = None


class Names(_Part):
    """How those in a problem are called, by their keys, and the zone of the request's clock."""

    zone: str
    people: dict[str, str]
    rooms: dict[str, str]
    loops: dict[str, str]


class Solution(_Part):
    """One solved request.

    Args:
        request: as it was asked, in the public form.
        plans: the options of a loop, the best first; the one plan of many candidates.
        proved: whether each was proved best.
        versions: of the engine that solved it.
    """

    version: Literal[1] = 1
    kind: Literal["loop", "plan"]
    request: dict[str, Any]
    read_at: str = Field(description="the instant of the calendars, UTC")
    tried: Tried
    problem: Problem
    names: Names
    plans: tuple[Plan, ...]
    proved: tuple[bool, ...]
    versions: dict[str, str]

    @property
    def id(self) -> str:
        """Equal for what was solved equally: a digest of the request, the problem, the effort and the plans."""
        content = self.model_dump_json(exclude={"versions", "read_at"})
        return f"r-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def solution_of(
    kind: Literal["loop", "plan"],
    request: BaseModel,
    compiled: CompiledLoops,
    *,
    tried: Tried,
    read_at: int,
    plans: tuple[Plan, ...],
    proved: tuple[bool, ...],
) -> Solution:
    """The record of a request that was just solved.

    Args:
        read_at: UTC minute of the calendars.
    """
    return Solution(
        kind=kind,
        request=request.model_dump(mode="json", by_alias=True, exclude_unset=True),
        read_at=iso_utc(read_at),
        tried=tried,
        problem=compiled.problem,
        names=names_of(compiled),
        plans=plans,
        proved=proved,
        versions=engine_versions(),
    )


def names_of(compiled: CompiledLoops) -> Names:
    """What a request calls everybody in its problem."""
    words = LocalWords(compiled)
    return Names(
        zone=compiled.window.zone.key,
        people={address: words.person(address) for address in compiled.panelists},
        rooms={address: words.room(address) for address in compiled.rooms},
        loops={party.key: words.loop(party.key) for party in compiled.parties},
    )


def engine_versions() -> dict[str, str]:
    """The versions that a later difference may come from."""
    return {name: version(name) for name in ENGINES}


def read_solution(text: str) -> Solution:
    """A record from its document.

    Raises:
        InputError: another version of Slotwright wrote it in a form that this one does not know.
    """
    try:
        return Solution.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"])
        raise InputError(
            "solution", f"cannot be read ({path}: {first['msg'].lower()})", "solve the request anew"
        ) from None
