"""Calendars: the default one as a probe of rights, secondary ones, names, and the calendar view."""

from __future__ import annotations

from typing import Any

import pytest

ANA = "users/ana@contoso.example"


def test_default_calendar(client: Any) -> None:
    """The default calendar tallies, cannot be removed, and says whose it is."""
    found = client.http.get(f"{ANA}/calendar").json()
    assert (True, True, False, True) == (
        found["isDefaultCalendar"],
        found["isTallyingResponses"],
        found["isRemovable"],
        found["canEdit"],
    )
    assert {"name": "Ana Silva", "address": "ana@contoso.example"} == found["owner"]
    refused = client.http.delete(f"{ANA}/calendars/{found['id']}")
    assert (400, "ErrorDeleteDistinguishedFolder") == client.code(refused)


def test_life_of_a_secondary_calendar(client: Any) -> None:
    """Made once by a name of any case, found by filter, renamed, deleted, and its name free again."""
    made = client.http.post(f"{ANA}/calendars", json={"name": "Scheduler"})
    assert 201 == made.status_code
    calendar = made.json()
    assert (False, False, True) == (
        calendar["isDefaultCalendar"],
        calendar["isTallyingResponses"],
        calendar["isRemovable"],
    )
    again = client.http.post(f"{ANA}/calendars", json={"name": "sCHEDULER"})
    assert (409, "ErrorFolderExists") == client.code(again)
    named = client.http.get(
        f"{ANA}/calendars", params={"$filter": "name eq 'scheduler'", "$select": "id,name"}
    )
    assert [{"id": calendar["id"], "name": "Scheduler"}] == named.json()["value"]
    path = f"{ANA}/calendars/{calendar['id']}"
    renamed = client.http.patch(path, json={"name": "Interviews"}).json()
    assert ("Interviews", True) == (renamed["name"], renamed["changeKey"] != calendar["changeKey"])
    assert (409, "ErrorFolderExists") == client.code(client.http.patch(path, json={"name": "Calendar"}))
    assert 204 == client.http.delete(path).status_code
    assert (404, "ErrorItemNotFound") == client.code(client.http.get(path))
    assert 201 == client.http.post(f"{ANA}/calendars", json={"name": "Interviews"}).status_code


def test_creation_that_fails_after_the_fact(make_client: Any) -> None:
    """The first try answers 503 although the calendar exists, so the second meets its own calendar."""
    options = {"fail_after_calendar_create": True, "duplicate_name_status": 400}
    client = make_client(options=options)
    tries = [client.http.post(f"{ANA}/calendars", json={"name": "Scheduler"}) for _ in range(2)]
    assert [(503, "serviceNotAvailable"), (400, "ErrorFolderExists")] == [client.code(t) for t in tries]
    assert ["Calendar", "Scheduler"] == [
        calendar["name"] for calendar in client.http.get(f"{ANA}/calendars").json()["value"]
    ]


def test_calendars_come_ten_a_page(client: Any) -> None:
    """More than ten calendars need the next page, which repeats the options of the first."""
    for number in range(12):
        client.http.post(f"{ANA}/calendars", json={"name": f"C{number:02}"})
    first = client.http.get(f"{ANA}/calendars", params={"$select": "name", "$count": "true"}).json()
    assert (10, 13) == (len(first["value"]), first["@odata.count"])
    rest = client.http.get(first["@odata.nextLink"]).json()
    assert ["C09", "C10", "C11"] == [calendar["name"] for calendar in rest["value"]]
    assert {"id", "name"} == set(rest["value"][0])
    assert "@odata.nextLink" not in rest


def test_permissions_show_the_default_entry(client: Any) -> None:
    """An app sees what the organization may see by default; a caller without the role is refused."""
    (entry,) = client.http.get(f"{ANA}/calendar/calendarPermissions").json()["value"]
    assert ("limitedRead", False) == (entry["role"], entry["isRemovable"])


def view(client: Any, start: str, end: str, **more: Any) -> Any:
    """A calendar view of Ana's default calendar."""
    headers = more.pop("headers", {})
    params = {"startDateTime": start, "endDateTime": end, **more}
    return client.http.get(f"{ANA}/calendarView", params=params, headers=headers)


