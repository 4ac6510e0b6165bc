"""Every value the emulator sends survives the types of Microsoft's own client.

The SDK drops what it does not understand: an unknown member of an enum or a value of the wrong type parses to
None, and a None is not written again. So what was parsed is written back and compared with what was sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, time
from typing import Any

import pytest
from kiota_abstractions.serialization import Parsable
from kiota_serialization_json.json_parse_node import JsonParseNode
from kiota_serialization_json.json_serialization_writer import JsonSerializationWriter
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.room import Room
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.graph_service_client import GraphServiceClient

from scheduler.emulator import demo

# The SDK defines classes it calls deprecated when a request builder is first used: while a test runs.
pytestmark = [
    pytest.mark.campaign,
    pytest.mark.filterwarnings(
        "ignore:This class is deprecated. Please use the generic RequestConfiguration:DeprecationWarning"
    ),
]


def written(parsed: Parsable) -> Any:
    """What the SDK would send of a value it parsed."""
    writer = JsonSerializationWriter()
    writer.write_object_value(None, parsed)
    return json.loads(writer.get_serialized_content())


def lost(sent: Any, kept: Any, path: str = "") -> Iterator[str]:
    """Paths of values the emulator sent that the SDK's types did not keep as they were; nulls apart."""
    match sent:
        case None | []:
            return
        case dict():
            for name, value in sent.items():
                if not name.startswith("@odata."):
                    yield from lost(
                        value, kept.get(name) if isinstance(kept, dict) else None, f"{path}/{name}"
                    )
        case list():
            if not isinstance(kept, list) or len(sent) != len(kept):
                yield path
            else:
                for index, (one, other) in enumerate(zip(sent, kept, strict=True)):
                    yield from lost(one, other, f"{path}/{index}")
        case _ if plain(sent) != plain(kept):
            yield f"{path}: {sent!r} became {kept!r}"


def plain(value: Any) -> Any:
    """A value with times and date-times in one spelling."""
    for read in (datetime.fromisoformat, time.fromisoformat):
        try:
            return read(value) if isinstance(value, str) else value
        except ValueError:
            continue
    return value


async def schedules(client: GraphServiceClient) -> Parsable | None:
    """A fortnight of people with every oddity there is."""
    oddities = (demo.CUSTOM_ZONE, demo.NO_ZONE, demo.NO_WORKING_HOURS, demo.ON_PREMISES, f"x@{demo.DOMAIN}")
    body = GetSchedulePostRequestBody(
        schedules=[*demo.PANEL, *oddities, *demo.WRITABLE_ROOMS],
        start_time=DateTimeTimeZone(date_time="2026-03-02T00:00:00", time_zone="UTC"),
        end_time=DateTimeTimeZone(date_time="2026-03-14T00:00:00", time_zone="UTC"),
    )
    return await client.users.by_user_id(demo.RECRUITER).calendar.get_schedule.post(body)


CONFORMANCE: dict[str, Callable[[GraphServiceClient], Coroutine[Any, Any, Parsable | None]]] = {
    "calendar": lambda client: client.users.by_user_id(demo.RECRUITER).calendar.get(),
    "calendars": lambda client: client.users.by_user_id(demo.RECRUITER).calendars.get(),
    "events": lambda client: client.users.by_user_id(demo.PANEL[0]).events.get(),
    "mailbox settings": lambda client: client.users.by_user_id(demo.PANEL[1]).mailbox_settings.get(),
    "room lists": lambda client: client.places.graph_room_list.get(),
    "rooms": lambda client: client.places.graph_room.get(),
    "schedules": schedules,
    "user": lambda client: client.users.by_user_id(demo.PANEL[2]).get(),
}


@pytest.mark.parametrize("what", CONFORMANCE)
def test_the_sdk_keeps_all_that_is_sent(
    graph_client: GraphServiceClient, loop: asyncio.Runner, wire: list[Any], what: str
) -> None:
    """No unknown member of an enum, no wrong type and no malformed time is in this answer."""
    parsed = loop.run(CONFORMANCE[what](graph_client))
    assert parsed is not None
    assert not list(lost(wire[-1], written(parsed)))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"bookingType": "bookable"},
        {"capacity": "8"},
        {"isWheelChairAccessible": "true"},
    ],
)
def test_the_comparison_notices_a_spoilt_value(spoilt: dict[str, Any]) -> None:
    """A value outside the enum or of the wrong type is reported lost, so the table above can fail."""
    node = JsonParseNode({"displayName": "Keizer", **spoilt})
    room = node.get_object_value(Room)
    [name] = spoilt
    assert [path.partition(":")[0] for path in lost(spoilt, written(room))] == [f"/{name}"]
