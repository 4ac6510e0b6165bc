"""What cannot be booked or changed: clear, final, one sentence, what can be had instead, and nothing half-done."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.book import span_of
from scheduler.app.find_loop import find_loop
from scheduler.booking.booking import Booking
from scheduler.booking.states import State
from scheduler.cli.context import Context
from scheduler.cli.main import main
from scheduler.cli.refusals import WORDS
from scheduler.emulator.faults import Fault
from scheduler.emulator.tenant import Tenant
from scheduler.planning.answer import Slot
from scheduler.planning.loops.request import make_loop_request
from scheduler.testing.tenants import (
    ANA,
    DOMAIN,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    WALLED_ROOM,
    small_tenant,
)
from scheduler.zones import parse_utc
from solvers.cpsat import Effort
from solvers.timeline import Span

MATE = SCHEDULING_USER
"""A second interviewer in the European morning."""
RESERVED_ROOM = f"room.reserved@{DOMAIN}"
"""First come, first served."""
QUICK = Effort(seconds=20.0, workers=1)


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> dict[str, Any]:
        """What it wrote for programs."""
        return dict(json.loads(self.out))


Run = Callable[..., Ran]


@pytest.fixture
def graph_tenant() -> Tenant:
    """The small tenant with a room that nobody can book."""
    tenant = small_tenant()
    (pattern,) = (room for room in tenant.rooms if room.address == OPEN_ROOM)
    reserved = pattern.model_copy(update={"address": RESERVED_ROOM, "booking_type": "reserved"})
    return tenant.model_copy(update={"rooms": [*tenant.rooms, reserved]})


@pytest.fixture
def run(
    desk: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, pass_test: Any
) -> Run:
    """`slotwright` at the desk, in this process."""
    settings = desk.settings
    pass_test(settings)
    monkeypatch.setattr(Context, "settings", lambda _, **given: settings.model_copy(update=given))
    monkeypatch.setattr("scheduler.cli.context.open_slotwright", lambda _, **__: desk.open())
    monkeypatch.setattr(
        "scheduler.cli.booked_loops.system_clock", lambda: int(desk.emulator.clock.now().timestamp())
    )

    def ran(*arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return ran


def found(desk: Any, *rooms: str, people: tuple[str, ...] = (ANA,), **more: Any) -> Slot:
    """The best slot for these people in one of these rooms, on Tuesday or later."""
    wish = {"room": {"among": list(rooms)}} if rooms else {}
    with desk.open() as slotwright:
        slot: Slot = desk.find(slotwright, list(people), **{"between": "2026-03-03", **wish, **more}).slots[0]
    return slot


def with_pool(desk: Any, slot: Slot, *others: str) -> Slot:
    """The slot, kept with others who could sit in the first seat."""
    first, *rest = slot.people
    pooled = slot.model_copy(update={"people": (first.model_copy(update={"stand_ins": others}), *rest)})
    with desk.open() as slotwright:
        slotwright.store.remember_offers({slot.id: pooled.model_dump_json()})
    return pooled


def booked(desk: Any, slot: Slot) -> Booking:
    """The slot, booked by somebody else of ours."""
    with desk.open() as slotwright:
        booking: Booking = desk.book(slotwright, slot)
    desk.settle()
    return booking


def everything(desk: Any) -> tuple[Any, ...]:
    """All that a command could have changed: the ledger, its claims and its audit, calendars and mail."""
    desk.settle()
    with desk.open() as slotwright:
        store = slotwright.store
        ledger = (store.bookings(), store.all_claims(), store.audit())
    return (*ledger, desk.emulator.snapshot()["mailboxes"], list(desk.emulator.journal.mail))


def outside(desk: Any) -> tuple[Any, ...]:
    """All that others could see of it: claims, living bookings, calendars and mail."""
    bookings, claims, _, calendars, mail = everything(desk)
    living = [
        (each.booking_id, each.state, each.revision, each.interview, each.room, each.before)
        for each in bookings
        if each.state is not State.UNDONE
    ]
    return living, claims, calendars, mail


class TestGone:
    """A slot that has gone: what took it, and the three nearest that can be booked."""

    def test_taken_by_our_own_booking(self, desk: Any, run: Run) -> None:
        """The sentence names the booking; nothing is written."""
        slot = found(desk, people=(ANA, MATE))
        booked(desk, found(desk, between=slot.start))
        before = everything(desk)
        ran = run("book", slot.id)
        assert (3, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
        assert (
            f"{slot.id} has gone: {ANA} is taken at that time by our own booking b-1; the nearest" in ran.err
        )
        assert before == everything(desk)

    @pytest.mark.parametrize("who", [ANA, OPEN_ROOM])
    def test_taken_by_somebody_else(self, desk: Any, run: Run, who: str) -> None:
        """Busy since it was found: nobody hears of it, nothing stays claimed, each of the three can be booked."""
        slot = found(desk, OPEN_ROOM)
        desk.occupy(who, span_of(slot))
        before = outside(desk)
        ran = run("book", slot.id, "--json")
        assert (3, "conflict", 409) == (ran.code, ran.told["error"], ran.told["status"])
        assert f"{who} is no longer free at that time" == ran.told["why"]
        assert before == outside(desk)
        assert ["08:00", "10:00", "10:30"] == [each["start"][11:] for each in ran.told["alternatives"]]
        for each in ran.told["alternatives"][::2]:
            assert 0 == run("book", each["id"]).code

    def test_another_room_at_the_same_time_is_nearest(self, desk: Any, run: Run) -> None:
        """Our own booking has the room: the slot's other room at that very time comes first."""
        other = found(desk, OPEN_ROOM, people=(MATE,))
        slot = found(desk, OPEN_ROOM, WALLED_ROOM, between=other.start)
        booked(desk, other)
        told = run("book", slot.id, "--json").told
        assert f"{OPEN_ROOM} is taken at that time by our own booking b-1" == told["why"]
        first = told["alternatives"][0]
        assert (slot.start_utc, WALLED_ROOM) == (first["start_utc"], first["sessions"][0]["room"])

    def test_somebody_of_the_pool_at_the_same_time_is_nearest(self, desk: Any, run: Run) -> None:
        """Of a seat with a pool another one comes at that very time, and the one who is busy could stand in."""
        slot = with_pool(desk, found(desk), MATE)
        desk.occupy(ANA, span_of(slot))
        first = run("book", slot.id, "--json").told["alternatives"][0]
        assert (slot.start_utc, [MATE]) == (first["start_utc"], first["sessions"][0]["people"])
        assert 0 == run("book", first["id"]).code
        with desk.open() as slotwright:
            assert ((MATE, (ANA,)),) == slotwright.store.bookings()[-1].interview.stand_ins

    def test_the_candidates_times_are_kept(self, desk: Any, run: Run) -> None:
        """Nothing is offered at which the candidate cannot come; if nothing is left, that is said."""
        free = {"from": "2026-03-03T09:00", "to": "2026-03-03T10:30"}
        slot = found(desk, candidate={"name": "Zoe", "zone": "Europe/Amsterdam", "available": [free]})
        desk.occupy(ANA, span_of(slot))
        ran = run("book", slot.id, "--json")
        assert [] == ran.told["alternatives"]
        assert "nothing near it is free, so search again" in ran.told["what"]

    def test_when_nothing_can_be_looked_for(self, desk: Any, run: Run) -> None:
        """The conflict is told all the same, with why there are no alternatives."""
        slot = found(desk, people=(ANA, MATE))
        booked(desk, found(desk, between=slot.start))
        desk.emulator.faults.add(Fault(operation="getSchedule", status=403, times=None))
        ran = run("book", slot.id, "--json")
        assert (3, True) == (ran.code, "nothing else could be looked for (" in ran.told["what"])

    def test_the_same_key_is_the_same_answer(self, desk: Any, run: Run) -> None:
        """However often it is asked; with another slot the key is refused."""
        slot, other = found(desk, OPEN_ROOM), found(desk)
        desk.occupy(ANA, span_of(slot))
        first = run("book", slot.id, "--key", "k", "--json")
        before = everything(desk)
        assert first == run("book", slot.id, "--key", "k", "--json")
        refused = run("book", other.id, "--key", "k", "--json")
        assert (2, "invalid", 422, "key") == (
            refused.code,
            *(refused.told[each] for each in ("error", "status", "field")),
        )
        assert before == everything(desk)


