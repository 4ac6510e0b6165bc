"""One small tenant, an emulator of it on a standing clock, and clients that are signed in to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from scheduler.emulator import IN_PROCESS_AUTHORITY, IN_PROCESS_GRAPH, Clock, Emulator, Tenant

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
CALENDAR_ROLES = [{"role": "Calendars.ReadWrite"}, {"role": "Place.Read.All"}]


def small_tenant(**changes: Any) -> Tenant:
    """Three people, three rooms and three apps of one organization; `changes` replace whole keys."""
    content: dict[str, Any] = {
        "id": "11111111-2222-4333-8444-555555555555",
        "domain": "contoso.example",
        "seed": 7,
        "apps": [
            {
                "client_id": "all",
                "secret": "s3cret",
                "grants": [
                    *CALENDAR_ROLES,
                    {"role": "MailboxSettings.Read"},
                    {"role": "User.Read.All"},
                ],
            },
            {
                "client_id": "scoped",
                "secret": "s3cret",
                "grants": [
                    {"role": "Calendars.Read"},
                    {"role": "Calendars.ReadWrite", "over": ["writers@contoso.example"]},
                ],
            },
            {
                "client_id": "narrow",
                "secret": "s3cret",
                "grants": [{"role": "Calendars.Read", "over": ["ana@contoso.example"]}],
            },
            {"client_id": "bare", "secret": "s3cret", "secret_expires": "2026-03-03T00:00:00Z"},
        ],
        "groups": [
            {"address": "writers@contoso.example", "members": ["room-a@contoso.example"]},
            {
                "address": "panel@contoso.example",
                "members": ["ana@contoso.example", "ben@contoso.example"],
            },
        ],
        "people": [
            {
                "address": "ana@contoso.example",
                "name": "Ana Silva",
                "time_zone": "W. Europe Standard Time",
                "share_details": True,
                "answers": {"answer": "accept", "delay_seconds": 60},
                "events": [
                    {
                        "subject": "Standup",
                        "start": "2026-03-02T09:00",
                        "end": "2026-03-02T09:15",
                        "repeats": {"days": ["monday"], "count": 6},
                    },
                    {
                        "subject": "Doctor",
                        "start": "2026-03-02T13:00Z",
                        "end": "2026-03-02T13:20Z",
                        "sensitivity": "private",
                        "show_as": "oof",
                    },
                ],
            },
            {
                "address": "ben@contoso.example",
                "name": "Ben Okafor",
                "time_zone": "",
                "working_hours": None,
                "answers": {"answer": "decline", "delay_seconds": 60},
                "events": [
                    {"start": "2026-03-02T10:00Z", "end": "2026-03-02T11:00Z", "show_as": "tentative"},
                    {"start": "2026-03-02T10:30Z", "end": "2026-03-02T10:45Z", "show_as": "free"},
                ],
            },
            {"address": "hal@contoso.example", "name": "Hal Berg", "mailbox": "on_premises"},
            {"address": "nomail@contoso.example", "mailbox": "none"},
        ],
        "rooms": [
            {"address": "room-a@contoso.example", "name": "Room A", "capacity": 8, "building": "HQ"},
            {
                "address": "room-b@contoso.example",
                "name": "Room B",
                "attendant": {"automate": "AutoUpdate"},
            },
            {"address": "room-c@contoso.example", "name": "Room C", "hidden": True},
        ],
        "room_lists": [{"address": "hq@contoso.example", "name": "HQ", "rooms": ["room-a@contoso.example"]}],
    }
    return Tenant.model_validate({**content, **changes})


class Client:
    """A signed-in client of an emulator, in process; answers are httpx responses."""

    def __init__(self, emulator: Emulator, client_id: str = "all") -> None:
        self.emulator = emulator
        self.http = httpx.Client(transport=httpx.WSGITransport(emulator.wsgi), base_url=IN_PROCESS_GRAPH)
        self.client_id = client_id
        self.sign_in()

    def sign_in(self) -> None:
        """Take a fresh token."""
        answer = self.http.post(
            f"{IN_PROCESS_AUTHORITY}/{self.emulator.tenant.id}/oauth2/v2.0/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self.client_id,
                "client_secret": "s3cret",
                "scope": "https://graph.emulated.test/.default",
            },
        )
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def schedule(self, *addresses: str, start: str, end: str, **more: Any) -> dict[str, dict[str, Any]]:
        """Free/busy by address."""
        body = {
            "schedules": list(addresses),
            "startTime": {"dateTime": start, "timeZone": "UTC"},
            "endTime": {"dateTime": end, "timeZone": "UTC"},
            **more,
        }
        answer = self.http.post("users/ana@contoso.example/calendar/getSchedule", json=body)
        assert 200 == answer.status_code, answer.text
        return {entry["scheduleId"]: entry for entry in answer.json()["value"]}

    def book(
        self, start: str, end: str, /, *guests: str, where: str = "users/ana@contoso.example", **more: Any
    ) -> httpx.Response:
        """Create an event with people as required and rooms as resource attendees."""
        body = {
            "subject": "Interview",
            "body": {"contentType": "html", "content": "<p>Agenda</p>"},
            "start": {"dateTime": start, "timeZone": "UTC"},
            "end": {"dateTime": end, "timeZone": "UTC"},
            "attendees": [
                {
                    "type": "resource" if guest.startswith("room") else "required",
                    "emailAddress": {"address": guest},
                }
                for guest in guests
            ],
            **more,
        }
        return self.http.post(f"{where}/events", json=body)

    def code(self, answer: httpx.Response) -> tuple[int, str]:
        """Status and error code of a refusal."""
        return answer.status_code, answer.json()["error"]["code"]

    def events(self, mailbox: str, **params: str) -> list[dict[str, Any]]:
        """Events of a default calendar."""
        found = self.http.get(f"users/{mailbox}/calendar/events", params={"$top": "100", **params})
        assert 200 == found.status_code, found.text
        return list(found.json()["value"])


@pytest.fixture
def make_tenant() -> Callable[..., Tenant]:
    """Makes the small tenant with some keys replaced."""
    return small_tenant


@pytest.fixture
def make_client() -> Iterator[Callable[..., Client]]:
    """Makes a client of an emulator of the small tenant, with keys of the tenant replaced."""
    made: list[Client] = []

    def make(client_id: str = "all", emulator: Emulator | None = None, **changes: Any) -> Client:
        chosen = emulator or Emulator(small_tenant(**changes), clock=Clock(MONDAY))
        made.append(Client(chosen, client_id))
        return made[-1]

    yield make
    for client in made:
        client.http.close()


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    """A client with every role over the small tenant."""
    return make_client()
