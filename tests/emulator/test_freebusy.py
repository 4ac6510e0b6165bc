"""getSchedule: shape, view, details, zones, errors of one mailbox and of the whole request."""

from __future__ import annotations

from typing import Any

import pytest

DAY = {"start": "2026-03-02T08:00:00", "end": "2026-03-02T18:00:00"}


def test_entry_shape(client: Any) -> None:
    """An entry has view, hours, and items with seven-digit UTC times; private items keep times only."""
    ana = client.schedule("ana@contoso.example", **DAY)["ana@contoso.example"]
    assert [
        {
            "isPrivate": False,
            "subject": "Standup",
            "location": "",
            "status": "busy",
            "start": {"dateTime": "2026-03-02T08:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T08:15:00.0000000", "timeZone": "UTC"},
        },
        {
            "isPrivate": True,
            "status": "oof",
            "start": {"dateTime": "2026-03-02T13:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T13:20:00.0000000", "timeZone": "UTC"},
        },
    ] == ana["scheduleItems"]
    assert "20000000003000000000" == ana["availabilityView"]
    assert {
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "startTime": "08:00:00.0000000",
        "endTime": "17:00:00.0000000",
        "timeZone": {"name": "W. Europe Standard Time"},
    } == ana["workingHours"]


def test_details_are_absent_not_null(client: Any) -> None:
    """A mailbox that shares nothing tells status and times only; hours it lacks are absent."""
    ben = client.schedule("ben@contoso.example", **DAY)["ben@contoso.example"]
    assert [{"status", "start", "end"}] * 2 == [set(item) for item in ben["scheduleItems"]]
    assert ["tentative", "free"] == [item["status"] for item in ben["scheduleItems"]]
    assert "workingHours" not in ben


def test_item_partly_inside_is_whole(client: Any) -> None:
    """An item that only touches the window is returned with its own times."""
    found = client.schedule("ana@contoso.example", start="2026-03-02T08:10:00", end="2026-03-02T09:10:00")[
        "ana@contoso.example"
    ]
    assert ["2026-03-02T08:00:00.0000000"] == [item["start"]["dateTime"] for item in found["scheduleItems"]]
    assert "20" == found["availabilityView"]


@pytest.mark.parametrize(
    ("start", "end", "interval", "view"),
    [
        ("2026-03-02T12:50:00", "2026-03-02T13:30:00", 15, "330"),
        ("2026-03-02T12:50:00", "2026-03-02T13:00:00", 10, "0"),
        ("2026-03-02T13:20:00", "2026-03-02T13:30:00", "10", "0"),
        ("2026-03-02T13:19:59", "2026-03-02T13:30:00", 5, "300"),
    ],
)
def test_slots_start_with_the_window(client: Any, start: str, end: str, interval: Any, view: str) -> None:
    """Slots are counted from the start of the window, the last may be short, and a number may be text."""
    found = client.schedule("ana@contoso.example", start=start, end=end, availabilityViewInterval=interval)
    assert view == found["ana@contoso.example"]["availabilityView"]


def test_worst_status_wins_and_elsewhere_is_zero(make_client: Any, make_tenant: Any) -> None:
    """Of overlapping items a slot shows the worst; working elsewhere shows as 0 but is listed."""
    person = {
        "address": "ana@contoso.example",
        "events": [
            {"start": "2026-03-02T09:00", "end": "2026-03-02T10:00", "show_as": show_as}
            for show_as in ("busy", "oof", "tentative")
        ]
        + [{"start": "2026-03-02T11:00", "end": "2026-03-02T12:00", "show_as": "workingElsewhere"}],
    }
    client = make_client(people=[person], groups=[], apps=[make_tenant().apps[0].model_dump()])
    found = client.schedule("ana@contoso.example", availabilityViewInterval=60, **DAY)["ana@contoso.example"]
    assert "0300000000" == found["availabilityView"]
    assert 4 == len(found["scheduleItems"])


