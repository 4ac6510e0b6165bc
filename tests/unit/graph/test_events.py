"""Events: frozen bytes out, copies in domain words back, and what counts as gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scheduler.booking.events import Answer, CalendarRef, EventChange, EventDraft, Guest, GuestKind
from scheduler.calendars.snapshot import Status
from scheduler.graph.errors import BadAnswer, Clash, NotAllowed, NotThere, Unavailable
from scheduler.graph.wire.events import MARKER_ID, encode
from scheduler.zones import iso_utc, parse_utc, utc_order
from solvers.timeline import Span

NINE = parse_utc("2026-03-02T09:00Z")
HOUR = Span(NINE, NINE + 60)
ORG = "organizer@contoso.test"
DEFAULT = CalendarRef(ORG)
OURS = CalendarRef(ORG, "AAMk/Sched=")


def event(start: int = NINE, end: int = NINE + 60, **more: Any) -> dict[str, Any]:
    """An event as Graph sends it."""
    return {
        "id": "AAMk/1+=",
        "iCalUId": "0400",
        "subject": "canary",
        "showAs": "busy",
        "start": {"dateTime": f"{iso_utc(start)[:-1]}:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": f"{iso_utc(end)[:-1]}:00.0000000", "timeZone": "UTC"},
    } | more


def marked(value: str, **more: Any) -> dict[str, Any]:
    """An event that carries a marker."""
    return event(singleValueExtendedProperties=[{"id": MARKER_ID, "value": value}], **more)


class TestEncode:
    DRAFT = EventDraft(
        subject="Interview: Zoë",
        body="Bring <nothing>",
        span=HOUR,
        guests=(
            Guest("ana@contoso.test", "Ana", GuestKind.REQUIRED),
            Guest("room-a@contoso.test", "Room A", GuestKind.RESOURCE),
        ),
        marker="booking-7",
        transaction_id="t-1",
        place_name="Room A",
        place_address="room-a@contoso.test",
        online_meeting=True,
    )

    def test_all_of_it(self) -> None:
        """The body holds times in UTC, guests with their kinds, the place, the marker and the guard."""
        expected = {
            "subject": "Interview: Zoë",
            "body": {"contentType": "text", "content": "Bring <nothing>"},
            "start": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
            "attendees": [
                {"type": "required", "emailAddress": {"address": "ana@contoso.test", "name": "Ana"}},
                {"type": "resource", "emailAddress": {"address": "room-a@contoso.test", "name": "Room A"}},
            ],
            "location": {
                "displayName": "Room A",
                "locationEmailAddress": "room-a@contoso.test",
                "locationType": "conferenceRoom",
            },
            "showAs": "busy",
            "allowNewTimeProposals": False,
            "isOnlineMeeting": True,
            "onlineMeetingProvider": "teamsForBusiness",
            "transactionId": "t-1",
            "singleValueExtendedProperties": [{"id": MARKER_ID, "value": "booking-7"}],
        }
        assert expected == json.loads(encode(self.DRAFT))

    def test_always_the_same_bytes(self) -> None:
        """Two equal drafts give equal bytes, which Graph's duplicate check depends on."""
        again = EventDraft(**{name: getattr(self.DRAFT, name) for name in EventDraft.__slots__})
        assert encode(self.DRAFT) == encode(again)
        frozen = b'{"allowNewTimeProposals":false,"attendees":[],"body":{"content":"","contentType":"text"},'
        assert encode(EventDraft("s", "", HOUR, (), "m", "t")).startswith(frozen)

    def test_no_place_and_no_online_meeting(self) -> None:
        """What the draft does not have is not sent at all."""
        body = json.loads(encode(EventDraft("s", "b", HOUR, (), "m", "t")))
        assert not {"location", "isOnlineMeeting", "onlineMeetingProvider"} & set(body)


