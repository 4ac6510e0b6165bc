"""A demonstration organization: sixty people in three cities, fourteen rooms, one app, six weeks.

The tenant is a function of its two arguments. People and rooms a reader may want to name have constants here;
the rest is drawn from small lists. `write_tenant` makes a file of the tenant, to start one's own from.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from scheduler.emulator.demo_diaries import (
    Diary,
    Shift,
    fill_to_share,
    plan_absence,
    plan_habits,
    plan_panelist,
    plan_room,
    plan_team_rhythm,
)
from scheduler.emulator.tenant import (
    AnswerRule,
    App,
    Attendant,
    Consent,
    CustomZone,
    Grant,
    Group,
    Options,
    Person,
    Room,
    RoomList,
    Tenant,
    WorkingHours,
    ZoneSwitch,
)

__all__ = [
    "ADMINISTRATOR",
    "APPROVAL_ROOM",
    "ATTENDANT_ROOMS",
    "BOOKABLE_ROOMS",
    "BOOKING_IDENTITIES",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CUSTOM_ZONE",
    "DECLINES",
    "DOMAIN",
    "HIDDEN_ROOM",
    "INTERVIEWERS",
    "LEADERSHIP",
    "NO_CAPACITY_ROOM",
    "NO_WORKING_HOURS",
    "NO_ZONE",
    "OFFICES",
    "ON_PREMISES",
    "OUT_OF_SCOPE_ROOM",
    "PANEL",
    "PEOPLES_CLIENT_ID",
    "POLICY_ROOM",
    "READABLE",
    "RECRUITER",
    "RESERVED_ROOM",
    "SCHEDULING_USER",
    "SHARED_ROOM",
    "SMALL_ROOM",
    "TENANT_ID",
    "WRITABLE_ROOMS",
    "demo_tenant",
    "write_tenant",
]

DOMAIN: Final = "slotwright.example"
TENANT_ID: Final = "5107a1d0-0000-4000-8000-000000000001"
CLIENT_ID: Final = "5107a1d0-0000-4000-8000-00000000000a"
PEOPLES_CLIENT_ID: Final = "5107a1d0-0000-4000-8000-00000000000b"
"""A public app for people who sign in and consent themselves; Place.Read.All was consented to for everybody."""
CLIENT_SECRET: Final = "demo-secret"  # noqa: S105 - opens an invented tenant only

PANEL: Final = (f"daan.visser@{DOMAIN}", f"maya.cohen@{DOMAIN}", f"arjun.rao@{DOMAIN}")
"""Amsterdam 08:00-17:00, New York 08:00-17:00, Bangalore 12:00-21:00: they meet in the New York morning."""
RECRUITER: Final = f"rita.recruiter@{DOMAIN}"
SCHEDULING_USER: Final = f"scheduling@{DOMAIN}"
"""A service mailbox with an empty calendar, beside the sixty people."""
ADMINISTRATOR: Final = PANEL[1]
"""Who may consent for the organization."""
ON_PREMISES: Final = f"hans.onderwater@{DOMAIN}"
DECLINES: Final = f"nora.quinn@{DOMAIN}"
CUSTOM_ZONE: Final = f"frank.kowalski@{DOMAIN}"
"""New York; the working hours carry the rules of US Eastern time as numbers."""
NO_WORKING_HOURS: Final = f"priya.nair@{DOMAIN}"
NO_ZONE: Final = f"deepa.menon@{DOMAIN}"
"""Bangalore; the time zone of the mailbox is the empty string."""

WRITABLE_ROOMS: Final = tuple(f"room.{key}@{DOMAIN}" for key in ("keizer", "prinsen", "bleecker", "tamarind"))
ATTENDANT_ROOMS: Final = tuple(f"room.{key}@{DOMAIN}" for key in ("singel", "brouwer", "spring"))
"""Rooms the app may read but not write: their attendant accepts or declines by itself."""
SHARED_ROOM: Final = WRITABLE_ROOMS[0]
"""The one room whose calendar the recruiter and the scheduling user may write themselves."""
APPROVAL_ROOM: Final = f"room.bloem@{DOMAIN}"
POLICY_ROOM: Final = f"room.raadzaal@{DOMAIN}"
"""Only the leadership may book it: the recruiter and the scheduling user are declined."""
RESERVED_ROOM: Final = f"room.canal@{DOMAIN}"
HIDDEN_ROOM: Final = f"room.varick@{DOMAIN}"
SMALL_ROOM: Final = f"room.jordaan@{DOMAIN}"
NO_CAPACITY_ROOM: Final = f"room.banyan@{DOMAIN}"
OUT_OF_SCOPE_ROOM: Final = f"room.neem@{DOMAIN}"
"""The one mailbox the app may not even read."""

INTERVIEWERS: Final = f"interviewers@{DOMAIN}"
BOOKABLE_ROOMS: Final = f"bookable-rooms@{DOMAIN}"
"""The rooms whose calendars the app may write."""
BOOKING_IDENTITIES: Final = f"booking-identities@{DOMAIN}"
"""The people the app may write calendars of: the recruiter and the scheduling user."""
LEADERSHIP: Final = f"leadership@{DOMAIN}"
READABLE: Final = f"readable-mailboxes@{DOMAIN}"
"""Every person and room but the one room outside the app's scope."""
OFFICES: Final = {
    "Amsterdam": f"amsterdam@{DOMAIN}",
    "New York": f"new-york@{DOMAIN}",
    "Bangalore": f"bangalore@{DOMAIN}",
}
"""Distribution lists: each of the sixty people is in one."""

