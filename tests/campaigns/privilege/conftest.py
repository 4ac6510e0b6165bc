"""A tenant for each set of permissions: the main job is done in it under exactly these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from scheduler.app.book import book
from scheduler.app.book_loop import Wanted, book_loop, known_option
from scheduler.app.cancel import cancel
from scheduler.app.change_room import change_room
from scheduler.app.connect import sign_in
from scheduler.app.drive_loop import cancel_loop, loop_of
from scheduler.app.find import find
from scheduler.app.find_loop import find_loop
from scheduler.app.people import import_group
from scheduler.app.reschedule import at_local_time, reschedule
from scheduler.app.room_catalogue import Choice, import_rooms
from scheduler.app.swap_person import swap_person
from scheduler.app.watch import Watch
from scheduler.booking.booking import Booking, RoomState, Route
from scheduler.booking.loop import Standing
from scheduler.booking.repairing import RepairRules
from scheduler.booking.states import State
from scheduler.connection import profiles
from scheduler.connection.profiles import PROFILES, Consent, Profile, ProfileName
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.operations import OPERATIONS
from scheduler.emulator.tenant import Tenant
from scheduler.errors import InputError
from scheduler.graph.errors import NotAllowed, SignInFailed
from scheduler.planning.answer import Slot, Slots
from scheduler.planning.loops.request import make_loop_request
from scheduler.planning.request import make_request
from scheduler.settings import Settings
from scheduler.testing.tenants import (
    ANA,
    BEN,
    CHITRA,
    CLIENT_SECRET,
    DOMAIN,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    START,
    WALLED_ROOM,
    small_tenant,
)
from scheduler.wiring import Slotwright, open_slotwright

APP = "5a11a11e-0000-4000-8000-0000000000ee"
PANEL = f"panel@{DOMAIN}"
IN_EXCHANGE = (RECRUITER, SCHEDULING_USER, OPEN_ROOM)
"""What the scoped app reaches; the other rooms it may not even read."""

EXTRAS: dict[Consent, tuple[str, ...]] = {
    "admin": ("Place.Read.All", "GroupMember.Read.All", "User.ReadBasic.All", "MailboxSettings.Read"),
    "user": ("Place.Read.All", "GroupMember.Read.All", "User.ReadBasic.All", "Calendars.ReadWrite.Shared"),
}
"""Permissions of optional features, which no profile has to have."""


@dataclass(frozen=True)
class Case:
    """A set of permissions.

    Args:
        exchange: the mailboxes that Exchange opens to the scoped profile.
    """

    profile: ProfileName
    consent: Consent
    granted: frozenset[str]
    called: str
    exchange: tuple[str, ...] = IN_EXCHANGE

    @property
    def rights(self) -> Profile:
        """The profile."""
        return PROFILES[self.profile]

    def __str__(self) -> str:
        return f"{self.profile}-{self.consent}-{self.called}"

    def works(self, feature: str) -> bool:
        """Whether a feature should work by what scheduler.connection.profiles says of it."""
        found = next((each for each in self.rights.features if each.name == feature), None)
        if found is None:
            return False
        if self.rights.scoped and profiles.WRITE in found.needs(self.consent):
            return self._in_exchange(feature)
        return found.granted(self.consent, self.granted)

    def _in_exchange(self, feature: str) -> bool:
        needed = {
            "free-busy": RECRUITER,
            "invite": RECRUITER,
            "reserve-scheduler": SCHEDULING_USER,
            "reserve-direct": OPEN_ROOM,
            "prove": WALLED_ROOM,
        }
        return needed[feature] in self.exchange


def _every_case() -> Iterator[Case]:
    for name, profile in PROFILES.items():
        for consent in profile.consents:
            asked = frozenset(profile.asked[consent])
            yield Case(name, consent, asked, "minimal")
            useful = {need for feature in profile.features for need in feature.needs(consent)}
            rich = asked | (set(EXTRAS[consent]) & useful)
            yield Case(name, consent, frozenset(rich), "everything")
            for one in sorted(rich):
                yield Case(name, consent, frozenset(rich - {one}), f"without {one}")
            if consent == "admin":  # nobody signs in to grant nothing
                yield Case(name, consent, frozenset(), "nothing", exchange=())
    yield Case("full", "admin", frozenset({"Calendars.Read", "Place.Read.All"}), "reads instead of writes")
    for address in IN_EXCHANGE:
        left = tuple(each for each in IN_EXCHANGE if each != address)
        yield Case("scoped", "admin", frozenset({"Place.Read.All"}), f"without {address} in Exchange", left)


CASES = tuple(_every_case())
REFUSED = (NotAllowed, SignInFailed)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a `minimal` runs for each profile's minimal permissions, one of a `case` by campaign for every set."""
    if "minimal" in metafunc.fixturenames:
        metafunc.parametrize("minimal", [case for case in CASES if case.called == "minimal"], ids=str)
    if "case" in metafunc.fixturenames:
        metafunc.parametrize(
            "case", [pytest.param(case, marks=pytest.mark.campaign) for case in CASES], ids=str
        )


