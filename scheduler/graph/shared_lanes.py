"""Lanes that the processes of one machine share, kept as files: four places a mailbox, and how its lane stands.

A place is a lock of the operating system on a file, which ends with the process that holds it, however that ends. Names
of files are hashes, so that a folder tells nobody whose calendars were read. Times are those of the system's clock,
which all processes see alike; a pause that lies further ahead than any pause may be is one of a clock that was set
back, and is not kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scheduler.graph.pacing import LONGEST_PAUSE, Outlook

_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class SharedLane:
    """What the processes of one machine know of one mailbox's lane together.

    Args:
        folder: where the files are; it exists.
        mailbox: whose lane it is.
        system: seconds since 1970 as this machine believes.
    """

    def __init__(self, folder: Path, mailbox: str, system: Callable[[], float]) -> None:
        digest = hashlib.sha256(mailbox.encode()).hexdigest()[:24]
        self._file = folder / digest
        self._system = system
        self._held: dict[int, int] = {}
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._system()

    def outlook(self) -> Outlook:
        """How the lane stands; open where nothing readable says otherwise."""
        try:
            opens_at, refusals, round_ = json.loads(self._file.read_bytes())
            known = Outlook(float(opens_at), int(refusals), int(round_))
        except (OSError, ValueError, TypeError):
            return Outlook()
        return known if known.opens_at <= self._system() + LONGEST_PAUSE else Outlook(round=known.round)

    def change(self, to: Callable[[Outlook], Outlook]) -> None:
        """Replace it by what it becomes, with nobody in between."""
        with self._alone():
            becomes = to(self.outlook())
            with tempfile.NamedTemporaryFile("w", dir=self._file.parent, delete=False) as new:
                json.dump([max(becomes.opens_at, 0.0), becomes.refusals, becomes.round], new)
            Path(new.name).replace(self._file)

    def take(self, places: int) -> int | None:
        """Hold one of the first so many places; None when they are taken."""
        for place in range(places):
            with self._lock:
                if place in self._held:
                    continue
            handle = os.open(f"{self._file}.{place}", _OPEN, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                continue
            with self._lock:
                self._held[place] = handle
            return place
        return None

    def leave(self, place: int) -> None:
        """Give the place back."""
        with self._lock:
            os.close(self._held.pop(place))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(f"{self._file}.change", _OPEN, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def lanes_in(folder: Path, system: Callable[[], float]) -> Callable[[str], SharedLane]:
    """Lanes shared by every process that names the same folder, which is made if need be."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    return lambda mailbox: SharedLane(folder, mailbox, system)
