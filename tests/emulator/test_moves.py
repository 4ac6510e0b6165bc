"""An event that somebody drags to another calendar: default ids change, immutable ids stay."""

from __future__ import annotations

from typing import Any

import pytest

ANA = "users/ana@contoso.example"
NINE, TEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
MOVES = "https://graph.emulated.test/emulator/moves"


def moved(client: Any, event: str, calendar: str = "Scheduler") -> dict[str, str]:
    """Both ids of an event after it was dragged to another calendar."""
    answer = client.http.post(
        MOVES, json={"mailbox": "ana@contoso.example", "event": event, "calendar": calendar}
    )
    assert 200 == answer.status_code, answer.text
    return dict(answer.json())


def test_ids_after_a_move(client: Any) -> None:
    """The default id of before is 404, the new one and the immutable one name the event, in its new calendar only."""
    calendar = client.http.post(f"{ANA}/calendars", json={"name": "Scheduler"}).json()["id"]
    made = client.book(NINE, TEN, transactionId="t-1").json()
    stable = client.http.get(f"{ANA}/events/{made['id']}", headers=IMMUTABLE).json()["id"]
    ids = moved(client, made["id"])
    assert stable == ids["immutableId"]
    assert made["id"] != ids["id"]
    assert (404, "ErrorItemNotFound") == client.code(client.http.get(f"{ANA}/events/{made['id']}"))
    assert ids["id"] == client.http.get(f"{ANA}/events/{stable}").json()["id"]
    assert 200 == client.http.get(f"{ANA}/calendars/{calendar}/events/{ids['id']}").status_code
    assert ids["id"] == client.book(NINE, TEN, transactionId="t-1").json()["id"]


def test_a_move_is_a_write(client: Any) -> None:
    """Free/busy loses what went to a secondary calendar, its etag moves, and a move back is another id again."""
    client.http.post(f"{ANA}/calendars", json={"name": "Scheduler"})
    made = client.book(NINE, TEN).json()
    window = {"start": NINE, "end": TEN}
    assert "22" == client.schedule("ana@contoso.example", **window)["ana@contoso.example"]["availabilityView"]
    away = moved(client, made["id"])
    assert "00" == client.schedule("ana@contoso.example", **window)["ana@contoso.example"]["availabilityView"]
    assert made["@odata.etag"] != client.http.get(f"{ANA}/events/{away['id']}").json()["@odata.etag"]
    back = moved(client, away["id"], "Calendar")
    assert 3 == len({made["id"], away["id"], back["id"]})


def test_change_tracking_of_a_move(client: Any) -> None:
    """In the calendar it left an event is removed by its old id; in the other it is new."""
    calendar = client.http.post(f"{ANA}/calendars", json={"name": "Scheduler"}).json()["id"]
    made = client.book(NINE, TEN).json()
    here, there = (
        client.http.get(f"{ANA}/{where}/delta").json()["@odata.deltaLink"]
        for where in ("events", f"calendars/{calendar}/events")
    )
    ids = moved(client, made["id"])
    assert [{"id": made["id"], "@removed": {"reason": "deleted"}}] == client.http.get(here).json()["value"]
    assert [ids["id"]] == [item["id"] for item in client.http.get(there).json()["value"]]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"mailbox": "ghost@contoso.example"}, 404),
        ({"event": "AAMkgone="}, 404),
        ({"calendar": "Nothing"}, 404),
        ({"calendar": None}, 400),
        ({"colour": "red"}, 400),
    ],
)
def test_refused_moves(client: Any, change: dict[str, Any], status: int) -> None:
    """What is not there cannot be moved, and a request that cannot be read says so."""
    wanted = {
        "mailbox": "ana@contoso.example",
        "event": client.book(NINE, TEN).json()["id"],
        "calendar": "Calendar",
    }
    assert status == client.http.post(MOVES, json=wanted | change).status_code


def test_lifecycle_of_nothing(client: Any) -> None:
    """Nothing happens to a subscription that is not there."""
    where = MOVES.replace("moves", "lifecycle")
    assert 404 == client.http.post(where, json={"subscription": "x", "event": "missed"}).status_code
    assert 400 == client.http.post(where, json={"subscription": "x", "event": "explode"}).status_code
