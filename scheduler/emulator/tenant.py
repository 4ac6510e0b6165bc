"""The tenant file: who exists in the emulated organization, what they have planned and what each app may do.

One readable YAML or JSON file describes a whole tenant. Unknown keys are refused, so a misspelt key never
silently means its default. `Tenant.model_json_schema()` is the published schema of the file.

Times without an offset are wall-clock readings in the zone named beside them, or else in the zone of the
mailbox (UTC for a mailbox without one); times with an offset are absolute. Delays are in seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from scheduler.emulator import zones
from scheduler.emulator.registration import (
    Address,
    App,
    Certificate,
    Consent,
    Grant,
    Level,
    Role,
    Scope,
    Secret,
)

__all__ = [
    "AnswerRule",
    "App",
    "Attendant",
    "Certificate",
    "Consent",
    "CustomZone",
    "Grant",
    "Group",
    "Level",
    "Options",
    "Person",
    "PlannedEvent",
    "Role",
    "Room",
    "RoomList",
    "Scope",
    "Secret",
    "Tenant",
    "TenantFileError",
    "Weekly",
    "WorkingHours",
    "ZoneSwitch",
    "load_tenant",
]

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ShowAs = Literal["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"]
Sensitivity = Literal["normal", "personal", "private", "confidential"]


def _check_zone(value: str) -> str:
    if value and not zones.is_known(value):
        raise ValueError(f"{value!r} is neither a Windows nor an IANA time zone")
    return value


ZoneName = Annotated[str, AfterValidator(_check_zone)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TenantFileError(ValueError):
    """The tenant file cannot be read; each line of the message names the path of one problem."""


class Group(_Strict):
    """A mail-enabled group: usable in `Grant.over` and, as a distribution list, in getSchedule."""

    address: Address
    name: str = ""
    members: list[Address] = []


class ZoneSwitch(_Strict):
    """The moment of each year a custom zone changes its offset; `day_occurrence` 5 is the last of the month.

    Month 0 says the zone does not change, as on the wire.
    """

    month: Annotated[int, Field(ge=0, le=12)]
    day_occurrence: Annotated[int, Field(ge=0, le=5)]
    day_of_week: Weekday = "sunday"
    time: time


class CustomZone(_Strict):
    """A zone by rules, sent as customTimeZone: UTC = local + bias, daylight adds daylight_bias (minutes)."""

    bias: Annotated[int, Field(ge=-900, le=900)]
    standard: ZoneSwitch | None = None
    daylight: ZoneSwitch | None = None
    daylight_bias: int = -60


class WorkingHours(_Strict):
    """One daily interval on some days; `end` at or before `start` is a night shift."""

    days: list[Weekday] = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    start: time = time(8)
    end: time = time(17)
    time_zone: ZoneName | CustomZone | None = None
    """None means the zone of the mailbox."""


class Weekly(_Strict):
    """Every `every` weeks on `days`, `count` times or up to and including the date `until`."""

    days: Annotated[list[Weekday], Field(min_length=1)]
    every: Annotated[int, Field(ge=1)] = 1
    count: Annotated[int, Field(ge=1)] | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _ends_once(self) -> Weekly:
        if self.count is not None and self.until is not None:
            raise ValueError("a recurrence ends by count or by until, not by both")
        return self


class PlannedEvent(_Strict):
    """An appointment that is in the mailbox from the start, without attendees."""

    subject: str = "Busy"
    start: datetime
    end: datetime
    time_zone: ZoneName | None = None
    all_day: bool = False
    show_as: ShowAs = "busy"
    sensitivity: Sensitivity = "normal"
    location: str | None = None
    repeats: Weekly | None = None
    calendar: str | None = None
    """Name of a secondary calendar, made on first mention; None is the default calendar."""

    @model_validator(mode="after")
    def _ordered(self) -> PlannedEvent:
        if (self.start.tzinfo is None) != (self.end.tzinfo is None):
            raise ValueError("start and end must both carry an offset or both be wall-clock readings")
        if self.end <= self.start:
            raise ValueError("end must be after start")
        if self.all_day and (self.start.time() != time(0) or self.end.time() != time(0)):
            raise ValueError("an all-day event starts and ends at midnight")
        if self.all_day and self.start.tzinfo is not None:
            raise ValueError("an all-day event is dated, it carries no offset")
        return self


class AnswerRule(_Strict):
    """What a person does with an invitation, `delay_seconds` after it arrived."""

    answer: Literal["accept", "decline", "tentative", "none"] = "none"
    delay_seconds: Annotated[float, Field(ge=0)] = 0


class _Mailbox(_Strict):
    address: Address
    name: str = ""
    id: str | None = None
    time_zone: ZoneName = "UTC"
    """Windows or IANA name as the mailbox reports it; empty for a mailbox that was never opened."""
    working_hours: WorkingHours | None = WorkingHours()
    """None (null) is a mailbox that reports no working hours."""
    share_details: bool = False
    """Whether free/busy tells subject and location of non-private items."""
    shares: Level | None = None
    """What the whole organization may see of the calendar; None is `limited` or `freeBusy` by `share_details`."""
    shared_with: dict[Address, Level] = {}
    """What people and members of groups may do instead; an entry of one's own precedes those of groups."""
    free_busy_error: str | None = None
    """An availability responseCode this mailbox answers instead of its schedule."""
    events: list[PlannedEvent] = []


