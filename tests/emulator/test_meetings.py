"""Events between people: invitations, answers, changes, cancellations, and the guards of writes."""

from __future__ import annotations

from typing import Any

import pytest

NINE, TEN, ELEVEN = "2026-03-03T09:00:00", "2026-03-03T10:00:00", "2026-03-03T11:00:00"
ANA, BEN, OUT = "ana@contoso.example", "ben@contoso.example", "candidate@elsewhere.example"
MARK = "String {00020329-0000-0000-c000-000000000046} Name slotwright"


def mail_of(client: Any) -> list[tuple[str, str]]:
    """Kind and recipient of the mail so far."""
    return [(mail.kind, mail.recipient) for mail in client.emulator.journal.mail]


def copy_of(client: Any, mailbox: str, event: dict[str, Any]) -> dict[str, Any]:
    """A mailbox's copy of a meeting."""
    found = client.events(mailbox, **{"$filter": f"iCalUId eq '{event['iCalUId']}'"})
    return found[0] if found else {}


def test_invitation_reaches_insiders_and_outsiders(client: Any) -> None:
    """Each guest gets one invitation; who has a mailbox here gets a tentative copy, unanswered."""
    made = client.book(NINE, TEN, BEN, OUT).json()
    assert [("invitation", BEN), ("invitation", OUT)] == mail_of(client)
    assert {} == copy_of(client, BEN, made)
    client.emulator.clock.advance(2)
    copy = copy_of(client, BEN, made)
    assert (False, "tentative", "notResponded", ANA) == (
        copy["isOrganizer"],
        copy["showAs"],
        copy["responseStatus"]["response"],
        copy["organizer"]["emailAddress"]["address"],
    )


def test_people_answer_as_the_tenant_says(client: Any) -> None:
    """Ben declines: his copy goes, and the organizer's row says so after the reply has travelled."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(62)
    assert {} == copy_of(client, BEN, made)
    client.emulator.clock.advance(2)
    (row,) = client.http.get(f"users/{ANA}/events/{made['id']}").json()["attendees"]
    assert {"response": "declined", "time": "2026-03-02T06:01:02Z"} == row["status"]


@pytest.mark.parametrize(
    ("verb", "answer", "show_as"),
    [("accept", "accepted", "busy"), ("tentativelyAccept", "tentativelyAccepted", "tentative")],
)
def test_answer_by_request(client: Any, verb: str, answer: str, show_as: str) -> None:
    """Answering an invitation is 202, changes the own copy at once and the organizer's row later."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    copy = copy_of(client, BEN, made)
    assert (
        202 == client.http.post(f"users/{BEN}/events/{copy['id']}/{verb}", json={"comment": "x"}).status_code
    )
    changed = copy_of(client, BEN, made)
    assert (answer, show_as) == (changed["responseStatus"]["response"], changed["showAs"])
    assert "none" == changed["attendees"][0]["status"]["response"]
    client.emulator.clock.advance(2)
    (row,) = client.http.get(f"users/{ANA}/events/{made['id']}").json()["attendees"]
    assert answer == row["status"]["response"]


def test_decline_by_request_drops_the_copy(client: Any) -> None:
    """Declining removes the copy; without a reply the organizer never hears of it."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    copy = copy_of(client, BEN, made)
    client.http.post(f"users/{BEN}/events/{copy['id']}/decline", json={"SendResponse": False})
    client.emulator.clock.advance(600)
    assert {} == copy_of(client, BEN, made)
    (row,) = client.http.get(f"users/{ANA}/events/{made['id']}").json()["attendees"]
    assert "none" == row["status"]["response"]


def test_wrong_roles_in_a_meeting(client: Any) -> None:
    """An organizer cannot answer and a guest cannot cancel; a proposal needs a reply."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    own, theirs = f"users/{ANA}/events/{made['id']}", f"users/{BEN}/events/{copy_of(client, BEN, made)['id']}"
    assert (400, "ErrorInvalidRequest") == client.code(client.http.post(f"{own}/accept", json={}))
    assert (400, "ErrorInvalidRequest") == client.code(client.http.post(f"{theirs}/cancel", json={}))
    proposal = {"sendResponse": False, "proposedNewTime": {"start": {}, "end": {}}}
    assert (400, "ErrorInvalidParameter") == client.code(client.http.post(f"{theirs}/decline", json=proposal))