def test_parameter_names_in_any_case(client: Any) -> None:
    """PascalCase parameters and a lower-case path are the same request; a missing zone is UTC."""
    answer = client.http.post(
        "users/ana@contoso.example/calendar/getschedule",
        json={
            "Schedules": ["ANA@contoso.example"],
            "StartTime": {"DateTime": "2026-03-02T08:00:00"},
            "EndTime": {"DateTime": "2026-03-02T09:00:00"},
            "AvailabilityViewInterval": "30",
        },
    )
    assert [("ANA@contoso.example", "20")] == [
        (entry["scheduleId"], entry["availabilityView"]) for entry in answer.json()["value"]
    ]


def test_output_zone_follows_the_preference_only(client: Any) -> None:
    """Times come in UTC whatever zone the body used, and in the preferred zone when one was asked for."""
    body = {
        "schedules": ["ana@contoso.example"],
        "startTime": {"dateTime": "2026-03-02T09:00:00", "timeZone": "Europe/Amsterdam"},
        "endTime": {"dateTime": "2026-03-02T10:00:00", "timeZone": "W. Europe Standard Time"},
    }
    path = "users/ana@contoso.example/calendar/getSchedule"
    plain = client.http.post(path, json=body)
    assert "2026-03-02T08:00:00.0000000" == plain.json()["value"][0]["scheduleItems"][0]["start"]["dateTime"]
    assert "Preference-Applied" not in plain.headers
    preference = 'outlook.timezone="India Standard Time"'
    shifted = client.http.post(path, json=body, headers={"Prefer": preference})
    assert {"dateTime": "2026-03-02T13:30:00.0000000", "timeZone": "India Standard Time"} == (
        shifted.json()["value"][0]["scheduleItems"][0]["start"]
    )
    assert preference == shifted.headers["Preference-Applied"]


def test_all_day_event_floats_in_the_zone_of_the_request(make_client: Any, make_tenant: Any) -> None:
    """An all-day event covers the days of the zone the window was written in."""
    person = {
        "address": "ana@contoso.example",
        "events": [{"start": "2026-03-03T00:00", "end": "2026-03-04T00:00", "all_day": True}],
    }
    client = make_client(people=[person], groups=[], apps=[make_tenant().apps[0].model_dump()])
    body = {
        "schedules": ["ana@contoso.example"],
        "startTime": {"dateTime": "2026-03-02T00:00:00", "timeZone": "Asia/Kolkata"},
        "endTime": {"dateTime": "2026-03-05T00:00:00", "timeZone": "Asia/Kolkata"},
    }
    answer = client.http.post("users/ana@contoso.example/calendar/getSchedule", json=body)
    item = answer.json()["value"][0]["scheduleItems"][0]
    assert ("2026-03-02T18:30:00.0000000", "2026-03-03T18:30:00.0000000") == (
        item["start"]["dateTime"],
        item["end"]["dateTime"],
    )


@pytest.mark.parametrize(("code", "extra"), [("5009", {}), ("5016", {"scheduleItems": None})])
def test_unknown_recipient_is_an_entry(make_client: Any, code: str, extra: dict[str, None]) -> None:
    """A stranger and a user without mailbox fail inside a 200, by the code the tenant chose."""
    client = make_client(options={"unknown_recipient_code": code})
    found = client.schedule("ghost@contoso.example", "nomail@contoso.example", "hal@contoso.example", **DAY)
    for address in ("ghost@contoso.example", "nomail@contoso.example"):
        message = f"Unable to resolve e-mail address {address} to an Active Directory object."
        error = {"message": message, "responseCode": code}
        assert {"scheduleId": address, "error": error, **extra} == found[address]
    assert "availabilityView" in found["hal@contoso.example"]


def test_too_many_entries_of_one_mailbox(make_client: Any, make_tenant: Any) -> None:
    """Over a thousand entries give 5006 for that mailbox alone."""
    crowded = [{"start": "2026-03-02T09:00", "end": "2026-03-02T10:00"} for _ in range(1001)]
    people = [
        {"address": "ana@contoso.example", "events": crowded},
        {"address": "ben@contoso.example", "events": crowded[:-1]},
    ]
    client = make_client(people=people, groups=[], apps=[make_tenant().apps[0].model_dump()])
    found = client.schedule("ana@contoso.example", "ben@contoso.example", **DAY)
    assert "5006" == found["ana@contoso.example"]["error"]["responseCode"]
    assert 1000 == len(found["ben@contoso.example"]["scheduleItems"])


