"""The limits of an app: within ten minutes at a mailbox, and within ten seconds over everything."""

from __future__ import annotations

from typing import Any

ANA, BEN = "users/ana@contoso.example/calendar", "users/ben@contoso.example/calendar"


def statuses(client: Any, path: str, times: int) -> list[int]:
    """How so many requests to a path were answered."""
    return [client.http.get(path).status_code for _ in range(times)]


def test_ten_minutes_of_a_mailbox(make_client: Any) -> None:
    """One request more than the limit is 429 with the wait; another mailbox and another app are not concerned."""
    client = make_client(options={"requests_per_ten_minutes": 5})
    assert [200] * 5 == statuses(client, ANA, 5)
    client.emulator.clock.advance(100.5)
    refused = client.http.get(ANA)
    assert (429, "ApplicationThrottled") == client.code(refused)
    assert "MailboxRequests" in refused.json()["error"]["message"]
    assert [200] == statuses(client, BEN, 1)
    assert [200] == statuses(make_client("scoped", emulator=client.emulator), ANA, 1)


def test_the_wait_is_enough_and_not_too_long(make_client: Any) -> None:
    """After the seconds of Retry-After the next request passes, a second before it does not."""
    for early, status in ((0, 200), (1, 429)):
        client = make_client(options={"requests_per_ten_minutes": 3})
        for _ in range(3):
            client.http.get(ANA)
            client.emulator.clock.advance(10)
        # The refused request counts as well, so the wait is for the second of the three.
        wait = int(client.http.get(ANA).headers["Retry-After"])
        assert 580 == wait
        client.emulator.clock.advance(wait - early)
        assert [status] == statuses(client, ANA, 1)


def test_trying_early_stays_out(make_client: Any) -> None:
    """Who tries again every minute is never let in, because each try counts; who rests ten minutes is."""
    client = make_client(options={"requests_per_ten_minutes": 3})
    statuses(client, ANA, 3)
    for _ in range(30):
        client.emulator.clock.advance(60)
        assert 429 == client.http.get(ANA).status_code
    client.emulator.clock.advance(600)
    assert [200] == statuses(client, ANA, 1)


def test_ten_seconds_over_everything(make_client: Any) -> None:
    """The global limit counts an app's requests wherever they go, and passes after ten seconds."""
    client = make_client(options={"requests_per_ten_seconds": 4})
    assert [200, 200] == statuses(client, ANA, 2)
    assert [200] == statuses(client, "places/microsoft.graph.room", 1)
    assert [200, 429] == statuses(client, BEN, 2)
    refused = client.http.get(BEN)
    assert (429, "activityLimitReached") == client.code(refused)
    assert "10" == refused.headers["Retry-After"]
    client.emulator.clock.advance(10)
    assert [200] == statuses(client, BEN, 1)


def test_a_reset_forgets(make_client: Any) -> None:
    """After a reset the windows are empty."""
    client = make_client(options={"requests_per_ten_minutes": 1})
    assert [200, 429] == statuses(client, ANA, 2)
    client.emulator.reset()
    assert [200] == statuses(client, ANA, 1)


def test_nothing_is_counted_unless_asked(client: Any) -> None:
    """By default a standing clock does not run into the window."""
    assert {200} == set(statuses(client, ANA, 50))