def test_cancelled_copy_lingers_free(client: Any) -> None:
    """A person's copy of a cancelled meeting stays, marked and free; the organizer's is gone."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    path = f"users/{ANA}/events/{made['id']}"
    client.http.post(f"{path}/cancel", json={"comment": "sorry"})
    client.emulator.clock.advance(600)
    copy = copy_of(client, BEN, made)
    assert (True, "Canceled: Interview", "free") == (copy["isCancelled"], copy["subject"], copy["showAs"])
    assert (404, "ErrorItemNotFound") == client.code(client.http.delete(path))
    assert ("cancellation", BEN) == mail_of(client)[-1]


def test_deleting_a_copy_tells_nobody(client: Any) -> None:
    """Deleting a guest's copy removes that copy only."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    before = mail_of(client)
    assert 204 == client.http.delete(f"users/{BEN}/events/{copy_of(client, BEN, made)['id']}").status_code
    assert before == mail_of(client)
    assert 200 == client.http.get(f"users/{ANA}/events/{made['id']}").status_code


def test_update_mails(client: Any) -> None:
    """A change of attendees mails who came or went; one of the text all, a category nobody."""
    made = client.book(NINE, TEN, BEN).json()
    path = f"users/{ANA}/events/{made['id']}"
    guests = [{"emailAddress": {"address": OUT}}]
    client.http.patch(path, json={"attendees": guests})
    assert [("cancellation", BEN), ("invitation", OUT)] == mail_of(client)[1:]
    client.http.patch(path, json={"subject": "Second round"})
    assert [("update", OUT)] == mail_of(client)[3:]
    client.http.patch(path, json={"categories": ["hr"], "showAs": "oof"})
    assert 4 == len(mail_of(client))


