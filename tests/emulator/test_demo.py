"""What the demonstration tenant promises to those who build a demonstration on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.emulator import demo
from scheduler.emulator.demo import demo_tenant, write_tenant
from scheduler.emulator.tenant import (
    CustomZone,
    Person,
    PlannedEvent,
    Room,
    Tenant,
    WorkingHours,
    load_tenant,
)

START = datetime(2026, 11, 18, 9, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
ZONES = {"Amsterdam": "Europe/Amsterdam", "New York": "America/New_York", "Bangalore": "Asia/Kolkata"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TAKEN = {"busy", "tentative", "oof"}


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    """The demo tenant these tests look at; frozen, so one is enough."""
    return demo_tenant(START)


def readings(event: PlannedEvent) -> Iterator[tuple[datetime, datetime]]:
    """Each occurrence of an event in wall-clock time."""
    length = event.end - event.start
    if event.repeats is None:
        yield event.start, event.end
        return
    assert event.repeats.until is not None
    monday = event.start.date() - timedelta(days=event.start.weekday())
    day = event.start.date()
    while day <= event.repeats.until:
        in_turn = (day - monday).days // 7 % event.repeats.every == 0
        if in_turn and WEEKDAYS[day.weekday()] in event.repeats.days:
            begin = datetime.combine(day, event.start.time())
            yield begin, begin + length
        day += timedelta(days=1)


def minutes_between(begin: datetime, end: datetime, zone: ZoneInfo) -> set[int]:
    """UTC minutes since 1970 of a wall-clock interval."""
    first, last = (int(edge.replace(tzinfo=zone).timestamp()) // 60 for edge in (begin, end))
    return set(range(first, last))


def taken(owner: Person | Room, zone: ZoneInfo, statuses: set[str]) -> set[int]:
    """UTC minutes that items with one of the statuses cover."""
    return {
        minute
        for event in owner.events
        if event.show_as in statuses
        for begin, end in readings(event)
        for minute in minutes_between(begin, end, zone)
    }


def working(hours: WorkingHours, zone: ZoneInfo, monday: date, days: range) -> set[int]:
    """UTC minutes of the working hours on the numbered days after `monday`."""
    minutes: set[int] = set()
    for number in days:
        day = monday + timedelta(days=number)
        if WEEKDAYS[day.weekday()] in hours.days:
            begin, end = datetime.combine(day, hours.start), datetime.combine(day, hours.end)
            minutes |= minutes_between(begin, end, zone)
    return minutes


def office_of(tenant: Tenant) -> dict[str, str]:
    """The city of each person who is in the distribution list of an office."""
    groups = {group.address: group.members for group in tenant.groups}
    return {member: city for city, address in demo.OFFICES.items() for member in groups[address]}


def person(tenant: Tenant, address: str) -> Person:
    """The person with an address."""
    return next(one for one in tenant.people if one.address == address)


def room(tenant: Tenant, address: str) -> Room:
    """The room with an address."""
    return next(one for one in tenant.rooms if one.address == address)


def person_kinds(one: Person) -> dict[str, bool]:
    """Which oddities a person has."""
    hours = one.working_hours
    return {
        "on premises": one.mailbox == "on_premises",
        "no hours": hours is None,
        "no zone": not one.time_zone,
        "declines": one.answers.answer == "decline",
        "custom zone": hours is not None and isinstance(hours.time_zone, CustomZone),
    }


def room_kinds(one: Room) -> dict[str, bool]:
    """Which oddities a room has."""
    return {
        "approval": one.attendant.automate == "AutoUpdate",
        "reserved": one.booking_type == "reserved",
        "small": one.capacity == 2,
        "no capacity": one.capacity is None,
        "hidden": one.hidden,
        "policy": one.attendant.book_in_policy != "all",
    }


def over(tenant: Tenant, role: str) -> set[str]:
    """The mailboxes one role of the app reaches."""
    groups = {group.address: group.members for group in tenant.groups}
    everyone = {owner.address for owner in (*tenant.people, *tenant.rooms)}
    reached: set[str] = set()
    for grant in tenant.apps[0].grants:
        if grant.role == role:
            named = everyone if grant.over == "all" else set(grant.over)
            reached |= {address for name in named for address in groups.get(name, [name])}
    return reached


def common_starts(tenant: Tenant, begin: datetime, statuses: set[str]) -> list[int]:
    """Starts on the 15-minute grid in two weeks where the whole panel works 60 minutes free of `statuses`."""
    first = int(begin.timestamp()) // 60
    monday = begin.date() - timedelta(days=begin.weekday())
    free = set(range(first, first + 14 * 24 * 60))
    for address, zone_name in zip(demo.PANEL, ZONES.values(), strict=True):
        member, zone = person(tenant, address), ZoneInfo(zone_name)
        assert member.working_hours is not None
        free &= working(member.working_hours, zone, monday, range(42))
        free -= taken(member, zone, statuses)
    return [start for start in sorted(free) if start % 15 == 0 and free.issuperset(range(start, start + 60))]


def test_the_same_arguments_give_the_same_bytes() -> None:
    """Two calls with equal arguments agree byte for byte, also when the start is written in another zone."""
    elsewhere = START.astimezone(ZoneInfo("Asia/Kolkata"))
    assert demo_tenant(START, seed=3).model_dump_json() == demo_tenant(elsewhere, seed=3).model_dump_json()


@pytest.mark.campaign
def test_another_seed_gives_other_calendars() -> None:
    """The seed decides the calendars, not only the constants of the module."""
    assert demo_tenant(START, seed=1).people != demo_tenant(START, seed=2).people


def test_a_start_without_an_offset_is_refused() -> None:
    """A naive start is refused instead of read in some zone."""
    with pytest.raises(ValueError, match="offset"):
        demo_tenant(START.replace(tzinfo=None))


def test_sixty_people_in_three_offices(tenant: Tenant) -> None:
    """Sixty people, 22 + 20 + 18, with unique addresses of the form first.last, and one service mailbox."""
    office = office_of(tenant)
    expected = {"Amsterdam": 22, "New York": 20, "Bangalore": 18}
    addresses = [one.address for one in tenant.people]
    assert expected == {city: list(office.values()).count(city) for city in ZONES}
    assert sorted([*office, demo.SCHEDULING_USER]) == sorted(addresses)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+@slotwright\.example", address) for address in office)


def test_the_clock_starts_where_asked(tenant: Tenant) -> None:
    """The start of the tenant is the start of its clock."""
    expected = START
    assert expected == tenant.clock


def test_everybody_is_between_35_and_70_percent_busy(tenant: Tenant) -> None:
    """Over six weeks the part of the working hours covered by busy, tentative or away items is 35 to 70 %."""
    shares = {}
    for address, city in office_of(tenant).items():
        owner, zone = person(tenant, address), ZoneInfo(ZONES[city])
        hours = working(owner.working_hours or WorkingHours(), zone, MONDAY, range(42))
        shares[address] = len(taken(owner, zone, TAKEN) & hours) / len(hours)
    outside = {address: share for address, share in shares.items() if not 0.35 <= share <= 0.7}
    assert not outside


def test_calendars_hold_every_kind_of_item(tenant: Tenant) -> None:
    """Series, holds, leave, days elsewhere, free-marked, private, lunch and all-day items all occur."""
    events = [event for one in tenant.people for event in one.events]
    statuses = TAKEN | {"free", "workingElsewhere"}
    subjects = {event.subject for event in events}
    assert statuses == {event.show_as for event in events}
    assert subjects >= {"Stand-up", "Team meeting", "Lunch", "Annual leave", "Out of office"}
    assert any(subject.startswith("1:1 ") for subject in subjects)
    assert any(event.sensitivity == "private" for event in events)
    assert any(event.all_day for event in events)
    assert any(event.repeats is not None and event.repeats.every == 2 for event in events)


def test_calendars_cover_six_weeks_from_the_monday(tenant: Tenant) -> None:
    """Nothing lies before the Monday of the week of the start or after six weeks from it."""
    events = [event for owner in (*tenant.people, *tenant.rooms) for event in owner.events]
    monday = MONDAY
    assert monday == min(event.start.date() for event in events)
    last = max(end for event in events for _, end in readings(event))
    assert last <= datetime.combine(MONDAY + timedelta(weeks=6), time())


@settings(max_examples=8, deadline=None)
@given(
    start=st.integers(0, 17_000).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    seed=st.integers(0, 1000),
)
@pytest.mark.campaign
def test_the_panel_can_meet_a_dozen_times_in_two_weeks(start: datetime, seed: int) -> None:
    """From any start: twelve common starts of an hour in the New York morning, and a soft conflict."""
    tenant = demo_tenant(start, seed)
    certain = common_starts(tenant, start, TAKEN)
    possible = common_starts(tenant, start, {"busy", "oof"})
    hours = {datetime.fromtimestamp(60 * at, ZoneInfo("America/New_York")).hour for at in certain}
    assert len(certain) >= 12
    assert set(certain) < set(possible)
    assert hours <= set(range(8, 12))


def test_amsterdam_rooms_are_free_when_the_panel_meets(tenant: Tenant) -> None:
    """Two rooms to write and two to invite, for four and more, are free at most common starts."""
    starts = common_starts(tenant, START, TAKEN)
    candidates = [
        room(tenant, address)
        for address in (*demo.WRITABLE_ROOMS, *demo.ATTENDANT_ROOMS)
        if room(tenant, address).building == "Herengracht"
    ]
    shares = {}
    for one in candidates:
        booked = taken(one, ZoneInfo("Europe/Amsterdam"), TAKEN)
        shares[one.address] = sum(booked.isdisjoint(range(at, at + 60)) for at in starts) / len(starts)
    assert len(set(shares) & set(demo.WRITABLE_ROOMS)) == 2
    assert len(set(shares) & set(demo.ATTENDANT_ROOMS)) == 2
    assert all((one.capacity or 0) >= 4 for one in candidates)
    often_taken = {address: share for address, share in shares.items() if share < 0.5}
    assert not often_taken


def test_every_room_is_booked_and_none_is_full(tenant: Tenant) -> None:
    """Each room has bookings of its own in working hours and leaves more than half of them free."""
    zones = dict(zip(("Herengracht", "Hudson", "Indiranagar"), ZONES.values(), strict=True))
    for one in tenant.rooms:
        zone = ZoneInfo(zones[one.building or ""])
        hours = working(WorkingHours(), zone, MONDAY, range(42))
        assert 0.1 < len(taken(one, zone, TAKEN) & hours) / len(hours) < 0.5, one.address


def test_one_room_of_every_kind(tenant: Tenant) -> None:
    """Fourteen rooms in three buildings, with each special kind under its documented address."""
    where = {
        demo.APPROVAL_ROOM: "approval",
        demo.RESERVED_ROOM: "reserved",
        demo.SMALL_ROOM: "small",
        demo.NO_CAPACITY_ROOM: "no capacity",
        demo.HIDDEN_ROOM: "hidden",
        demo.POLICY_ROOM: "policy",
    }
    odd = {one.address: kind for one in tenant.rooms for kind, holds in room_kinds(one).items() if holds}
    sizes = {"Herengracht": 7, "Hudson": 4, "Indiranagar": 3}
    buildings = [one.building for one in tenant.rooms]
    assert where == odd
    assert sizes == {building: buildings.count(building) for building in buildings}


def test_equipment_and_access_differ(tenant: Tenant) -> None:
    """Rooms differ in screens, tags, floors and in whether wheelchair access is known."""
    known_or_not = {True, False, None}
    assert known_or_not == {one.wheelchair for one in tenant.rooms}
    assert {tag for one in tenant.rooms for tag in one.tags} >= {"whiteboard", "phone"}
    assert any(one.video_device for one in tenant.rooms)
    assert any(one.video_device is None for one in tenant.rooms)
    assert len({one.floor for one in tenant.rooms}) > 3


def test_room_lists_name_every_visible_room(tenant: Tenant) -> None:
    """The list of each building names its rooms, the hidden one apart."""
    visible = {one.address: f"Rooms {one.building}" for one in tenant.rooms if not one.hidden}
    assert visible == {address: one.name for one in tenant.room_lists for address in one.rooms}


def test_the_policy_room_excludes_those_who_book(tenant: Tenant) -> None:
    """Neither the recruiter nor the scheduling user is in the group the policy names."""
    groups = {group.address: group.members for group in tenant.groups}
    allowed = room(tenant, demo.POLICY_ROOM).attendant.book_in_policy
    assert isinstance(allowed, list)
    members = {member for address in allowed for member in groups[address]}
    assert members
    assert members.isdisjoint({demo.RECRUITER, demo.SCHEDULING_USER})


def test_the_app_reads_all_but_one_and_writes_few(tenant: Tenant) -> None:
    """The app reads every mailbox but one room and writes the two who book and the bookable rooms only."""
    everyone = {owner.address for owner in (*tenant.people, *tenant.rooms)}
    assert everyone - {demo.OUT_OF_SCOPE_ROOM} == over(tenant, "Calendars.Read")
    writes = {demo.RECRUITER, demo.SCHEDULING_USER, *demo.WRITABLE_ROOMS}
    assert writes == over(tenant, "Calendars.ReadWrite")
    roles = {grant.role for grant in tenant.apps[0].grants}
    assert {"MailboxSettings.Read", "Place.Read.All", "User.Read.All"} <= roles


def test_people_may_consent_to_an_app_of_their_own(tenant: Tenant) -> None:
    """A public app on any port of this machine, one administrator, and one room that the two who book may write."""
    (app,) = (each for each in tenant.apps if each.client_id == demo.PEOPLES_CLIENT_ID)
    assert (True, "", ["http://localhost"], []) == (app.public, app.secret, app.redirect_uris, app.grants)
    assert {"Calendars.ReadWrite", "Calendars.Read.Shared"} <= set(app.required_scopes)
    assert [demo.ADMINISTRATOR] == [each.address for each in tenant.people if each.admin]
    writers = {demo.RECRUITER: "write", demo.SCHEDULING_USER: "write"}
    assert {demo.SHARED_ROOM: writers} == {
        each.address: each.shared_with for each in (*tenant.rooms, *tenant.people) if each.shared_with
    }


def test_special_people_are_as_documented(tenant: Tenant) -> None:
    """Each documented address has the one oddity it stands for, and nobody else has it."""
    where = {
        demo.ON_PREMISES: "on premises",
        demo.NO_WORKING_HOURS: "no hours",
        demo.NO_ZONE: "no zone",
        demo.DECLINES: "declines",
        demo.CUSTOM_ZONE: "custom zone",
    }
    odd = {one.address: kind for one in tenant.people for kind, holds in person_kinds(one).items() if holds}
    assert where == odd


def test_the_panel_is_as_documented(tenant: Tenant) -> None:
    """Three Windows zones, two office days and a late shift, and each of the three accepts."""
    expected = [
        ("W. Europe Standard Time", WorkingHours(), "accept"),
        ("Eastern Standard Time", WorkingHours(), "accept"),
        ("India Standard Time", WorkingHours(start=time(12), end=time(21)), "accept"),
    ]
    panel = [person(tenant, address) for address in demo.PANEL]
    assert expected == [(one.time_zone, one.working_hours, one.answers.answer) for one in panel]


def test_a_demo_waits_seconds_only(tenant: Tenant) -> None:
    """Rooms answer after a second, mail takes half of one, and nobody takes longer than six."""
    assert all(one.attendant.delay_seconds == 1 for one in tenant.rooms)
    assert tenant.options.delivery_seconds == 0.5
    assert max(one.answers.delay_seconds for one in tenant.people) <= 6


@pytest.mark.parametrize("name", ["tenant.json", pytest.param("tenant.yaml", marks=pytest.mark.campaign)])
def test_a_written_tenant_reads_back_equal(tenant: Tenant, name: str, tmp_path: Path) -> None:
    """A demo tenant written to either format loads to an equal value, ready to be edited."""
    write_tenant(tenant, tmp_path / name)
    assert tenant == load_tenant(tmp_path / name)