def an_option(desk: Any, *, apart: int = 30) -> dict[str, Any]:
    """The best option of a loop of two sessions in the European morning, by its request."""
    values = {
        "zone": "Europe/Amsterdam",
        "between": "2026-03-03",
        "and": "2026-03-04",
        "candidate": {"name": "Zoe", "address": "zoe@elsewhere.example"},
        "sessions": [
            {"name": "code", "minutes": 60, "seats": [[ANA]], "room": {"among": [OPEN_ROOM, WALLED_ROOM]}},
            {"name": "talk", "minutes": 30, "seats": [[MATE]], "room": None},
        ],
        "limit": 1,
        "apart": apart,
    }
    with desk.open() as slotwright:
        answer = find_loop(
            make_loop_request(values),
            slotwright.graph,
            slotwright.store,
            organizer=RECRUITER,
            rules=slotwright.rules,
            effort=QUICK,
        )
    return answer.options[0].model_dump(mode="json")


@pytest.mark.campaign
class TestGoneLoop:
    """An option of a loop that has gone."""

    @pytest.mark.parametrize("ours", [True, False])
    def test_the_three_nearest_options(self, desk: Any, run: Run, ours: bool) -> None:  # noqa: FBT001 - a case
        """Options of the same request, the sessions as near as can be to where they were; each can be booked."""
        option = an_option(desk)
        first, second = option["sessions"]
        if ours:
            booked(desk, found(desk, minutes=30, people=(MATE,), between=second["slot"]["start"]))
        else:
            desk.occupy(MATE, Span(*(parse_utc(second["slot"][each]) for each in ("start_utc", "end_utc"))))
        before = outside(desk)
        ran = run("book", option["id"], "--json")
        assert (3, "conflict", option["id"]) == (ran.code, ran.told["error"], ran.told["gone"])
        assert (f"{MATE} is " in ran.told["why"], before) == (True, outside(desk))
        assert 3 == len(ran.told["alternatives"])
        nearest = ran.told["alternatives"][0]["sessions"]
        assert first["slot"]["start"] == nearest[0]["start"]
        assert 0 == run("book", ran.told["alternatives"][0]["id"]).code


