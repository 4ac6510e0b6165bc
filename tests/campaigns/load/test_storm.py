"""R-06: storms of refusals while several processes book and sweep: nothing is sent too early, too often or in vain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

TARGETS = {0.2: 1.25, 0.5: 2.0}
"""Requests per booking against a calm day. A call that is refused with chance p is made 1 / (1 - p) times on average
by whoever makes it until it succeeds, so that these are what can be had at all."""
SIZES = [
    pytest.param(100, 40, marks=pytest.mark.campaign),
    pytest.param(500, 200, marks=pytest.mark.nightly),
]


def judged(tally: Any, outcome: Any, bookings: int, sweeps: int) -> None:
    """What must hold in any weather."""
    tally.tried(outcome.requests + outcome.sweep_requests)
    tally.counted("bookings", bookings)
    tally.counted("sweeps", sweeps)
    tally.counted("refused", outcome.refused)
    tally.violated(*outcome.wrong)
    if outcome.most > 4:
        tally.violated(f"{outcome.most} calls of one mailbox at once")
    if outcome.early:
        tally.violated(f"{outcome.early} requests before the pause was over")
    if {"confirmed": bookings, "swept": sweeps} != dict(outcome.ended):
        tally.violated(f"ended {dict(outcome.ended)}")


@pytest.mark.experiment("R-06", "storm of 429, five emulated minutes")
@pytest.mark.parametrize(("bookings", "sweeps"), SIZES)
def test_storms(tally: Any, rage: Callable[[Any], Any], plan: type[Any], bookings: int, sweeps: int) -> None:
    """At 20 %, 50 % and 100 % refusals all is booked, no pause is cut short, and what is sent stays in bounds."""
    calm = rage(plan(bookings, sweeps, 0.0))
    judged(tally, calm, bookings, sweeps)
    tally.noted(f"{bookings} calm: {calm.seconds:.0f} s, {calm.requests / bookings:.2f} requests a booking")
    for share in (0.2, 0.5, 1.0):
        outcome = rage(plan(bookings, sweeps, share))
        judged(tally, outcome, bookings, sweeps)
        amplified = outcome.requests / calm.requests
        tally.noted(
            f"{bookings} at {share:.0%}: {amplified:.2f} times the requests a booking, {outcome.in_storm} for "
            f"{outcome.served} served while it lasted, {outcome.refused} refused, most at once {outcome.most}, "
            f"early {outcome.early}, crossed {outcome.crossed}, done {outcome.after:.0f} s after it"
        )
        if share in TARGETS:
            # The number of refusals is drawn; three standard deviations of it are luck and not ours.
            luck = 3 * math.sqrt(share) / (1 - share) / math.sqrt(outcome.served)
            if max(outcome.in_storm / outcome.served, amplified) > TARGETS[share] + luck:
                tally.violated(f"{outcome.in_storm} requests for {outcome.served} served at {share:.0%}")
        else:
            tally.noted(f"{bookings} at 100%: at most {outcome.probes} probes per mailbox in half a minute")
            if outcome.probes > 1:
                tally.violated(f"{outcome.probes} probes in half a minute")
        if outcome.after > 2 * calm.seconds:
            tally.violated(f"drained {outcome.after:.0f} s after the storm, calm takes {calm.seconds:.0f} s")
    assert [] == tally.violations


@pytest.mark.experiment("R-06", "a short storm of 429")
@pytest.mark.campaign
def test_a_short_storm(tally: Any, rage: Callable[[Any], Any], plan: type[Any]) -> None:
    """Two processes that book and one that sweeps get through half a minute in which every second call is refused."""
    outcome = rage(plan(6, 2, 0.5, minutes=0.5, web=2, batch=1, recruiters=1))
    judged(tally, outcome, 6, 2)
    assert [] == tally.violations


@pytest.mark.experiment("R-06", "each process keeps count by itself", control=True)
@pytest.mark.campaign
def test_processes_that_do_not_know_of_each_other(
    tally: Any, rage: Callable[[Any], Any], plan: type[Any]
) -> None:
    """Without shared lanes several processes have more than four calls of one mailbox under way."""
    outcome = rage(plan(4, 24, 0.0, recruiters=1, shared=False))
    tally.tried(outcome.requests + outcome.sweep_requests)
    if outcome.most > 4:
        tally.violated(f"{outcome.most} calls of one mailbox at once")
    assert [] != tally.violations
