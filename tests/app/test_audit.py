"""`slotwright audit` and `reconcile` as their users meet them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli import context
from scheduler.cli.main import main
from scheduler.testing.tenants import ANA, BEN, OPEN_ROOM
from scheduler.wiring import open_slotwright, system_user

Ran = tuple[int, str, str]
Run = Callable[..., Ran]


@pytest.fixture
def run(
    desk: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, pass_test: Any
) -> Run:
    """`slotwright` at the desk: exit code, standard output, standard error."""
    monkeypatch.setattr(context, "load_settings", lambda _: desk.settings)
    pass_test(desk.settings)
    clock = desk.emulator.clock

    def connected(settings: Any, **given: Any) -> Any:
        def moment() -> float:
            return float(clock.now().timestamp())

        return open_slotwright(
            settings,
            wsgi_app=desk.emulator.wsgi,
            clock=lambda: int(moment()),
            monotonic=moment,
            pause=clock.advance,
            **given,
        )

    monkeypatch.setattr(context, "open_slotwright", connected)

    def ran(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return ran


@pytest.fixture
def booking_id(desk: Any) -> str:
    """A confirmed interview with Ana and Ben in the open room."""
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [ANA, BEN], between="2026-03-03", room={"among": [OPEN_ROOM]})
        made = desk.book(slotwright, slots.slots[0])
        desk.settle()
    return str(made.booking_id)


def tampered(desk: Any, statement: str) -> None:
    """Change the database past all that guards it."""
    with closing(sqlite3.connect(Path(desk.settings.database))) as connection:
        for name in ("update", "delete"):
            connection.execute(f"DROP TRIGGER audit_refuses_{name}")
        connection.execute(statement)
        connection.commit()


def test_the_audit_can_be_read(run: Run, booking_id: str) -> None:
    """Who, when, and every change of state in order, in a table and as JSON; nobody's address is in either."""
    code, shown, _ = run("audit", booking_id)
    rows = json.loads(run("audit", "--json")[1])
    states = ["claimed", "inviting", "invited", "reserving", "proving", "confirmed"]
    assert (0, states, {system_user()}) == (
        code,
        [row["state"] for row in rows],
        {row["who"] for row in rows},
    )
    assert [True] * 3 == [
        text in shown for text in ("reserving → proving", "room state planned", "2026-03-02 06:00")
    ]
    assert [] == [name for name in ("ana@", "ben@", "rita@") if name in f"{shown}{rows}"]


def test_a_broken_audit_is_named(run: Run, desk: Any, booking_id: str) -> None:
    """Whole: exit code 0 and the last seal, which can be asked for later; broken: exit code 1 and the row."""
    code, said, _ = run("audit", "--verify")
    digest = said.split()[-1].rstrip(".")
    assert (0, True) == (code, "6 rows" in said)
    assert 0 == run("audit", "--verify", "--noted", digest)[0]
    missing = run("audit", "--verify", "--noted", "0" * 64)
    assert (2, "slotwright: noted: no row of the audit has this digest") == (
        missing[0],
        missing[2].partition(";")[0],
    )
    tampered(desk, "UPDATE audit SET who = 'nobody' WHERE entry_id = 3")
    broken = f"The audit is broken at row 3, booking {booking_id}: it does not say what was written.\n"
    assert (1, broken) == run("audit", "--verify")[:2]
    assert (1, 3) == (
        (again := run("audit", "--verify", "--json"))[0],
        json.loads(again[1])["broken"]["entry"],
    )


def test_options_that_do_not_go_together_are_refused(run: Run, booking_id: str) -> None:
    """A booking cannot be verified by itself, a note needs --verify, and an unknown booking is one sentence."""
    assert [2, 2, 2] == [
        run("audit", booking_id, "--verify")[0],
        run("audit", "--noted", "x")[0],
        run("audit", "b-nobody")[0],
    ]


def test_the_configured_identity_is_who(desk: Any) -> None:
    """What a service does is told under its own name."""
    desk.settings = desk.settings.model_copy(update={"audit_identity": "nightly watch"})
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [ANA], between="2026-03-03")
        desk.book(slotwright, slots.slots[0])
        assert {"nightly watch"} == {entry.who for entry in slotwright.store.audit()}


def test_agreement_is_one_sentence(run: Run, booking_id: str) -> None:
    """Nothing found: exit code 0 and a count of what was looked at."""
    code, said, _ = run("reconcile")
    assert (0, "2 events of ours in 3 calendars, 1 booking in the ledger.\nThey agree.\n") == (code, said), (
        booking_id
    )


def test_reconcile_changes_nothing_until_told_to(run: Run, desk: Any, booking_id: str) -> None:
    """The table says what would be done; --apply does it and says so; then all agrees."""
    with desk.open() as slotwright:
        booking = slotwright.store.booking(booking_id)
        leftover = booking.reservation
    assert 0 == run("cancel", booking_id)[0]
    body = json.loads(leftover.body) | {"transactionId": "again"}
    desk.outsider("POST", f"/users/{OPEN_ROOM}/events", body)
    for _ in range(2):
        code, said, _ = run("reconcile")
        assert (1, True, True) == (code, "remove the event" in said, "Nothing was changed." in said)
        assert 1 == len(desk.events(OPEN_ROOM))
    (row,) = json.loads(run("reconcile", "--json")[1])["findings"]
    assert ("orphan", booking_id, OPEN_ROOM, None) == (
        row["kind"],
        row["booking"],
        row["mailbox"],
        row["done"],
    )
    code, said, _ = run("reconcile", "--apply")
    assert (0, True, []) == (code, "removed" in said, desk.events(OPEN_ROOM))
    assert (0, 0) == (run("reconcile")[0], run("audit", "--verify")[0])


def test_what_a_person_must_decide_is_exit_code_one(run: Run, desk: Any, booking_id: str) -> None:
    """A booking whose invitation went is told, by --apply as well, and left."""
    with desk.open() as slotwright:
        invitation = slotwright.store.booking(booking_id).invitation
    desk.outsider("DELETE", f"/users/{invitation.calendar.mailbox}/events/{invitation.event_id}")
    code, said, _ = run("reconcile", "--apply")
    assert (1, True, True) == (code, "missing" in said, "a person decides" in said)
