"""Pauses: how they are read, and how our own grow."""

from __future__ import annotations

import threading
import time

import pytest

from scheduler.graph.pacing import Lane, Patience, retry_after

NOON = 1_772_452_800.0  # 2026-03-02T12:00:00Z


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 2.128 "}, 2.128),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "1e9"}, 86400.0),
        ({"retry-after": "inf"}, 86400.0),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:45 GMT"}, 45.0),
        ({"retry-after": "Mon, 02 Mar 2026 12:00:45 GMT", "date": "Mon, 02 Mar 2026 12:00:15 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_every_form_of_a_pause(headers: dict[str, str], seconds: float | None) -> None:
    """Whole, fractional, dated, past, absurd and unreadable pauses."""
    assert seconds == retry_after(headers, NOON)


def test_own_pauses_double_up_to_a_bound() -> None:
    """Half of each pause is certain, half is chance, and no failure count overflows."""
    patience = Patience(first_pause=1.0, longest_pause=10.0)
    assert [0.5, 1.0, 2.0, 4.0, 5.0, 5.0] == [patience.pause(n, 0.0) for n in (1, 2, 3, 4, 5, 10_000)]
    assert 9.9 < patience.pause(9, 0.99) < 10.0


class TestLane:
    def test_a_pause_holds_for_everybody(self) -> None:
        """A parked lane lets the next caller wait, once, for the longest pause in force."""
        now, naps = [0.0], []

        def sleep(seconds: float) -> None:
            naps.append(seconds)
            now[0] += seconds

        lane = Lane(lambda: now[0], sleep)
        lane.park(40.0)
        lane.park(10.0)
        for _ in range(2):
            with lane.slot(until=100.0) as closed:
                assert 0.0 == closed
        assert [40.0] == naps

    def test_a_pause_beyond_patience_is_told(self) -> None:
        """A caller who may not wait so long gets the seconds that are left, and no nap."""
        lane = Lane(lambda: 0.0, lambda seconds: pytest.fail(f"slept {seconds}"))
        lane.park(40.0)
        with lane.slot(until=39.0) as closed:
            assert 40.0 == closed

    def test_who_queued_before_the_pause_waits_too(self) -> None:
        """A call that was waiting for a place when the pause was asked for does not start early."""
        now, started = [0.0], []

        def sleep(seconds: float) -> None:
            now[0] += seconds

        lane = Lane(lambda: now[0], sleep)

        def fifth() -> None:
            with lane.slot(until=100.0):
                started.append(now[0])

        thread = threading.Thread(target=fifth)
        places = [lane.slot(until=100.0) for _ in range(4)]
        for place in places:
            place.__enter__()
        thread.start()
        time.sleep(0.05)
        lane.park(7.0)
        for place in places:
            place.__exit__(None, None, None)
        thread.join()
        assert [7.0] == started
