"""What commands that search for a while have in common: their options, and how seldom they tell how it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

QUIET_SECONDS = 1.0
"""Nothing is told in the first second, and no more than one line in each one after it."""


def time_limit(text: str, default: float = 60.0) -> Callable[[Command], Command]:
    """The option `--time-limit`, as `seconds`."""
    return click.option(
        "--time-limit",
        "seconds",
        metavar="S",
        type=click.FloatRange(min=0, min_open=True),
        default=default,
        show_default=True,
        help=text,
    )


def workers(default: int, text: str = "Threads to search with.") -> Callable[[Command], Command]:
    """The option `--workers`."""
    return click.option(
        "--workers", type=click.IntRange(1, 256), default=default, show_default=True, help=text
    )


def seed() -> Callable[[Command], Command]:
    """The option `--seed`."""
    return click.option(
        "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Seed of the search."
    )


def explain_limit(text: str) -> Callable[[Command], Command]:
    """The option `--explain-limit`, as `explain_seconds`."""
    return click.option(
        "--explain-limit",
        "explain_seconds",
        metavar="S",
        type=click.FloatRange(min=0),
        default=20.0,
        show_default=True,
        help=text,
    )


class Pace:
    """Lets news through from the second second on, once a second."""

    def __init__(self) -> None:
        self._next = QUIET_SECONDS

    def lets(self, seconds: float) -> bool:
        """Whether news of so many seconds after the beginning are to be told."""
        if seconds < self._next:
            return False
        self._next = seconds + QUIET_SECONDS
        return True