class Person(_Mailbox):
    """A user; `on_premises` answers free/busy only, `none` has no mailbox at all."""

    mailbox: Literal["cloud", "on_premises", "none"] = "cloud"
    answers: AnswerRule = AnswerRule()
    admin: bool = False
    """Whether this person may consent for the organization."""
    sign_in: Literal["allowed", "mfa_required", "blocked_by_policy", "disabled"] = "allowed"
    """With `mfa_required` the sign-in pages ask for a second factor, and what was signed in without ends."""


class Attendant(_Strict):
    """How a room treats invitations: the names and defaults of Exchange's Set-CalendarProcessing."""

    automate: Literal["AutoAccept", "AutoUpdate", "None"] = "AutoAccept"
    delay_seconds: Annotated[float, Field(ge=0)] = 3
    allow_conflicts: bool = False
    booking_window_days: Annotated[int, Field(ge=0, le=1080)] = 180
    maximum_minutes: Annotated[int, Field(ge=0)] = 1440
    """0 is unlimited."""
    allow_recurring: bool = True
    enforce_horizon: bool = True
    """Whether a series that runs past the booking window is declined whole instead of checked inside it."""
    book_in_policy: Literal["all"] | list[Address] = "all"
    """Organizers (or groups of them) who may book without approval; others are declined."""
    only_work_hours: bool = False


class Room(_Mailbox):
    """A room mailbox and its place record; rich properties are null unless given, as in a real directory."""

    kind: Literal["room", "workspace", "equipment"] = "room"
    """Equipment has a mailbox like a room, and no place record."""
    mailbox: Literal["cloud", "on_premises"] = "cloud"
    """A room that is `on_premises` answers free/busy and invitations, and no other request."""
    building: str | None = None
    floor: int | None = None
    floor_label: str | None = None
    capacity: int | None = None
    label: str | None = None
    nickname: str | None = None
    tags: list[str] = []
    audio_device: str | None = None
    video_device: str | None = None
    display_device: str | None = None
    wheelchair: bool | None = None
    booking_type: Literal["standard", "reserved", "unknown"] = "standard"
    hidden: bool = False
    """Hidden from the address list: it can be booked but /places does not name it."""
    appears_after: datetime | None = None
    """The place record is listed from this moment on."""
    attendant: Attendant = Attendant()


class RoomList(_Strict):
    """A named collection of rooms; its rooms are asked for by its address."""

    address: Address
    name: str = ""
    id: str | None = None
    rooms: list[Address] = []


