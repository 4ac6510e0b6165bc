"""What a person may do through an app: their scopes, and the folder rights others gave them."""

from __future__ import annotations

from typing import Any

import pytest

ANA, BEN = "ana@contoso.example", "ben@contoso.example"
READ_ROOM, WRITE_ROOM, SHUT_ROOM = (f"room-{key}@contoso.example" for key in ("read", "write", "shut"))
WINDOW = "startDateTime=2026-03-02&endDateTime=2026-03-03"
MEETING = {
    "subject": "Interview",
    "start": {"dateTime": "2026-03-02T15:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-02T16:00:00", "timeZone": "UTC"},
}


def items(organization: Any, tokens: Any, address: str) -> list[dict[str, Any]]:
    """What getSchedule tells of somebody's Monday, times left out."""
    body = {
        "schedules": [address],
        "startTime": {"dateTime": "2026-03-02T00:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2026-03-03T00:00:00", "timeZone": "UTC"},
    }
    answer = organization.ask("POST", "me/calendar/getSchedule", tokens, json=body).json()["value"][0]
    if "error" in answer:
        return [{"code": answer["error"]["responseCode"]}]
    return [
        {name: value for name, value in item.items() if name not in {"start", "end"}}
        for item in answer["scheduleItems"]
    ]


def rights(organization: Any, tokens: Any, who: str) -> list[bool]:
    """What a calendar says the caller may do in it."""
    calendar = organization.ask("GET", f"{who}/calendar", tokens).json()
    return [calendar[name] for name in ("canEdit", "canShare", "canViewPrivateItems")]


def test_own_mailbox_by_scope(organization: Any) -> None:
    """One's own calendar is read by Calendars.Read and written by Calendars.ReadWrite, by /me and by address."""
    reader = organization.sign_in(["Calendars.Read"])
    for path in ("me", f"users/{BEN}"):
        assert 200 == organization.ask("GET", f"{path}/events", reader).status_code
        refused = organization.ask("POST", f"{path}/events", reader, json=MEETING)
        assert (403, "ErrorAccessDenied") == organization.code(refused)
    assert (403, "ErrorAccessDenied") == organization.code(
        organization.ask("GET", "me/mailboxSettings", reader)
    )
    writer = organization.sign_in(["Calendars.ReadWrite", "MailboxSettings.Read"])
    made = organization.ask("POST", "me/events", writer, json=MEETING)
    assert (201, BEN) == (made.status_code, made.json()["organizer"]["emailAddress"]["address"])
    assert 200 == organization.ask("GET", "me/mailboxSettings", writer).status_code


def test_oneself_in_the_directory(organization: Any) -> None:
    """/me needs User.Read; somebody else in the directory needs more."""
    tokens = organization.sign_in(["Calendars.Read"])
    assert (403, "Authorization_RequestDenied") == organization.code(organization.ask("GET", "me", tokens))
    tokens = organization.sign_in(["User.Read"])
    assert BEN == organization.ask("GET", "me", tokens).json()["userPrincipalName"]
    other = organization.ask("GET", f"users/{ANA}", tokens)
    assert (403, "Authorization_RequestDenied") == organization.code(other)
    assert (
        200
        == organization.ask("GET", f"users/{ANA}", organization.sign_in(["User.ReadBasic.All"])).status_code
    )


def test_others_need_the_shared_scope_and_the_folder_right(organization: Any) -> None:
    """Without .Shared it is 403 whatever was shared, with it 404 unless the calendar was shared."""
    plain = organization.sign_in(["Calendars.ReadWrite"])
    for room in (READ_ROOM, WRITE_ROOM, SHUT_ROOM):
        refused = organization.ask("GET", f"users/{room}/calendar", plain)
        assert (403, "ErrorAccessDenied") == organization.code(refused)
    shared = organization.sign_in(["Calendars.ReadWrite.Shared"])
    assert 200 == organization.ask("GET", f"users/{READ_ROOM}/events", shared).status_code
    for method, room in (("GET", SHUT_ROOM), ("POST", READ_ROOM)):
        refused = organization.ask(method, f"users/{room}/events", shared, json=MEETING)
        assert (404, "ErrorItemNotFound") == organization.code(refused)
    assert 201 == organization.ask("POST", f"users/{WRITE_ROOM}/events", shared, json=MEETING).status_code


def test_read_shared_does_not_write(organization: Any) -> None:
    """Calendars.Read.Shared opens a calendar that could be written, for reading only."""
    tokens = organization.sign_in(["Calendars.Read.Shared"])
    assert 200 == organization.ask("GET", f"users/{WRITE_ROOM}/events", tokens).status_code
    refused = organization.ask("POST", f"users/{WRITE_ROOM}/events", tokens, json=MEETING)
    assert (403, "ErrorAccessDenied") == organization.code(refused)


def test_calendars_say_what_the_caller_may(organization: Any) -> None:
    """canEdit, canShare and canViewPrivateItems are those of whoever asks."""
    tokens = organization.sign_in(["Calendars.Read", "Calendars.Read.Shared"])
    assert [True, True, True] == rights(organization, tokens, "me")
    assert [False, False, False] == rights(organization, tokens, f"users/{READ_ROOM}")
    assert [True, False, False] == rights(organization, tokens, f"users/{WRITE_ROOM}")
    organization.control("mailboxes", address=WRITE_ROOM, shared_with={BEN: "delegate"})
    assert [True, False, True] == rights(organization, tokens, f"users/{WRITE_ROOM}")