def test_new_time_asks_again(client: Any) -> None:
    """A text change keeps an answer, a new time resets it and reaches the copy."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    client.http.post(f"users/{BEN}/events/{copy_of(client, BEN, made)['id']}/accept", json={})
    client.emulator.clock.advance(2)
    path = f"users/{ANA}/events/{made['id']}"
    client.http.patch(path, json={"subject": "Second round"})
    client.emulator.clock.advance(2)
    copy = copy_of(client, BEN, made)
    assert ("Second round", "accepted") == (copy["subject"], copy["responseStatus"]["response"])
    moved = client.http.patch(
        path,
        json={
            "start": {"dateTime": "2026-03-03T11:00:00", "timeZone": "Europe/Amsterdam"},
            "end": {"dateTime": ELEVEN, "timeZone": "UTC"},
        },
    ).json()
    assert "none" == moved["attendees"][0]["status"]["response"]
    client.emulator.clock.advance(2)
    copy = copy_of(client, BEN, made)
    assert ("2026-03-03T10:00:00.0000000", "notResponded", "tentative") == (
        copy["start"]["dateTime"],
        copy["responseStatus"]["response"],
        copy["showAs"],
    )


def test_guest_changes_only_the_own_copy(client: Any) -> None:
    """A guest's PATCH is 200, mails nobody, and the organizer's next update overwrites it."""
    made = client.book(NINE, TEN, BEN).json()
    client.emulator.clock.advance(2)
    path = f"users/{BEN}/events/{copy_of(client, BEN, made)['id']}"
    assert 200 == client.http.patch(path, json={"subject": "Mine"}).status_code
    assert "Interview" == client.http.get(f"users/{ANA}/events/{made['id']}").json()["subject"]
    client.http.patch(f"users/{ANA}/events/{made['id']}", json={"subject": "Ours"})
    client.emulator.clock.advance(2)
    assert "Ours" == copy_of(client, BEN, made)["subject"]


def test_transaction_id_makes_one_event(client: Any) -> None:
    """The same request again is the same event and no second invitation."""
    first, again = (client.book(NINE, TEN, BEN, transactionId="t-1") for _ in range(2))
    assert (201, first.json()["id"], "t-1") == (
        again.status_code,
        again.json()["id"],
        again.json()["transactionId"],
    )
    assert [("invitation", BEN)] == mail_of(client)
    assert "transactionId" not in client.book(NINE, TEN).json()


@pytest.mark.parametrize(("status", "named"), [(400, False), (409, True)])
def test_transaction_id_is_used_up(make_client: Any, status: int, named: Any) -> None:
    """Other content under a used id is refused, even after the event is gone; the first may be named."""
    options = {"duplicate_transaction_status": status, "name_existing_event": named}
    client = make_client(options=options)
    made = client.book(NINE, TEN, transactionId="t-1").json()
    refused = client.book(NINE, ELEVEN, transactionId="t-1")
    assert (status, "ErrorDuplicateTransactionId") == client.code(refused)
    assert (made["id"] if named else None) == refused.json()["error"].get("@event.existingEventId")
    client.http.delete(f"users/{ANA}/events/{made['id']}")
    assert (status, "ErrorDuplicateTransactionId") == client.code(client.book(NINE, TEN, transactionId="t-1"))
    changed = client.http.patch(
        f"users/{ANA}/events/{client.book(NINE, TEN).json()['id']}", json={"transactionId": "t-2"}
    )
    assert (400, "ErrorInvalidRequest") == client.code(changed)


def test_stale_write_is_refused(client: Any) -> None:
    """If-Match with a state of the past is 412 and changes nothing; every write moves change key and etag."""
    made = client.book(NINE, TEN).json()
    path = f"users/{ANA}/events/{made['id']}"
    stale = {"If-Match": made["@odata.etag"]}
    changed = client.http.patch(path, json={"subject": "x"}, headers=stale).json()
    assert made["changeKey"] != changed["changeKey"]
    assert made["@odata.etag"] != changed["@odata.etag"]
    refused = client.http.patch(path, json={"subject": "y"}, headers=stale)
    assert (412, "ErrorIrresolvableConflict") == client.code(refused)
    assert (412, "ErrorIrresolvableConflict") == client.code(client.http.delete(path, headers=stale))
    assert "x" == client.http.get(path).json()["subject"]
    assert 204 == client.http.delete(path, headers={"If-Match": changed["@odata.etag"]}).status_code


def test_immutable_ids(client: Any) -> None:
    """The id format follows the preference of each request, and both name the same event."""
    prefer = {"Prefer": 'IdType="ImmutableId", outlook.timezone="UTC"'}
    made = client.book(NINE, TEN).json()
    read = client.http.get(f"users/{ANA}/events/{made['id']}", headers=prefer)
    assert made["id"] != read.json()["id"]
    assert made["iCalUId"] == read.json()["iCalUId"]
    assert 'outlook.timezone="UTC", IdType="ImmutableId"' == read.headers["Preference-Applied"]
    assert made["id"] == client.http.get(f"users/{ANA}/events/{read.json()['id']}").json()["id"]


def test_extended_property(client: Any) -> None:
    """A marker stays on the organizer's copy, is found by filter and shown by a scoped expansion only."""
    marked = [{"id": MARK, "value": "b-1"}]
    made = client.book(NINE, TEN, BEN, singleValueExtendedProperties=marked).json()
    client.book(NINE, TEN, singleValueExtendedProperties=[{"id": MARK, "value": "b-2"}])
    client.emulator.clock.advance(2)
    wanted = f"singleValueExtendedProperties/any(p: p/id eq '{MARK}' and p/value eq 'b-1')"
    assert [made["id"]] == [event["id"] for event in client.events(ANA, **{"$filter": wanted})]
    assert [] == client.events(BEN, **{"$filter": wanted})
    path = f"users/{ANA}/events/{made['id']}"
    assert "singleValueExtendedProperties" not in client.http.get(path).json()
    unscoped = client.http.get(path, params={"$expand": "singleValueExtendedProperties"}).json()
    assert "singleValueExtendedProperties" not in unscoped
    scoped = {"$expand": f"singleValueExtendedProperties($filter=id eq '{MARK}')", "$select": "subject"}
    shown = client.http.get(path, params=scoped).json()
    assert {"@odata.context", "@odata.etag", "id", "subject", "singleValueExtendedProperties"} == set(shown)
    assert marked == shown["singleValueExtendedProperties"]


