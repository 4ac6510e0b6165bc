"""The public request for many candidates at once, who share people and rooms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from scheduler.planning.loops.request import LoopSearch, LoopShape, LoopWeights, Name
from scheduler.planning.request import Candidate, read_values, validated


class PlanCandidate(Candidate):
    """A candidate with their loop, or the name of a template; neither is the only template there is."""

    priority: int = Field(1, ge=1, le=1_000_000, description="how much it weighs that they are scheduled")
    template: Name | None = None
    loop: LoopShape | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not self.name and self.address is None:
            raise ValueError("a candidate has a name or an address")
        if self.template is not None and self.loop is not None:
            raise ValueError("a candidate has a template or a loop of their own, not both")
        return self

    @property
    def called(self) -> str:
        """By name, else by address."""
        return self.name or self.address or ""


class PlanWeights(LoopWeights):
    """As for one loop, but that who could stand in counts only if asked for: it makes large plans much harder."""

    fragile: int = Field(0, ge=0, le=1_000_000)


class PlanRequest(LoopSearch):
    """Loops of many candidates to be placed together.

    `between` and `and` are local to `zone`; a bare date means the start of that day in `between` and its end in `and`.
    """

    weights: PlanWeights = PlanWeights()
    templates: dict[Name, LoopShape] = Field(default_factory=dict)
    candidates: tuple[PlanCandidate, ...] = Field(min_length=1, max_length=500)

    @field_validator("candidates")
    @classmethod
    def _are_told_apart(
        cls, candidates: tuple[PlanCandidate, ...], info: ValidationInfo
    ) -> tuple[PlanCandidate, ...]:
        seen: set[str] = set()
        templates = info.data.get("templates")
        for candidate in candidates:
            if candidate.called in seen:
                raise ValueError(f"{candidate.called} stands there twice")
            seen.add(candidate.called)
            if templates is None:
                continue
            if candidate.template is not None and candidate.template not in templates:
                raise ValueError(f"{candidate.called} has the template {candidate.template}, which is none")
            if candidate.template is None and candidate.loop is None and len(templates) != 1:
                raise ValueError(f"{candidate.called} has neither a template nor a loop")
        return candidates

    def loops(self) -> Iterator[tuple[PlanCandidate, LoopShape, str, str]]:
        """Every candidate with their loop, the path of the candidate, and the path of the loop with a full stop."""
        for index, candidate in enumerate(self.candidates):
            path = f"candidates.{index}"
            if candidate.loop is not None:
                yield candidate, candidate.loop, path, f"{path}.loop."
            else:
                name = candidate.template if candidate.template is not None else next(iter(self.templates))
                yield candidate, self.templates[name], path, f"templates.{name}."


def read_plan_request(text: str) -> PlanRequest:
    """A request from JSON text.

    Raises:
        InputError: not JSON, an unknown key, or a value out of range; the field is named by its path.
    """
    return make_plan_request(read_values(text))


def make_plan_request(values: dict[str, Any]) -> PlanRequest:
    """A request from plain values.

    Raises:
        InputError: as for read_plan_request.
    """
    return validated(PlanRequest, values, schema="plan-request")