_US_EASTERN: Final = CustomZone(
    bias=300,
    standard=ZoneSwitch(month=11, day_occurrence=1, day_of_week="sunday", time=time(2)),
    daylight=ZoneSwitch(month=3, day_occurrence=2, day_of_week="sunday", time=time(2)),
)


@dataclass(frozen=True)
class _Office:
    city: str
    windows_zone: str
    iana_zone: str
    headcount: int
    shifts: tuple[Shift, ...]
    women: str
    men: str
    families: str
    """Names, like the two above, with a comma between."""
    named: tuple[str, ...]
    """Addresses of the module's constants who work here."""


_OFFICES: Final = (
    _Office(
        city="Amsterdam",
        windows_zone="W. Europe Standard Time",
        iana_zone="Europe/Amsterdam",
        headcount=22,
        shifts=(Shift(480, 1020), Shift(510, 1050), Shift(540, 1050)),
        women="Sanne, Femke, Lotte, Noor, Eva, Marit, Fatima, Iris, Roos, Yasmin",
        men="Bram, Joris, Sem, Thijs, Ruben, Koen, Mehmet, Luuk, Pieter, Jasper",
        families="de Vries, Bakker, Smit, Mulder, Bos, Vos, Yilmaz, Postma, Kuipers, Prins",
        named=(PANEL[0], RECRUITER, ON_PREMISES),
    ),
    _Office(
        city="New York",
        windows_zone="Eastern Standard Time",
        iana_zone="America/New_York",
        headcount=20,
        shifts=(Shift(480, 1020), Shift(540, 1020), Shift(540, 1080)),
        women="Grace, Alicia, Tamara, Hannah, Mei, Olivia, Renee, Sofia, Dana, Ruth",
        men="Marcus, Ethan, Luis, Aaron, Kevin, Omar, Walter, Jin, Peter, Calvin",
        families="Brooks, Nguyen, Ortiz, Katz, Sullivan, Hughes, Park, Fields, Lang, Abbott",
        named=(PANEL[1], CUSTOM_ZONE, DECLINES),
    ),
    _Office(
        city="Bangalore",
        windows_zone="India Standard Time",
        iana_zone="Asia/Kolkata",
        headcount=18,
        shifts=(Shift(540, 1080), Shift(600, 1140), Shift(660, 1200)),
        women="Ananya, Kavya, Meera, Lakshmi, Sneha, Divya, Nandini, Ishita, Asha, Zoya",
        men="Rahul, Vikram, Karthik, Suresh, Aditya, Imran, Nikhil, Sanjay, Varun, Joseph",
        families="Iyer, Reddy, Gowda, Sharma, Kulkarni, Bhat, Khan, Pillai, Das, Thomas",
        named=(PANEL[2], NO_WORKING_HOURS, NO_ZONE),
    ),
)
_PANEL_SHIFTS: Final = (Shift(480, 1020), Shift(480, 1020), Shift(720, 1260))


@dataclass
class _Employee:
    address: str
    name: str
    office: _Office
    diary: Diary

    @property
    def shift(self) -> Shift:
        return self.diary.shift


def demo_tenant(start: datetime, seed: int = 7) -> Tenant:
    """The demonstration tenant with calendars for six weeks from the Monday (UTC) of the week of `start`.

    Equal arguments give equal tenants. `start` becomes the clock of the tenant.

    Raises:
        ValueError: `start` has no offset.
    """
    if start.tzinfo is None:
        raise ValueError(f"start needs an offset, got {start.isoformat()}")
    clock = start.astimezone(UTC)
    monday = clock.date() - timedelta(days=clock.weekday())
    rng = random.Random(seed)
    employees = [worker for office in _OFFICES for worker in _hire(office, monday, rng)]
    _plan_people(employees, rng)
    people = [_person(worker, rng) for worker in employees]
    people.append(
        Person(
            address=SCHEDULING_USER,
            name="Interview Scheduling",
            time_zone=_OFFICES[0].windows_zone,
            working_hours=WorkingHours(),
        )
    )
    rooms = [_booked(room, monday, employees, rng) for room in _ROOMS]
    return Tenant(
        id=TENANT_ID,
        domain=DOMAIN,
        seed=seed,
        clock=clock,
        apps=[_app(), _peoples_app()],
        groups=list(_groups(employees)),
        people=people,
        rooms=rooms,
        room_lists=list(_room_lists()),
        options=Options(delivery_seconds=0.5),
    )