def test_group_is_one_merged_view(client: Any) -> None:
    """A group tells the merged view of its members, and neither items nor hours."""
    found = client.schedule("panel@contoso.example", **DAY)["panel@contoso.example"]
    assert {
        "scheduleId": "panel@contoso.example",
        "availabilityView": "20001100003000000000",
        "scheduleItems": [],
    } == found


def test_custom_zone_hours(make_client: Any, make_tenant: Any) -> None:
    """A zone by rules travels as customTimeZone with its bias towards UTC."""
    zone = {
        "bias": -60,
        "standard": {"month": 10, "day_occurrence": 5, "time": "03:00"},
        "daylight": {"month": 3, "day_occurrence": 5, "time": "02:00"},
    }
    person = {"address": "ana@contoso.example", "working_hours": {"time_zone": zone}}
    client = make_client(people=[person], groups=[], apps=[make_tenant().apps[0].model_dump()])
    found = client.schedule("ana@contoso.example", **DAY)["ana@contoso.example"]
    switch = {"dayOccurrence": 5, "dayOfWeek": "sunday", "year": 0}
    assert {
        "@odata.type": "#microsoft.graph.customTimeZone",
        "name": "Customized Time Zone",
        "bias": -60,
        "standardOffset": {"time": "03:00:00.0000000", "month": 10, **switch},
        "daylightOffset": {"daylightBias": -60, "time": "02:00:00.0000000", "month": 3, **switch},
    } == found["workingHours"]["timeZone"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"schedules": [f"p{n}@contoso.example" for n in range(101)]}, 400, "ErrorMailboxDataArrayTooBig"),
        ({"schedules": []}, 400, "ErrorMailboxDataArrayEmpty"),
        ({"endTime": {"dateTime": "2026-05-03T08:00:01", "timeZone": "UTC"}}, 400, "ErrorTimeIntervalTooBig"),
        ({"endTime": {"dateTime": "2026-03-02T08:00:00"}}, 400, "ErrorInvalidTimeInterval"),
        ({"availabilityViewInterval": 4}, 400, "ErrorInvalidMergedFreeBusyInterval"),
        ({"availabilityViewInterval": 1441}, 400, "ErrorInvalidMergedFreeBusyInterval"),
        ({"availabilityViewInterval": 61}, 400, "ErrorInvalidMergedFreeBusyInterval"),
        (
            {"endTime": {"dateTime": "2026-03-02T08:29:00", "timeZone": "UTC"}},
            400,
            "ErrorInvalidMergedFreeBusyInterval",
        ),
        ({"availabilityViewInterval": None}, 500, "ErrorInternalServerError"),
        ({"endTime": {"dateTime": "2026-03-02", "timeZone": "Mars"}}, 400, "TimeZoneNotSupportedException"),
        ({"startTime": {"dateTime": "2026-03-02T08", "timeZone": ""}}, 400, "TimeZoneNotSupportedException"),
        ({"startTime": {"dateTime": "soon", "timeZone": "UTC"}}, 400, "RequestBodyRead"),
    ],
)  # fmt: skip
def test_refused_requests(client: Any, changes: dict[str, Any], status: int, code: str) -> None:
    """Each documented limit has its own code."""
    body = {
        "schedules": ["ana@contoso.example"],
        "startTime": {"dateTime": "2026-03-02T08:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"},
        **changes,
    }
    answer = client.http.post("users/ana@contoso.example/calendar/getSchedule", json=body)
    assert (status, code) == client.code(answer)


