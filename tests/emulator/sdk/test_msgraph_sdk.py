"""Microsoft's own Python client, unchanged, against the emulator: it is understood and it understands.

The SDK's generated types know Graph's names: a value the emulator misspelled is None in them, and a key that
Graph does not have lands in `additional_data`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.serialization import AdditionalDataHolder
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.booking_type import BookingType
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.custom_time_zone import CustomTimeZone
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.free_busy_status import FreeBusyStatus
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.response_type import ResponseType
from msgraph.generated.models.room import Room
from msgraph.generated.models.schedule_information import ScheduleInformation
from msgraph.generated.models.sensitivity import Sensitivity
from msgraph.generated.models.single_value_legacy_extended_property import SingleValueLegacyExtendedProperty
from msgraph.generated.models.time_zone_base import TimeZoneBase
from msgraph.generated.users.item.calendar.calendar_view.calendar_view_request_builder import (
    CalendarViewRequestBuilder,
)
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody
from msgraph.graph_service_client import GraphServiceClient

from scheduler.emulator import demo
from scheduler.emulator.app import Emulator

# The SDK defines classes it calls deprecated when a request builder is first used: while a test runs.
pytestmark = [
    pytest.mark.campaign,
    pytest.mark.filterwarnings(
        "ignore:This class is deprecated. Please use the generic RequestConfiguration:DeprecationWarning"
    ),
]

ROOM = demo.ATTENDANT_ROOMS[0]
MARKER = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Slotwright"


def at(moment: datetime) -> DateTimeTimeZone:
    """An instant as Graph writes it, in UTC."""
    return DateTimeTimeZone(date_time=moment.strftime("%Y-%m-%dT%H:%M:%S"), time_zone="UTC")


def instant(value: DateTimeTimeZone | None) -> datetime:
    """The instant of a value in UTC."""
    assert value is not None
    assert value.time_zone == "UTC"
    assert value.date_time is not None
    return datetime.fromisoformat(value.date_time).replace(tzinfo=UTC)


def meeting(begin: datetime, *guests: tuple[str, AttendeeType]) -> Event:
    """An hour's interview with these guests."""
    return Event(
        subject="Interview: J. Doe",
        body=ItemBody(content_type=BodyType.Html, content="<p>Agenda</p>"),
        start=at(begin),
        end=at(begin + timedelta(hours=1)),
        attendees=[Attendee(email_address=EmailAddress(address=who), type=kind) for who, kind in guests],
        show_as=FreeBusyStatus.Busy,
        transaction_id=f"interview {begin.isoformat()}",
        single_value_extended_properties=[SingleValueLegacyExtendedProperty(id=MARKER, value="booking 1")],
    )


def unknown_keys(*values: AdditionalDataHolder | None) -> set[str]:
    """Keys on the wire that Graph's schema does not have; OData's own annotations apart."""
    return {
        key for value in values if value for key in value.additional_data if not key.startswith("@odata.")
    }


def answers(event: Event) -> dict[str, ResponseType | None]:
    """What each attendee answered, by address."""
    return {
        guest.email_address.address or "": guest.status.response if guest.status else None
        for guest in event.attendees or []
        if guest.email_address
    }


def code_of(error: ODataError) -> str | None:
    """The code of a Graph error."""
    return error.error.code if error.error else None


@pytest.fixture
def sdk(graph_client: GraphServiceClient) -> Sdk:
    """The calls below, on the client of this folder."""
    return Sdk(graph_client)