def cancelled(desk: Any, run: Run) -> str:
    """The id of a booking that was made with a key and cancelled."""
    slot = found(desk, OPEN_ROOM)
    booking_id = str(run("book", slot.id, "--key", "used", "--json").told["id"])
    assert 0 == run("cancel", booking_id).code
    return booking_id


def standing(desk: Any, run: Run) -> str:
    """The id of a booking that stands, in a room."""
    return str(run("book", found(desk, OPEN_ROOM).id, "--json").told["id"])


def a_request(between: str, until: str, room: str = "") -> str:
    """A request on disk."""
    values = {"people": [ANA], "minutes": 60, "between": between, "and": until, "zone": "UTC"}
    wish = {"room": {"among": [room]}} if room else {}
    Path("request.json").write_text(json.dumps(values | wish))
    return "request.json"


Words = tuple[str, ...]
Case = Callable[[Any, Run], Words]

REFUSED: dict[str, tuple[Case, int, str]] = {
    "a cancelled booking by its key": (
        lambda desk, run: (cancelled(desk, run), ("book", found(desk, OPEN_ROOM).id, "--key", "used"))[1],
        422,
        "key",
    ),
    "moving a cancelled booking": (
        lambda desk, run: ("reschedule", cancelled(desk, run), "2026-03-05T10:00"),
        422,
        "booking",
    ),
    "a swap in a cancelled booking": (
        lambda desk, run: ("swap", cancelled(desk, run), ANA, MATE),
        422,
        "booking",
    ),
    "another room for a cancelled booking": (
        lambda desk, run: ("room", cancelled(desk, run), WALLED_ROOM),
        422,
        "booking",
    ),
    "showing a foreign booking": (lambda *_: ("show", "b-foreign"), 404, "booking"),
    "cancelling a foreign booking": (lambda *_: ("cancel", "b-foreign"), 404, "booking"),
    "moving a foreign booking": (lambda *_: ("reschedule", "b-foreign", "2026-03-05T10:00"), 404, "booking"),
    "a swap in a foreign booking": (lambda *_: ("swap", "b-foreign", ANA, MATE), 404, "booking"),
    "a room for a foreign booking": (lambda *_: ("room", "b-foreign"), 404, "booking"),
    "a foreign slot": (lambda *_: ("book", "s-foreign"), 404, "slot"),
    "a foreign option": (lambda *_: ("book", "l-foreign"), 404, "option"),
    "a foreign plan": (lambda *_: ("book", "r-foreign"), 404, "plan"),
    "cancelling a foreign loop": (lambda *_: ("cancel", "l-foreign"), 404, "loop"),
    "a finished window": (lambda *_: ("find", a_request("2026-02-02", "2026-02-06")), 422, "and"),
    "a reserved room": (
        lambda *_: ("find", a_request("2026-03-03", "2026-03-06", RESERVED_ROOM)),
        422,
        "room.among",
    ),
    "moving into a reserved room": (
        lambda desk, run: ("room", standing(desk, run), RESERVED_ROOM),
        422,
        "room",
    ),
    "moving into a room on-premises": (
        lambda desk, run: ("room", standing(desk, run), WALLED_ROOM),
        422,
        "room",
    ),
    "a room on-premises": (lambda desk, _: ("book", found(desk, WALLED_ROOM).id), 422, "room"),
    "no such option of the command": (lambda *_: ("book", "s-1", "--colour"), 400, ""),
    "no time of day": (lambda desk, run: ("reschedule", standing(desk, run), "tomorrow"), 400, "when"),
    "a key that is too long": (lambda desk, _: ("book", found(desk).id, "--key", "k" * 256), 400, "key"),
    "the organizer cannot leave": (
        lambda desk, run: ("swap", standing(desk, run), RECRUITER, MATE),
        400,
        "leaving",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(desk: Any, run: Run, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One sentence with the field, the value and a remedy, the same for programs, and nothing is changed."""
    monkeypatch.chdir(tmp_path)
    desk.emulator.faults.add(
        Fault(mailbox=WALLED_ROOM, status=404, code="MailboxNotEnabledForRESTAPI", times=None)
    )
    case, status, field = REFUSED[name]
    words = case(desk, run)
    before = outside(desk)
    ran = run(*words, "--json")
    assert (2, "invalid" if status != 404 else "not_found", status) == (
        ran.code,
        ran.told["error"],
        ran.told["status"],
    ), ran
    assert field == ran.told.get("field", "")
    if field:
        assert f"slotwright: {field}: {ran.told['problem']}; {ran.told['remedy']}.\n" == ran.err
    assert before == outside(desk)


def test_a_slot_whose_time_has_come(desk: Any, run: Run) -> None:
    """It is refused before anything is claimed, by Graph's clock and not by ours; what was booked is still told."""
    slot, other = found(desk, OPEN_ROOM), found(desk, people=(MATE,))
    booking = booked(desk, slot)
    desk.emulator.clock.advance(2 * 86_400)
    before = everything(desk)
    ran = run("book", other.id, "--json")
    assert (2, 422, "slot", before) == (ran.code, ran.told["status"], ran.told["field"], everything(desk))
    assert booking.booking_id == run("book", slot.id, "--json").told["id"]


def test_a_change_that_cannot_be_had(desk: Any, run: Run) -> None:
    """A conflict as well: the booking is as it was, and the times that could be had are told."""
    booking_id = standing(desk, run)
    desk.occupy(ANA, Span(*(parse_utc(f"2026-03-04T{clock}Z") for clock in ("09:00", "10:00"))))
    before = outside(desk)
    ran = run("reschedule", booking_id, "2026-03-04T10:00", "--json")
    assert (3, "conflict", booking_id) == (ran.code, ran.told["error"], ran.told["booking"])
    assert (3, before) == (len(ran.told["alternatives"]), outside(desk))
    assert 0 == run("reschedule", booking_id, ran.told["alternatives"][0]["start"]).code


def test_an_outage_midway(desk: Any, run: Run) -> None:
    """Programs are told that something was begun, and what."""
    slot = found(desk)
    desk.emulator.faults.add(Fault(operation="createEvent", status=507, times=None))
    ran = run("book", slot.id, "--json")
    assert (1, "unfinished", 502, "b-1") == (
        ran.code,
        *(ran.told[each] for each in ("error", "status", "unfinished")),
    )


def test_graph_out_of_reach(desk: Any, run: Run) -> None:
    """What failed outside has a word of its own."""
    desk.emulator.faults.add(Fault(operation="getSchedule", status=503, times=None, retry_after=600))
    asked = ("--minutes", "60", "--between", "2026-03-03", "--and", "2026-03-03", "--zone", "UTC")
    ran = run("find", "--with", ANA, *asked, "--json")
    assert ("unavailable", 503) == (ran.told["error"], ran.told["status"]), ran


def test_the_words_are_documented() -> None:
    """docs/booking.md has every word with its status and exit code, and no other."""
    text = Path(__file__).parents[2].joinpath("docs", "booking.md").read_text()
    rows = {
        f"| `{word.error}` | {word.status} | {kind.exit_code} | {word.when} |" for kind, word in WORDS.items()
    }
    table = text.partition("## Errors")[2].partition("\n## ")[0]
    assert rows == {line for line in table.splitlines() if line.startswith("| `")}