class TestCreate:
    @pytest.mark.parametrize(
        ("calendar", "path"),
        [(DEFAULT, f"/v1.0/users/{ORG}/events"), (OURS, f"/v1.0/users/{ORG}/calendars/AAMk/Sched=/events")],
    )
    def test_the_bytes_go_out_as_they_are(
        self, play: Callable[..., Any], calendar: CalendarRef, path: str
    ) -> None:
        """The given bytes are the body, in the calendar that was named."""
        stage = play([(201, event())])
        copy = stage.graph.create(calendar, b'{"frozen": 1}')
        (asked,) = stage.asked
        assert ("POST", path, b'{"frozen": 1}') == (asked.method, asked.path, asked.body)
        assert "application/json" == asked.headers["content-type"]
        assert ("AAMk/1+=", "0400", HOUR, Status.BUSY) == (
            copy.event_id,
            copy.ical_uid,
            copy.span,
            copy.status,
        )

    def test_a_copy_in_domain_words(self, play: Callable[..., Any]) -> None:
        """Guests, answers, organizer and creation time come back, odd ones in their careful reading."""
        rows = [
            {
                "type": "Required",
                "status": {"response": "Accepted"},
                "emailAddress": {"name": "Ana", "address": "Ana@Contoso.test"},
            },
            {"type": "resource", "status": None, "emailAddress": {"address": "room-a@contoso.test"}},
            {"type": "alien", "emailAddress": None},
        ]
        stage = play(
            [
                (
                    201,
                    event(
                        attendees=rows,
                        organizer={"emailAddress": {"address": "Organizer@Contoso.test"}},
                        createdDateTime="2026-02-20T10:00:59.1234567Z",
                        isCancelled=True,
                        showAs="napping",
                    ),
                )
            ]
        )
        copy = stage.graph.create(DEFAULT, b"{}")
        assert (
            ("ana@contoso.test", Answer.ACCEPTED),
            ("room-a@contoso.test", Answer.NONE),
            ("", Answer.NONE),
        ) == copy.answers
        assert (
            Guest("ana@contoso.test", "Ana", GuestKind.REQUIRED),
            Guest("room-a@contoso.test", "", GuestKind.RESOURCE),
            Guest("", "", GuestKind.REQUIRED),
        ) == copy.guests
        assert (ORG, utc_order("2026-02-20T10:00:59.123456Z"), True, Status.UNKNOWN, None) == (
            copy.organizer,
            copy.created,
            copy.cancelled,
            copy.status,
            copy.marker,
        )
        assert "canary" not in repr(copy)


class TestFinding:
    def test_the_search_is_by_marker(self, play: Callable[..., Any]) -> None:
        """The filter names property and value with quotes doubled, and the marker is asked to come back."""
        stage = play([(200, {"value": [marked("it's")]})])
        (found,) = stage.graph.find_marked(OURS, "it's", HOUR)
        assert "it's" == found.marker
        expected = (
            f"$filter=singleValueExtendedProperties/any(ep: ep/id eq '{MARKER_ID}' and ep/value eq 'it''s')"
            f"&$expand=singleValueExtendedProperties($filter=id eq '{MARKER_ID}')&$top=50"
        )
        assert expected == stage.asked[0].query
        assert f"/v1.0/users/{ORG}/calendars/AAMk/Sched=/events" == stage.asked[0].path

    def test_moved_events_are_found(self, play: Callable[..., Any]) -> None:
        """An event that somebody dragged to another week is still ours."""
        week = 7 * 1440
        moved = marked("m") | {key: event(NINE + week, NINE + week + 60)[key] for key in ("start", "end")}
        stage = play([(200, {"value": [moved]})])
        (found,) = stage.graph.find_marked(DEFAULT, "m", HOUR)
        assert NINE + week == found.span.start

    def test_a_server_that_ignores_the_filter(self, play: Callable[..., Any]) -> None:
        """Events without our marker, or with another one, are not ours."""
        stage = play([(200, {"value": [event(), marked("other"), marked("m")]})])
        assert ["m"] == [found.marker for found in stage.graph.find_marked(DEFAULT, "m", HOUR)]

    def test_a_server_that_refuses_the_filter(self, play: Callable[..., Any]) -> None:
        """Where the filter is refused, the view around the expected time is searched."""
        stage = play(
            [(400, {"error": {"code": "ErrorInvalidRequest"}}), (200, {"value": [event(), marked("m")]})]
        )
        assert 1 == len(stage.graph.find_marked(DEFAULT, "m", HOUR))
        assert f"/v1.0/users/{ORG}/calendarView" == stage.asked[1].path