def test_view_expands_series(client: Any) -> None:
    """A weekly nine o'clock stays nine o'clock across the clock change; occurrences name their master."""
    found = view(client, "2026-03-23T00:00:00Z", "2026-04-01T00:00:00Z").json()["value"]
    assert ["2026-03-23T08:00:00.0000000", "2026-03-30T07:00:00.0000000"] == [
        event["start"]["dateTime"] for event in found
    ]
    (master,) = client.events("ana@contoso.example", **{"$filter": "type eq 'seriesMaster'"})
    assert {("occurrence", master["id"])} == {(event["type"], event["seriesMasterId"]) for event in found}
    single = client.http.get(f"{ANA}/events/{found[1]['id']}").json()
    assert found[1]["start"] == single["start"]
    refused = client.http.patch(f"{ANA}/events/{found[1]['id']}", json={"subject": "x"})
    assert (501, "NotImplemented") == client.code(refused)


def test_series_ends_after_its_count(client: Any) -> None:
    """Six occurrences were planned, six are shown, in one order by start."""
    found = view(client, "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z", **{"$top": "50"}).json()["value"]
    starts = [event["start"]["dateTime"] for event in found]
    assert 6 == sum(event["type"] == "occurrence" for event in found)
    assert sorted(starts) == starts


@pytest.mark.parametrize(
    ("start", "count"),
    [
        ("2026-03-02T08:15:00", 0),
        ("2026-03-02T08:14:00Z", 1),
        ("2026-03-02T09:15:00+01:00", 0),
        ("2026-03-02T09:14:00+01:00", 1),
    ],
)
def test_view_bounds_honour_offsets(client: Any, start: str, count: int) -> None:
    """A bound without offset is UTC whatever zone is preferred; one with an offset is what it says."""
    headers = {"Prefer": 'outlook.timezone="Pacific Standard Time"'}
    answer = view(client, start, "2026-03-02T10:00:00Z", headers=headers)
    assert count == len(answer.json()["value"])
    assert headers["Prefer"] == answer.headers["Preference-Applied"]


def test_view_pages(client: Any) -> None:
    """Ten a page by default, as many as the preference says otherwise, and every event exactly once."""
    for minute in range(0, 60, 4):
        client.book(f"2026-03-04T09:{minute:02}:00", f"2026-03-04T09:{minute + 2:02}:00")
    answer = view(client, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z").json()
    assert 10 == len(answer["value"])
    following = client.http.get(answer["@odata.nextLink"]).json()
    assert "@odata.nextLink" not in following
    assert 15 == len({event["id"] for event in answer["value"] + following["value"]})
    headers = {"Prefer": "odata.maxpagesize=4"}
    assert 4 == len(
        view(client, "2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z", headers=headers).json()["value"]
    )


@pytest.mark.parametrize(
    ("start", "end", "more", "code"),
    [
        ("2026-01-01T00:00:00Z", "2030-12-31T00:00:01Z", {}, "ErrorInvalidRequest"),
        ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", {}, "ErrorInvalidParameter"),
        ("", "2026-01-01T00:00:00Z", {}, "ErrorInvalidParameter"),
        ("later", "2026-01-01T00:00:00Z", {}, "ErrorInvalidParameter"),
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", {"$select": "createdDateTime"},
         "ErrorInvalidProperty"),
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", {"$search": "x"}, "BadRequest"),
        ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", {"$filter": "body/content eq 'x'"},
         "ErrorInvalidProperty"),
    ],
)  # fmt: skip
def test_refused_views(client: Any, start: str, end: str, more: dict[str, str], code: str) -> None:
    """A view needs two ordered bounds at most 1825 days apart and options that exist."""
    assert (400, code) == client.code(view(client, start, end, **more))


def test_longest_view_is_accepted(client: Any) -> None:
    """1825 days are allowed."""
    assert 200 == view(client, "2026-01-01T00:00:00Z", "2030-12-31T00:00:00Z").status_code
