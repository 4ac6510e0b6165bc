"""Loops on the emulated tenant: what is offered, what is proved, what is said when nothing fits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.find_loop import find_loop
from scheduler.booking.states import State
from scheduler.cli.main import main
from scheduler.emulator.tenant import Tenant
from scheduler.errors import InputError
from scheduler.planning.loops.answer import Loops
from scheduler.planning.loops.request import make_loop_request
from scheduler.testing.tenants import (
    ANA,
    BEN,
    CHITRA,
    DOMAIN,
    OPEN_ROOM,
    RECRUITER,
    WALLED_ROOM,
    small_tenant,
)
from scheduler.wiring import Slotwright
from scheduler.zones import parse_utc
from solvers.alternatives import Step
from solvers.cpsat import Effort
from solvers.timeline import Span

Find = Callable[..., Loops]
TALK = {"name": "Talk", "minutes": 60, "seats": [ANA]}
TASK = {"name": "Task", "minutes": 90, "seats": [[ANA, BEN]]}
HOUR = 60


@pytest.fixture
def find(desk: Any) -> Find:
    """Finds a loop of a talk and a task in the tenant's first week."""

    def ask(slotwright: Slotwright | None = None, **changes: Any) -> Loops:
        values = {
            "sessions": [TALK, TASK],
            "between": "2026-03-02",
            "and": "2026-03-06",
            "zone": "Europe/Amsterdam",
            "limit": 2,
            **changes,
        }
        request = make_loop_request(values)
        if slotwright is not None:
            return _ask(request, slotwright)
        with desk.open() as opened:
            return _ask(request, opened)

    def _ask(request: Any, slotwright: Slotwright) -> Loops:
        return find_loop(
            request, slotwright.graph, slotwright.store, organizer=RECRUITER, rules=slotwright.rules
        )

    return ask


def starts(answer: Loops, option: int = 0) -> list[tuple[str, str]]:
    """The sessions of an option with their local starts."""
    return [(each.name, each.slot.start[5:]) for each in answer.options[option].sessions]


def occupy(desk: Any, mailbox: str, start: str, end: str, show_as: str = "busy") -> None:
    """Somebody is busy in the tenant's first week, in UTC."""
    span = Span(*(parse_utc(f"2026-03-0{text}Z") for text in (start, end)))
    desk.occupy(mailbox, span, show_as=show_as)


def test_the_best_option_comes_first_and_is_proved(find: Find) -> None:
    """In an empty week a loop starts as early as nobody minds, in order, one person after the other."""
    answer = find()
    assert [("Talk", "02T09:00"), ("Task", "02T15:00")] == [(name, at[3:]) for name, at in starts(answer)]
    people = [[person.address for person in each.slot.people] for each in answer.options[0].sessions]
    assert [[ANA], [BEN]] == people
    assert [True, True] == [option.proof.proved for option in answer.options]
    assert "proved: no better option exists" == answer.options[0].proof.text


def test_options_truly_differ(find: Find) -> None:
    """Two options never begin closer to each other than asked, and are told apart by their ids."""
    answer = find(limit=6, apart=120)
    minutes = sorted(parse_utc(option.start_utc) for option in answer.options)
    assert all(later - earlier >= 120 for earlier, later in pairwise(minutes))
    assert 6 == len({option.id for option in answer.options})
    totals = [option.score.total for option in answer.options]
    assert sorted(totals) == totals


def test_the_score_is_the_sum_of_its_terms(find: Find) -> None:
    """Each term says how many units it found and what one costs; the others say what the best one has."""
    answer = find(room={})
    for option in answer.options:
        assert option.score.total == sum(term.units * term.weight for term in option.score.terms)
        assert [term.cost for term in option.score.terms] == [
            term.units * term.weight for term in option.score.terms
        ]
    assert () == answer.options[0].behind
    assert ("earliness +24",) == find(room={}, apart=24 * HOUR).options[1].behind


def test_the_same_question_gets_the_same_bytes(find: Find) -> None:
    """Nothing in an answer depends on chance or on the moment."""
    assert 1 == len({find(room={}).model_dump_json() for _ in range(2)})


def test_every_clock_is_shown(find: Find) -> None:
    """A session is told on the clock of the request, of each person and of the candidate."""
    answer = find(candidate={"name": "Sam", "zone": "Europe/Lisbon"})
    slot = answer.options[0].sessions[1].slot
    assert slot.candidate is not None
    readings = (slot.start[11:], slot.people[0].start[11:], slot.candidate.start[11:])
    assert ("15:00", "09:00", "14:00") == readings