def test_created_event(client: Any) -> None:
    """A 201 carries Location, resolved names and zones; times go out in the preferred zone."""
    answer = client.book(
        NINE,
        TEN,
        "BEN@contoso.example",
        location={"displayName": "Room A", "locationEmailAddress": "room-a@contoso.example"},
        isOnlineMeeting=True,
    )
    event = answer.json()
    assert answer.headers["Location"].endswith(f"/events('{event['id']}')")
    assert {"name": "Ben Okafor", "address": BEN} == event["attendees"][0]["emailAddress"]
    assert ("room-a@contoso.example", "directory", "conferenceRoom") == (
        event["location"]["uniqueId"],
        event["location"]["uniqueIdType"],
        event["location"]["locationType"],
    )
    assert event["onlineMeeting"]["joinUrl"].startswith("https://")
    assert ("Agenda Join the meeting", "singleInstance", "UTC", False) == (
        event["bodyPreview"],
        event["type"],
        event["originalStartTimeZone"],
        event["isAllDay"],
    )


@pytest.mark.parametrize("keeps", [True, False])
def test_online_meeting_lives_in_the_text(client: Any, keeps: bool) -> None:  # noqa: FBT001 - both halves of one rule
    """A change of anything else keeps the way to join; a text without it loses the meeting."""
    made = client.book(NINE, TEN, BEN, isOnlineMeeting=True).json()
    path = f"users/{ANA}/events/{made['id']}"
    moved = client.http.patch(path, json={"start": {"dateTime": NINE, "timeZone": "UTC"}}).json()
    assert made["onlineMeeting"] == moved["onlineMeeting"]
    text = made["body"]["content"] + "<p>Room B</p>" if keeps else "<p>Room B</p>"
    changed = client.http.patch(path, json={"body": {"contentType": "html", "content": text}}).json()
    assert (made["onlineMeeting"] if keeps else None) == changed["onlineMeeting"]


def test_a_cancellation_carries_its_comment(client: Any) -> None:
    """What the organizer says to it goes out with the mail; a plain delete says nothing."""
    for comment in ("Moved", None):
        made = client.book(NINE, TEN, BEN).json()
        path = f"users/{ANA}/events/{made['id']}"
        if comment is None:
            client.http.delete(path)
        else:
            client.http.post(f"{path}/cancel", json={"comment": comment})
    mails = [mail.comment for mail in client.emulator.journal.mail if mail.kind == "cancellation"]
    assert ["Moved", ""] == mails


def test_online_meeting_is_dropped_without_teams(make_client: Any) -> None:
    """Without Teams the wish is ignored: 201 and no link."""
    event = make_client(options={"teams": False}).book(NINE, TEN, isOnlineMeeting=True).json()
    assert (False, None) == (event["isOnlineMeeting"], event["onlineMeeting"])


