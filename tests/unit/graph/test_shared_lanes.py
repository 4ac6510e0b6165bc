"""Lanes that processes share: places end with their process, pauses hold for all, and odd files do no harm."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler.graph.pacing import Lanes
from scheduler.graph.shared_lanes import SharedLane, lanes_in

ROOM = "room@contoso.test"
NOON = 1_772_452_800.0

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")


class Machine:
    """A system clock, and processes on it; what a process knows is its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "lanes"
        self.now = NOON

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def process(self) -> Lanes:
        """Another process."""
        return Lanes(lambda: self.now, self.sleep, lanes_in(self.folder, lambda: self.now))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without lanes yet."""
    return Machine(tmp_path)


def test_four_places_for_all_processes(machine: Machine) -> None:
    """Three processes together get four places of a mailbox, and one that is given back goes to any of them."""
    lanes = [machine.process().of(ROOM) for _ in range(3)]
    tickets = [lane.try_enter() for lane in lanes * 3]
    held = [ticket for ticket in tickets if ticket is not None]
    assert 4 == len(held)
    held[0].leave()
    assert [True, False] == [lane.try_enter() is not None for lane in lanes[1:]]
    assert machine.process().of("other@contoso.test").try_enter() is not None


def test_a_pause_holds_in_every_process(machine: Machine) -> None:
    """What one process was told closes the lane for another, and its first call afterwards is a probe for all."""
    first, second = (machine.process().of(ROOM) for _ in range(2))
    with first.enter(lambda: 9.0) as ticket:
        ticket.refused(7.0)
    assert 7.0 == second.closed_for()
    assert second.try_enter() is None
    machine.now += 7
    probe = second.enter(lambda: 0.0)
    assert first.try_enter() is None
    probe.served()
    assert first.try_enter() is not None


def test_calls_about_no_mailbox_share_nothing(machine: Machine) -> None:
    """The directory has no limit of four, and leaves no file."""
    lane = machine.process().of("")
    assert lane.try_enter() is not None
    assert machine.process().of("").try_enter() is not None
    assert [] == list(machine.folder.iterdir())


def test_places_end_with_their_process(machine: Machine) -> None:
    """A process that is killed with all four places in hand leaves them to the others."""
    ours, theirs = multiprocessing.Pipe()
    pid = os.fork()
    if pid == 0:
        lane = machine.process().of(ROOM)
        theirs.send([lane.try_enter() is not None for _ in range(4)])
        signal.pause()
    assert [True] * 4 == ours.recv()
    lane = machine.process().of(ROOM)
    assert lane.try_enter() is None
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert lane.try_enter() is not None


def test_nobody_learns_whose_lanes_these_are(machine: Machine) -> None:
    """No name or content of a file holds an address, and nobody else may look at the files."""
    lane = machine.process().of(ROOM)
    with lane.enter(lambda: 9.0) as ticket:
        ticket.refused(1.0)
    files = list(machine.folder.iterdir())
    assert [] == [file for file in files if "room" in file.name or b"room" in file.read_bytes()]
    modes = {stat.S_IMODE(file.stat().st_mode) for file in [machine.folder, *files]}
    assert {0o700, 0o600} == modes


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"[1, 2]", b'["x", 0, 0]', b"[1, 2, 3, 4]", b"null", b"\xff", b"[1e999, 1, 1]"],
)
def test_an_odd_file_closes_nothing(machine: Machine, content: bytes) -> None:
    """A file that is no lane's is an open lane, and the next pause replaces it."""
    lane = machine.process().of(ROOM)
    with lane.enter(lambda: 0.0) as ticket:
        ticket.refused(1.0)
    (file,) = [file for file in machine.folder.iterdir() if "." not in file.name]
    file.write_bytes(content)
    with lane.enter(lambda: 0.0) as ticket:
        ticket.refused(3.0)
    assert 3.0 == machine.process().of(ROOM).closed_for()


def test_a_clock_that_was_set_back_closes_nothing(machine: Machine) -> None:
    """A pause that ends further ahead than any pause may be was written by a clock that was wrong."""
    lane = machine.process().of(ROOM)
    with lane.enter(lambda: 9.0) as ticket:
        ticket.refused(60.0)
    machine.now -= 3 * 86400
    assert 0.0 == lane.closed_for()


def test_changes_are_made_one_after_the_other(machine: Machine) -> None:
    """Of 200 refusals that four processes tell at once, none is lost."""
    machine.folder.mkdir(parents=True)
    shared: list[SharedLane] = [lanes_in(machine.folder, lambda: NOON)(ROOM) for _ in range(4)]

    def tell(lane: SharedLane) -> Callable[[], None]:
        def work() -> None:
            for _ in range(50):
                lane.change(lambda known: known.refused(known.round, NOON, 1.0))

        return work

    threads = [threading.Thread(target=tell(lane)) for lane in shared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (file,) = [file for file in machine.folder.iterdir() if "." not in file.name]
    assert [NOON + 30, 200, 200] == json.loads(file.read_bytes())