class Options(_Strict):
    """Where the real service varies or is not documented, the behaviour to show."""

    unknown_recipient_code: Literal["5009", "5016"] = "5009"
    duplicate_name_status: Literal[400, 409] = 409
    duplicate_transaction_status: Literal[400, 409] = 400
    name_existing_event: bool = False
    """Whether a duplicate transactionId names the first event in `@event.existingEventId`."""
    fail_after_calendar_create: bool = False
    """Whether the first creation of each calendar answers 503 although the calendar was made."""
    strict_schedules: bool = False
    """Whether getSchedule refuses more than the documented 20 addresses, group members counted."""
    delivery_seconds: Annotated[float, Field(ge=0)] = 2
    """From an organizer's write to the copy in an attendee's mailbox, and from an answer back."""
    free_busy_lag_seconds: Annotated[float, Field(ge=0)] = 0
    """How far getSchedule, and nothing else, is behind what was written to the calendars."""
    teams: bool = True
    """Whether calendars offer Teams; without it `isOnlineMeeting` is silently ignored."""
    token_seconds: Annotated[int, Field(ge=1)] = 3599
    refresh_token_days: Annotated[int, Field(ge=1)] = 90
    """How long a refresh token lives unused."""
    code_seconds: Annotated[int, Field(ge=1)] = 600
    device_code_seconds: Annotated[int, Field(ge=1)] = 900
    device_interval_seconds: Annotated[int, Field(ge=1)] = 5
    slow_down: bool = False
    """Whether polling for a device code faster than its interval is refused (RFC 8628; Entra ID does not say)."""
    automatic_sign_in: bool = False
    """Whether the sign-in pages answer themselves: the login_hint signs in and accepts what it may."""
    user_consent: Literal["allowed", "blocked"] = "allowed"
    """Whether people may consent to what needs no administrator."""
    read_basic_needs_admin: bool = False
    """Whether delegated Calendars.ReadBasic needs an administrator; Microsoft's own lists differ."""
    check_assertion_times: bool = False
    """Whether a client assertion must be valid on the emulated clock; clients make it by the real one."""
    policy_delay_seconds: Annotated[float, Field(ge=0)] = 0
    """How long Exchange goes on by an app's former scoped grants and access policy after a change at run time."""
    policy_pending_status: Literal[403, 404] = 403
    """What a mailbox answers meanwhile that a change not yet in force will open."""
    concurrent_requests: Annotated[int, Field(ge=1)] = 4
    """Per app and mailbox; one more at the same time is answered 429."""
    requests_per_ten_minutes: Annotated[int, Field(ge=1)] | None = None
    """Per app and mailbox, on the emulated clock; the service has 10,000. None does not count."""
    requests_per_ten_seconds: Annotated[int, Field(ge=1)] | None = None
    """Per app over everything, on the emulated clock; the service has 130,000. None does not count."""
    delta_token_seconds: Annotated[float, Field(ge=0)] | None = None
    """How long the token of a delta link is good; None is for ever."""
    delta_refusal: Literal["syncStateNotFound", "resyncRequired"] = "syncStateNotFound"
    """The code of the 410 for a token that is not good any more."""
    notification_seconds: Annotated[float, Field(ge=0)] = 10
    """From a change to its notification; documented as under a minute on average and three at most."""
    repeated_notifications: Annotated[float, Field(ge=0, le=1)] = 0
    """The share of notifications that are sent twice, drawn by the seed."""
    missed_notifications: Annotated[float, Field(ge=0, le=1)] = 0
    """The share of notifications that are lost and told by a `missed` lifecycle event, drawn by the seed."""
    room_updates: Annotated[int, Field(ge=0)] = 1
    """How many `updated` notifications follow each `created` one on a room's calendar."""
    reauthorize_after_seconds: Annotated[float, Field(gt=0)] | None = None
    """How long after a subscription is made or renewed it asks for reauthorization; None never asks."""
    duplicate_subscription_status: Literal[201, 409] = 201
    """The answer to a second subscription like one that is there: documented 409, seen 201."""