def test_all_day_event_keeps_its_dates(client: Any) -> None:
    """An all-day event is shown at midnight of whatever zone is asked for."""
    made = client.http.post(
        f"users/{ANA}/events",
        json={
            "subject": "Away",
            "isAllDay": True,
            "start": {"dateTime": "2026-03-05T00:00:00", "timeZone": "Asia/Kolkata"},
            "end": {"dateTime": "2026-03-06T00:00:00", "timeZone": "Asia/Kolkata"},
        },
        headers={"Prefer": 'outlook.timezone="Pacific Standard Time"'},
    ).json()
    assert {"dateTime": "2026-03-05T00:00:00.0000000", "timeZone": "Pacific Standard Time"} == made["start"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"start": {"dateTime": NINE, "timeZone": "Nowhere"}}, 400, "TimeZoneNotSupportedException"),
        ({"start": {"dateTime": "2026-13-01", "timeZone": "UTC"}}, 400, "RequestBodyRead"),
        ({"end": {"dateTime": "2026-03-03T08:00:00"}}, 400, "ErrorCalendarEndDateIsEarlierThanStartDate"),
        ({"end": {"dateTime": "2032-03-03T08:00:00"}}, 400, "ErrorCalendarDurationIsTooLong"),
        ({"attendees": [{"emailAddress": {"address": "nobody"}}]}, 400, "ErrorInvalidRecipients"),
        ({"subject": 7}, 400, "RequestBodyRead"),
        ({"showAs": "sleeping"}, 400, "RequestBodyRead"),
        ({"sujbect": "x"}, 400, "RequestBodyRead"),
        ({"isAllDay": True}, 400, "ErrorPropertyValidationFailure"),
        ({"singleValueExtendedProperties": [{"id": "x", "value": "y"}]}, 400, "ErrorInvalidProperty"),
        ({"recurrence": {"pattern": {"type": "daily"}, "range": {}}}, 500, "ErrorInternalServerError"),
        ({"recurrence": {"pattern": {"type": "daily", "interval": 0}, "range": {"type": "noEnd"}}}, 400,
         "ErrorPropertyValidationFailure"),
    ],
)  # fmt: skip
def test_refused_events(client: Any, changes: dict[str, Any], status: int, code: str) -> None:
    """A property that does not exist or has no lawful value is refused, and nothing is created."""
    before = len(client.events(ANA))
    assert (status, code) == client.code(client.book(NINE, TEN, **changes))
    assert before == len(client.events(ANA))


def test_bad_options_refuse_before_writing(client: Any) -> None:
    """An unknown $select or output zone refuses a POST before anything is made."""
    before = len(client.events(ANA))
    path, body = f"users/{ANA}/events", {"subject": "x"}
    assert 400 == client.http.post(path, json=body, params={"$select": "nonsense"}).status_code
    assert 400 == client.http.post(path, json=body, headers={"Prefer": 'outlook.timezone="X"'}).status_code
    assert (400, "BadRequest") == client.code(client.http.post(path, content="{"))
    assert before == len(client.events(ANA))


def test_malformed_and_foreign_ids(client: Any) -> None:
    """Text that is no id, an id of nothing and an id of another mailbox are refused as by the service."""
    made = client.book(NINE, TEN).json()
    get = client.http.get
    assert (400, "ErrorInvalidIdMalformed") == client.code(get(f"users/{ANA}/events/xyz"))
    assert (404, "ErrorItemNotFound") == client.code(get(f"users/{ANA}/events/AAMkEnothing="))
    assert (404, "ErrorItemNotFound") == client.code(get(f"users/{BEN}/events/{made['id']}"))


def test_answer_to_an_old_time_is_stale(client: Any) -> None:
    """An answer on its way while the organizer moves the meeting is not tallied; one to the new time is."""
    made = client.book(NINE, TEN, BEN).json()
    path = f"users/{ANA}/events/{made['id']}"
    client.emulator.clock.advance(2)
    client.http.post(f"users/{BEN}/events/{copy_of(client, BEN, made)['id']}/accept", json={})
    client.http.patch(path, json={"end": {"dateTime": ELEVEN, "timeZone": "UTC"}})
    client.emulator.clock.advance(2)
    assert "none" == client.http.get(path).json()["attendees"][0]["status"]["response"]
    client.http.post(f"users/{BEN}/events/{copy_of(client, BEN, made)['id']}/accept", json={})
    client.emulator.clock.advance(2)
    assert "accepted" == client.http.get(path).json()["attendees"][0]["status"]["response"]
