"""Who asks what was read of them is told by mailbox, field, time and command; what it said is kept nowhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from scheduler.calendars.disclosure import Disclosure
from scheduler.cli import context
from scheduler.cli.main import main
from scheduler.emulator.faults import Fault
from scheduler.testing.tenants import ANA, BEN, CHITRA, OPEN_ROOM, RECRUITER, WALLED_ROOM
from scheduler.wiring import Disclosures, open_slotwright
from solvers.timeline import Span

QUESTION = ["--minutes", "60", "--between", "2026-03-03", "--and", "2026-03-04", "--zone", "Europe/Amsterdam"]
FREE_BUSY = "status, start, end, workingHours"
SECRET = "Meeting with the lawyer"


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    code: int
    out: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """The answer of --json."""
        return list(json.loads(self.out))


Run = Callable[..., Ran]


@pytest.fixture
def run(desk: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch, pass_test: Any) -> Run:
    """`slotwright` at the desk."""
    monkeypatch.setattr(context, "load_settings", lambda _: desk.settings)
    pass_test(desk.settings)
    clock = desk.emulator.clock

    def connected(settings: Any, **given: Any) -> Any:
        return open_slotwright(
            settings,
            wsgi_app=desk.emulator.wsgi,
            clock=lambda: int(clock.now().timestamp()),
            monotonic=lambda: float(clock.now().timestamp()),
            pause=lambda seconds: clock.advance(max(seconds, 0.001)),
            **given,
        )

    monkeypatch.setattr(context, "open_slotwright", connected)
    monkeypatch.setattr("scheduler.cli.disclosures.system_clock", lambda: int(clock.now().timestamp()))

    def ran(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        return Ran(int(ended.value.code or 0), capsys.readouterr().out)

    return ran


def test_find_reads_those_it_was_asked_about(run: Run, desk: Any) -> None:
    """One row for each person and each room, with the days of the question, and nobody else."""
    assert 0 == run("find", "--with", f"{ANA},{BEN}", *QUESTION, "--building", "Main").code
    rows = run("disclosures", "--json").rows
    rooms = [room.address for room in desk.emulator.tenant.rooms]
    assert sorted([ANA, BEN, *rooms]) == sorted(row["mailbox"] for row in rows)
    assert {("find", FREE_BUSY)} == {(row["for"], row["what"]) for row in rows}
    assert {"2026-03-02T06:00Z"} == {row["read"] for row in rows}
    assert all(row["from"] <= "2026-03-03T00:00Z" and row["to"] >= "2026-03-04T22:00Z" for row in rows)


def test_every_call_about_a_mailbox_is_told(run: Run, desk: Any) -> None:
    """After booking and cancelling, each mailbox that a request read is in the account, under the right command."""
    found = json.loads(run("find", "--with", ANA, *QUESTION, "--building", "Main", "--json").out)
    desk.emulator.journal.clear()
    booked = json.loads(run("book", found["slots"][0]["id"], "--json").out)
    reading = {"getDefaultCalendar", "calendarView", "listEvents", "getEvent"}
    asked = {
        seen.mailbox
        for seen in desk.emulator.journal.requests
        if seen.operation in reading and seen.status == 200
    }
    told = {row["mailbox"] for row in run("disclosures", "--json").rows if row["for"] == "book"}
    room = booked["room"]["address"]
    assert ({room}, set()) == (asked & {room}, asked - told)
    assert ANA in told  # who is invited was looked at once more
    assert 0 == run("cancel", booked["id"]).code


def test_one_mailbox(run: Run) -> None:
    """In any case; a mailbox that nobody read is told so, and so is an empty account."""
    assert "Nothing was read.\n" == run("disclosures").out
    run("find", "--with", f"{ANA},{BEN}", *QUESTION)
    assert [ANA] == [row["mailbox"] for row in run("disclosures", ANA.upper(), "--json").rows]
    assert f"Nothing was read of {CHITRA}.\n" == run("disclosures", CHITRA).out
    assert [] == run("disclosures", CHITRA, "--json").rows


def test_csv_and_table_say_the_same(run: Run) -> None:
    """The CSV has a row for each of the JSON; the table keeps addresses and times whole."""
    run("find", "--with", f"{ANA},{BEN}", *QUESTION)
    rows = run("disclosures", "--json").rows
    assert rows == list(csv.DictReader(io.StringIO(run("disclosures", "--csv").out)))
    table = run("disclosures").out
    assert all(row["mailbox"] in table and row["from"] in table for row in rows)
    assert "…" not in table


def test_what_it_said_is_kept_nowhere(run: Run, desk: Any, sql: Callable[[str], list[Any]]) -> None:
    """Neither subject nor place of what was read is in the account or anywhere else in the database."""
    times = {side: {"dateTime": f"2026-03-03T{hour}:00:00", "timeZone": "UTC"} for side, hour in _HOURS}
    desk.outsider(
        "POST", f"/users/{ANA}/events", {"subject": SECRET, "location": {"displayName": SECRET}, **times}
    )
    desk.settle()
    run("find", "--with", ANA, *QUESTION)
    tables = [name for (name,) in sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert "disclosures" in tables
    assert [] == [name for name in tables if SECRET in str(sql(f'SELECT * FROM "{name}"'))]  # noqa: S608 - our own names


_HOURS = (("start", "09"), ("end", "10"))


def test_a_refusal_is_not_a_reading(run: Run, desk: Any) -> None:
    """A calendar that did not open was not read; the doctor's own look at rights is told as such."""
    desk.emulator.faults.add(Fault(operation="getDefaultCalendar", mailbox=OPEN_ROOM, status=403, times=None))
    run("rooms", "load")
    told = {(row["mailbox"], row["what"]) for row in run("disclosures", "--json").rows}
    assert (False, True) == ((OPEN_ROOM, "canEdit") in told, (WALLED_ROOM, "canEdit") in told)


def test_reading_again_within_a_command_is_told_once() -> None:
    """Batches are written as they fill, so that a killed command has told nearly all; a repetition is left out."""

    class Kept:
        def __init__(self) -> None:
            self.batches: list[int] = []

        def disclose(self, seen: tuple[Disclosure, ...]) -> None:
            self.batches.append(len(seen))
            assert {"find"} == {each.request for each in seen}

    kept = Kept()
    disclosures = Disclosures(kept, "find")  # type: ignore[arg-type]
    for number in range(Disclosures.BATCH + 1):
        for _ in range(2):
            disclosures(Disclosure(0, "", f"p{number}@x.example", ("status",), Span(0, 60)))
    assert [Disclosures.BATCH] == kept.batches
    disclosures.flush()
    disclosures.flush()
    # The last of a full batch came again after it was written.
    assert [Disclosures.BATCH, 2] == kept.batches


def test_nobody_is_disclosed_by_what_failed(run: Run, desk: Any) -> None:
    """An outage reads nothing."""
    desk.emulator.faults.add(
        Fault(operation="getSchedule", status=400, code="ErrorInvalidRequest", times=None)
    )
    assert 0 != run("find", "--with", ANA, *QUESTION).code
    assert RECRUITER not in str(run("disclosures", "--json").rows)
    assert [] == run("disclosures", ANA, "--json").rows