class Sdk:
    """The calls these tests make, each through the generated request builders."""

    def __init__(self, client: GraphServiceClient) -> None:
        self.client = client

    async def schedules(
        self, addresses: Iterable[str], begin: datetime, end: datetime
    ) -> dict[str, ScheduleInformation]:
        """The answers of getSchedule by address."""
        body = GetSchedulePostRequestBody(
            schedules=list(addresses), start_time=at(begin), end_time=at(end), availability_view_interval=15
        )
        calendar = self.client.users.by_user_id(demo.RECRUITER).calendar
        answer = await calendar.get_schedule.post(body)
        assert answer is not None
        return {one.schedule_id or "": one for one in answer.value or []}

    async def view(self, mailbox: str, begin: datetime, end: datetime) -> list[Event]:
        """All pages of a mailbox's calendarView."""
        query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
            start_date_time=begin.isoformat(), end_date_time=end.isoformat()
        )
        builder = self.client.users.by_user_id(mailbox).calendar.calendar_view
        page = await builder.get(RequestConfiguration(query_parameters=query))
        found: list[Event] = []
        while page is not None:
            found += page.value or []
            link = page.odata_next_link
            page = await builder.with_url(link).get() if link else None
        return found

    async def calendar(self, mailbox: str, name: str) -> Calendar:
        """A new secondary calendar."""
        made = await self.client.users.by_user_id(mailbox).calendars.post(Calendar(name=name))
        assert made is not None
        return made

    async def book(self, mailbox: str, event: Event, calendar_id: str | None = None) -> Event:
        """A new event in the default or in another calendar."""
        user = self.client.users.by_user_id(mailbox)
        target = user.calendar if calendar_id is None else user.calendars.by_calendar_id(calendar_id)
        made = await target.events.post(event)
        assert made is not None
        return made

    async def reread(self, mailbox: str, event: Event) -> Event:
        """The present state of an event."""
        assert event.id is not None
        found = await self.client.users.by_user_id(mailbox).events.by_event_id(event.id).get()
        assert found is not None
        return found


def test_schedules_are_typed(sdk: Sdk, loop: asyncio.Runner) -> None:
    """A schedule gives enum members, both kinds of zone, times of day and per-entry errors."""
    begin = datetime(2026, 3, 4, 8, tzinfo=UTC)
    ghost = f"ghost@{demo.DOMAIN}"
    asked = [demo.PANEL[0], demo.CUSTOM_ZONE, demo.NO_WORKING_HOURS, ROOM, ghost]
    found = loop.run(sdk.schedules(asked, begin, begin + timedelta(hours=9)))

    daan, custom = found[demo.PANEL[0]], found[demo.CUSTOM_ZONE]
    half_past = begin + timedelta(minutes=30)
    stand_up = next(item for item in daan.schedule_items or [] if instant(item.start) == half_past)
    hours = daan.working_hours
    assert asked == list(found)
    assert daan.availability_view is not None
    assert len(daan.availability_view) == 36
    assert stand_up.status is FreeBusyStatus.Busy
    assert instant(stand_up.end) == half_past + timedelta(minutes=15)
    assert hours is not None
    assert type(hours.time_zone) is TimeZoneBase
    assert hours.time_zone.name == "W. Europe Standard Time"
    week = [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday]
    assert week == hours.days_of_week
    assert (hours.start_time, hours.end_time) == (time(8), time(17))

    assert custom.working_hours is not None
    zone = custom.working_hours.time_zone
    assert isinstance(zone, CustomTimeZone)
    assert zone.standard_offset is not None
    assert zone.daylight_offset is not None
    rules = [
        (rule.month, rule.day_occurrence, rule.day_of_week, rule.time)
        for rule in (zone.standard_offset, zone.daylight_offset)
    ]
    assert rules == [(11, 1, DayOfWeek.Sunday, time(2)), (3, 2, DayOfWeek.Sunday, time(2))]
    assert (zone.bias, zone.daylight_offset.daylight_bias) == (300, -60)

    assert found[demo.NO_WORKING_HOURS].working_hours is None
    assert found[ROOM].error is None
    refused = found[ghost]
    assert refused.error is not None
    assert (refused.error.response_code, refused.availability_view) == ("5009", None)
    assert not unknown_keys(*found.values(), *(daan.schedule_items or []), hours, zone, refused.error)


def test_every_status_is_a_member(sdk: Sdk, loop: asyncio.Runner) -> None:
    """Busy, tentative and elsewhere items of the panel's first week are members of the enum, never None."""
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    found = loop.run(sdk.schedules(demo.PANEL, begin, begin + timedelta(days=5)))
    statuses = {item.status for one in found.values() for item in one.schedule_items or []}
    expected = {FreeBusyStatus.Busy, FreeBusyStatus.Tentative, FreeBusyStatus.WorkingElsewhere}
    assert expected == statuses


