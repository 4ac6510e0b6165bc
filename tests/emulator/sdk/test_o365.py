"""The O365 package, unchanged, against the emulator over the job of a scheduler.

O365 lets a protocol name another address and a token backend bring its own tokens; it has no parameter for the
authority of its sign-in, so MSAL signs in beside it and fills the backend, which is MSAL's own token cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msal
import pytest
from O365 import Account
from O365.connection import Connection, MSGraphProtocol
from O365.utils.token import MemoryTokenBackend
from werkzeug.wrappers import Request, Response

from scheduler.emulator import demo
from scheduler.emulator.app import Emulator
from scheduler.emulator.server import Server
from scheduler.testing.experiments import Tally

BEGIN = datetime(2026, 4, 20, 9, tzinfo=ZoneInfo("UTC"))
ROOM = demo.ATTENDANT_ROOMS[1]


@pytest.fixture(scope="module")
def account(server: Server) -> Iterator[Account]:
    """An account of the demo organization's app."""
    to = server.connection
    trusted = pytest.MonkeyPatch()
    # requests prefers a bundle of the environment, where there is one, to the one that a session names.
    trusted.setenv("REQUESTS_CA_BUNDLE", to["ca_file"])
    root = to["graph_url"].removesuffix("v1.0")
    backend = MemoryTokenBackend()
    signed_in = msal.ConfidentialClientApplication(
        to["client_id"],
        to["client_secret"],
        authority=f"{to['authority']}/{to['tenant_id']}",
        instance_discovery=False,
        token_cache=backend,
        verify=to["ca_file"],
    ).acquire_token_for_client([f"{root}.default"])
    assert "access_token" in signed_in, signed_in

    class Emulated(MSGraphProtocol):
        _protocol_url = root

    account = Account(
        (to["client_id"], to["client_secret"]),
        auth_flow_type="credentials",
        tenant_id=to["tenant_id"],
        protocol=Emulated(timezone="UTC"),
        main_resource=demo.RECRUITER,
        token_backend=backend,
        verify_ssl=to["ca_file"],
        requests_delay=0,
    )
    yield account
    connection: Connection = account.con
    if connection.session is not None:
        connection.session.close()
    trusted.undo()


class Job:
    """Counts operations: each is tried, and violated unless it is right."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def does(self, what: str, value: Any, right: Callable[[Any], bool] = bool) -> Any:
        """Judge what an operation gave; returns it."""
        self._tally.tried()
        if right(value):
            self._tally.counted("passed")
        else:
            self._tally.violated(f"{what}: {value!r}")
        return value


@pytest.mark.campaign
@pytest.mark.experiment("SDK", "O365, unchanged: free time, calendars, events, answers")
def test_the_main_job(account: Account, emulator: Emulator, tally: Tally) -> None:
    """Free time is read, a meeting booked with a room, moved, answered, followed and cancelled."""
    job, schedule = Job(tally), account.schedule()
    end = BEGIN + timedelta(hours=1)
    free = job.does(
        "availability",
        schedule.get_availability([*demo.PANEL, ROOM], BEGIN, end, 15),
        lambda all_: len(all_) == 4,
    )
    assert all(len(one["availabilityView"]) == 4 for one in free)

    calendar = job.does("new calendar", schedule.new_calendar("Interviews by O365"))
    named = job.does("calendar by name", schedule.get_calendar(calendar_name="Interviews by O365"))
    assert named.calendar_id == calendar.calendar_id
    job.does("calendar by id", schedule.get_calendar(calendar_id=calendar.calendar_id))
    job.does("calendars", schedule.list_calendars(), lambda all_: len(list(all_)) >= 2)
    default = job.does("default calendar", schedule.get_default_calendar(), lambda one: one.can_edit)
    calendar.name = "Renamed by O365"
    job.does("rename calendar", calendar.update())
    hold = calendar.new_event("Hold")
    hold.start, hold.end = BEGIN, end
    job.does("event in a calendar", hold.save())

    event = default.new_event("Interview")
    event.start, event.end, event.body = BEGIN, end, "Agenda"
    event.attendees.add([demo.PANEL[2], ROOM])
    job.does("create event", event.save())
    assert event.object_id
    event.start, event.end = BEGIN + timedelta(hours=1), end + timedelta(hours=1)
    job.does("move event", event.save())
    emulator.clock.advance(60)
    again = job.does("read event", default.get_event(event.object_id))
    responses = [who.response_status.status.value for who in again.attendees]
    job.does("answers", responses, lambda all_: all_ == ["accepted", "accepted"])

    theirs = account.schedule(resource=demo.PANEL[2]).get_default_calendar()
    week = BEGIN - timedelta(days=1), BEGIN + timedelta(days=6)
    found = list(theirs.get_events(limit=None, batch=5, start_recurring=week[0], end_recurring=week[1]))
    job.does("view", found)
    march = datetime(2026, 3, 2, tzinfo=ZoneInfo("UTC"))
    pages = theirs.get_events(
        limit=40, batch=5, start_recurring=march, end_recurring=march + timedelta(days=12)
    )
    job.does(
        "view in pages", list(pages), lambda all_: len({one.object_id for one in all_}) == len(all_) > 10
    )
    (copy,) = (one for one in found if one.ical_uid == event.ical_uid)
    one = job.does("their copy", theirs.get_event(copy.object_id))
    assert one.start == BEGIN + timedelta(hours=1)
    listed = list(default.get_events(limit=5, query="subject eq 'Interview'", include_recurring=False))
    job.does("events by filter", listed, lambda all_: event.object_id in {one.object_id for one in all_})

    job.does("cancel event", event.cancel_event("Sorry"))
    job.does("delete event", hold.delete())
    job.does("delete calendar", calendar.delete())
    emulator.clock.advance(60)
    left = theirs.get_events(limit=50, start_recurring=week[0], end_recurring=week[1], query=None)
    busy = [one for one in left if one.ical_uid == event.ical_uid and not one.is_cancelled]
    job.does("no copy is left", busy, lambda all_: not all_)
    assert [] == tally.violations


@pytest.mark.experiment("SDK", "O365, unchanged: subscriptions")
def test_subscriptions(account: Account, emulator: Emulator, tally: Tally) -> None:
    """A subscription is made, read, listed, renewed and ended."""
    job = Job(tally)

    def hook(environ: Any, start_response: Any) -> Any:
        token = Request(environ).args.get("validationToken", "")
        return Response(token, content_type="text/plain")(environ, start_response)

    emulator.receivers.register("https://hook.example", hook)
    hooks, until = account.subscriptions(), emulator.clock.now() + timedelta(days=1)
    made = job.does(
        "subscribe",
        hooks.create_subscription(
            "https://hook.example/o365", f"users/{demo.PANEL[2]}/events", "updated", expiration_datetime=until
        ),
    )
    job.does("get subscription", hooks.get_subscription(made["id"]), lambda one: one["id"] == made["id"])
    job.does("list subscriptions", hooks.list_subscriptions(), lambda all_: made["id"] in str(list(all_)))
    renewed = hooks.renew_subscription(made["id"], expiration_datetime=until + timedelta(days=1))
    job.does("renew", renewed, lambda one: one["expirationDateTime"] > made["expirationDateTime"])
    job.does("unsubscribe", hooks.delete_subscription(made["id"]))
    assert [] == tally.violations
