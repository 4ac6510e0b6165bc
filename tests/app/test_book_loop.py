"""Loops on the emulated tenant: all sessions are booked, or what was booked is undone, or a person said otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.book import book, span_of
from scheduler.app.book_loop import Wanted, book_loop, book_plan, known_option, named_loop
from scheduler.app.bookings import bring_up_to_date
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.drive_loop import APOLOGY, cancel_loop, drive_loop
from scheduler.app.reschedule import Target, reschedule
from scheduler.app.swap_person import swap_person
from scheduler.booking.booking import Booking, Key
from scheduler.booking.loop import Loop, Standing
from scheduler.booking.loop_document import LoopDocument, loop_document
from scheduler.booking.states import State
from scheduler.cli.main import main
from scheduler.emulator.faults import Fault
from scheduler.errors import Busy, GraphError, Impossible, InputError
from scheduler.planning.answer import Slot, read_slot
from scheduler.planning.loops.offer import LoopOffer, OfferedSession, PlanOffer
from scheduler.store.ledger import Taken
from scheduler.testing.tenants import (
    ANA,
    APPROVAL_ROOM,
    BEN,
    CHITRA,
    DOMAIN,
    OPEN_ROOM,
    PICKY_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    WALLED_ROOM,
)
from scheduler.wiring import Slotwright
from solvers.timeline import Span

SAM = f"sam@{DOMAIN}"
FAR = 100_000_000
BOTH = (OPEN_ROOM, WALLED_ROOM)


def offered(*rooms: str, name: str = "l-1", day: int = 3) -> LoopOffer:
    """A session with Ana, one with Ben, one with Chitra, at 15:00 on a day each; the candidate is Sam.

    Args:
        rooms: one for each session, `A+B` for A with B as the one that is free as well; empty for none.
    """
    sessions = []
    for number, (person, room) in enumerate(zip((ANA, BEN, CHITRA), rooms, strict=False)):
        start, end = (f"2026-03-0{day + number}T{clock}" for clock in ("15:00", "16:00"))
        clocks = {"zone": "Europe/Amsterdam", "start": start, "end": end}
        free = [{"address": each, "name": each.partition("@")[0]} for each in room.split("+") if each]
        slot = Slot.model_validate(
            {
                "id": "",
                "start_utc": f"{start.replace('15', '14')}Z",
                "end_utc": f"{end.replace('16', '15')}Z",
                **clocks,
                "people": [{"address": person, "required": True, "attends": True, **clocks}],
                "candidate": {"address": SAM, "name": "Sam", **clocks},
                "room": free[0] if free else None,
                "alternatives": free[1:],
                "score": {"total": 0, "terms": []},
                "interview": {"subject": f"Talk {number + 1}"},
            }
        )
        sessions.append(OfferedSession(name=f"Talk {number + 1}", slot=read_slot(slot.model_dump_json())))
    return LoopOffer(id=name, sessions=tuple(sessions))


def booked(slotwright: Slotwright, offer: LoopOffer, **changes: Any) -> Loop:
    """The offer, booked and waited for."""
    wanted = Wanted(**{"organizer": RECRUITER, "new_id": slotwright.new_id, "wait": True, **changes})
    return book_loop(offer, slotwright.store, slotwright.driver, wanted)


def again(slotwright: Slotwright, loop: Loop) -> Loop:
    """The loop after `slotwright show`."""
    return drive_loop(loop, slotwright.store, slotwright.driver, wait=True)


def states(loop: Loop) -> list[State]:
    """Where its bookings stand."""
    return [booking.state for booking in loop.members]


def left(desk: Any, slotwright: Slotwright) -> tuple[int, int]:
    """How many events are in any calendar, those of outsiders left out, and how many claims are in the ledger."""
    desk.settle()
    tenant = desk.emulator.tenant
    everybody = [each.address for each in (*tenant.people, *tenant.rooms)]
    events = [
        event
        for address in everybody
        for event in desk.events(address)
        if not event["isCancelled"] and event["subject"] != "Somebody else"
    ]
    claims = slotwright.store.claims(everybody, Span(0, FAR))
    return len(events), sum(map(len, claims.values()))


class TestAll:
    """Nothing is in the way."""

    def test_every_session_stands(self, desk: Any) -> None:
        """Both routes: each session has its invitation, its proved room and its claims; Sam is invited to each once."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(*BOTH))
            assert (Standing.CONFIRMED, [State.CONFIRMED] * 2) == (loop.standing, states(loop))
            _, claims = left(desk, slotwright)
        assert 4 == claims
        mails = desk.mails("invitation")
        assert {SAM: 2, ANA: 1, BEN: 1} == Counter(each for each in mails if not each.startswith("room."))

    def test_the_calls_it_makes(self, desk: Any) -> None:
        """One read of availability and two writes for each session, and all reads come before the first invitation."""
        with desk.open() as slotwright:
            booked(slotwright, offered(OPEN_ROOM, OPEN_ROOM))
        calls = desk.calls()
        assert (
            "createEvent" not in calls[: 1 + max(n for n, name in enumerate(calls) if name == "getSchedule")]
        )
        assert {"getSchedule": 2, "createEvent": 4} == {
            name: calls.count(name) for name in ("getSchedule", "createEvent")
        }

    def test_twice_is_once(self, desk: Any) -> None:
        """The same option again is the same loop, and Graph is not even asked."""
        with desk.open() as slotwright:
            offer = offered(*BOTH)
            first = booked(slotwright, offer)
            desk.emulator.journal.clear()
            assert first == booked(slotwright, offer)
            assert ([], 2) == (desk.calls(), len(slotwright.store.bookings()))

    def test_without_waiting(self, desk: Any) -> None:
        """All are invited, the loop is not settled before its rooms have answered, and `show` settles it."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(*BOTH), wait=False)
            assert (Standing.BOOKING, State.PROVING) == (loop.standing, loop.members[1].state)
            desk.settle()
            for booking in slotwright.store.bookings():
                bring_up_to_date(booking, slotwright.store, slotwright.driver)
            assert Standing.CONFIRMED is named_loop("l-1", slotwright.store).standing

    def test_a_room_that_needs_approval(self, desk: Any) -> None:
        """The loop stands and says that somebody has to approve."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(OPEN_ROOM, APPROVAL_ROOM))
        assert Standing.PENDING is loop.standing

    def test_a_room_that_declines_is_replaced(self, desk: Any) -> None:
        """Another room that was free as well is taken before anything is given up."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(OPEN_ROOM, f"{PICKY_ROOM}+{WALLED_ROOM}"))
        room = loop.members[1].room
        assert room is not None
        assert (Standing.CONFIRMED, WALLED_ROOM) == (loop.standing, room.address)
        assert [PICKY_ROOM] == desk.mails("cancellation")


class TestNothing:
    """Some session cannot be had before anybody was told; then nobody is ever told."""

    @pytest.mark.parametrize("keep", [False, True])
    def test_somebody_is_not_free_any_more(self, desk: Any, keep: bool) -> None:  # noqa: FBT001 - a parameter
        """The last session's interviewer took a meeting meanwhile: the sentence names him, and nothing is written."""
        with desk.open() as slotwright:
            offer = offered(OPEN_ROOM, WALLED_ROOM)
            taken = offer.sessions[1].slot
            desk.occupy(BEN, span_of(taken))
            loop = booked(slotwright, offer, keep_partial=keep)
            assert (Standing.UNDONE, [State.UNDONE] * 2) == (loop.standing, states(loop))
            assert f"Talk 2: {BEN} is no longer free at that time" == loop.place.why
            assert (0, 0) == left(desk, slotwright)
        # The one event that was created is the meeting that came in between.
        assert ([], 0) == (desk.mails("invitation"), desk.calls().count("createEvent") - 1)

    def test_no_room_is_left(self, desk: Any) -> None:
        """Every room of the last session is taken meanwhile."""
        with desk.open() as slotwright:
            offer = offered("", f"{OPEN_ROOM}+{WALLED_ROOM}")
            for room in BOTH:
                desk.occupy(room, span_of(offer.sessions[1].slot))
            loop = booked(slotwright, offer)
            assert (Standing.UNDONE, (0, 0)) == (loop.standing, left(desk, slotwright))
        assert [] == desk.mails("invitation")

    def test_a_claim_is_taken(self, desk: Any) -> None:
        """Another booking holds an interviewer of the last session: nothing at all is written."""
        with desk.open() as slotwright:
            offer = offered("", "")
            other = offered("", "", name="l-2").sessions[1].slot
            longer = other.model_copy(update={"id": "s-other", "end_utc": "2026-03-04T15:30Z"})
            held = desk.book(slotwright, longer)
            before = left(desk, slotwright)
            with pytest.raises(Taken, match=f"^{BEN} is already booked at that time by {held.booking_id}"):
                booked(slotwright, offer)
            assert (before, (held,)) == (left(desk, slotwright), slotwright.store.bookings())

    def test_the_first_invitation_is_refused(self, desk: Any) -> None:
        """Graph refuses for good before anybody heard: the other session is undone without a word."""
        with desk.open() as slotwright:
            offer = offered(*BOTH)
            refusal = Fault(
                operation="createEvent", mailbox=RECRUITER, status=403, code="ErrorAccessDenied", times=None
            )
            desk.emulator.faults.add(refusal)
            loop = booked(slotwright, offer)
            assert ([State.UNDONE] * 2, (0, 0)) == (states(loop), left(desk, slotwright))
            assert loop.place.why.startswith("Talk 1: the invitation was refused: ")

    def test_its_time_has_come(self, desk: Any) -> None:
        """An option whose first session has begun is not booked."""
        with desk.open() as slotwright:
            offer = offered("", "")
            desk.emulator.clock.advance(2 * 86_400)
            loop = booked(slotwright, offer)
            assert ("Talk 1: the slot's time has come already", (0, 0)) == (
                loop.place.why,
                left(desk, slotwright),
            )

    def test_it_can_be_booked_later(self, desk: Any) -> None:
        """What was undone stands in nobody's way: the same option can be booked once it can be had."""
        with desk.open() as slotwright:
            offer = offered("", "")
            meeting = desk.occupy(BEN, span_of(offer.sessions[1].slot))
            assert Standing.UNDONE is booked(slotwright, offer).standing
            desk.outsider("DELETE", f"/users/{BEN}/events/{meeting}")
            loop = booked(slotwright, offer)
            assert Standing.CONFIRMED is loop.standing
            assert loop == named_loop("l-1", slotwright.store)