def tenant(case: Case) -> Tenant:
    """The small tenant with one app that has these permissions, and a group of two."""
    content = small_tenant().model_dump(mode="json")
    app: dict[str, Any] = {"client_id": APP, "secret": CLIENT_SECRET, "public": case.consent == "user"}
    if case.consent == "admin":
        app["grants"] = [{"role": role} for role in sorted(case.granted)]
        if case.rights.scoped and case.exchange:
            app["grants"].append({"role": "Calendars.ReadWrite", "over": list(case.exchange)})
    else:
        app |= {"secret": "", "consents": [{"scopes": sorted(case.granted), "person": None}]}
    content["apps"] = [app]
    content["groups"] = [{"address": PANEL, "name": "Panel", "members": [ANA, BEN]}]
    shared = {OPEN_ROOM: "write", WALLED_ROOM: "read"}
    for room in content["rooms"]:
        if room["address"] in shared:
            level = shared[room["address"]]
            room["shared_with"] = {RECRUITER: level, SCHEDULING_USER: level}
    return Tenant.model_validate(content)


@dataclass
class World:
    """Slotwright connected under the permissions of a case; each probe says whether a feature works."""

    case: Case
    emulator: Emulator
    slotwright: Slotwright
    slots: list[Slot] = field(default_factory=list)

    def find(self, people: Sequence[str], **changes: Any) -> Slots:
        """Slots of an hour in the tenant's first week; each question has its own day, so that bookings do not meet."""
        values = {"people": list(people), "minutes": 60, "zone": "Europe/Amsterdam", "limit": 3}
        values |= {"between": "2026-03-03", "and": "2026-03-03", **changes}
        one = self.slotwright
        return find(make_request(values), one.graph, one.store, organizer=RECRUITER, rules=one.rules)

    def book(self, slot: Slot) -> Booking:
        """Book it, and wait for its room."""
        one = self.slotwright
        made = book(slot, one.store, one.driver, organizer=RECRUITER, new_id=one.new_id, wait=True)
        self.emulator.clock.advance(60)
        return made

    def events(self) -> list[str]:
        """The marker-bearing and all other events of the tenant that were not cancelled, by mailbox."""
        return [
            mailbox
            for mailbox, held in self.emulator.snapshot()["mailboxes"].items()
            for calendar in held["calendars"]
            for event in calendar["events"]
            if not event["isCancelled"]
        ]

    def probes(self) -> dict[str, Callable[[], bool]]:
        """By feature; in an order in which none disturbs the next."""
        found: dict[str, Callable[[], bool]] = {
            "free-busy": self.finds,
            "rooms": self.lists_rooms,
            "groups": self.opens_groups,
            "names": self.names_members,
            "purpose": lambda: self.slotwright.graph.purpose(OPEN_ROOM) is not None,
        }
        if self.case.rights.books:
            found |= {
                "invite": self.invites,
                "reserve-direct": self.reserves_directly,
                "reserve-scheduler": self.invites_rooms,
                "prove": self.proves,
            }
        return found

    def finds(self) -> bool:
        """Without it nothing can be found, and that is said."""
        try:
            return bool(self.find([ANA, CHITRA]).slots)
        except REFUSED:
            return False

    def lists_rooms(self) -> bool:
        """Without it the rooms of the catalogue are known, with what its CSV file says of them."""
        try:
            return len(self.slotwright.graph.rooms()) == len(self.emulator.tenant.rooms)
        except REFUSED:
            content = f"address,name,seats\n{OPEN_ROOM},Open,6\n{WALLED_ROOM},Walled,6\n".encode()
            one = self.slotwright
            import_rooms(Choice(csv=("rooms.csv", content)), one.graph, one.store, as_mailbox=RECRUITER)
            return False

    def opens_groups(self) -> bool:
        """Without it people are imported from a CSV file, and that is said."""
        try:
            found = self.slotwright.graph.group(PANEL)
        except REFUSED:
            return False
        return found is not None

    def names_members(self) -> bool:
        """Without it nobody in a group is named; where groups do not open at all, it cannot show."""
        try:
            import_group(PANEL, self.slotwright.graph, self.slotwright.store)
        except REFUSED:
            return self.case.works("names")
        except InputError as error:
            assert "grant the app User.ReadBasic.All" in str(error)  # noqa: PT017 - no other mistake is expected
            return False
        return True

    def invites(self) -> bool:
        """Without it nothing can be booked, and nothing is left anywhere."""
        return self._booked("2026-03-03", room=None) is not None

    def reserves_directly(self) -> bool:
        """Without it rooms are invited from the Scheduler calendar."""
        made = self._booked("2026-03-04", room=OPEN_ROOM)
        if made is None and not self.case.works("invite"):
            return self.case.works("reserve-direct")  # without an invitation there is nothing to reserve for
        return made is not None and made.route is Route.DIRECT

    def invites_rooms(self) -> bool:
        """Without it interviews are booked without a room, where people can be invited at all."""
        if not self._may_not_write(WALLED_ROOM):
            return self.case.works("reserve-scheduler")  # a room that may be written is never invited
        made = self._booked("2026-03-05", room=WALLED_ROOM)
        if made is None and not self.case.works("invite"):
            return self.case.works("reserve-scheduler")
        assert made is not None
        assert made.route in {Route.SCHEDULER, None}
        return made.room_state in {RoomState.ACCEPTED, RoomState.VERIFIED}

    def proves(self) -> bool:
        """Without it a room counts as taken when its free/busy shows exactly our time."""
        made = self._booked("2026-03-06", room=WALLED_ROOM)
        if made is None or made.room_state not in {RoomState.ACCEPTED, RoomState.VERIFIED}:
            return self.case.works("prove")  # without a room there is nothing to prove
        return made.room_state is RoomState.VERIFIED

    def _may_not_write(self, room: str) -> bool:
        access = self.slotwright.graph.access(room)
        return access is None or not access.can_edit

    def _booked(self, day: str, room: str | None) -> Booking | None:
        need = {} if room is None else {"room": {"among": [room]}}
        before = len(self.events())
        try:
            slot = self.find([ANA, BEN], between=day, **{"and": day}, **need).slots[0]
            made = self.book(slot)
        except (*REFUSED, IndexError):
            made = None
        if made is None or made.state not in {State.CONFIRMED, State.ROOM_DECLINED}:
            assert before == len(self.events())
            return None
        return made

    def changes(self) -> list[str]:
        """Find, book, move, swap, rehouse, watch and cancel; what did not end as it should, as phrases."""
        one, wrong = self.slotwright, []
        later = at_local_time("2026-03-10T16:00", "Europe/Amsterdam")
        rooms = {"among": [WALLED_ROOM, OPEN_ROOM]}
        found = self.find([ANA, BEN], between="2026-03-09", **{"and": "2026-03-09"}, room=rooms)
        booking = self.book(found.slots[0])
        steps: dict[str, Callable[[Booking], Booking]] = {
            "book": lambda now: now,
            "reschedule": lambda now: reschedule(now, one.graph, one.store, one.driver, to=later, wait=True),
            "swap": lambda now: swap_person(
                now, one.store, one.driver, leaving=BEN, joining=CHITRA, wait=True
            ),
            "room": lambda now: change_room(
                now, one.graph, one.store, one.driver, address=self._other(now), wait=True
            ),
        }
        for name, step in steps.items():
            booking = step(booking)
            self.emulator.clock.advance(60)
            if booking.state is not State.CONFIRMED:
                wrong.append(f"{name}: {booking.state.value} ({booking.reason})")
        wrong += self._loop(rooms)
        watch = Watch(one.graph, one.store, one.driver, RepairRules(), self._clock)
        noticed = watch.look(wait=True)
        wrong += [f"watch: {each}" for each in noticed if "failed" in str(each)]
        for each in one.store.bookings():
            if each.place is None:
                ended = cancel(each, one.store, one.driver, comment="over")
            else:
                cancel_loop(loop_of(each, one.store), one.store, one.driver, comment="over")
                ended = one.store.booking(each.booking_id) or each
            if ended.state not in {State.CANCELLED, State.UNDONE}:
                wrong.append(f"cancel: {ended.state.value}")
        self.emulator.clock.advance(60)
        return wrong + [f"left in {mailbox}" for mailbox in self.events()]

    def _loop(self, rooms: dict[str, list[str]]) -> list[str]:
        """Find a loop of two interviews and book it as a whole."""
        one = self.slotwright
        sessions = [{"name": name, "minutes": 30, "seats": [who]} for name, who in (("A", ANA), ("B", BEN))]
        values = {
            "sessions": sessions,
            "between": "2026-03-12",
            "and": "2026-03-12",
            "zone": "Europe/Amsterdam",
        }
        request = make_loop_request({**values, "room": rooms, "limit": 1})
        found = find_loop(request, one.graph, one.store, organizer=RECRUITER, rules=one.rules)
        wanted = Wanted(organizer=RECRUITER, new_id=one.new_id, wait=True)
        loop = book_loop(known_option(found.options[0].id, one.store), one.store, one.driver, wanted)
        self.emulator.clock.advance(60)
        return [] if loop.standing is Standing.CONFIRMED else [f"loop: {loop.standing.value}"]

    def reads(self) -> list[str]:
        """What asks for free/busy alone: a loop, a day's rooms, somebody's time; what went wrong, as phrases."""
        one = self.slotwright
        sessions = [{"name": "A", "minutes": 30, "seats": [ANA]}]
        values = {
            "sessions": sessions,
            "between": "2026-03-12",
            "and": "2026-03-12",
            "zone": "Europe/Amsterdam",
        }
        loops = find_loop(
            make_loop_request(values), one.graph, one.store, organizer=RECRUITER, rules=one.rules
        )
        return [] if loops.options else ["no loop was found"]

    def _clock(self) -> int:
        return int(self.emulator.clock.now().timestamp())

    @staticmethod
    def _other(booking: Booking) -> str:
        return WALLED_ROOM if booking.room is None or booking.room.address != WALLED_ROOM else OPEN_ROOM

    def unlisted(self, features: Collection[str] = ()) -> list[str]:
        """Requests that need a permission which the profile's features do not list.

        Args:
            features: names of those that count; all of them if empty.
        """
        listed = {
            need.removesuffix(".Shared")
            for feature in self.case.rights.features
            if not features or feature.name in features
            for need in feature.needs(self.case.consent)
        }
        roles: dict[str, set[str]] = {}
        for operation in OPERATIONS:
            roles.setdefault(operation.name, set()).update(operation.roles)
        return [
            f"{seen.operation} of {seen.mailbox or 'nobody'} needs one of {sorted(roles[seen.operation])}"
            for seen in self.emulator.journal.requests
            if seen.operation in roles and roles[seen.operation] and not roles[seen.operation] & listed
        ]

    def changing(self) -> list[str]:
        """Requests that could change something, or read more than free/busy."""
        harmless = {"getSchedule", "token", "discovery", "deviceCode", "deviceLogin"}
        return [
            f"{seen.method} {seen.operation}"
            for seen in self.emulator.journal.requests
            if seen.method != "GET" and seen.operation not in harmless
        ]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Case], World]]:
    """Makes a world of a case."""
    with ExitStack() as stack:
        numbers = count()

        def make(case: Case) -> World:
            folder = tmp_path / str(next(numbers))
            folder.mkdir()
            return stack.enter_context(_world(case, folder, monkeypatch))

        yield make


