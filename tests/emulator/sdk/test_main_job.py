"""The whole job of a scheduler by Microsoft's own Python client: each operation is tried and does what it must."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_collection_response import EventCollectionResponse
from msgraph.generated.models.subscription import Subscription
from msgraph.generated.subscriptions.subscriptions_request_builder import SubscriptionsRequestBuilder
from msgraph.generated.users.item.calendar.calendar_view.calendar_view_request_builder import (
    CalendarViewRequestBuilder,
)
from msgraph.generated.users.item.calendar.calendar_view.delta.delta_request_builder import (
    DeltaRequestBuilder,
)
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody
from msgraph.generated.users.item.events.item.cancel.cancel_post_request_body import CancelPostRequestBody
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from werkzeug.wrappers import Request, Response

from scheduler.emulator import demo
from scheduler.emulator.app import Emulator
from scheduler.emulator.server import Server
from scheduler.testing.experiments import Tally

# The SDK defines classes it calls deprecated when a request builder is first used: while a test runs.
pytestmark = [
    pytest.mark.campaign,
    pytest.mark.filterwarnings(
        "ignore:This class is deprecated. Please use the generic RequestConfiguration:DeprecationWarning"
    ),
]

BEGIN = datetime(2026, 4, 6, 9, tzinfo=UTC)
ROOM = demo.ATTENDANT_ROOMS[1]
HOOK = "https://hook.example/sdk"
_Value = TypeVar("_Value")


def at(moment: datetime) -> DateTimeTimeZone:
    """An instant as Graph writes it, in UTC."""
    return DateTimeTimeZone(date_time=moment.strftime("%Y-%m-%dT%H:%M:%S"), time_zone="UTC")


def guest(address: str, kind: AttendeeType = AttendeeType.Required) -> Attendee:
    """Somebody or some room to invite."""
    return Attendee(email_address=EmailAddress(address=address), type=kind)


class Job:
    """Counts operations: each is tried, and violated unless it did what it must.

    Args:
        client: the SDK.
        loop: where it lives.
    """

    def __init__(self, client: GraphServiceClient, loop: asyncio.Runner, tally: Tally) -> None:
        self.client = client
        self._loop = loop
        self._tally = tally

    def does(
        self,
        what: str,
        operation: Awaitable[_Value | None],
        right: Callable[[_Value], bool] = lambda _: True,
        *,
        silent: bool = False,
    ) -> Any:
        """Try an operation; returns its value.

        Args:
            right: whether the value is as it must be.
            silent: whether there is no value, as where the service answers without a body.
        """

        async def tried() -> _Value | None:
            return await operation

        self._tally.tried()
        value = self._loop.run(tried())
        if silent or (value is not None and right(value)):
            self._tally.counted("passed")
        else:
            self._tally.violated(f"{what}: {value!r}")
        return value


@pytest.fixture
def job(graph_client: GraphServiceClient, loop: asyncio.Runner, tally: Tally) -> Job:
    """A job of this client."""
    return Job(graph_client, loop, tally)


async def pages(builder: Any, first: Coroutine[Any, Any, Any]) -> list[Event]:
    """All pages of a collection of events."""
    found: list[Event] = []
    page = await first
    while page is not None:
        found += page.value or []
        page = await builder.with_url(page.odata_next_link).get() if page.odata_next_link else None
    return found


@pytest.mark.experiment("SDK", "msgraph-sdk, unchanged: free time, rooms, calendars, events, answers")
def test_from_free_time_to_cancellation(job: Job, tally: Tally, emulator: Emulator) -> None:
    """Free time is read, a room found, a calendar made, a meeting booked, moved, answered, cancelled and deleted."""
    client = job.client
    recruiter, interviewer = (client.users.by_user_id(who) for who in (demo.RECRUITER, demo.PANEL[2]))
    wanted = GetSchedulePostRequestBody(
        schedules=[*demo.PANEL, ROOM],
        start_time=at(BEGIN),
        end_time=at(BEGIN + timedelta(hours=1)),
        availability_view_interval=15,
    )
    job.does("getSchedule", recruiter.calendar.get_schedule.post(wanted), lambda found: len(found.value) == 4)
    job.does("rooms", client.places.graph_room.get(), lambda found: len(found.value) == 13)
    lists = job.does("room lists", client.places.graph_room_list.get(), lambda found: len(found.value) == 3)
    inside = client.places.by_place_id(lists.value[0].email_address).graph_room_list.rooms
    job.does("rooms of a list", inside.get(), lambda found: bool(found.value))
    job.does("user", interviewer.get(), lambda found: found.mail == demo.PANEL[2])
    job.does("mailbox settings", interviewer.mailbox_settings.get(), lambda found: bool(found.time_zone))
    job.does("calendar", recruiter.calendar.get(), lambda found: found.can_edit is True)
    job.does(
        "permissions", recruiter.calendar.calendar_permissions.get(), lambda found: len(found.value) >= 1
    )

    name = Calendar(name="Interviews by SDK")
    made = job.does(
        "create calendar", recruiter.calendars.post(name), lambda one: one.is_default_calendar is False
    )
    own = recruiter.calendars.by_calendar_id(made.id)
    job.does("calendars", recruiter.calendars.get(), lambda found: made.id in {one.id for one in found.value})
    job.does(
        "rename calendar",
        own.patch(Calendar(name="Renamed by SDK")),
        lambda one: one.name == "Renamed by SDK",
    )
    job.does("get calendar", own.get(), lambda one: one.name == "Renamed by SDK")
    quiet = Event(subject="Hold", start=at(BEGIN), end=at(BEGIN + timedelta(hours=1)))
    job.does("event in a calendar", own.events.post(quiet), lambda one: one.i_cal_u_id is not None)

    meeting = Event(
        subject="Interview",
        start=at(BEGIN),
        end=at(BEGIN + timedelta(hours=1)),
        attendees=[guest(demo.PANEL[2]), guest(ROOM, AttendeeType.Resource)],
    )
    booked = job.does(
        "create event", recruiter.calendar.events.post(meeting), lambda one: len(one.attendees) == 2
    )
    event = recruiter.events.by_event_id(booked.id)
    later = Event(start=at(BEGIN + timedelta(hours=1)), end=at(BEGIN + timedelta(hours=2)))
    job.does("move event", event.patch(later), lambda one: one.start.date_time.startswith("2026-04-06T10"))
    emulator.clock.advance(0.6)
    query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time=BEGIN.isoformat(), end_date_time=(BEGIN + timedelta(hours=3)).isoformat()
    )
    view = interviewer.calendar.calendar_view
    copies = job.does("their view", pages(view, view.get(RequestConfiguration(query_parameters=query))))
    (copy,) = (one for one in copies if one.i_cal_u_id == booked.i_cal_u_id)
    emulator.clock.advance(60)
    statuses = lambda one: [str(who.status.response.value) for who in one.attendees]  # noqa: E731 - reads in place
    job.does("read event", event.get(), lambda one: statuses(one) == ["accepted", "accepted"])
    job.does(
        "events", recruiter.calendar.events.get(), lambda found: isinstance(found, EventCollectionResponse)
    )
    assert copy.id is not None
    job.does("cancel event", event.cancel.post(CancelPostRequestBody(comment="Sorry")), silent=True)
    job.does("delete calendar", own.delete(), silent=True)
    emulator.clock.advance(60)
    left = job.does("view after", pages(view, view.get(RequestConfiguration(query_parameters=query))))
    if any(one.i_cal_u_id == booked.i_cal_u_id and not one.is_cancelled for one in left):
        tally.violated("the cancelled meeting is still held")

    room = client.users.by_user_id(demo.WRITABLE_ROOMS[1])
    direct = job.does(
        "write into a room", room.calendar.events.post(quiet), lambda one: one.is_organizer is True
    )
    job.does("delete event", room.events.by_event_id(direct.id).delete(), silent=True)
    assert [] == tally.violations


@pytest.mark.experiment("SDK", "msgraph-sdk, unchanged: change tracking and paging")
def test_change_tracking(job: Job, tally: Tally) -> None:
    """A view is followed page by page, then by its deltaLink through a creation and a removal."""
    room = job.client.users.by_user_id(demo.WRITABLE_ROOMS[0]).calendar
    made = [
        job.does(
            "create",
            room.events.post(
                Event(
                    subject=str(n),
                    start=at(BEGIN + timedelta(hours=n)),
                    end=at(BEGIN + timedelta(hours=n + 1)),
                )
            ),
        )
        for n in range(12)
    ]
    query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
        start_date_time=BEGIN.isoformat(), end_date_time=(BEGIN + timedelta(days=1)).isoformat()
    )
    builder = room.calendar_view.delta
    page = job.does(
        "delta", builder.get(RequestConfiguration(query_parameters=query)), lambda one: len(one.value) == 10
    )
    last = job.does(
        "delta page", builder.with_url(page.odata_next_link).get(), lambda one: bool(one.odata_delta_link)
    )
    assert {one.id for one in made} <= {one.id for one in (*page.value, *last.value)}
    job.does("delete", room.events.by_event_id(made[0].id).delete(), silent=True)
    changed = job.does(
        "delta link",
        builder.with_url(last.odata_delta_link).get(),
        lambda one: (
            [(item.id, "@removed" in item.additional_data) for item in one.value] == [(made[0].id, True)]
        ),
    )
    assert changed.odata_next_link is None
    assert [] == tally.violations


def relative(information: RequestInformation, server: Server, name: str) -> BatchRequestItem:
    """A request for a batch; the SDK leaves its address absolute, which Graph refuses (msgraph-sdk-python#1015)."""
    item = BatchRequestItem(information, name)
    item.url = item.url.replace(server.connection["graph_url"], "")
    return item


@pytest.mark.experiment("SDK", "msgraph-sdk, unchanged: batches")
def test_batch(job: Job, tally: Tally, server: Server, wire: list[Any]) -> None:
    """A batch of reads answers each by its id, whatever the order, and tells the failure of one alone."""
    recruiter = job.client.users.by_user_id(demo.RECRUITER)
    content = BatchRequestContent({})
    for name, builder in (
        ("calendar", recruiter.calendar),
        ("calendars", recruiter.calendars),
        ("gone", recruiter.events.by_event_id("AAMkgone=")),
    ):
        content.add_request(name, relative(builder.to_get_request_information(), server, name))
    answer = job.does("batch", job.client.batch.post(content), lambda one: len(one.responses) == 3)
    assert {"calendar": 200, "calendars": 200, "gone": 404} == answer.get_response_status_codes()
    # msgraph-core 1.5 drops the JSON bodies of a batch's replies, so they are read off the wire.
    (read,) = (one["body"] for one in wire[-1]["responses"] if one["id"] == "calendar")
    if read["owner"]["address"] != demo.RECRUITER:
        tally.violated("the calendar in the batch is not the recruiter's")
    unchanged = BatchRequestContent({})
    unchanged.add_request("1", BatchRequestItem(recruiter.calendar.to_get_request_information(), "1"))
    refused = job.does("absolute address", job.client.batch.post(unchanged))
    assert {"1": 400} == refused.get_response_status_codes()
    assert [] == tally.violations


@pytest.mark.experiment("SDK", "msgraph-sdk, unchanged: subscriptions")
def test_subscriptions(job: Job, tally: Tally, emulator: Emulator) -> None:
    """A subscription is made, read, listed, renewed, reauthorized and ended."""

    def hook(environ: Any, start_response: Any) -> Any:
        token = Request(environ).args.get("validationToken", "")
        return Response(token, content_type="text/plain")(environ, start_response)

    emulator.receivers.register("https://hook.example", hook)
    now = emulator.clock.now()
    wanted = Subscription(
        change_type="created,updated,deleted",
        notification_url=HOOK,
        resource=f"/users/{demo.WRITABLE_ROOMS[0]}/events",
        expiration_date_time=now + timedelta(days=2),
        client_state="s3cret",
    )
    subscriptions: SubscriptionsRequestBuilder = job.client.subscriptions
    made = job.does("subscribe", subscriptions.post(wanted), lambda one: one.client_state == "s3cret")
    one = subscriptions.by_subscription_id(made.id)
    job.does("get subscription", one.get(), lambda found: found.notification_url == HOOK)
    job.does(
        "list subscriptions", subscriptions.get(), lambda found: made.id in {each.id for each in found.value}
    )
    longer = Subscription(expiration_date_time=now + timedelta(days=3))
    job.does("renew", one.patch(longer), lambda found: found.expiration_date_time == now + timedelta(days=3))
    job.does("reauthorize", one.reauthorize.post(), silent=True)
    job.does("unsubscribe", one.delete(), silent=True)
    assert [] == tally.violations


@pytest.mark.experiment("SDK", "negative control: a wrong answer is noticed", control=True)
def test_a_wrong_answer_is_noticed(job: Job, tally: Tally) -> None:
    """An operation that answers something else than it must is counted."""
    calendar = job.client.users.by_user_id(demo.RECRUITER).calendar
    job.does("calendar", calendar.get(), lambda one: one.is_default_calendar is False)
    assert 1 == len(tally.violations)


def test_an_answer_to_an_invitation(job: Job, emulator: Emulator) -> None:
    """An invitation is accepted by the SDK on behalf of somebody who does not answer by rule."""
    recruiter = job.client.users.by_user_id(demo.RECRUITER)
    start = BEGIN + timedelta(days=2)
    invited = Event(
        subject="Interview",
        start=at(start),
        end=at(start + timedelta(hours=1)),
        attendees=[guest(demo.SCHEDULING_USER)],
    )
    booked = job.does("create", recruiter.calendar.events.post(invited))
    emulator.clock.advance(1)
    mine = job.client.users.by_user_id(demo.SCHEDULING_USER).calendar.events
    (copy,) = (one for one in job.does("events", mine.get()).value if one.i_cal_u_id == booked.i_cal_u_id)
    accept = job.client.users.by_user_id(demo.SCHEDULING_USER).events.by_event_id(copy.id).accept
    job.does("accept", accept.post(AcceptPostRequestBody(send_response=True)), silent=True)
    emulator.clock.advance(1)
    again = job.does("read", recruiter.events.by_event_id(booked.id).get())
    assert ["accepted"] == [str(who.status.response.value) for who in again.attendees]