def test_limits_themselves_are_accepted(client: Any) -> None:
    """A hundred addresses, 62 days, and an interval as long as the window pass."""
    many = [f"p{number}@contoso.example" for number in range(100)]
    assert 100 == len(client.schedule(*many, start="2026-03-02T08:00:00", end="2026-05-03T08:00:00"))
    whole = client.schedule(
        "ana@contoso.example",
        start="2026-03-02T08:00:00",
        end="2026-03-02T09:00:00",
        availabilityViewInterval=60,
    )
    assert "2" == whole["ana@contoso.example"]["availabilityView"]


def test_strict_mode_counts_group_members(make_client: Any) -> None:
    """In strict mode the documented twenty hold, members of groups counted."""
    client = make_client(options={"strict_schedules": True})
    body = {
        "schedules": [*(f"p{number}@contoso.example" for number in range(19)), "panel@contoso.example"],
        "startTime": {"dateTime": "2026-03-02T08:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"},
    }
    path = "users/ana@contoso.example/calendar/getSchedule"
    assert (400, "ErrorMailboxDataArrayTooBig") == client.code(client.http.post(path, json=body))
    body["schedules"] = body["schedules"][1:]
    assert 200 == client.http.post(path, json=body).status_code


def test_secondary_calendar_is_invisible(client: Any) -> None:
    """An event of a secondary calendar keeps nobody but its guests busy."""
    calendar = client.http.post("users/ana@contoso.example/calendars", json={"name": "Scheduler"}).json()
    where = f"users/ana@contoso.example/calendars/{calendar['id']}"
    booked = client.book("2026-03-02T15:00:00", "2026-03-02T16:00:00", "room-a@contoso.example", where=where)
    assert 201 == booked.status_code
    client.emulator.clock.advance(60)
    window = {"start": "2026-03-02T15:00:00", "end": "2026-03-02T16:00:00", "availabilityViewInterval": 60}
    found = client.schedule("ana@contoso.example", "room-a@contoso.example", **window)
    assert ["0", "2"] == [entry["availabilityView"] for entry in found.values()]


@pytest.mark.parametrize("lag", [0, 5, 40, 120])
def test_what_is_written_shows_late(make_client: Any, lag: int) -> None:
    """With a lag, getSchedule knows of a meeting, and of its end, so many seconds later; calendarView at once."""
    client = make_client(options={"free_busy_lag_seconds": lag, "delivery_seconds": 0})
    window = {"start": "2026-03-02T15:00:00", "end": "2026-03-02T16:00:00", "availabilityViewInterval": 60}

    def view(after: float) -> str:
        client.emulator.clock.advance(after)
        return str(
            client.schedule("room-a@contoso.example", **window)["room-a@contoso.example"]["availabilityView"]
        )

    written = client.book(
        "2026-03-02T15:00:00", "2026-03-02T16:00:00", where="users/room-a@contoso.example"
    ).json()
    assert 1 == len(client.events("room-a@contoso.example"))
    assert ["2" if lag == 0 else "0", "2"] == [view(max(lag - 1, 0)), view(min(lag, 1))]
    answer = client.http.delete(f"users/room-a@contoso.example/events/{written['id']}")
    assert (204, []) == (answer.status_code, client.events("room-a@contoso.example"))
    assert ["0" if lag == 0 else "2", "0"] == [view(max(lag - 1, 0)), view(min(lag, 1))]


def test_what_is_delivered_shows_late_by_when_it_was_delivered(make_client: Any) -> None:
    """A room that accepts while nobody looks is seen so many seconds after it accepted, not after somebody looked."""
    client = make_client(options={"free_busy_lag_seconds": 40, "delivery_seconds": 0})
    window = {"start": "2026-03-02T15:00:00", "end": "2026-03-02T16:00:00", "availabilityViewInterval": 60}
    client.book("2026-03-02T15:00:00", "2026-03-02T16:00:00", "room-a@contoso.example")
    views = []
    for seconds in (42, 1):  # the room takes three seconds to answer
        client.emulator.clock.advance(seconds)
        views.append(client.schedule("room-a@contoso.example", **window)["room-a@contoso.example"])
    assert ["0", "2"] == [entry["availabilityView"] for entry in views]
