"""What a test of a connection found, step by step."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Outcome(StrEnum):
    """How a step ended; a warning lets the connection work, with less than it could."""

    FINE = "fine"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Step(BaseModel):
    """One thing that was looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    outcome: Outcome
    said: str
    remedy: str = Field("", description="what to do about it; empty where there is nothing to do")


def fine(name: str, said: str) -> Step:
    """A step at which nothing is wrong."""
    return Step(name=name, outcome=Outcome.FINE, said=said)


def warned(name: str, said: str, remedy: str = "") -> Step:
    """A step after which the connection works with less than it could."""
    return Step(name=name, outcome=Outcome.WARNING, said=said, remedy=remedy)


def failed(name: str, said: str, remedy: str = "") -> Step:
    """A step after which the connection may not be used."""
    return Step(name=name, outcome=Outcome.FAILED, said=said, remedy=remedy)


def skipped(name: str, said: str) -> Step:
    """A step that has nothing to look at."""
    return Step(name=name, outcome=Outcome.SKIPPED, said=said)


Way = Literal["direct", "scheduler", "none", "unknown"]


class RoomRoute(BaseModel):
    """How a room would be reserved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    name: str
    route: Way = Field(description="none is not to be booked, unknown could not be asked")
    why: str


class Report(BaseModel):
    """A whole test."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tested: str = Field(description="when, UTC")
    connection: str
    consent: str
    profile: str
    steps: tuple[Step, ...]
    routes: tuple[RoomRoute, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the connection may be used."""
        return all(step.outcome is not Outcome.FAILED for step in self.steps)