class TestUndone:
    """A session is lost when people were invited already."""

    def test_a_room_declines(self, desk: Any) -> None:
        """Everybody who was invited is told once that it is off, in words that are fit for a candidate."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(OPEN_ROOM, PICKY_ROOM, ""))
            assert (Standing.UNDONE, [State.CANCELLED, State.CANCELLED, State.UNDONE]) == (
                loop.standing,
                states(loop),
            )
            assert (0, 0) == left(desk, slotwright)
        invited, uninvited = desk.mails("invitation"), desk.mails("cancellation")
        people = {SAM: 2, ANA: 1, BEN: 1}
        assert people == Counter(each for each in uninvited if not each.startswith("room."))
        assert CHITRA not in invited
        comments = {mail.comment for mail in desk.emulator.journal.mail if mail.recipient == SAM}
        assert {"", APOLOGY} == comments

    def test_a_later_invitation_is_refused(self, desk: Any) -> None:
        """The session that stands already is cancelled."""
        with desk.open() as slotwright:
            offer = offered("", "")
            desk.emulator.faults.add(
                Fault(
                    operation="createEvent", mailbox=RECRUITER, status=403, code="ErrorAccessDenied", skip=1
                )
            )
            loop = booked(slotwright, offer)
            assert ([State.CANCELLED, State.UNDONE], (0, 0)) == (states(loop), left(desk, slotwright))

    def test_kept_because_a_person_said_so(self, desk: Any) -> None:
        """The sessions that can be had stand, the answer says which does not and what helps, and it does help."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(OPEN_ROOM, PICKY_ROOM, ""), keep_partial=True)
            assert (Standing.PARTIAL, [State.CONFIRMED, State.ROOM_DECLINED, State.CONFIRMED]) == (
                loop.standing,
                states(loop),
            )
            shown = loop_document(loop)
            assert [True, False, True] == [session.stands for session in shown.sessions]
            declined = loop.members[1]
            assert f"slotwright room {declined.booking_id} ADDRESS" == shown.sessions[1].next
            store, driver = slotwright.store, slotwright.driver
            change_room(declined, slotwright.graph, store, driver, address=WALLED_ROOM, wait=True)
            mended = loop_document(named_loop("l-1", store))
            assert ("confirmed", "", True) == (mended.state, mended.reason, bool(shown.reason))

    def test_another_slot_is_proposed(self, desk: Any) -> None:
        """A session that was lost altogether comes with the command that finds it another slot."""
        with desk.open() as slotwright:
            offer = offered(OPEN_ROOM, "")
            desk.emulator.faults.add(
                Fault(
                    operation="createEvent", mailbox=RECRUITER, status=403, code="ErrorAccessDenied", skip=1
                )
            )
            loop = booked(slotwright, offer, keep_partial=True)
        assert (Standing.PARTIAL, [State.CONFIRMED, State.UNDONE]) == (loop.standing, states(loop))
        asked = f"slotwright find --with {BEN} --candidate {SAM} --minutes 60 --between 2026-03-04"
        assert loop_document(loop).sessions[1].next.startswith(asked)

    def test_graph_fails_midway(self, desk: Any) -> None:
        """What is unknown is neither undone nor kept: the loop waits, and `show` goes on with it."""
        with desk.open() as slotwright:
            offer = offered(*BOTH)
            desk.emulator.faults.add(
                Fault(operation="createEvent", mailbox=RECRUITER, status=503, skip=1, times=None)
            )
            with pytest.raises(GraphError):
                booked(slotwright, offer)
            desk.emulator.faults.clear()
            loop = named_loop("l-1", slotwright.store)
            assert (Standing.BOOKING, State.CONFIRMED) == (loop.standing, loop.members[0].state)
            assert Standing.CONFIRMED is again(slotwright, loop).standing
        assert 2 == desk.mails("invitation").count(SAM)


