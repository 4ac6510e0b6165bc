"""Arguments are judged when a strategy is made, not when it is drawn from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from scheduler.testing.hypothesis_door import InvalidArgument

_T = TypeVar("_T")


def check_bounds(low_name: str, low: int, high_name: str, high: int, *, apart: int = 0) -> None:
    """Refuse bounds that are no whole numbers, or that are less than `apart` apart.

    Raises:
        InvalidArgument: one sentence that names both.
    """
    check_whole(low_name, low)
    check_whole(high_name, high)
    if high - low < apart:
        raise InvalidArgument(f"{low_name}={low} leaves no room below {high_name}={high}")


def check_whole(name: str, value: int, *, least: int | None = None) -> None:
    """Refuse what is no whole number, or too small a one.

    Raises:
        InvalidArgument: one sentence that names it.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgument(f"{name}={value!r} is not a whole number")
    if least is not None and value < least:
        raise InvalidArgument(f"{name}={value} is below {least}")


def check_choice(name: str, chosen: Iterable[_T], known: Collection[_T]) -> Sequence[_T]:
    """The chosen values as a sequence, simplest first as they were given.

    Raises:
        InvalidArgument: none is chosen, or one is not known.
    """
    if isinstance(chosen, str):
        raise InvalidArgument(f"{name}={chosen!r} is one text where a sequence of them is wanted")
    wanted = tuple(chosen)
    unknown = [value for value in wanted if value not in known]
    if unknown or not wanted:
        what = f"{unknown[0]!r} is not one of them" if unknown else "nothing is left to choose from"
        raise InvalidArgument(f"{name}={wanted!r}: {what}")
    return wanted