def test_rooms_are_typed(sdk: Sdk, loop: asyncio.Runner) -> None:
    """Places give rooms with their enum and null properties, and the rooms of one list by its address."""
    client = sdk.client
    answer = loop.run(client.places.graph_room.get())
    lists = loop.run(client.places.graph_room_list.get())
    assert answer is not None
    assert lists is not None
    rooms = {room.email_address or "": room for room in answer.value or []}
    listed = sorted(one.email_address or "" for one in lists.value or [])
    assert len(rooms) == 13
    assert demo.HIDDEN_ROOM not in rooms
    assert all(isinstance(room, Room) for room in rooms.values())
    assert rooms[demo.RESERVED_ROOM].booking_type is BookingType.Reserved
    assert rooms[demo.NO_CAPACITY_ROOM].capacity is None
    keizer = rooms[demo.WRITABLE_ROOMS[0]]
    shown = (keizer.display_name, keizer.capacity, keizer.floor_number, keizer.is_wheel_chair_accessible)
    assert shown == ("Keizer", 6, 1, True)
    assert (keizer.video_device_name, keizer.tags, keizer.nickname) == ("Rally Bar", ["whiteboard"], None)

    hudson = next(address for address in listed if "hudson" in address)
    inside = loop.run(client.places.by_place_id(hudson).graph_room_list.rooms.get())
    assert inside is not None
    expected = {demo.WRITABLE_ROOMS[2], demo.ATTENDANT_ROOMS[2], demo.RESERVED_ROOM}
    assert expected == {room.email_address for room in inside.value or []}
    assert not unknown_keys(*rooms.values(), *(lists.value or []))


def test_a_room_accepts_and_is_freed_again(sdk: Sdk, loop: asyncio.Runner, emulator: Emulator) -> None:
    """A meeting in the default calendar is tallied and fills the room; its cancellation frees the room."""
    begin = datetime(2026, 3, 7, 10, tzinfo=UTC)
    window = (begin - timedelta(hours=1), begin + timedelta(hours=2))
    invited = meeting(begin, (demo.PANEL[0], AttendeeType.Required), (ROOM, AttendeeType.Resource))
    made = loop.run(sdk.book(demo.RECRUITER, invited))
    assert made.attendees is not None
    assert made.start is not None
    assert instant(made.start) == begin
    assert (made.type, made.show_as) == (EventType.SingleInstance, FreeBusyStatus.Busy)
    assert (made.sensitivity, made.is_organizer) == (Sensitivity.Normal, True)
    assert made.created_date_time is not None
    assert made.created_date_time.tzinfo is not None
    assert made.response_status is not None
    assert made.response_status.response is ResponseType.Organizer
    assert answers(made) == {demo.PANEL[0]: ResponseType.None_, ROOM: ResponseType.None_}
    assert not loop.run(sdk.view(ROOM, *window))

    emulator.clock.advance(5)
    assert answers(loop.run(sdk.reread(demo.RECRUITER, made))) == {
        demo.PANEL[0]: ResponseType.Accepted,
        ROOM: ResponseType.Accepted,
    }
    [copy] = loop.run(sdk.view(ROOM, *window))
    assert copy.i_cal_u_id == made.i_cal_u_id
    assert (copy.subject, copy.is_organizer) == ("Rita Recruiter", False)
    assert copy.response_status is not None
    assert copy.response_status.response is ResponseType.Accepted
    booked = loop.run(sdk.schedules([ROOM], *window))[ROOM]
    assert booked.availability_view == "000022220000"
    assert not unknown_keys(made, copy, made.body, made.start, copy.response_status, *made.attendees)

    assert made.id is not None
    cancel = sdk.client.users.by_user_id(demo.RECRUITER).events.by_event_id(made.id).cancel
    loop.run(cancel.post(CancelPostRequestBody(comment="The candidate withdrew")))
    emulator.clock.advance(5)
    assert not loop.run(sdk.view(ROOM, *window))
    with pytest.raises(ODataError) as gone:
        loop.run(sdk.reread(demo.RECRUITER, made))
    assert (gone.value.response_status_code, code_of(gone.value)) == (404, "ErrorItemNotFound")