class TestAfterwards:
    """Once it is booked, each session goes its own way, and all of them can be given up at once."""

    def test_cancelled(self, desk: Any) -> None:
        """All sessions go with the comment; cancelling twice is harmless."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(*BOTH))
            desk.settle()
            for _ in range(2):
                gone = cancel_loop(loop, slotwright.store, slotwright.driver, comment="position filled")
                assert (Standing.CANCELLED, (0, 0)) == (gone.standing, left(desk, slotwright))
        told = [mail for mail in desk.emulator.journal.mail if mail.kind == "cancellation"]
        assert 2 == [mail.recipient for mail in told].count(SAM)
        assert {"position filled"} == {mail.comment for mail in told if mail.recipient == SAM}

    def test_cancelled_while_it_is_being_undone(self, desk: Any) -> None:
        """A cancellation that Graph cut short is finished by `show`, with the comment that was given."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered("", ""))
            desk.settle()
            desk.emulator.faults.add(Fault(operation="cancelEvent", status=503, skip=1, times=None))
            with pytest.raises(GraphError):
                cancel_loop(loop, slotwright.store, slotwright.driver, comment="position filled")
            desk.emulator.faults.clear()
            half = named_loop("l-1", slotwright.store)
            assert (Standing.CANCELLING, False) == (half.standing, half.finished)
            for booking in slotwright.store.bookings():
                bring_up_to_date(booking, slotwright.store, slotwright.driver)
            assert Standing.CANCELLED is named_loop("l-1", slotwright.store).standing
        assert ["position filled"] * 2 == [
            mail.comment
            for mail in desk.emulator.journal.mail
            if (mail.kind, mail.recipient) == ("cancellation", SAM)
        ]

    def test_one_session_is_cancelled(self, desk: Any) -> None:
        """A person may take one session out; that undoes no other, now or later."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered("", ""))
            cancel(loop.members[0], slotwright.store, slotwright.driver, comment="not needed")
            loop = again(slotwright, loop)
        assert (Standing.PARTIAL, [State.CANCELLED, State.CONFIRMED]) == (loop.standing, states(loop))

    def test_a_room_that_is_lost_later_undoes_nothing(self, desk: Any) -> None:
        """A room whose approval is refused after the loop was booked leaves the other sessions alone."""
        with desk.open() as slotwright:
            loop = booked(slotwright, offered(OPEN_ROOM, APPROVAL_ROOM))
            for event in desk.events(APPROVAL_ROOM):
                desk.outsider("POST", f"/users/{APPROVAL_ROOM}/events/{event['id']}/decline", {})
            desk.settle()
            bring_up_to_date(loop.members[1], slotwright.store, slotwright.driver, wait=True)
            loop = again(slotwright, loop)
        assert (Standing.PARTIAL, State.CONFIRMED) == (loop.standing, loop.members[0].state)


class TestBadInput:
    """What is asked cannot be done as asked."""

    def test_unknown(self, desk: Any) -> None:
        """An option that nobody was shown, and a loop that nobody booked."""
        with desk.open() as slotwright:
            with pytest.raises(InputError, match=r"^option: no option 'l-nowhere' was found from here; run"):
                known_option("l-nowhere", slotwright.store)
            with pytest.raises(InputError, match=r"^loop: no loop 'l-nowhere' was booked; run"):
                named_loop("l-nowhere", slotwright.store)

    def test_a_session_is_booked_otherwise(self, desk: Any) -> None:
        """Neither by itself nor as part of another loop can a slot be taken twice; the one that has it is named."""
        with desk.open() as slotwright:
            offer = offered("", "")
            single = desk.book(slotwright, offer.sessions[1].slot)
            said = (
                f"^option: its session Talk 2 is booked already as {single.booking_id}; choose another option"
            )
            with pytest.raises(InputError, match=said):
                booked(slotwright, offer)
            assert 1 == len(slotwright.store.bookings())
            cancel(single, slotwright.store, slotwright.driver, comment="")
            booked(slotwright, offer)
            other = offer.model_copy(update={"id": "l-2"})
            with pytest.raises(InputError, match=r"is booked already as b-\d+-1, a session of the loop l-1;"):
                booked(slotwright, other)


class TestKeys:
    """An idempotency key makes asking twice asking once."""

    def test_the_same_request(self, desk: Any) -> None:
        """The same key with the same request is the same booking, also after it was cancelled."""
        with desk.open() as slotwright:
            offer = offered("", "")
            loop = booked(slotwright, offer, key="k 1")
            assert loop == booked(slotwright, offer, key="k 1")
            gone = cancel_loop(loop, slotwright.store, slotwright.driver, comment="")
            assert (gone, 2) == (booked(slotwright, offer, key="k 1"), len(slotwright.store.bookings()))
            assert Standing.CONFIRMED is booked(slotwright, offer, key="K 1").standing

    @pytest.mark.parametrize("key", ['"%_\\', "Schlüssel"])
    def test_another_request(self, desk: Any, key: str) -> None:
        """The same key with another request is refused, and nothing is done; keys may contain anything."""
        with desk.open() as slotwright:
            first, other = (
                offered("", ""),
                offered("", "", name="l-2", day=4),
            )
            booked(slotwright, first, key=key)
            for asked in ({}, {"keep_partial": True}):
                with pytest.raises(
                    InputError, match=r"^key: .* was used before, with another request, for b-1-1;"
                ):
                    booked(slotwright, first if asked else other, key=key, **asked)
            assert 2 == len(slotwright.store.bookings())

    def test_of_a_single_interview(self, desk: Any) -> None:
        """A slot may be booked under a key as well, and what a loop was booked under is no other request's key."""
        with desk.open() as slotwright:
            (first, second), store = offered("", "").sessions, slotwright.store
            how = {"organizer": RECRUITER, "new_id": slotwright.new_id, "wait": True, "key": "k"}
            booking = book(first.slot, store, slotwright.driver, **how)
            assert booking == book(first.slot, store, slotwright.driver, **how)
            with pytest.raises(InputError, match=r"^key: 'k' was used before"):
                book(second.slot, store, slotwright.driver, **how)
            with pytest.raises(InputError, match=r"^key: 'k' was used before"):
                booked(slotwright, offered("", ""), key="k")
            assert (booking,) == store.bookings()

    @pytest.mark.parametrize("key", [" ", "k" * 256])
    def test_no_key(self, desk: Any, key: str) -> None:
        """A key that is blank or too long is refused before anything is done."""
        with desk.open() as slotwright:
            with pytest.raises(InputError, match=r"^key: cannot be used; pass 1 to 255 characters"):
                booked(slotwright, offered(""), key=key)
            assert () == slotwright.store.bookings()

    def test_the_commit_that_books_keeps_it(self, desk: Any) -> None:
        """Two processes that never saw each other's booking: the one that commits later is given the earlier one."""
        with desk.open() as slotwright:
            offer = offered("", "")
            loop = booked(slotwright, offer)
            start = loop.members[0].interview.span.start + 7 * 1440
            first, late = (
                replace(
                    loop.members[0],
                    booking_id=f"b-{number}",
                    key=Key("k", "1"),
                    interview=replace(
                        loop.members[0].interview,
                        slot_id=f"s-{number}",
                        span=Span(start + 60 * number, start + 60 * number + 60),
                    ),
                )
                for number in (8, 9)
            )
            store = slotwright.store
            assert ((first,), (first,)) == (store.reserve_together([first]), store._reserve([late]))