class Tenant(_Strict):
    """A whole emulated organization."""

    id: str
    domain: str
    seed: int = 1
    clock: datetime | None = None
    """When the emulated day starts, unless the caller says otherwise."""
    apps: Annotated[list[App], Field(min_length=1)]
    groups: list[Group] = []
    people: list[Person] = []
    rooms: list[Room] = []
    room_lists: list[RoomList] = []
    options: Options = Options()

    @model_validator(mode="after")
    def _consistent(self) -> Tenant:
        known: dict[str, str] = {}
        for path, address in self._addresses():
            earlier = known.setdefault(address.casefold(), path)
            if earlier != path:
                raise ValueError(f"{path} repeats the address of {earlier}: {address}")
        for path, address in self._mentions():
            if address.casefold() not in known:
                raise ValueError(
                    f"{path} names {address}, which is neither a mailbox nor a group of this tenant"
                )
        if len({app.client_id for app in self.apps}) != len(self.apps):
            raise ValueError("two apps share one client_id")
        if self.clock is not None and self.clock.tzinfo is None:
            raise ValueError("clock needs an offset, for example 2026-03-02T06:00:00Z")
        return self

    def _addresses(self) -> Iterator[tuple[str, str]]:
        for key in ("groups", "people", "rooms", "room_lists"):
            for index, holder in enumerate(getattr(self, key)):
                yield f"{key}[{index}].address", holder.address

    def _mentions(self) -> Iterator[tuple[str, str]]:
        for a, app in enumerate(self.apps):
            for g, grant in enumerate(app.grants):
                if grant.over != "all":
                    yield from ((f"apps[{a}].grants[{g}].over", address) for address in grant.over)
            yield from ((f"apps[{a}].access_policy", address) for address in app.access_policy or ())
            for c, consent in enumerate(app.consents):
                if consent.person is not None:
                    yield f"apps[{a}].consents[{c}].person", consent.person
        for key in ("people", "rooms"):
            for index, holder in enumerate(getattr(self, key)):
                where = f"{key}[{index}].shared_with"
                yield from ((where, address) for address in holder.shared_with)
        for g, group in enumerate(self.groups):
            yield from ((f"groups[{g}].members", address) for address in group.members)
        for r, room in enumerate(self.rooms):
            if room.attendant.book_in_policy != "all":
                where = f"rooms[{r}].attendant.book_in_policy"
                yield from ((where, address) for address in room.attendant.book_in_policy)
        for r, room_list in enumerate(self.room_lists):
            yield from ((f"room_lists[{r}].rooms", address) for address in room_list.rooms)


class _PlainLoader(yaml.SafeLoader):
    """YAML without its sexagesimal numbers and dates: `17:00` is text here, not the number 1020."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_DIGITS = list("-0123456789")
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]*)$"), _DIGITS)
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"-?[0-9]+\.[0-9]+$"), _DIGITS)


def load_tenant(path: Path | str) -> Tenant:
    """Read a tenant from a `.json`, `.yaml` or `.yml` file.

    Raises:
        TenantFileError: the file is no such document, or breaks a rule; the message names each path.
        OSError: the file cannot be opened.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    try:
        # _PlainLoader is a SafeLoader: it builds plain values only.
        content = json.loads(text) if path.suffix == ".json" else yaml.load(text, _PlainLoader)  # noqa: S506
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise TenantFileError(f"{path} cannot be parsed: {error}") from error
    try:
        return Tenant.model_validate(content)
    except ValidationError as error:
        sentences = [_sentence(dict(problem)) for problem in error.errors()]
        raise TenantFileError("\n".join(f"{path}: {sentence}" for sentence in sentences)) from error


def _sentence(problem: dict[str, Any]) -> str:
    where = ""
    for part in problem["loc"]:
        where += f"[{part}]" if isinstance(part, int) else f".{part}" if where else part
    if problem["type"] == "extra_forbidden":
        return f"{where} is not a known key."
    return f"{where or 'the file'}: {problem['msg']} (found {problem['input']!r})."[:500]