def test_free_busy_by_the_rights_of_the_caller(organization: Any) -> None:
    """Times for everybody, subjects where they were shared, private ones for the owner; nothing for the shut out."""
    ben = organization.sign_in(["Calendars.ReadBasic"])
    seen = [{"isPrivate": False, "subject": "Standup", "location": "Atrium", "status": "busy"}]
    assert [*seen, {"isPrivate": True, "status": "busy"}] == items(organization, ben, ANA)
    assert [{"isPrivate": True, "subject": "Dentist", "location": "", "status": "busy"}] == items(
        organization, ben, BEN
    )
    eve = organization.sign_in(["Calendars.ReadBasic"], account="eve@contoso.example")
    assert [{"status": "busy"}] == items(organization, eve, BEN)
    assert [{"code": "ErrorNoFreeBusyAccess"}] == items(organization, eve, ANA)


@pytest.mark.parametrize(
    ("level", "subject", "body", "private"),
    [
        ("limited", "Standup", False, "Private Appointment"),
        ("read", "Standup", True, "Private Appointment"),
        ("delegate", "Standup", True, "Doctor"),
    ],
)
def test_events_by_level(organization: Any, level: str, subject: str, body: bool, private: str) -> None:  # noqa: FBT001
    """`limited` shows subjects, `read` bodies as well, and only a delegate sees what is private."""
    organization.control("mailboxes", address=ANA, shared_with={BEN: level})
    tokens = organization.sign_in(["Calendars.Read.Shared"])
    shown = organization.ask("GET", f"users/{ANA}/calendarView?{WINDOW}", tokens).json()["value"]
    assert [subject, private] == [event["subject"] for event in shown]
    assert [body, private == "Doctor"] == ["body" in event for event in shown]


def test_private_events_of_others_are_not_changed(organization: Any) -> None:
    """Write access to a calendar leaves its private events alone."""
    organization.control("mailboxes", address=ANA, shared_with={BEN: "write"})
    tokens = organization.sign_in(["Calendars.ReadWrite.Shared"])
    shown = organization.ask("GET", f"users/{ANA}/events", tokens).json()["value"]
    answers = [
        organization.ask("PATCH", f"users/{ANA}/events/{event['id']}", tokens, json={"subject": "Moved"})
        for event in shown
    ]
    assert [200, 403] == [answer.status_code for answer in answers]


def test_basic_read_hides_bodies(organization: Any) -> None:
    """With Calendars.ReadBasic one's own events come without body and extensions."""
    tokens = organization.sign_in(["Calendars.ReadBasic"])
    shown = organization.ask("GET", "me/events", tokens).json()["value"]
    assert [("Dentist", False)] == [(event["subject"], "body" in event) for event in shown]


def test_permissions_are_the_owners_to_list(organization: Any) -> None:
    """The owner sees who was given what; anybody else is told that this is not supported, even with write access."""
    tokens = organization.sign_in(["Calendars.Read", "Calendars.Read.Shared"])
    refused = organization.ask("GET", f"users/{WRITE_ROOM}/calendar/calendarPermissions", tokens)
    assert (400, "ErrorNotSupported") == organization.code(refused)
    ana = organization.sign_in(["Calendars.Read"], account=ANA)
    listed = organization.ask("GET", "me/calendar/calendarPermissions", ana).json()["value"]
    assert [("My Organization", "freeBusyRead"), ("Ben Okafor", "limitedRead"), ("Eve Berg", "none")] == [
        (entry["emailAddress"]["name"], entry["role"]) for entry in listed
    ]


def test_an_entry_of_ones_own_precedes_a_groups(organization: Any) -> None:
    """Somebody named is given exactly that, even less than the group or the organization."""
    organization.control(
        "mailboxes", address=WRITE_ROOM, shared_with={"team@contoso.example": "write", BEN: "freeBusy"}
    )
    tokens = organization.sign_in(["Calendars.Read.Shared"])
    refused = organization.ask("GET", f"users/{WRITE_ROOM}/calendar", tokens)
    assert (404, "ErrorItemNotFound") == organization.code(refused)


def test_places_by_scope(organization: Any) -> None:
    """Rooms are listed to a person with Place.Read.All, which an administrator consented to."""
    organization.control("apps", client_id="desktop", consents=[{"scopes": ["Place.Read.All"]}])
    listed = organization.ask("GET", "places/microsoft.graph.room", organization.sign_in(["Place.Read.All"]))
    assert 3 == len(listed.json()["value"])
    organization.control("apps", client_id="desktop", consents=[])
    without = organization.sign_in(["Calendars.Read"])
    refused = organization.ask("GET", "places/microsoft.graph.room", without)
    assert (403, "ErrorAccessDenied") == organization.code(refused)


def test_only_the_default_calendar_is_shared(organization: Any) -> None:
    """Other calendars of a mailbox are not there for somebody who may write its default one, and none can be made."""
    organization.control("mailboxes", address=ANA, shared_with={BEN: "delegate"})
    ana = organization.sign_in(["Calendars.ReadWrite"], account=ANA)
    second = organization.ask("POST", "me/calendars", ana, json={"name": "Scheduler"}).json()["id"]
    event = organization.ask("POST", f"me/calendars/{second}/events", ana, json=MEETING).json()["id"]
    ben = organization.sign_in(["Calendars.ReadWrite.Shared"])
    listed = organization.ask("GET", f"users/{ANA}/calendars", ben).json()["value"]
    assert [True] == [calendar["isDefaultCalendar"] for calendar in listed]
    for path in (f"calendars/{second}", f"calendars/{second}/events", f"events/{event}"):
        refused = organization.ask("GET", f"users/{ANA}/{path}", ben)
        assert (404, "ErrorItemNotFound") == organization.code(refused)
    refused = organization.ask("POST", f"users/{ANA}/calendars", ben, json={"name": "Mine"})
    assert (403, "ErrorAccessDenied") == organization.code(refused)