class TestPlan:
    """Each candidate's loop stands for itself."""

    def test_one_of_two(self, desk: Any) -> None:
        """The second candidate's slot has gone: the first is booked all the same, and again changes nothing."""
        with desk.open() as slotwright:
            loops = (
                offered("", name="l-1"),
                offered("", name="l-2", day=5),
                offered("", name="l-3", day=6),
            )
            desk.occupy(ANA, span_of(loops[1].sessions[0].slot))
            single = desk.book(slotwright, loops[2].sessions[0].slot)
            wanted = Wanted(RECRUITER, slotwright.new_id, wait=True, key="all")
            plan = PlanOffer(id="r-1", loops=loops)
            for _ in range(2):
                first, second, third = book_plan(plan, slotwright.store, slotwright.driver, wanted)
                assert first.loop is not None
                assert second.loop is not None
                assert (Standing.CONFIRMED, Standing.UNDONE) == (first.loop.standing, second.loop.standing)
                assert (None, True) == (third.loop, single.booking_id in third.problem)
            assert 3 == len(slotwright.store.bookings())


Run = Callable[..., tuple[int, str, str]]
LOOP = [
    "--session",
    f"Talk,60,{ANA}",
    "--session",
    f"Task,60,{ANA}/{CHITRA}",
    "--candidate",
    SAM,
    "--limit",
    "1",
]
DAY = ["--between", "2026-03-03", "--and", "2026-03-03", "--zone", "Europe/Amsterdam"]