def test_each_session_can_be_booked(desk: Any, find: Find) -> None:
    """The slot of a session is remembered, and booked like any other; the next search keeps clear of it."""
    with desk.open() as slotwright:
        answer = find(slotwright, room={"among": [OPEN_ROOM]})
        for session in answer.options[0].sessions:
            assert slotwright.store.offer(session.slot.id) == session.slot.model_dump_json()
            assert State.CONFIRMED is desk.book(slotwright, session.slot).state
        again = find(slotwright, room={"among": [OPEN_ROOM]})
    taken = {session.slot.start_utc for session in answer.options[0].sessions}
    assert not taken & {session.slot.start_utc for option in again.options for session in option.sessions}


def test_who_and_which_room_could_stand_in(find: Find) -> None:
    """For every seat and room the others that keep the option lawful are named."""
    among = [OPEN_ROOM, WALLED_ROOM]
    late = {"name": "Task", "minutes": 60, "seats": [[ANA, BEN]], "room": {"among": among}}
    session = find(sessions=[late], between="2026-03-02T15:00").options[0].sessions[0]
    (seat,) = session.seats
    assert {ANA, BEN} == {seat.person, *seat.instead}
    assert session.slot.room is not None
    assert set(among) == {session.slot.room.address, *(room.address for room in session.slot.alternatives)}


SINGLE: list[dict[str, Any]] = [
    {},
    {"tentative": "blocked"},
    {"room": {"seats": 4}},
    {"buffer_before": 30, "buffer_after": 15},
    {"notice": 300},
    {"grid": 60},
    {
        "candidate": {
            "zone": "Asia/Tokyo",
            "available": [{"from": "2026-03-02T18:00", "to": "2026-03-02T23:00"}],
        }
    },
    {"people": [{"address": ANA, "hours": [{"from": "10:00", "to": "12:30"}]}]},
]


@pytest.mark.parametrize("changes", SINGLE)
def test_one_session_agrees_with_a_single_interview(desk: Any, find: Find, changes: dict[str, Any]) -> None:
    """A loop of one session may begin at exactly the starts that fit for one interview."""
    occupy(desk, ANA, "2T09:00", "2T10:00")
    occupy(desk, ANA, "2T12:00", "2T12:45", "tentative")
    occupy(desk, OPEN_ROOM, "2T13:00", "2T16:00")
    window = {"between": "2026-03-02T09:00", "and": "2026-03-02T17:00"}
    with desk.open() as slotwright:
        single = {"people": [ANA], "apart": 0, "limit": 1000, **changes}
        slots = desk.find(slotwright, single.pop("people"), **{**window, **single})
        grid = changes.get("grid", 15)
        loops = find(slotwright, sessions=[TALK], apart=grid, limit=100, **{**window, **changes})
    assert {slot.start for slot in slots.slots} == {option.start for option in loops.options}
    assert slots.feasible == len(loops.options)
    assert "exhausted" == loops.ended


def test_an_address_nobody_has(find: Find) -> None:
    """A misspelt interviewer is named with the place in the request, and is not an empty calendar."""
    sessions = [TALK, {"name": "Task", "minutes": 60, "seats": [ANA, [BEN, f"nobody@{DOMAIN}"]]}]
    with pytest.raises(
        InputError, match=r"^sessions\.1\.seats\.1\.pool\.1: Microsoft 365 knows nobody under"
    ):
        find(sessions=sessions)


def test_a_room_nobody_has(find: Find) -> None:
    """A misspelt room is named with the place in the request."""
    sessions = [{**TALK, "room": {"among": [f"room.nowhere@{DOMAIN}"]}}]
    with pytest.raises(InputError, match=r"^sessions\.0\.room\.among: .* is not a room of this tenant"):
        find(sessions=sessions)


def test_a_window_that_has_passed(find: Find) -> None:
    """Graph's clock decides what has passed, for loops as well."""
    with pytest.raises(InputError, match=r"^and: 2026-02-27 has passed"):
        find(**{"between": "2026-02-26", "and": "2026-02-27"})