class TestReading:
    def test_gone_is_none(self, play: Callable[..., Any]) -> None:
        """An event that is not there is None."""
        stage = play([(404, {"error": {"code": "ErrorItemNotFound"}})])
        assert stage.graph.read(ORG, "AAMk/1+=") is None

    @pytest.mark.parametrize("code", ["MailboxNotEnabledForRESTAPI", "ErrorInvalidUser"])
    def test_a_lost_mailbox_is_not_a_gone_event(self, play: Callable[..., Any], code: str) -> None:
        """A 404 about the mailbox proves nothing about the event, whatever was to be done with it."""
        for act in ("read", "delete", "cancel"):
            stage = play([(404, {"error": {"code": code}})])
            with pytest.raises(NotThere):
                getattr(stage.graph, act)(ORG, "E1", *(["why"] if act == "cancel" else []))

    def test_the_marker_is_expanded(self, play: Callable[..., Any]) -> None:
        """Reading asks for the marker, in the scoped form that alone works."""
        stage = play([(200, marked("m"))])
        assert "m" == stage.graph.read(ORG, "E1").marker
        assert f"$expand=singleValueExtendedProperties($filter=id eq '{MARKER_ID}')" == stage.asked[0].query

    def test_no_time_becomes_a_minute(self, play: Callable[..., Any]) -> None:
        """An event dragged to no length is still a span that can be compared."""
        stage = play([(200, event(NINE, NINE))])
        assert Span(NINE, NINE + 1) == stage.graph.read(ORG, "E1").span

    @pytest.mark.parametrize(
        "odd", [None, [], {"id": "E1"}, event() | {"start": {"dateTime": "noon", "timeZone": "UTC"}}]
    )
    def test_what_cannot_be_read_is_bad(self, play: Callable[..., Any], odd: Any) -> None:
        """An answer that is no event is never taken for one, nor for a gone one."""
        with pytest.raises(BadAnswer):
            play([(200, odd)]).graph.read(ORG, "E1")


class TestView:
    def test_pages_and_edges(self, play: Callable[..., Any]) -> None:
        """All pages are read, a day more than asked is requested, and only what overlaps is kept."""
        link = "https://graph.test/v1.0/users/x/calendarView?$skiptoken=%2B1"
        stage = play(
            [
                (
                    200,
                    {"value": [event(NINE - 60, NINE), event(NINE - 60, NINE + 1)], "@odata.nextLink": link},
                ),
                (200, {"value": [], "@odata.nextLink": link + "2"}),
                (200, {"value": [event(NINE + 59, NINE + 90), event(NINE + 60, NINE + 90)]}),
            ]
        )
        found = stage.graph.view(OURS, HOUR)
        assert [Span(NINE - 60, NINE + 1), Span(NINE + 59, NINE + 90)] == [copy.span for copy in found]
        assert "startDateTime=2026-03-01T09:00Z&endDateTime=2026-03-03T10:00Z" in stage.asked[0].query
        assert 'outlook.timezone="UTC"' in stage.asked[1].headers["prefer"]
        assert "$skiptoken=+12" == stage.asked[2].query

    def test_floating_days_are_kept_in_any_zone(self, play: Callable[..., Any]) -> None:
        """An all-day event of the UTC day before may reach into the morning somewhere west."""
        midnight = NINE - 9 * 60
        day = event(midnight - 1440, midnight, isAllDay=True)
        stage = play(lambda _: (200, {"value": [day]}))
        assert 1 == len(stage.graph.view(DEFAULT, HOUR))
        assert 0 == len(stage.graph.view(DEFAULT, Span(midnight + 14 * 60, midnight + 15 * 60)))

    @pytest.mark.parametrize("broken", [{"value": None}, [], None, {"value": [event(), {"id": "E2"}]}])
    def test_part_of_a_calendar_is_no_calendar(self, play: Callable[..., Any], broken: Any) -> None:
        """A page or an event that cannot be read fails the whole view."""
        with pytest.raises(BadAnswer):
            play([(200, broken)]).graph.view(DEFAULT, HOUR)

    def test_a_poisoned_page_fails_the_view(self, play: Callable[..., Any]) -> None:
        """When the second page never comes, the first one is not returned alone."""
        link = "https://graph.test/v1.0/users/x/calendarView?$skip=1"
        stage = play(
            lambda asked: (
                (504, None) if "skip" in asked.query else (200, {"value": [event()], "@odata.nextLink": link})
            )
        )
        with pytest.raises(Unavailable):
            stage.graph.view(DEFAULT, HOUR)

    def test_circles_and_endless_pages_end(self, play: Callable[..., Any]) -> None:
        """Links that repeat or never stop end as a bad answer in bounded calls."""
        here = "https://graph.test/v1.0/users/x/calendarView?$skip="
        stage = play(lambda _: (200, {"value": [], "@odata.nextLink": here}))
        with pytest.raises(BadAnswer, match="circle"):
            stage.graph.view(DEFAULT, HOUR)
        assert 2 == len(stage.asked)
        stage = play(lambda _: (200, {"value": [], "@odata.nextLink": f"{here}{len(stage.asked)}"}))
        with pytest.raises(BadAnswer, match="more than 200 pages"):
            stage.graph.view(DEFAULT, HOUR)
        assert 200 == len(stage.asked)


