"""R-11: bytes of the file are not what was written; bookings are as they were, or one sentence says they are not.

SQLite has no checksums of pages. Bookings and their history are sealed by the audit; a claim or the id of a calendar
in which a single bit has turned is believed, and counted here.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from scheduler.booking.booking import Booking, Interview, RoomChoice
from scheduler.errors import StoreError
from scheduler.store.store import Store
from solvers.timeline import Span

PAGE = 4096
SENTENCE = re.compile(
    r"The (database|audit) .*; (nothing was changed, )?.*put a backup .*in its place\.|Booking .*backup.*"
)
Seen = tuple[Any, ...]


def everything(store: Store) -> Seen:
    """All that a store can be asked about bookings; what is sealed comes first, in an order that is sealed too."""
    bookings = sorted(store.bookings(), key=lambda booking: booking.booking_id)
    return (bookings, store.audit()), (store.all_claims(), store.generated_calendars())


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A file with a few dozen bookings."""
    path = tmp_path / "whole.db"
    store = Store(path, clock=lambda: 1000)
    for number in range(40):
        span = Span(60 * number, 60 * number + 60)
        interview = Interview(
            f"s-{number}", span, "UTC", "rita@x.example", "Interview", "text " * 200, (), ("ana@x.example",)
        )
        store.reserve(Booking(f"b-{number}", interview, room=RoomChoice("r@x.example", "R")))
    store.remember_calendar("rita@x.example", "Scheduler", "c-1")
    store.close()
    return path


@pytest.mark.experiment("R-11", "bytes of a page are flipped")
@pytest.mark.parametrize(
    "times",
    [
        1,
        pytest.param(5, marks=pytest.mark.campaign),
    ],
)
def test_flipped_bytes_are_never_believed(filled: Path, tmp_path: Path, tally: Any, times: int) -> None:
    """Whatever page is hit: the same answers, or a refusal that says what to do, or a broken seal of the audit."""
    whole = Store(filled, clock=lambda: 1000)
    expected = everything(whole)
    whole.close()
    chance = random.Random(11)  # noqa: S311 - the same damage on every run
    content = filled.read_bytes()
    path = tmp_path / "damaged.db"
    for trial in range(times * len(content) // PAGE):
        at = trial // times * PAGE + chance.randrange(PAGE - 8)
        # Many bits at once are seldom text any more; a single one often still is.
        flips = [chance.randrange(1, 256) for _ in range(8)] if trial % 2 else [1]
        flipped = bytes(byte ^ flip for byte, flip in zip(content[at:], flips, strict=False))
        path.write_bytes(content[:at] + flipped + content[at + len(flipped) :])
        tally.tried()
        tally.counted(judged(path, expected, tally, f"page {at // PAGE + 1}, byte {at % PAGE}"))
        for left in tmp_path.glob("damaged.db-*"):
            left.unlink()
        shutil.rmtree(tmp_path / "damaged.db.locks", ignore_errors=True)
    assert [] == tally.violations
    assert tally.counts["refused"] > 5


def judged(path: Path, expected: Seen, tally: Any, where: str) -> str:
    """How the damage showed."""
    try:
        store = Store(path, clock=lambda: 1000)
    except StoreError as error:
        if not SENTENCE.fullmatch(str(error)):
            tally.violated(f"{where}: {error}")
        return "refused"
    try:
        seen = everything(store)
        if seen == expected:
            return "harmless"
        if seen[0] == expected[0]:
            return "unsealed and believed"
        if store.verify_audit().broken is None:
            tally.violated(f"{where}: something else was believed")
    except StoreError as error:
        if not SENTENCE.fullmatch(str(error)):
            tally.violated(f"{where}: {error}")
        return "refused"
    else:
        return "seen by the audit"
    finally:
        store.close()