class TestUnreadable:
    """One calendar of a pool cannot be read."""

    @pytest.fixture
    def graph_tenant(self) -> Tenant:
        """Ben's mailbox is being moved."""
        tenant = small_tenant()
        people = [
            person.model_copy(update={"free_busy_error": "ErrorMailboxMoveInProgress"})
            if person.address == BEN
            else person
            for person in tenant.people
        ]
        return tenant.model_copy(update={"people": people})

    def test_the_others_of_the_pool_do_it(self, find: Find) -> None:
        """Nobody is shown as free because reading failed, and the answer names whose time is not known."""
        answer = find(sessions=[{**TASK, "seats": [[ANA, BEN]]}])
        assert {ANA} == {each.slot.people[0].address for option in answer.options for each in option.sessions}
        assert [BEN] == [unread.address for unread in answer.unread]

    def test_nobody_else_can(self, find: Find) -> None:
        """No option, proved, with the reason."""
        answer = find(sessions=[{**TASK, "seats": [BEN]}])
        assert ((), "exhausted") == (answer.options, answer.ended)
        assert any("ben" in reason for reason in answer.reasons)


def test_nothing_fits(find: Find) -> None:
    """The smallest reasons are told with names and local times, and what would help."""
    answer = find(sessions=[{**TALK, "seats": [BEN, CHITRA]}])
    assert ((), "exhausted") == (answer.options, answer.ended)
    told = " ".join(answer.reasons)
    assert (True, True) == ("ben" in told, "chitra" in told)
    assert "@" not in told
    assert answer.remedies


def test_the_day_on_which_the_clock_changes(find: Find) -> None:
    """On the last Sunday of March a session at 01:00 is followed by one at 03:00, without a gap, and it is said."""
    night = {"address": ANA, "hours": [{"from": "01:00", "to": "05:00", "days": ["sunday"]}]}
    answer = find(
        sessions=[TALK, {**TALK, "name": "Task"}],
        people=[night],
        meets_once=False,
        max_gap=0,
        limit=1,
        **{"between": "2026-03-29", "and": "2026-03-29"},
    )
    (option,) = answer.options
    assert [("01:00", "03:00"), ("03:00", "04:00")] == [
        (each.slot.start[11:], each.slot.end[11:]) for each in option.sessions
    ]
    assert ("2026-03-29T00:00Z", "2026-03-29T02:00Z") == (option.start_utc, option.end_utc)
    assert any("go forward by 60 minutes" in note for note in option.notes)


def test_a_local_day_of_23_hours_is_one_day(find: Find) -> None:
    """Caps and `max_days` count local days, on the day of the change too."""
    nights = {"address": ANA, "hours": [{"from": "22:00", "to": "02:00", "days": ["saturday", "sunday"]}]}
    answer = find(
        sessions=[TALK, {**TALK, "name": "Task"}],
        people=[{**nights, "caps": {"sessions_per_day": 1}}],
        meets_once=False,
        max_days=2,
        limit=1,
        **{"between": "2026-03-28", "and": "2026-03-30"},
    )
    assert ["28", "29"] == [each.slot.start[8:10] for each in answer.options[0].sessions]


def test_what_is_booked_already_counts_for_caps(desk: Any, find: Find) -> None:
    """Somebody who gave their one interview of the day to us is not asked again on that day."""
    capped = {"sessions": [TALK], "people": [{"address": ANA, "caps": {"sessions_per_day": 1}}], "limit": 1}
    with desk.open() as slotwright:
        first = find(slotwright, **capped).options[0].sessions[0].slot
        desk.book(slotwright, first)
        second = find(slotwright, **capped).options[0].sessions[0].slot
    assert ("2026-03-02", "2026-03-03") == (first.start[:10], second.start[:10])


def test_two_claims_that_touch_are_two(desk: Any, find: Find) -> None:
    """Back to back bookings of ours are counted one by one for a week's cap."""
    capped = {"people": [{"address": ANA, "caps": {"sessions_per_week": 2}}], "sessions": [TALK], "limit": 1}
    with desk.open() as slotwright:
        slots = desk.find(slotwright, [ANA], apart=60, limit=2).slots
        for slot in slots:
            desk.book(slotwright, slot)
        assert slots[0].end_utc == slots[1].start_utc
        assert () == find(slotwright, **capped).options


