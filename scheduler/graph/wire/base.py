"""What every shape of Graph has in common: keys in any case, values in any of the spellings seen."""

from __future__ import annotations

import re
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from scheduler.zones import GraphTime, NamedZone, UnknownZone, find_zone, iso_utc, parse_graph

_EnumT = TypeVar("_EnumT", bound=Enum)
_UTC = NamedZone("UTC")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}(?:\.0+)?")


class Wire(BaseModel):
    """A JSON object of Graph, read leniently; unknown keys are left out.

    Reference and concept pages spell the same keys `scheduleId` and `ScheduleId`, so case does not count.

    Raises:
        pydantic.ValidationError: the value does not have this shape, or two keys differ only in case.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _fold_keys(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        fields = {name.replace("_", ""): name for name in cls.model_fields}
        folded: dict[str, Any] = {}
        for key, item in value.items():
            name = fields.get(re.sub(r"[@._]", "", str(key)).lower())
            if name in folded:
                raise ValueError("the same key appears twice in different spellings")
            if name is not None:
                folded[name] = item
        return folded


def whole(value: Any) -> Any:
    """A whole number written as text becomes a number, also with a zero fraction; all else is left alone."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(float(value))
    return value


def _forgiven(value: Any) -> Any:
    """What does not decide whether somebody is free may be missing or odd without spoiling the rest."""
    return value if isinstance(value, str) else ""


Whole = Annotated[int, BeforeValidator(whole)]
"""An integer, also when it is written as text."""

Label = Annotated[str, BeforeValidator(_forgiven)]
"""Text for people, empty when it is missing or no text."""


class DateTimeZone(Wire):
    """dateTimeTimeZone: a clock reading and the zone it is read in (resources/datetimetimezone)."""

    date_time: str
    time_zone: str | None = None

    def instant(self) -> GraphTime:
        """The instant; a missing zone means UTC, which every request asks for.

        Raises:
            ValueError: the reading or the zone is unknown; one sentence.
        """
        text = self.date_time.strip()
        if text.endswith(("Z", "z")):
            return parse_graph(text[:-1], _UTC)
        match find_zone(self.time_zone) if self.time_zone else _UTC:
            case UnknownZone(_, reason):
                raise ValueError(reason)
            case zone:
                return parse_graph(text, zone)


def utc_value(minute: int) -> dict[str, str]:
    """A UTC minute as the dateTimeTimeZone that is sent: a reading without offset, and the zone UTC."""
    return {"dateTime": f"{iso_utc(minute)[:-1]}:00", "timeZone": "UTC"}


def enum_of(kind: type[_EnumT], value: Any, otherwise: _EnumT) -> _EnumT:
    """The member whose value is this text in any case; `otherwise` for anything else."""
    wanted = value.strip().casefold() if isinstance(value, str) else None
    return next((member for member in kind if str(member.value).casefold() == wanted), otherwise)