@pytest.fixture
def run(graph_server: Any, tmp_path: Path, capsys: Any, monkeypatch: Any, pass_test: Any) -> Run:
    """`slotwright` with the emulator's own settings; returns code, output and errors."""
    monkeypatch.chdir(tmp_path)
    connection = {key: str(value) for key, value in graph_server.connection.items()}
    Path("emulator.json").write_text(
        json.dumps({**connection, "organizer": RECRUITER, "scheduling_user": SCHEDULING_USER})
    )
    pass_test(Path("emulator.json"))

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--settings", "emulator.json", *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return ran


def test_the_commands(run: Run) -> None:
    """An option that `find` showed is booked, shown and cancelled by its id; its documents read back."""
    option = json.loads(run("find", *LOOP, *DAY, "--json")[1])["options"][0]["id"]
    code, out, _ = run("book", option)
    assert (0, True, True) == (code, f"Loop {option} is booked\n" in out, "Task" in out)
    code, out, _ = run("book", option, "--json")
    shown = LoopDocument.model_validate_json(out)
    assert (0, "confirmed", option) == (code, shown.state, shown.id)
    assert shown == LoopDocument.model_validate_json(run("show", option, "--json")[1])
    first = shown.sessions[0].booking
    assert f"Talk of {option}" in run("show", first.id)[1]
    assert run("book", "l-nowhere")[2].startswith("slotwright: option: no option 'l-nowhere'")
    assert run("book", "r-nowhere")[2].startswith("slotwright: plan: no plan 'r-nowhere' was found")
    assert 2 == run("book", first.slot, "--keep-partial")[0]
    assert (0, True) == ((ended := run("cancel", option))[0], f"Loop {option} is cancelled" in ended[1])