def test_lunch_stays_free(find: Find) -> None:
    """A break is placed between the sessions of a day, inside its window on the candidate's clock."""
    sessions = [{**TALK, "name": name, "minutes": 120} for name in ("One", "Two")]
    lunch = [{"minutes": 45, "from": "12:00", "to": "13:00"}]
    options = find(sessions=sessions, meets_once=False, breaks=lunch, limit=1, latest="16:00").options
    (rest,) = options[0].breaks
    assert ("lunch", True) == (rest.name, "12:00" <= rest.start[11:] <= rest.end[11:] <= "13:00")
    assert all(each.slot.end <= rest.start or rest.end <= each.slot.start for each in options[0].sessions)


def test_a_trainee_and_an_optional_seat(find: Find) -> None:
    """A trainee sits beside the one they shadow; a seat that stays empty is told and paid for."""
    seats = [
        {"name": "lead", "pool": ANA},
        {"name": "shadow", "pool": [BEN], "kind": "trainee", "beside": "lead"},
        {"name": "guest", "pool": [CHITRA], "kind": "optional"},
    ]
    afternoon = [{"from": "14:00", "to": "17:00"}]
    (option,) = find(sessions=[{**TALK, "seats": seats, "within": afternoon}], limit=1).options
    assert {"lead": ANA, "shadow": BEN, "guest": None} == {
        seat.seat: seat.person for seat in option.sessions[0].seats
    }
    terms = {term.term: (term.units, term.why) for term in option.score.terms}
    assert (1, "empty: guest of Talk") == terms["optional_missing"]


def test_one_room_throughout(desk: Any, find: Find) -> None:
    """With `same_room` a room that is taken in between is not changed for another, it is not used."""
    occupy(desk, OPEN_ROOM, "2T14:00", "2T20:00")
    rooms = {"room": {"among": [OPEN_ROOM, WALLED_ROOM]}, "weights": {"room_changes": 0}}
    option = find(same_room=True, limit=1, **rooms).options[0]
    assert [WALLED_ROOM] * 2 == [each.slot.room.address for each in option.sessions if each.slot.room]


def test_what_would_beat_the_best(desk: Any, find: Find) -> None:
    """An entry that costs most is named with the points it costs, and without it there is just that option."""
    occupy(desk, ANA, "2T07:00", "2T16:00")
    (option,) = find(sessions=[TALK], limit=1).options
    best = option.better[0]
    assert ("2026-03-03T09:00", "ana frees Mon 02 Mar 08:00–17:00") == (option.start, best.what)
    desk.emulator.reset()
    (without,) = find(sessions=[TALK], limit=1).options
    assert best.points == option.score.total - without.score.total


def test_what_an_option_survives(find: Find) -> None:
    """Every person and room is lost in turn: a stand-in is told with the session, who cannot be replaced by name."""
    afternoon = [{"from": "14:00", "to": "17:00"}]
    talk = {**TALK, "within": afternoon}
    task = {"name": "Task", "minutes": 30, "seats": [[ANA, BEN]], "within": afternoon}
    among = {"room": {"among": [OPEN_ROOM, WALLED_ROOM]}}
    (option,) = find(sessions=[talk, task], meets_once=False, limit=1, **among).options
    found = option.resilience
    used = [person.address for each in option.sessions for person in each.slot.people]
    rooms = {each.slot.room.address for each in option.sessions if each.slot.room is not None}
    assert len(found.plans) == found.losses == len({*used, *rooms})
    assert ((ANA,), (), found.losses - 1) == (found.fatal, found.unknown, found.survives)
    assert f"survives {found.survives} of {found.losses} losses; not of ana" == found.text
    for loss in found.plans:
        assert [loss.lost != ANA] * 2 == [loss.survives, bool(loss.changes)]
        for change in loss.changes:
            assert loss.lost not in {*change.people.values(), change.room}


def test_what_nobody_could_take_over_costs(desk: Any, find: Find) -> None:
    """The best start has a stand-in for the price of half an hour, unless that is worth nothing."""
    occupy(desk, BEN, "2T14:00", "2T14:30")
    late = {
        "sessions": [{"name": "Task", "minutes": 60, "seats": [[ANA, BEN]]}],
        "between": "2026-03-02T15:00",
        "limit": 1,
    }
    weights = {"load_spread": 0, "day_part": 0}
    (sure,) = find(**late, weights=weights).options
    (first,) = find(**late, weights={**weights, "fragile": 0}).options
    assert ("15:30", "15:00") == (sure.start[11:], first.start[11:])
    units = {term.term: (term.units, term.why) for term in first.score.terms}
    assert (1, "1 required seat or room without a stand-in") == units["fragile"]
    assert 0 == next(term.cost for term in sure.score.terms if term.term == "fragile")


