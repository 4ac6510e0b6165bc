"""The round trips that the benchmark counts are those that the limits allow, and no more."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from scheduler.emulator import Clock, Emulator


@pytest.mark.parametrize(
    ("through", "calls", "requests", "waits"),
    [(1000, 50, 3, 1), (7, 50, 3, 2), (5, 50, 3, 3), (1, 50, 13, 13)],
)
def test_the_floor(
    script: Callable[[str], ModuleType], through: int, calls: int, requests: int, waits: int
) -> None:
    """A thousand mailboxes are 50 calls: three full batches where five mailboxes may be asked through."""
    module = script("many_calendars")
    assert module.Floor(calls, requests, waits) == module.floor(1000, through)


@pytest.mark.parametrize(("way", "through"), [(0, 13), (2, 1)])
def test_a_thousand_mailboxes_take_what_the_limits_allow(
    script: Callable[[str], ModuleType], way: int, through: int
) -> None:
    """Two weeks of a thousand mailboxes are read in exactly the least requests, and none of them is refused."""
    module = script("many_calendars")
    emulator = Emulator(module.tenant(1000, meetings=0), clock=Clock(module.START))
    ways = list(module.ways([person.address for person in emulator.tenant.people]).items())
    result = module.measure(emulator, *ways[way], seconds_a_trip=0.0)
    assert (result.floor.calls, result.floor.requests) == (result.calls, result.requests)
    assert (through, 0) == (result.through, result.refused)
