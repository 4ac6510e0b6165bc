"""Change tracking: rounds that end, tokens that expire, and a copy kept by them that is always the calendar."""

from __future__ import annotations

import random
from typing import Any

import pytest

ANA = "users/ana@contoso.example"
WEEK = {"startDateTime": "2026-03-09T00:00:00Z", "endDateTime": "2026-03-16T00:00:00Z"}
NINE, TEN = "2026-03-10T09:00:00", "2026-03-10T10:00:00"


def follow(client: Any, url: str, **options: Any) -> tuple[list[dict[str, Any]], str]:
    """All items of a round, page by page, and its deltaLink."""
    items: list[dict[str, Any]] = []
    answer = client.http.get(url, **options)
    while True:
        assert 200 == answer.status_code, answer.text
        page = answer.json()
        items += page["value"]
        if link := page.get("@odata.deltaLink"):
            assert "@odata.nextLink" not in page
            return items, link
        answer = client.http.get(page["@odata.nextLink"], headers=options.get("headers"))


def begin(client: Any, where: str = f"{ANA}/calendarView/delta") -> tuple[list[dict[str, Any]], str]:
    """The first round of the week."""
    return follow(client, where, params=WEEK)


def test_a_round_tells_what_changed(client: Any) -> None:
    """The first round has everything in the window; the next ones what was made, changed and removed, once each."""
    first, link = begin(client)
    assert ["Standup"] == [item["subject"] for item in first]
    nothing, following = follow(client, link)
    assert ([], False) == (nothing, following == link)
    made = client.book(NINE, TEN).json()
    changed, link = follow(client, following)
    assert [made["id"]] == [item["id"] for item in changed]
    client.http.patch(f"{ANA}/events/{made['id']}", json={"subject": "Moved"})
    changed, link = follow(client, link)
    assert ["Moved"] == [item["subject"] for item in changed]
    client.http.delete(f"{ANA}/events/{made['id']}")
    assert [{"id": made["id"], "@removed": {"reason": "deleted"}}] == follow(client, link)[0]


def test_a_link_can_be_followed_twice(client: Any) -> None:
    """A lost reply costs nothing: the same deltaLink tells the same changes again."""
    link = begin(client)[1]
    client.book(NINE, TEN)
    assert follow(client, link)[0] == follow(client, link)[0] != []


def test_pages_have_the_preferred_size(client: Any) -> None:
    """A round comes in pages of ten or of the preferred size, each with one link, and every event once."""
    for hour in range(12):
        client.book(f"2026-03-11T{hour:02}:00:00", f"2026-03-11T{hour:02}:30:00")
    tracked = f"{ANA}/calendarView/delta"
    page = client.http.get(tracked, params=WEEK)
    assert 10 == len(page.json()["value"])
    small = client.http.get(tracked, params=WEEK, headers={"Prefer": "odata.maxpagesize=4"})
    assert (4, "odata.maxpagesize=4") == (len(small.json()["value"]), small.headers["Preference-Applied"])
    items, _ = follow(client, tracked, params=WEEK, headers={"Prefer": "odata.maxpagesize=4"})
    assert 13 == len({item["id"] for item in items}) == len(items)


def test_the_window_is_part_of_the_token(client: Any) -> None:
    """An event outside the window is never told; one that leaves it is told once more where it is now."""
    link = begin(client)[1]
    outside = client.book("2026-03-18T09:00:00", "2026-03-18T10:00:00").json()
    assert [] == follow(client, link)[0]
    inside = client.book(NINE, TEN).json()
    link = follow(client, link)[1]
    times = {
        side: {"dateTime": f"2026-03-20T{at}:00:00", "timeZone": "UTC"}
        for side, at in (("start", "09"), ("end", "10"))
    }
    client.http.patch(f"{ANA}/events/{inside['id']}", json=times)
    (told,), link = follow(client, link)
    assert (inside["id"], "2026-03-20T09:00:00.0000000") == (told["id"], told["start"]["dateTime"])
    client.http.delete(f"{ANA}/events/{inside['id']}")
    client.http.delete(f"{ANA}/events/{outside['id']}")
    assert [] == follow(client, link)[0]


def test_occurrences_of_a_series_are_removed_with_it(client: Any) -> None:
    """Deleting a series removes each occurrence that was in the window by its own id."""
    (standup,), link = begin(client)
    assert 204 == client.http.delete(f"{ANA}/events/{standup['seriesMasterId']}").status_code
    assert [{"id": standup["id"], "@removed": {"reason": "deleted"}}] == follow(client, link)[0]