@pytest.mark.campaign
def test_no_time_is_left_for_what_follows(desk: Any) -> None:
    """The time allowed is for all of it: with none left after the options nothing is claimed about them."""
    request = make_loop_request(
        {
            "sessions": [TALK],
            "between": "2026-03-02",
            "and": "2026-03-03",
            "zone": "Europe/Amsterdam",
            "limit": 1,
        }
    )
    tasks: list[str] = []

    def slow(step: Step) -> None:
        if step.task == "losses":
            time.sleep(2)
        tasks.append(step.task)

    with desk.open() as opened:
        answer = find_loop(
            request,
            opened.graph,
            opened.store,
            organizer=RECRUITER,
            effort=Effort(seconds=2),
            on_progress=slow,
        )
    (option,) = answer.options
    assert (None, (ANA,), ()) == (option.resilience.survives, option.resilience.unknown, option.better)
    assert "not known in time for 1 of 1 loss" == option.resilience.text
    assert "losses" == tasks[-1]


def test_the_preferred_part_of_the_day(find: Find) -> None:
    """A session goes where it suits best, and must go where it is asked to lie."""
    (liked,) = find(sessions=[{**TALK, "preferred": [{"from": "14:00", "to": "16:00"}]}], limit=1).options
    (must,) = find(sessions=[{**TALK, "within": [{"from": "10:00", "to": "11:00"}]}], limit=1).options
    assert ("14:00", "10:00") == (liked.start[11:], must.start[11:])


Run = Callable[..., tuple[int, str, str]]
SESSIONS = ["--session", f"Talk,60,{ANA}", "--session", f"Task,45,{ANA}/{BEN}"]
WINDOW = ["--between", "2026-03-02", "--and", "2026-03-06", "--zone", "Europe/Amsterdam", "--limit", "1"]


@pytest.fixture
def run(graph_server: Any, tmp_path: Path, capsys: Any, monkeypatch: Any, pass_test: Any) -> Run:
    """`slotwright` in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    connection = {key: str(value) for key, value in graph_server.connection.items()}
    Path("emulator.json").write_text(json.dumps(connection))
    monkeypatch.setenv("SLOTWRIGHT_ORGANIZER", RECRUITER)
    pass_test(Path("emulator.json"))

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--settings", "emulator.json", *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return ran


def test_the_command(run: Run) -> None:
    """Options and a file ask the same; the table shows sessions, a picture of the day and slots that can be booked."""
    code, out, _ = run("find", *SESSIONS, *WINDOW)
    assert (0, True, True) == (code, "proved: no better option exists" in out, "AAAA" in out)
    request = {
        "sessions": [TALK, {**TASK, "minutes": 45}],
        **dict(zip(("between", "and", "zone"), WINDOW[1:6:2], strict=True)),
    }
    Path("loop.json").write_text(json.dumps(request))
    answers = [
        Loops.model_validate_json(run("find", *how, "--json")[1])
        for how in ([*SESSIONS, *WINDOW], ["loop.json", "--limit", "1"])
    ]
    assert answers[0].options[0].start == answers[1].options[0].start
    slot = answers[0].options[0].sessions[0].slot.id
    assert slot in out
    assert 0 == run("book", slot)[0]


@pytest.mark.campaign
def test_the_command_without_an_answer(run: Run) -> None:
    """Exit code 1 and the reasons when nothing fits; exit code 2 and one sentence for what cannot be asked."""
    code, out, _ = run("find", "--session", f"Talk,60,{BEN},{CHITRA}", *WINDOW)
    assert (1, "No option: proved") == (code, out[:17])
    wrong = [
        (["--minutes", "30"], "slotwright: --minutes: is for one interview; say it with each --session."),
        (["--session", "Talk"], "slotwright: --session: 'Talk' is no session; "),
        (["--candidate-zone", "Mars"], "slotwright: candidate.zone: "),
    ]
    for more, said in wrong:
        code, _, told = run("find", *SESSIONS, *WINDOW, *more)
        assert (2, 1, said) == (code, len(told.splitlines()), told[: len(said)])


def test_many_candidates_are_for_another_command(run: Run) -> None:
    """`find` says where a request with candidates belongs."""
    Path("plan.json").write_text(json.dumps({"candidates": []}))
    code, _, told = run("find", "plan.json")
    assert (2, True) == (code, "slotwright plan" in told)
