"""The rows of the CSV files from which rooms and people are imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, ValidationError

from scheduler.directory.catalogue import RoomNotes
from scheduler.directory.csv_file import Columns, read_models
from scheduler.directory.names import folded
from scheduler.planning.members import Member, Training, tag_name
from scheduler.planning.request import (
    WEEKDAYS,
    Address,
    Caps,
    DayRange,
    Hours,
    Part,
    Weekday,
)
from scheduler.zones import UnknownZone, find_zone

CSV: Final = "CSV"
_SEVERAL = re.compile(r"[,;|]")
_TIMES = re.compile(r"(\d{1,2})[:.](\d\d)\s*(?:-|–|to)\s*(\d{1,2})[:.](\d\d)", re.IGNORECASE)
_DAYS = {day[:3]: place for place, day in enumerate(WEEKDAYS)}
_YES = {"yes", "y", "true", "1", "x"}
_NO = {"no", "n", "false", "0"}

_CLOCK_REMEDY = "write 09:00-12:00, and several with a comma or | between"
_CAP_REMEDY = "write a whole number, or leave it empty"
ROOM_COLUMNS: Final = Columns(
    ("address", "name", "building", "floor", "seats", "features", "step_free", "bookable"),
    {
        **dict.fromkeys(("email", "e_mail", "mail", "room"), "address"),
        **dict.fromkeys(("capacity", "chairs"), "seats"),
        **dict.fromkeys(("equipment", "tags", "devices"), "features"),
        **dict.fromkeys(("accessible", "wheelchair", "wheelchair_accessible"), "step_free"),
        "office": "building",
    },
    {
        "address": "write the room's e-mail address",
        "floor": "write a whole number, or leave it empty",
        "seats": "write a whole number from 1, or leave it empty",
        "step_free": "write yes or no, or leave it empty",
        "bookable": "write yes or no, or leave it empty",
    },
)
PEOPLE_COLUMNS: Final = Columns(
    (
        *("address", "name", "tags", "sessions_per_day", "sessions_per_week", "preferred", "training"),
        *("hours", "zone"),
    ),
    {
        **dict.fromkeys(("email", "e_mail", "mail"), "address"),
        "tag": "tags",
        **dict.fromkeys(("per_day", "max_per_day"), "sessions_per_day"),
        **dict.fromkeys(("per_week", "max_per_week"), "sessions_per_week"),
        "preferred_hours": "preferred",
        "trainee": "training",
        "working_hours": "hours",
        **dict.fromkeys(("time_zone", "timezone"), "zone"),
    },
    {
        "address": "write their e-mail address",
        "tags": "write names such as backend, with a comma or | between",
        "sessions_per_day": _CAP_REMEDY,
        "sessions_per_week": _CAP_REMEDY,
        "preferred": _CLOCK_REMEDY,
        "training": "write shadow, reverse shadow or trained",
        "hours": "write 09:00-17:00, or mon-thu 09:00-17:00 | fri 09:00-13:00",
        "zone": "write a name such as Europe/Amsterdam",
    },
)


def _whole(value: Any) -> Any:
    # A spreadsheet may show whole numbers with a zero fraction.
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}(?:[.,]0+)?", value) is None:
        raise ValueError(f"{value!r} is no whole number")
    return int(re.split(r"[.,]", value)[0]) if isinstance(value, str) else value


def _from(least: int, most: int) -> Any:
    def check(value: Any) -> Any:
        number = _whole(value)
        if isinstance(number, int) and not least <= number <= most:
            raise ValueError(f"{number} is not from {least} to {most}")
        return number

    return BeforeValidator(check)


def _yes_or_no(value: Any) -> Any:
    if isinstance(value, str):
        plain = folded(value)
        if plain not in _YES | _NO:
            raise ValueError(f"{value!r} is neither yes nor no")
        return plain in _YES
    return value


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(dict.fromkeys(text for part in _SEVERAL.split(value) if (text := part.strip())))
    return value


def _tags(value: Any) -> Any:
    return tuple(dict.fromkeys(tag_name(text) for text in _texts(value))) if isinstance(value, str) else value


def _training(value: Any) -> Any:
    return folded(value).replace("-", " ").replace("_", " ") if isinstance(value, str) else value


def _ranges(value: Any) -> Any:
    return tuple(_range(text) for text in _texts(value)) if isinstance(value, str) else value


def _range(text: str) -> DayRange:
    start, end = _clocks(text, text)
    try:
        return DayRange.model_validate({"from": start, "to": end})
    except ValidationError:
        raise ValueError(f"{text!r} is no part of a day that ends after it begins") from None


def _hours(value: Any) -> Any:
    return tuple(_weekly(text) for text in _texts(value)) if isinstance(value, str) else value


def _weekly(text: str) -> Hours:
    found = re.search(r"\d", text)
    if found is None:
        raise ValueError(f"{text!r} has no times of day")
    days, times = text[: found.start()].strip(), text[found.start() :]
    start, end = _clocks(times, text)
    try:
        return Hours.model_validate(
            {"from": start, "to": end, "days": tuple(_weekdays(days, text)) or WEEKDAYS[:5]}
        )
    except ValidationError:
        raise ValueError(f"{text!r} is no working time") from None


def _clocks(times: str, text: str) -> tuple[str, str]:
    found = _TIMES.fullmatch(times.strip())
    if found is None:
        raise ValueError(f"{text!r} is no stretch of time such as 09:00-12:00")
    first, first_minutes, last, last_minutes = found.groups()
    return f"{int(first):02}:{first_minutes}", f"{int(last):02}:{last_minutes}"


def _weekdays(days: str, text: str) -> Iterator[Weekday]:
    for part in days.lower().split():
        first, _, last = part.replace("–", "-").partition("-")
        ends = _DAYS.get(first[:3]), _DAYS.get((last or first)[:3])
        if ends[0] is None or ends[1] is None or ends[1] < ends[0]:
            raise ValueError(f"{text!r} has no weekdays such as mon-fri")
        yield from WEEKDAYS[ends[0] : ends[1] + 1]


def _known_zone(value: Any) -> Any:
    zone = find_zone(value) if isinstance(value, str) else None
    match zone:
        case UnknownZone(_, reason):
            raise ValueError(reason.rstrip("."))
        case _:
            return value


YesNo = Annotated[bool | None, BeforeValidator(_yes_or_no)]
Cap = Annotated[int | None, _from(0, 1000)]


class RoomRow(Part):
    """A room as a CSV describes it; an empty cell says nothing."""

    address: Address
    name: str = Field("", max_length=200)
    building: str | None = Field(None, max_length=200)
    floor: Annotated[int | None, _from(-20, 300)] = None
    seats: Annotated[int | None, _from(1, 10_000)] = None
    features: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()
    step_free: YesNo = None
    bookable: YesNo = None

    def notes(self) -> RoomNotes:
        """What it says, as the catalogue keeps it."""
        return RoomNotes(
            name=self.name,
            building=self.building,
            floor=self.floor,
            seats=self.seats,
            features=frozenset(feature.lower() for feature in self.features),
            step_free=self.step_free,
            bookable=self.bookable,
        )


class PersonRow(Part):
    """Somebody as a CSV describes them; an empty cell says nothing."""

    address: Address
    name: str = Field("", max_length=200)
    tags: Annotated[tuple[str, ...], BeforeValidator(_tags)] = ()
    sessions_per_day: Cap = None
    sessions_per_week: Cap = None
    preferred: Annotated[tuple[DayRange, ...], BeforeValidator(_ranges)] = ()
    training: Annotated[Training, BeforeValidator(_training)] = "trained"
    hours: Annotated[tuple[Hours, ...], BeforeValidator(_hours)] = ()
    zone: Annotated[str | None, BeforeValidator(_known_zone)] = None

    def member(self, earlier: Member | None) -> Member:
        """Them as the catalogue keeps them: what the file says, and the tags that came with groups."""
        kept = {} if earlier is None else {tag: of for tag, of in earlier.tags.items() if of != CSV}
        caps = {"sessions_per_day": self.sessions_per_day, "sessions_per_week": self.sessions_per_week}
        given = {name: most for name, most in caps.items() if most is not None}
        return Member(
            address=self.address,
            name=self.name or ("" if earlier is None else earlier.name),
            tags=dict.fromkeys(self.tags, CSV) | kept,
            caps=Caps(**given) if given else None,
            preferred=self.preferred,
            training=self.training,
            hours=self.hours,
            zone=self.zone,
        )


def read_rooms(name: str, data: bytes) -> tuple[tuple[int, RoomRow], ...]:
    """The rooms of a CSV file, each with the number of its row.

    Args:
        name: of the file, for complaints.

    Raises:
        InputError: anything in it cannot be used, told with row, column, value and remedy.
    """
    return read_models(name, data, ROOM_COLUMNS, RoomRow)


def read_people(name: str, data: bytes) -> tuple[tuple[int, PersonRow], ...]:
    """The people of a CSV file, each with the number of their row.

    Raises:
        InputError: as for read_rooms.
    """
    return read_models(name, data, PEOPLE_COLUMNS, PersonRow)