class TestMany:
    BEN = CalendarRef("ben@contoso.test")

    def test_views_go_together_and_page_on_alone(self, play: Callable[..., Any]) -> None:
        """First pages of several calendars are one round trip; a page that follows is read from where it leads."""
        link = "https://graph.test/v1.0/users/x/calendarView?$skip=1"
        second = {"value": [event(NINE + 10, NINE + 20)]}
        first = {"value": [event(NINE, NINE + 5)], "@odata.nextLink": link}
        stage = play(lambda asked: (200, second if "skip" in asked.query or "ben" in asked.path else first))
        ours, bens = stage.graph.view_many([(OURS, HOUR), (self.BEN, HOUR)])
        assert [Span(NINE, NINE + 5), Span(NINE + 10, NINE + 20)] == [copy.span for copy in ours]
        assert [Span(NINE + 10, NINE + 20)] == [copy.span for copy in bens]
        assert (1, 3) == (len(stage.microsoft.batches), len(stage.asked))

    @pytest.mark.parametrize(
        "odd", [(403, None), (200, {"value": None}), (200, {"value": [{"id": "E2"}]}), (200, [])]
    )
    def test_one_that_fails_takes_none_along(self, play: Callable[..., Any], odd: Any) -> None:
        """A calendar that cannot be read is an error in its own place, and no part of it is given."""
        stage = play(lambda asked: odd if "ben" in asked.path else (200, {"value": [event()]}))
        found, failed = stage.graph.view_many([(OURS, HOUR), (self.BEN, HOUR)])
        assert 1 == len(found)
        assert isinstance(failed, NotAllowed if odd[0] == 403 else BadAnswer)

    def test_a_link_that_leads_away_fails_one(self, play: Callable[..., Any]) -> None:
        """A next page elsewhere fails the calendar that named it, and costs no request."""
        away = {"value": [event()], "@odata.nextLink": "https://evil.test/v1.0/users/x/calendarView"}
        stage = play(lambda asked: (200, away if "ben" in asked.path else {"value": []}))
        found, failed = stage.graph.view_many([(OURS, HOUR), (self.BEN, HOUR)])
        assert () == found
        assert isinstance(failed, BadAnswer)
        assert 2 == len(stage.asked)

    def test_reads_go_together(self, play: Callable[..., Any]) -> None:
        """Events are read by their ids in one round trip: one is there, one is gone, one mailbox is, one is odd."""
        answers = {
            "E1": (200, event()),
            "E2": (404, {"error": {"code": "ErrorItemNotFound"}}),
            "E3": (404, {"error": {"code": "MailboxNotEnabledForRESTAPI"}}),
            "E4": (200, {"id": 7}),
        }
        stage = play(lambda asked: answers[asked.path[-2:]])
        there, gone, closed, odd = stage.graph.read_many([(ORG, name) for name in answers])
        assert Span(NINE, NINE + 60) == there.span
        assert gone is None
        assert isinstance(closed, NotThere)
        assert isinstance(odd, BadAnswer)
        assert 1 == len(stage.microsoft.batches)