def test_events_without_window(client: Any) -> None:
    """events/delta tracks single events and masters of the calendar it names, without a window."""
    made = client.http.post(f"{ANA}/calendars", json={"name": "Scheduler"}).json()
    where = f"{ANA}/calendars/{made['id']}"
    items, link = follow(client, f"{where}/events/delta")
    assert [] == items
    client.book(NINE, TEN)
    booked = client.book("2030-01-01T09:00:00", "2030-01-01T10:00:00", where=where).json()
    assert [booked["id"]] == [item["id"] for item in follow(client, link)[0]]
    assert {"Standup", "Doctor", "Interview"} == {
        item["subject"] for item in follow(client, f"{ANA}/events/delta")[0]
    }


def test_ids_follow_the_preference_of_each_request(client: Any) -> None:
    """A deltaLink works with both id formats, also for what was removed."""
    link = begin(client)[1]
    made = client.book(NINE, TEN).json()
    immutable = {"headers": {"Prefer": 'IdType="ImmutableId"'}}
    (one,), link = follow(client, link, **immutable)
    assert one["id"] != made["id"]
    client.http.delete(f"{ANA}/events/{made['id']}")
    assert [one["id"]] == [gone["id"] for gone in follow(client, link, **immutable)[0]]


@pytest.mark.parametrize("code", ["syncStateNotFound", "resyncRequired"])
def test_tokens_expire(make_client: Any, code: str) -> None:
    """A token is good until its time is over, then 410 with where to begin again; a new round works."""
    client = make_client(options={"delta_token_seconds": 3600, "delta_refusal": code})
    link = begin(client)[1]
    client.emulator.clock.advance(3599)
    client.sign_in()
    assert 200 == client.http.get(link).status_code
    client.emulator.clock.advance(1)
    client.sign_in()
    refused = client.http.get(link)
    assert (410, code) == client.code(refused)
    assert refused.headers["Location"].endswith("/calendarView/delta")
    assert 1 == len(begin(client)[0])


@pytest.mark.parametrize("where", ["$deltatoken=unknown", "$skiptoken=unknown"])
def test_unknown_tokens(client: Any, where: str) -> None:
    """A token that was never given, one of another calendar and one from before a reset are 410."""
    assert (410, "syncStateNotFound") == client.code(client.http.get(f"{ANA}/calendarView/delta?{where}"))
    link = begin(client)[1]
    assert 410 == client.http.get(link.replace("ana@", "ben@")).status_code
    assert 410 == client.http.get(link.replace("calendarView", "events")).status_code
    client.emulator.reset()
    assert 410 == client.http.get(link).status_code


@pytest.mark.parametrize(
    "option", ["$select=subject", "$filter=subject eq 'x'", "$orderby=subject", "$top=3"]
)
def test_query_options_are_refused(client: Any, option: str) -> None:
    """Change tracking takes no query options."""
    url = f"{ANA}/calendarView/delta?startDateTime=2026-03-09&endDateTime=2026-03-16&{option}"
    assert (400, "ErrorInvalidUrlQuery") == client.code(client.http.get(url))


def test_a_function_may_be_called_with_parentheses(client: Any) -> None:
    """Microsoft's own clients call the function delta with empty parentheses."""
    assert ["Standup"] == [item["subject"] for item in begin(client, f"{ANA}/calendarView/delta()")[0]]


def test_a_window_is_needed(client: Any) -> None:
    """A first round of a view without its bounds is refused as the view itself."""
    assert 400 == client.http.get(f"{ANA}/calendarView/delta").status_code


def test_a_kept_copy_is_the_calendar(make_client: Any) -> None:
    """Whatever is done in between, a copy kept by following rounds equals the view; small pages included."""
    for seed in range(8):
        client, draw = make_client(), random.Random(seed)  # noqa: S311 - a seeded course of events
        view = f"{ANA}/calendarView"
        copy: dict[str, str] = {}
        items, link = begin(client)
        made: list[str] = []
        for _ in range(6):
            for item in items:
                if "@removed" in item:
                    copy.pop(item["id"], None)
                else:
                    copy[item["id"]] = item["changeKey"]
            shown = client.http.get(view, params={**WEEK, "$top": "100"}).json()["value"]
            present = {item["id"]: item["changeKey"] for item in shown}
            assert present == copy
            for _ in range(draw.randint(0, 4)):
                hour = draw.randint(0, 22)
                if made and draw.random() < 0.4:
                    client.http.delete(f"{ANA}/events/{made.pop(draw.randrange(len(made)))}")
                elif made and draw.random() < 0.5:
                    client.http.patch(
                        f"{ANA}/events/{draw.choice(made)}", json={"subject": f"{draw.random()}"}
                    )
                else:
                    booked = client.book(f"2026-03-12T{hour:02}:00:00", f"2026-03-12T{hour + 1:02}:00:00")
                    made.append(booked.json()["id"])
            items, link = follow(client, link, headers={"Prefer": f"odata.maxpagesize={draw.randint(1, 5)}"})
