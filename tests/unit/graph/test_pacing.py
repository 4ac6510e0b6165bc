"""Pauses: how they are read, and how our own grow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from scheduler.graph.pacing import Lane, LaneClosed, Lanes, Patience, retry_after

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


class Passing:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def lane(self) -> Lane:
        """A lane on this clock."""
        return Lanes(lambda: self.now, self.sleep).of("room@contoso.test")


def patient(seconds: float) -> Callable[[], float]:
    """Somebody who can always wait so long."""
    return lambda: seconds


class TestLane:
    def test_a_pause_holds_for_everybody(self) -> None:
        """A closed lane lets the next caller wait, once, for the longest pause in force."""
        time_ = Passing()
        lane = time_.lane()
        first, second = lane.enter(patient(100.0)), lane.enter(patient(100.0))
        for ticket, pause in ((first, 40.0), (second, 10.0)):
            ticket.refused(pause)
            ticket.leave()
        for _ in range(2):
            with lane.enter(patient(100.0)) as ticket:
                ticket.served()
        assert [40.0] == time_.naps

    def test_a_pause_beyond_patience_is_told(self) -> None:
        """A caller who may not wait so long gets the seconds that are left, and no nap."""
        time_ = Passing()
        lane = time_.lane()
        with lane.enter(patient(100.0)) as ticket:
            ticket.refused(40.0)
        with pytest.raises(LaneClosed) as closed:
            lane.enter(patient(39.0))
        assert (40.0, []) == (closed.value.seconds, time_.naps)

    def test_who_queued_before_the_pause_waits_too(self) -> None:
        """A call that was waiting for a place when the pause was asked for does not start early."""
        time_, started = Passing(), []
        lane = time_.lane()

        def fifth() -> None:
            with lane.enter(patient(100.0)):
                started.append(time_.now)

        thread = threading.Thread(target=fifth)
        tickets = [lane.enter(patient(100.0)) for _ in range(4)]
        thread.start()
        time.sleep(0.05)
        tickets[0].refused(7.0)
        for ticket in tickets:
            ticket.leave()
        thread.join()
        assert [7.0] == started

    def test_a_doubtful_lane_takes_one_probe(self) -> None:
        """After a pause one call may go, and only when it was served four at a time again."""
        time_ = Passing()
        lane = time_.lane()
        with lane.enter(patient(9.0)) as ticket:
            ticket.refused(5.0)
        assert lane.try_enter() is None
        time_.now = 5.0
        probe = lane.try_enter()
        assert probe is not None
        assert lane.try_enter() is None
        probe.served()
        assert 3 == sum(lane.try_enter() is not None for _ in range(9))

    def test_late_answers_neither_open_nor_close(self) -> None:
        """Of four calls under way when the lane closes, the other answers say nothing about what came after."""
        time_ = Passing()
        lane = time_.lane()
        tickets = [lane.enter(patient(9.0)) for _ in range(4)]
        for ticket in tickets[:3]:
            ticket.refused(2.0)
        tickets[3].served()
        for ticket in tickets:
            ticket.leave()
        assert 2.0 == lane.closed_for()
        time_.now = 2.0
        assert 1 == sum(lane.try_enter() is not None for _ in range(9))

    def test_a_mailbox_that_keeps_refusing_is_asked_twice_a_minute(self) -> None:
        """From the fourth refusal in a row on a pause is half a minute, whatever was asked for."""
        time_ = Passing()
        lane = time_.lane()
        for _ in range(6):
            with lane.enter(patient(99.0)) as ticket:
                ticket.refused(1.0)
        assert [1.0, 1.0, 1.0, 30.0, 30.0] == time_.naps

    def test_the_foreground_goes_first(self) -> None:
        """Of five calls that wait for one place, those in the foreground get it before those that came earlier."""
        lane = Passing().lane()
        order: list[str] = []
        tickets = [lane.enter(patient(9.0)) for _ in range(4)]

        def call(name: str) -> None:
            with lane.enter(patient(9.0), background=name == "background"):
                order.append(name)

        threads = []
        for name in ["background"] * 3 + ["foreground"] * 2:
            threads.append(threading.Thread(target=call, args=(name,)))
            threads[-1].start()
            time.sleep(0.01)
        tickets.pop().leave()
        for thread in threads:
            thread.join()
        assert ["foreground"] * 2 + ["background"] * 3 == order