@contextmanager
def _world(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    emulator = Emulator(tenant(case), clock=Clock(START))
    numbers = count(1)
    settings = Settings(
        connection="advanced",
        consent=case.consent,
        profile=case.profile,
        graph_url="https://graph.emulated.test/v1.0",
        authority="https://login.emulated.test",
        tenant_id=emulator.tenant.id,
        client_id=APP,
        client_secret=SecretStr("" if case.consent == "user" else CLIENT_SECRET),
        organizer=RECRUITER,
        scheduling_user=SCHEDULING_USER,
        database=folder / "slotwright.db",
        room_answer_seconds=60,
        room_poll_seconds=1,
    )
    if case.consent == "user":
        # What was not consented is not asked for, because a sign-in that asks for more than it may have has nothing.
        rights = replace(case.rights, asked={"user": tuple(sorted(case.granted))})
        monkeypatch.setitem(PROFILES, case.profile, rights)
    with open_slotwright(
        settings,
        wsgi_app=emulator.wsgi,
        clock=lambda: int(emulator.clock.now().timestamp()),
        monotonic=lambda: emulator.clock.now().timestamp(),
        pause=lambda seconds: _advance(emulator, seconds),
        new_id=lambda: f"b-{next(numbers)}",
    ) as slotwright:
        if case.consent == "user" and case.granted:
            _signed_in(slotwright, emulator)
        yield World(case, emulator, slotwright)


def _advance(emulator: Emulator, seconds: float) -> None:
    emulator.clock.advance(max(seconds, 0.001))


def _signed_in(slotwright: Slotwright, emulator: Emulator) -> None:
    """The recruiter and the scheduling user enter a code each."""
    with httpx.Client(
        transport=httpx.WSGITransport(app=emulator.wsgi), base_url="https://login.emulated.test"
    ) as web:
        slotwright.connections.switch(emulator.tenant.id, enabled=True, who="a test")
        for address in (RECRUITER, SCHEDULING_USER):

            def accept(_: str, code: str, address: str = address) -> None:
                said = {"user_code": code, "account": address}
                web.post("/emulator/devices", json=said).raise_for_status()

            how = partial(slotwright.graph.sign_in_by_code, show=accept, wait_seconds=60)
            sign_in(slotwright.connections, slotwright.settings, how, expected=address)


@pytest.fixture
def richest() -> Case:
    """The app itself with every permission that a feature uses."""
    return next(case for case in CASES if (case.profile, case.called) == ("full", "everything"))


@pytest.fixture
def read_only() -> Case:
    """An app that was granted everything and is to read only."""
    granted = frozenset({"Calendars.ReadWrite", *EXTRAS["admin"]})
    return Case("read-only", "admin", granted, "everything granted")
