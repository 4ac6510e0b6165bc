"""Finding on the emulated tenant: what is offered, what is said when nothing is, and what cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.emulator.faults import Fault
from scheduler.emulator.tenant import Tenant
from scheduler.errors import GraphError, InputError
from scheduler.planning.answer import read_slot
from scheduler.testing.tenants import ANA, BEN, CHITRA, DOMAIN, OPEN_ROOM, small_tenant


def changed(address: str, **values: Any) -> Tenant:
    """The small tenant with one person described otherwise."""
    tenant = small_tenant()
    people = [
        person.model_copy(update=values) if person.address == address else person for person in tenant.people
    ]
    return tenant.model_copy(update={"people": people})


def test_every_clock_is_shown(desk: Any) -> None:
    """The same instant, on the clock of the request and on each person's own."""
    with desk.open() as slotwright:
        slot = desk.find(slotwright, [ANA, BEN]).slots[0]
    assert ("2026-03-02T15:00", "Europe/Amsterdam") == (slot.start, slot.zone)
    assert {ANA: "2026-03-02T15:00", BEN: "2026-03-02T09:00"} == {
        each.address: each.start for each in slot.people
    }


def test_the_score_is_the_sum_of_its_terms(desk: Any) -> None:
    """Each term says how many units it found and what one costs."""
    with desk.open() as slotwright:
        for slot in desk.find(slotwright, [ANA, BEN], room={}).slots:
            assert slot.score.total == sum(term.units * term.weight for term in slot.score.terms)
            assert [term.cost for term in slot.score.terms] == [
                term.units * term.weight for term in slot.score.terms
            ]


def test_the_same_question_gets_the_same_bytes(desk: Any) -> None:
    """Nothing in an answer depends on chance or on the moment."""
    with desk.open() as slotwright:
        answers = {desk.find(slotwright, [ANA, BEN], room={}).model_dump_json() for _ in range(2)}
    assert 1 == len(answers)


def test_a_slot_is_its_own_id(desk: Any) -> None:
    """A slot read back from JSON has the id it was shown under; a changed one has another."""
    with desk.open() as slotwright:
        slot = desk.find(slotwright, [ANA], room={}).slots[0]
    later = slot.model_copy(update={"end_utc": "2026-03-02T23:00Z"})
    assert slot == read_slot(slot.model_dump_json())
    assert slot.id != read_slot(later.model_dump_json()).id


def test_people_whose_days_do_not_meet(desk: Any) -> None:
    """New York and Kolkata share no working hour, and the answer says who stands in the way, and how."""
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [BEN, CHITRA])
    assert ((), 0) == (slots.slots, slots.feasible)
    assert {"ben", "chitra"} == {blocker.who for blocker in slots.blockers}
    assert all("outside working hours" in blocker.why for blocker in slots.blockers)


def test_an_address_nobody_has(desk: Any) -> None:
    """A misspelt interviewer is an input error, not an empty calendar and not a busy one."""
    with (
        desk.open() as slotwright,
        pytest.raises(InputError, match=r"^people\.1: Microsoft 365 knows nobody under"),
    ):
        desk.find(slotwright, [ANA, f"nobody@{DOMAIN}"])


def test_a_room_nobody_has(desk: Any) -> None:
    """A misspelt room is named as well."""
    with (
        desk.open() as slotwright,
        pytest.raises(InputError, match=r"^room\.among: .* is not a room of this tenant"),
    ):
        desk.find(slotwright, [ANA], room={"among": [f"room.nowhere@{DOMAIN}"]})


def test_a_window_that_has_passed(desk: Any) -> None:
    """Graph's clock decides what has passed, not this computer's."""
    with desk.open() as slotwright, pytest.raises(InputError, match=r"^and: 2026-02-27 has passed"):
        desk.find(slotwright, [ANA], **{"between": "2026-02-26", "and": "2026-02-27"})


def test_no_slot_starts_before_the_notice_is_over(desk: Any) -> None:
    """It is Monday 06:00Z; two hours later is 09:00 in Amsterdam."""
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [ANA], notice=120, apart=0, limit=10_000).slots
    assert "2026-03-02T09:00" == min(slot.start for slot in slots)


@pytest.mark.parametrize("kind", ["html", "truncate", "refuse"])
def test_a_failed_read_offers_nothing(desk: Any, kind: Any) -> None:
    """Whatever goes wrong while reading, the answer is an error and never a free calendar."""
    desk.emulator.faults.add(Fault(operation="getSchedule", kind=kind, status=500, times=None))
    with desk.open() as slotwright, pytest.raises(GraphError):
        desk.find(slotwright, [ANA])


class TestUnreadable:
    """One person's calendar cannot be read."""

    @pytest.fixture
    def graph_tenant(self) -> Tenant:
        """Ben's mailbox is being moved."""
        return changed(BEN, free_busy_error="ErrorMailboxMoveInProgress")

    def test_required(self, desk: Any) -> None:
        """No slot, and the reason names the person."""
        with desk.open() as slotwright:
            slots = desk.find(slotwright, [ANA, BEN])
        assert ((), [BEN]) == (slots.slots, [each.address for each in slots.unread])
        assert "ErrorMailboxMoveInProgress" in slots.unread[0].reason

    def test_optional(self, desk: Any) -> None:
        """Slots without them, said to be so; nobody is shown as free because reading failed."""
        with desk.open() as slotwright:
            slots = desk.find(slotwright, [ANA, {"address": BEN, "required": False}])
        assert [False] * len(slots.slots) == [slot.people[1].attends for slot in slots.slots]
        assert [BEN] == [each.address for each in slots.unread]


class TestNoHours:
    """A mailbox without working hours."""

    @pytest.fixture
    def graph_tenant(self) -> Tenant:
        """Ben never set any."""
        return changed(BEN, working_hours=None)

    def test_default_hours_are_used_and_said(self, desk: Any) -> None:
        """The request's hours stand in, on the request's clock, and the answer says so."""
        with desk.open() as slotwright:
            slots = desk.find(slotwright, [BEN], hours={"from": "10:00", "to": "11:00"}, apart=0)
        assert {"10:00"} == {slot.start[11:] for slot in slots.slots}
        assert [f"{BEN} has no working hours, so the default ones in Europe/Amsterdam are used."] == list(
            slots.notes
        )


def test_a_generated_calendar_that_cannot_be_read_is_told(desk: Any) -> None:
    """A room is still offered, but not without saying what is not known of it."""
    desk.emulator.faults.add(
        Fault(operation="listCalendars", kind="refuse", status=403, code="ErrorAccessDenied", times=None)
    )
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [ANA], room={"among": [OPEN_ROOM]})
    assert (True, True) == (bool(slots.slots), any("may look free" in note for note in slots.notes))


def test_rooms_that_would_not_do_are_counted(desk: Any) -> None:
    """Asking for too many chairs is told as that."""
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [ANA], room={"seats": 50})
    assert () == slots.slots
    assert ("None of the 6 rooms would do: 6 seats fewer than 50.",) == slots.notes


def test_the_candidate_counts_for_the_chairs(desk: Any) -> None:
    """Two interviewers and a candidate need three chairs; six leave three to spare."""
    with desk.open() as slotwright:
        slot = desk.find(
            slotwright, [ANA, BEN], room={"among": [OPEN_ROOM]}, candidate={"name": "Sam"}
        ).slots[0]
    assert {"room_fit": 3} == {term.term: term.units for term in slot.score.terms if term.term == "room_fit"}