def write_tenant(tenant: Tenant, path: Path | str) -> None:
    """Write a tenant to a `.json`, `.yaml` or `.yml` file that `load_tenant` reads back to an equal value.

    Keys at their default are left out. A YAML file has one appointment a line.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(path)
    content = tenant.model_dump(mode="json", exclude_defaults=True)
    if path.suffix == ".json":
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(
            content, sort_keys=False, allow_unicode=True, default_flow_style=None, width=10_000
        )
    path.write_text(text, encoding="utf-8")


def _hire(office: _Office, monday: date, rng: random.Random) -> Iterator[_Employee]:
    """The named people of an office, then invented ones, women and men in turn."""
    for address in office.named:
        name = " ".join(part.title() for part in address.partition("@")[0].split("."))
        shift = _PANEL_SHIFTS[PANEL.index(address)] if address in PANEL else office.shifts[0]
        yield _Employee(address, name, office, Diary(monday, shift))
    invented = office.headcount - len(office.named)
    women, men = (
        rng.sample(names, len(names)) for names in (office.women.split(", "), office.men.split(", "))
    )
    for index in range(invented):
        first = (women, men)[index % 2][index // 2]
        family = rng.choice(office.families.split(", "))
        address = f"{first}.{family.replace(' ', '')}@{DOMAIN}".casefold()
        yield _Employee(address, f"{first} {family}", office, Diary(monday, office.shifts[index // 6 % 3]))


def _plan_people(employees: list[_Employee], rng: random.Random) -> None:
    others = [worker for worker in employees if worker.address not in PANEL]
    teams: dict[tuple[str, Shift], list[_Employee]] = {}
    for worker in others:
        teams.setdefault((worker.office.city, worker.shift), []).append(worker)
    for lead, *members in teams.values():
        plan_team_rhythm(lead.diary, [(member.name, member.diary) for member in members], lead.name, rng)
    for worker in others:
        weeks = plan_absence(worker.diary, rng)
        plan_habits(worker.diary, rng)
        fill_to_share(worker.diary, rng, rng.uniform(0.42, 0.56), weeks=weeks)
    for worker in employees:
        if worker.address in PANEL:
            plan_panelist(worker.diary, PANEL.index(worker.address), rng)


def _person(worker: _Employee, rng: random.Random) -> Person:
    address, office, shift = worker.address, worker.office, worker.shift
    hours = WorkingHours(
        start=_clock(shift.opens),
        end=_clock(shift.closes),
        time_zone=_US_EASTERN if address == CUSTOM_ZONE else None,
    )
    zone = office.iana_zone if rng.random() < 0.2 else office.windows_zone
    if address in PANEL or address == CUSTOM_ZONE:
        zone = office.windows_zone
    events = worker.diary.events
    if address == NO_ZONE:
        zone = ""
        events = [event.model_copy(update={"time_zone": office.windows_zone}) for event in events]
    return Person(
        address=address,
        name=worker.name,
        time_zone=zone,
        working_hours=None if address == NO_WORKING_HOURS else hours,
        share_details=rng.random() < 0.25,
        events=events,
        admin=address == ADMINISTRATOR,
        mailbox="on_premises" if address == ON_PREMISES else "cloud",
        answers=_answers(address, rng),
    )


def _answers(address: str, rng: random.Random) -> AnswerRule:
    fate, delay = rng.random(), rng.randint(1, 6)
    if address in PANEL:
        return AnswerRule(answer="accept", delay_seconds=PANEL.index(address) + 1)
    if address == DECLINES:
        return AnswerRule(answer="decline", delay_seconds=2)
    return AnswerRule(answer="accept" if fate < 0.8 else "tentative", delay_seconds=delay)


_BUILDINGS: Final = dict(zip(("Herengracht", "Hudson", "Indiranagar"), _OFFICES, strict=True))
_AT_ONCE: Final = Attendant(delay_seconds=1)


def _described(
    key: str, building: str, capacity: int | None, floor: int, attendant: Attendant = _AT_ONCE, **more: Any
) -> Room:
    return Room(
        address=f"room.{key}@{DOMAIN}",
        name=key.title(),
        time_zone=_BUILDINGS[building].windows_zone,
        building=building,
        floor=floor,
        capacity=capacity,
        attendant=attendant,
        **more,
    )


_ROOMS: Final = (
    _described("keizer", "Herengracht", 6, 1, video_device="Rally Bar", wheelchair=True, tags=["whiteboard"]),
    _described("prinsen", "Herengracht", 8, 2, video_device="Rally Bar", display_device="Samsung 75"),
    _described("singel", "Herengracht", 4, 2, video_device="Poly X30", wheelchair=True, nickname="Corner"),
    _described(
        "brouwer", "Herengracht", 10, 3, video_device="Poly X50", wheelchair=False, tags=["whiteboard"]
    ),
    _described("jordaan", "Herengracht", 2, 1, audio_device="Jabra Speak", tags=["phone"]),
    _described(
        "bloem", "Herengracht", 12, 3, Attendant(automate="AutoUpdate", delay_seconds=1), tags=["phone"]
    ),
    _described("raadzaal", "Herengracht", 14, 4, Attendant(book_in_policy=[LEADERSHIP], delay_seconds=1)),
    _described("bleecker", "Hudson", 6, 11, video_device="Cisco Room Kit", wheelchair=True),
    _described("spring", "Hudson", 4, 11, video_device="Cisco Room Kit", tags=["whiteboard"]),
    _described("canal", "Hudson", 8, 12, booking_type="reserved", wheelchair=True),
    _described("varick", "Hudson", 6, 12, hidden=True),
    _described("tamarind", "Indiranagar", 5, 4, video_device="Poly X30", wheelchair=True),
    _described("banyan", "Indiranagar", None, 4, audio_device="Jabra Speak", tags=["phone"]),
    _described("neem", "Indiranagar", 8, 5, video_device="Poly X50", display_device="LG 86"),
)


def _booked(room: Room, monday: date, employees: list[_Employee], rng: random.Random) -> Room:
    office = _BUILDINGS[room.building or ""]
    organizers = [worker.name for worker in employees if worker.office is office]
    # The panel meets late in the Amsterdam afternoon, so that is when rooms there stay mostly empty.
    quiet_from = 14 * 60 if office.city == "Amsterdam" else None
    diary = Diary(monday, Shift(480, 1080))
    plan_room(diary, rng, organizers, rng.uniform(0.22, 0.38), quiet_from)
    shared = {RECRUITER: "write", SCHEDULING_USER: "write"} if room.address == SHARED_ROOM else {}
    return room.model_copy(update={"events": diary.events, "shared_with": shared})


def _groups(employees: list[_Employee]) -> Iterator[Group]:
    everyone = [worker.address for worker in employees]
    rooms = [room.address for room in _ROOMS if room.address != OUT_OF_SCOPE_ROOM]
    yield Group(address=READABLE, name="Readable mailboxes", members=[*everyone, SCHEDULING_USER, *rooms])
    yield Group(address=BOOKABLE_ROOMS, name="Bookable rooms", members=list(WRITABLE_ROOMS))
    yield Group(address=BOOKING_IDENTITIES, name="Booking identities", members=[RECRUITER, SCHEDULING_USER])
    leaders = [
        next(w.address for w in employees if w.office is office and w.address not in office.named)
        for office in _OFFICES
    ]
    yield Group(address=LEADERSHIP, name="Leadership", members=leaders)
    yield Group(address=INTERVIEWERS, name="Interviewers", members=[*PANEL, *everyone[5:60:6]])
    for office in _OFFICES:
        members = [worker.address for worker in employees if worker.office is office]
        yield Group(address=OFFICES[office.city], name=f"Everyone in {office.city}", members=members)


def _room_lists() -> Iterator[RoomList]:
    for building in _BUILDINGS:
        listed = [room.address for room in _ROOMS if room.building == building and not room.hidden]
        yield RoomList(
            address=f"rooms-{building.casefold()}@{DOMAIN}", name=f"Rooms {building}", rooms=listed
        )


def _app() -> App:
    return App(
        client_id=CLIENT_ID,
        name="Slotwright demonstration",
        secret=CLIENT_SECRET,
        secret_expires=datetime(2099, 12, 31, tzinfo=UTC),
        grants=[
            Grant(role="Calendars.Read", over=[READABLE]),
            Grant(role="Calendars.ReadWrite", over=[BOOKING_IDENTITIES, BOOKABLE_ROOMS]),
            Grant(role="GroupMember.Read.All"),
            Grant(role="MailboxSettings.Read"),
            Grant(role="Place.Read.All"),
            Grant(role="User.Read.All"),
        ],
    )


def _peoples_app() -> App:
    return App(
        client_id=PEOPLES_CLIENT_ID,
        name="Slotwright for people",
        public=True,
        redirect_uris=["http://localhost"],
        required_scopes=[
            "Calendars.ReadWrite",
            "Calendars.Read.Shared",
            "Calendars.ReadWrite.Shared",
            "Place.Read.All",
        ],
        consents=[Consent(scopes=["Calendars.ReadWrite.Shared", "Place.Read.All"])],
    )


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)