def test_the_command_for_a_plan(run: Run) -> None:
    """All loops of a plan are booked by the id of the plan, and a table says so."""
    shape = {"sessions": [{"name": "Talk", "minutes": 60, "seats": [ANA]}]}
    candidates = [{"name": name, "address": f"{name}@{DOMAIN}"} for name in ("kim", "lou")]
    window = {"between": "2026-03-03", "and": "2026-03-03", "zone": "Europe/Amsterdam"}
    Path("plan.json").write_text(
        json.dumps({"templates": {"short": shape}, "candidates": candidates, **window})
    )
    plan = json.loads(run("plan", "plan.json", "--json")[1])["solution"]
    code, out, _ = run("book", plan)
    assert (0, 2, 2) == (code, out.count("1 of 1"), out.count(" booked"))
    code, out, _ = run("book", plan, "--json")
    assert (0, ["kim", "lou"]) == (code, [each["candidate"] for each in json.loads(out)])


class TestChangingASession:
    """One session of a loop whose process died midway is not changed before the loop is whole."""

    @pytest.mark.parametrize("kind", ["move", "swap", "room"])
    def test_the_loop_is_finished_first(self, desk: Any, kind: str) -> None:
        """The sessions that were left are booked, then the one is changed."""
        with desk.open() as slotwright:
            loop, booking = interrupted(slotwright)
            after = changed(slotwright, booking, kind)
            assert (State.CONFIRMED, 2) == (after.state, after.revision)
            assert Standing.CONFIRMED is named_loop(loop.place.loop_id, slotwright.store).standing

    def test_it_is_refused_while_the_loop_cannot_be_finished(self, desk: Any) -> None:
        """Somebody else is at the loop: nothing is changed, and that is said."""
        with desk.open() as slotwright, desk.open() as other:
            loop, booking = interrupted(slotwright)
            held = other.store.working_on(loop.members[0].booking_id)
            with held, pytest.raises(Busy, match=r"b-1-2 is a session of l-1, which is not finished yet"):
                changed(slotwright, booking, "move")
            assert booking == slotwright.store.booking(booking.booking_id)

    def test_a_loop_that_is_undone_takes_its_session_along(self, desk: Any) -> None:
        """It turns out that the loop cannot be had: then there is nothing left to change."""
        with desk.open() as slotwright:
            loop, booking = interrupted(slotwright)
            first = loop.members[0].interview.span
            desk.occupy(ANA, first)
            with pytest.raises(Impossible, match=r"b-1-2 is undone and cannot be changed"):
                changed(slotwright, booking, "move")


def interrupted(slotwright: Slotwright) -> tuple[Loop, Booking]:
    """A loop whose process died as soon as all of it was claimed, and its second session."""

    def die(_: Loop) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        book_loop(
            offered(*BOTH),
            slotwright.store,
            slotwright.driver,
            Wanted(RECRUITER, slotwright.new_id, wait=True),
            begun=die,
        )
    loop = named_loop("l-1", slotwright.store)
    assert Standing.BOOKING is loop.standing
    return loop, loop.members[1]


def changed(slotwright: Slotwright, booking: Booking, kind: str) -> Booking:
    """The booking after that change."""
    graph, store, driver = slotwright.graph, slotwright.store, slotwright.driver
    match kind:
        case "move":
            to = Target(booking.interview.span.start + 1440)
            return reschedule(booking, graph, store, driver, to=to, wait=True)
        case "swap":
            return swap_person(booking, store, driver, leaving=BEN, joining=SCHEDULING_USER, wait=True)
        case _:
            return change_room(booking, graph, store, driver, address=OPEN_ROOM, wait=True)