def test_the_scheduler_calendar_tallies_nothing(sdk: Sdk, loop: asyncio.Runner, emulator: Emulator) -> None:
    """In a calendar made by the app the room's answer never arrives, yet the room is booked."""
    begin = datetime(2026, 3, 14, 10, tzinfo=UTC)
    window = (begin, begin + timedelta(hours=1))
    calendar = loop.run(sdk.calendar(demo.SCHEDULING_USER, "Scheduler"))
    assert (calendar.name, calendar.can_edit) == ("Scheduler", True)
    assert (calendar.is_default_calendar, calendar.is_tallying_responses) == (False, False)
    assert calendar.owner is not None
    assert calendar.owner.address == demo.SCHEDULING_USER
    made = loop.run(
        sdk.book(demo.SCHEDULING_USER, meeting(begin, (ROOM, AttendeeType.Resource)), calendar_id=calendar.id)
    )
    emulator.clock.advance(5)
    assert answers(loop.run(sdk.reread(demo.SCHEDULING_USER, made))) == {ROOM: ResponseType.None_}
    [copy] = loop.run(sdk.view(ROOM, *window))
    assert copy.i_cal_u_id == made.i_cal_u_id
    assert not loop.run(sdk.view(demo.SCHEDULING_USER, *window))
    assert not unknown_keys(calendar, calendar.owner)

    with pytest.raises(ODataError) as twice:
        loop.run(sdk.calendar(demo.SCHEDULING_USER, "scheduler"))
    assert (twice.value.response_status_code, code_of(twice.value)) == (409, "ErrorFolderExists")


def test_a_repeated_transaction_is_one_event(sdk: Sdk, loop: asyncio.Runner) -> None:
    """The same request again answers with the first event; the same transactionId for another is refused."""
    begin = datetime(2026, 3, 21, 10, tzinfo=UTC)
    room = demo.WRITABLE_ROOMS[0]
    first = loop.run(sdk.book(room, meeting(begin)))
    again = loop.run(sdk.book(room, meeting(begin)))
    assert first.id == again.id
    changed = meeting(begin)
    changed.subject = "Another interview"
    with pytest.raises(ODataError) as refused:
        loop.run(sdk.book(room, changed))
    assert (refused.value.response_status_code, code_of(refused.value)) == (
        400,
        "ErrorDuplicateTransactionId",
    )


def test_a_view_comes_in_pages(sdk: Sdk, loop: asyncio.Runner) -> None:
    """A fortnight of a full calendar follows ten-item pages to the end and expands the series."""
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    found = loop.run(sdk.view(demo.PANEL[0], begin, begin + timedelta(days=12)))
    stand_ups = [event for event in found if event.subject == "Stand-up"]
    assert len(found) > 20
    assert len({event.id for event in found}) == len(found)
    assert [EventType.Occurrence] * 10 == [event.type for event in stand_ups]
    assert all(instant(event.start) < begin + timedelta(days=12) for event in found)


def test_rights_end_where_the_grants_end(sdk: Sdk, loop: asyncio.Runner) -> None:
    """A write to a readable room and a read of the room out of scope are 403, with Graph's error type."""
    begin = datetime(2026, 3, 21, 10, tzinfo=UTC)
    with pytest.raises(ODataError) as unwritable:
        loop.run(sdk.book(ROOM, meeting(begin)))
    with pytest.raises(ODataError) as unreadable:
        loop.run(sdk.view(demo.OUT_OF_SCOPE_ROOM, begin, begin + timedelta(hours=1)))
    for refused in (unwritable, unreadable):
        assert (refused.value.response_status_code, code_of(refused.value)) == (403, "ErrorAccessDenied")
        assert refused.value.error is not None
        assert refused.value.error.inner_error is not None
        assert refused.value.error.inner_error.request_id
