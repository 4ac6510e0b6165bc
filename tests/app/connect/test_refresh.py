"""Tokens that end: renewed unseen, by one of many threads, and told when a person has to sign in again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from typing import Any

import pytest

from scheduler.app.bookings import bring_up_to_date
from scheduler.booking.states import ENDED, State
from scheduler.graph.errors import SignInFailed
from scheduler.testing.tenants import ANA, RECRUITER, SCHEDULING_USER, WALLED_ROOM
from scheduler.wiring import open_slotwright

HOUR = 3600
DAY = 24 * HOUR


def connected_people(people: Any) -> Any:
    """Both identities signed in, and rooms may be listed."""
    client_id = people.desk.settings.client_id
    people.control("apps", client_id=client_id, consents=[{"scopes": ["Place.Read.All"]}])
    people.connect(RECRUITER, SCHEDULING_USER)
    return people


@pytest.fixture
def connected(people: Any) -> Any:
    """The same, once."""
    return connected_people(people)


def token_calls(people: Any) -> int:
    """How often a token was asked for."""
    return sum(seen.operation == "token" for seen in people.desk.emulator.journal.requests)


def sealed(people: Any) -> list[str]:
    """What the database holds of the recruiter."""
    with closing(sqlite3.connect(people.desk.settings.database)) as connection:
        return [
            row[0] for row in connection.execute("SELECT tokens FROM accounts WHERE address = ?", [RECRUITER])
        ]


def revoke(people: Any) -> None:
    """An administrator ends the recruiter's sessions, and their access token ends."""
    people.control("revocations", account=RECRUITER)
    people.desk.emulator.clock.advance(2 * HOUR)


def test_a_token_that_graph_refuses_is_renewed_and_kept(connected: Any) -> None:
    """After two hours the next command works, and what it got serves the ones after it, sealed again."""
    before = sealed(connected)
    connected.desk.emulator.clock.advance(2 * HOUR)
    calls = token_calls(connected)
    for _ in range(3):
        with connected.desk.open() as slotwright:
            assert slotwright.graph.access(RECRUITER) is not None
    assert calls + 1 == token_calls(connected)
    after = sealed(connected)
    assert before != after
    assert "refresh_token" not in after[0].lower()


def test_a_token_that_is_about_to_end_is_renewed_first(connected: Any) -> None:
    """What lives less than five minutes is not sent at all; Graph refuses nothing."""
    connected.control("options", token_seconds=200)
    with connected.desk.open() as slotwright:
        slotwright.graph.claims(RECRUITER)
    connected.connect(RECRUITER)
    connected.desk.emulator.journal.clear()
    with connected.desk.open() as slotwright:
        assert slotwright.graph.access(RECRUITER) is not None
    assert [200] == [seen.status for seen in connected.desk.emulator.journal.requests if seen.mailbox]
    assert 1 == token_calls(connected)


def test_many_threads_renew_once(connected: Any) -> None:
    """Of sixty calls that are refused at the same time one asks for a token for all."""
    connected.desk.emulator.clock.advance(2 * HOUR)
    calls = token_calls(connected)
    with connected.desk.open() as slotwright, ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda _: slotwright.graph.access(RECRUITER), range(60)))
    assert (60, calls + 1) == (sum(each is not None for each in found), token_calls(connected))


@pytest.mark.parametrize(
    ("number", "days", "how"),
    [(50173, 0, {"revocations": {"account": RECRUITER}}), (700082, 91, {})],
)
def test_a_person_has_to_sign_in_again(connected: Any, number: int, days: int, how: dict[str, Any]) -> None:
    """A revoked sign-in, and one that was not used for three months, name the command; then everything works again."""
    for path, body in how.items():
        connected.control(path, **body)
    connected.desk.emulator.clock.advance(days * DAY + 2 * HOUR)
    with connected.desk.open() as slotwright:
        with pytest.raises(
            SignInFailed, match=f"AADSTS{number}.*`slotwright connect --as {RECRUITER}`"
        ) as refused:
            slotwright.graph.access(RECRUITER)
        assert number == refused.value.number
        connected.connect(RECRUITER)
        assert slotwright.graph.access(RECRUITER) is not None, "also for whoever was running all the time"


def test_whoever_is_forgotten_is_so_for_those_who_run(connected: Any) -> None:
    """A process that goes on running gets no further token for somebody who was forgotten."""
    with connected.desk.open() as running:
        assert running.graph.access(RECRUITER) is not None
        with connected.desk.open() as other:
            other.connections.forget()
        connected.desk.emulator.clock.advance(2 * HOUR)
        with pytest.raises(SignInFailed, match=f"nobody is signed in as {RECRUITER}"):
            running.graph.access(RECRUITER)
    assert [] == sealed(connected)


def cut_short(people: Any, after: int) -> None:
    """Let the recruiter's session end at that many calls to Graph."""
    emulator, calls = people.desk.emulator, count(1)
    wsgi = emulator.wsgi

    def counted(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith("/v1.0/") and next(calls) == after:
            emulator.wsgi = wsgi
            revoke(people)
        return wsgi(environ, start_response)

    emulator.wsgi = counted


@contextmanager
def patient(desk: Any) -> Iterator[Any]:
    """Slotwright whose patience with Graph is not tried by hours that pass within a call."""
    with open_slotwright(
        desk.settings,
        wsgi_app=desk.emulator.wsgi,
        clock=lambda: int(desk.emulator.clock.now().timestamp()),
        pause=desk.emulator.clock.advance,
    ) as slotwright:
        yield slotwright


def trial(people: Any, after: int) -> bool:
    """Whether a booking was cut short by the end of the session; it was finished after connecting again."""
    desk = people.desk
    with desk.open() as slotwright:
        slot = desk.find(slotwright, [ANA], between="2026-03-04", room={"among": [WALLED_ROOM]}).slots[0]
    cut_short(people, after)
    was_cut = False
    with patient(desk) as slotwright:
        try:
            desk.book(slotwright, slot)
        except SignInFailed:
            was_cut = True
        (kept,) = slotwright.store.bookings()
    assert was_cut <= (kept.state not in ENDED), "it waits where it was"
    if was_cut:
        people.connect(RECRUITER)
    with desk.open() as slotwright:
        kept = bring_up_to_date(kept, slotwright.store, slotwright.driver, wait=True)
    desk.settle()
    events = [len(desk.events(each)) for each in (RECRUITER, SCHEDULING_USER, ANA, WALLED_ROOM)]
    assert (State.CONFIRMED, [1, 1, 1, 1]) == (kept.state, events), kept.reason
    return was_cut


@pytest.mark.parametrize("after", [4])
def test_a_booking_goes_on_after_connecting_again(connected: Any, after: int) -> None:
    """A session that ends midway leaves the booking where it was, and nothing is written twice."""
    assert trial(connected, after)


@pytest.mark.campaign
def test_at_every_call(make_people: Any) -> None:
    """Wherever in a booking the session ends, one invitation and one reservation are what is there in the end."""
    trials = 0
    for after in count(1):
        if not trial(connected_people(make_people(after)), after):
            break
        trials += 1
    assert trials > 6


def test_the_cache_holds_what_a_refresh_needs(connected: Any) -> None:
    """What is sealed is MSAL's cache with a refresh token, and the key is in a file of its owner alone."""
    with connected.desk.open() as slotwright:
        cache = json.loads(slotwright.connections.tokens(RECRUITER) or "")
    assert {"AccessToken", "Account", "IdToken", "RefreshToken"} <= cache.keys()
    keys = connected.desk.settings.database.with_name("0.db.keys")
    assert 0o600 == keys.stat().st_mode & 0o777
