"""The laws bite where Graph's JSON is read: every misreading is caught by its law, the right reading by none.

The pipeline is Slotwright's own; only the reader of an answer is spoilt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from scheduler.graph.pieces import Piece, read_piece
from scheduler.testing import ours
from scheduler.testing.laws import LawBroken, check_laws
from scheduler.testing.strategies import cases
from scheduler.testing.vocabulary import Case, Find

EXAMPLES = 400
UNIFORM = cases(uniform_hours=True)
TO_THE_MINUTE = cases(max_people=1, max_rooms=0, grids=[1], uniform_hours=True, statuses=["busy"])
RULED = cases(max_people=2, max_rooms=0, uniform_hours=True, zones=["Europe/Amsterdam", "America/New_York"])


def lower(value: Any) -> Any:
    """The same JSON with the reference page's keys."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: lower(each) for key, each in value.items()}
    return [lower(each) for each in value] if isinstance(value, list) else value


def reading_after(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Find:
    """Slotwright's pipeline with a reader that first misunderstands the answer."""

    def read(answers: Sequence[Any], digits: int) -> Piece:
        return read_piece([change(lower(answer)) for answer in answers], digits)

    return partial(ours.find_in_payloads, read=read)


def with_zone(answer: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The answer with its custom zone misunderstood."""
    hours = answer.get("workingHours")
    if hours is None or "bias" not in hours["timeZone"]:
        return answer
    return {**answer, "workingHours": {**hours, "timeZone": change(hours["timeZone"])}}


def with_items(answer: dict[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The answer with every entry misunderstood."""
    items = answer.get("scheduleItems")
    return answer if items is None else {**answer, "scheduleItems": [change(each) for each in items]}


def error_as_free(answer: dict[str, Any]) -> dict[str, Any]:
    """What failed has no entries, and no hours to be outside of."""
    return {
        "scheduleItems": [],
        "workingHours": always(),
        **{k: v for k, v in answer.items() if k != "error"},
    }


def always() -> dict[str, Any]:
    """Hours around the clock."""
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    return {"daysOfWeek": days, "startTime": "00:00:00", "endTime": "23:59:59", "timeZone": {"name": "UTC"}}


def view_alone(answer: dict[str, Any]) -> dict[str, Any]:
    """The view is believed, in which five minutes take a quarter of an hour."""
    return {key: value for key, value in answer.items() if key != "scheduleItems"}


def bias_turned(answer: dict[str, Any]) -> dict[str, Any]:
    """The bias as the reference text explains it: positive is ahead of UTC."""
    return with_zone(answer, lambda zone: {**zone, "bias": -zone["bias"]})


def no_daylight(answer: dict[str, Any]) -> dict[str, Any]:
    """A custom zone is its bias and nothing else."""
    return with_zone(answer, lambda zone: {"name": zone["name"], "bias": zone["bias"]})


def custom_is_utc(answer: dict[str, Any]) -> dict[str, Any]:
    """`Customized Time Zone` is no zone, so UTC has to do."""
    return with_zone(answer, lambda _: {"name": "UTC"})


def seconds_lost(answer: dict[str, Any]) -> dict[str, Any]:
    """Busy narrowed inwards: the start is ceiled, the end floored."""

    def narrow(item: dict[str, Any]) -> dict[str, Any]:
        start, end = (datetime.fromisoformat(item[edge]["dateTime"]) for edge in ("start", "end"))
        start += timedelta(seconds=-start.second % 60)
        return {**item, "start": written(start), "end": written(end.replace(second=0))}

    return with_items(answer, narrow)


def written(moment: datetime) -> dict[str, str]:
    """A time as Graph writes it."""
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def local_machine(answer: dict[str, Any]) -> dict[str, Any]:
    """Times without offset are taken for the desk's own, here Amsterdam's."""

    def moved(value: dict[str, Any]) -> dict[str, str]:
        desk = datetime.fromisoformat(value["dateTime"]).replace(tzinfo=ZoneInfo("Europe/Amsterdam"))
        return written(desk.astimezone(UTC))

    return with_items(answer, lambda item: {**item, "start": moved(item["start"]), "end": moved(item["end"])})


def camel_only(answers: Sequence[Any], digits: int) -> Piece:
    """Keys of the concept pages are not found, and nothing found is nothing planned."""
    (answer,) = answers
    if "scheduleId" in answer:
        return read_piece([answer], digits)
    empty = {"scheduleItems": [], "availabilityView": "0" * digits}
    return read_piece([{**lower(answer), **empty, "error": None}], digits)


READERS: list[tuple[str, Find, str, st.SearchStrategy[Case]]] = [
    ("error as free", reading_after(error_as_free), "unreadable_not_free", UNIFORM),
    ("view rounding", reading_after(view_alone), "complete", UNIFORM),
    ("wrong bias sign", reading_after(bias_turned), "inside_hours", RULED),
    ("custom zone without daylight time", reading_after(no_daylight), "inside_hours", RULED),
    ("custom zone as UTC", reading_after(custom_is_utc), "inside_hours", RULED),
    ("lost second", reading_after(seconds_lost), "no_overlap", TO_THE_MINUTE),
    ("times of the desk", reading_after(local_machine), "no_overlap", UNIFORM),
    ("camelCase keys only", partial(ours.find_in_payloads, read=camel_only), "no_overlap", UNIFORM),
]


@pytest.mark.parametrize(
    ("find", "law", "drawn"), [row[1:] for row in READERS], ids=[row[0] for row in READERS]
)
def test_a_wrong_reader_is_caught_by_its_law(find: Find, law: str, drawn: st.SearchStrategy[Case]) -> None:
    """The law that names the mistake finds it, although the rest of the pipeline is right."""
    with pytest.raises(LawBroken) as caught:
        check_laws(find, laws=[law], cases=drawn, max_examples=EXAMPLES, shrink=False)
    assert law == caught.value.law


def test_the_reader_is_right_before_it_is_spoilt() -> None:
    """Nor in the pipeline that reads JSON, keys folded as the mistakes do."""
    check_laws(reading_after(lambda answer: answer), cases=UNIFORM, max_examples=4)