class TestAmend:
    """A change names what it changes, and the version that it changes."""

    @pytest.mark.parametrize(
        ("change", "body"),
        [
            (EventChange(place="Room B"), {"location": {"displayName": "Room B"}}),
            (
                EventChange(span=HOUR),
                {
                    "start": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"},
                    "end": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
                },
            ),
            (
                EventChange(guests=(Guest("ana@contoso.test", "Ana", GuestKind.OPTIONAL),)),
                {
                    "attendees": [
                        {
                            "type": "optional",
                            "emailAddress": {"address": "ana@contoso.test", "name": "Ana"},
                        }
                    ]
                },
            ),
        ],
    )
    def test_nothing_else_is_sent(
        self, play: Callable[..., Any], change: EventChange, body: dict[str, Any]
    ) -> None:
        """Text, and with it the way into an online meeting, is never part of an update, nor is a list left alone."""
        stage = play([(200, event())])
        stage.graph.amend(ORG, "E1", change, version='W/"v1"')
        (asked,) = stage.asked
        expected = ("PATCH", f"/v1.0/users/{ORG}/events/E1", 'W/"v1"', body)
        assert expected == (asked.method, asked.path, asked.headers["if-match"], asked.json)

    def test_the_answer_is_the_event(self, play: Callable[..., Any]) -> None:
        """What Graph made of it comes back, with its place and its new version."""
        answer = event(NINE + 60, NINE + 120, location={"displayName": "Room B"}, **{"@odata.etag": "v2"})
        copy = play([(200, answer)]).graph.amend(ORG, "E1", EventChange(place="Room B"), version="v1")
        assert (Span(NINE + 60, NINE + 120), "Room B", "v2") == (copy.span, copy.place, copy.version)

    def test_another_version_is_a_clash(self, play: Callable[..., Any]) -> None:
        """Somebody wrote in between: nothing was changed, and whoever asked reads again."""
        stage = play([(412, {"error": {"code": "ErrorIrresolvableConflict"}})])
        with pytest.raises(Clash) as error:
            stage.graph.amend(ORG, "E1", EventChange(place="Room B"), version="v1")
        assert ("no", 1) == (error.value.applied, len(stage.asked))

    @pytest.mark.parametrize("answer", [(500, None), (200, b"<html>"), (200, {"id": "E1"})])
    def test_an_unknown_change_is_told(self, play: Callable[..., Any], answer: Any) -> None:
        """A 5xx or an unreadable answer leaves open whether it was changed, and is not repeated here."""
        stage = play([answer])
        with pytest.raises((Unavailable, BadAnswer)) as error:
            stage.graph.amend(ORG, "E1", EventChange(place="Room B"), version="v1")
        assert ("unknown", 1) == (error.value.applied, len(stage.asked))


class TestRemoving:
    def test_cancel_says_why(self, play: Callable[..., Any]) -> None:
        """Cancelling posts the comment and reports that the meeting was there."""
        stage = play([(202, None)])
        assert stage.graph.cancel(ORG, "E 1", "Moved") is True
        assert ("POST", f"/v1.0/users/{ORG}/events/E 1/cancel", {"comment": "Moved"}) == (
            stage.asked[0].method,
            stage.asked[0].path,
            stage.asked[0].json,
        )

    def test_delete(self, play: Callable[..., Any]) -> None:
        """Deleting reports whether the event was there, and twice is no failure."""
        stage = play([(204, None), (404, {"error": {"code": "ErrorItemNotFound"}}), (410, None)])
        assert [True, False, False] == [stage.graph.delete(ORG, "E1") for _ in range(3)]

    def test_unknown_removal(self, play: Callable[..., Any]) -> None:
        """A 5xx leaves open whether the event was removed."""
        with pytest.raises(Unavailable) as error:
            play([(503, None)]).graph.delete(ORG, "E1")
        assert "unknown" == error.value.applied
