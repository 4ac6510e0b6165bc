"""The room catalogue against the emulator: what there is, what is imported, and what is proposed then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scheduler.app.change_room import change_room
from scheduler.app.reading import rooms_of
from scheduler.app.reschedule import neighbours
from scheduler.app.room_catalogue import Choice, Imported, catalogue, import_rooms, remove_rooms
from scheduler.app.room_survey import Loaded, load
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.tenant import Tenant
from scheduler.errors import InputError, NotFound
from scheduler.testing.tenants import ANA, DOMAIN, OPEN_ROOM, RECRUITER, START, WALLED_ROOM, small_tenant
from scheduler.wiring import Slotwright

LIST = f"rooms-annex@{DOMAIN}"
VEILED, BEAMER, DESKS, CELLAR, CORNER, BROKEN = (
    f"{name}@{DOMAIN}" for name in ("veiled", "beamer", "desks", "cellar", "corner", "broken")
)
GHOST = f"ghost@{DOMAIN}"


@pytest.fixture
def tenant() -> Tenant:
    """The small tenant with an annex, where there is one of everything that is not quite a room."""
    plain = small_tenant().model_dump(mode="json")
    plain["rooms"] += [
        {"address": VEILED, "name": "Veiled", "hidden": True},
        {"address": BEAMER, "name": "Beamer", "kind": "equipment"},
        {"address": DESKS, "name": "Desks", "kind": "workspace", "capacity": 8},
        {"address": CELLAR, "name": "Cellar", "building": "Änné", "capacity": 4, "mailbox": "on_premises"},
        {"address": CORNER, "name": "Corner", "building": "Änné"},
        {
            "address": BROKEN,
            "name": "Broken",
            "building": "Änné",
            "capacity": 4,
            "free_busy_error": "ErrorInternal",
        },
    ]
    plain["room_lists"] = [{"address": LIST, "name": "Rooms of the annex", "rooms": [CELLAR, CORNER]}]
    grants = plain["apps"][0]["grants"]
    grants.append({"role": "MailboxSettings.Read"})
    next(each for each in grants if each["role"] == "Calendars.Read")["over"] += [CELLAR, CORNER]
    return Tenant.model_validate(plain)


@pytest.fixture
def graph_emulator(tenant: Tenant) -> Emulator:
    """An emulator of it."""
    return Emulator(tenant, clock=Clock(START))


@pytest.fixture
def slotwright(desk: Any) -> Iterator[Slotwright]:
    """Connected to it."""
    with desk.open() as opened:
        yield opened


Import = Callable[..., Imported]


@pytest.fixture
def take(slotwright: Slotwright) -> Import:
    """Import rooms."""

    def taken(*, csv: str | None = None, **choice: Any) -> Imported:
        file = None if csv is None else ("rooms.csv", csv.encode())
        return import_rooms(
            Choice(csv=file, **choice), slotwright.graph, slotwright.store, as_mailbox=RECRUITER
        )

    return taken


def look(slotwright: Slotwright, *also: str) -> Loaded:
    """Load what there is."""
    return load(slotwright.graph, slotwright.store, as_mailbox=RECRUITER, also=also)


def proposed(desk: Any, slotwright: Slotwright, **need: Any) -> set[str]:
    """The rooms of all slots of a search."""
    found = desk.find(slotwright, [ANA], room={"seats": 1, **need}, limit=100)
    return {
        room.address for slot in found.slots for room in (slot.room, *slot.alternatives) if room is not None
    }


def test_load_counts_and_explains(slotwright: Slotwright) -> None:
    """Rooms, workspaces and equipment are told apart, each with why it cannot be booked, or by which route it would."""
    loaded = look(slotwright, VEILED, BEAMER, ANA, GHOST)
    assert (9, 1, 1, ()) == (loaded.rooms, loaded.workspaces, loaded.equipment, loaded.without_address)
    found = {each.address: each for each in loaded.resources}
    assert ("direct", "its calendar may be written") == (found[OPEN_ROOM].route, found[OPEN_ROOM].route_why)
    assert ("scheduler", True) == (found[WALLED_ROOM].route, found[WALLED_ROOM].bookable)
    assert (
        "scheduler",
        "its mailbox is on-premises or has no licence, so only an invitation reaches it",
    ) == (found[CELLAR].route, found[CELLAR].route_why)
    assert {
        CORNER: "does not say how many it seats; a CSV file may",
        DESKS: "is a workspace, whose desks are not for meetings",
        BEAMER: "is equipment, and no room",
        VEILED: "is hidden from Places, or not shown yet; import it with a CSV file to use it",
        ANA: "is somebody's mailbox, and no room",
        GHOST: "has no mailbox: Microsoft 365 knows no such recipient",
    } == {address: found[address].why for address in (CORNER, DESKS, BEAMER, VEILED, ANA, GHOST)}
    assert found[BROKEN].why.startswith("has unreadable free/busy: ")
    assert (False, None) == (found[BROKEN].readable, found[BROKEN].route)
    assert ({BROKEN, GHOST}, loaded.unreadable) == (
        {each.address for each in loaded.resources if not each.readable},
        2,
    )
    assert () == slotwright.store.catalogue.rooms()


def test_load_compares_with_the_last_time(desk: Any, slotwright: Slotwright, tenant: Tenant) -> None:
    """New, gone and changed places are told once, and the gone one is looked at."""
    assert None is look(slotwright).compared_with
    assert ((), (), ()) == _differing(look(slotwright))
    rooms = [
        room.model_copy(
            update={"capacity": 9} if room.address == OPEN_ROOM else {"hidden": room.address == CORNER}
        )
        for room in tenant.rooms
        if room.address != DESKS
    ]
    rooms.append(tenant.rooms[0].model_copy(update={"address": f"new@{DOMAIN}", "name": "New"}))
    desk.emulator = Emulator(tenant.model_copy(update={"rooms": rooms}), clock=Clock(START))
    with desk.open() as later:
        loaded = look(later)
        # VEILED is listed from now on, because only CORNER is hidden.
        assert (
            (f"new@{DOMAIN}", VEILED),
            (CORNER, DESKS),
            [(OPEN_ROOM, "seats", "6", "9")],
        ) == (
            loaded.new,
            loaded.gone,
            [(each.address, each.fact, each.was, each.now) for each in loaded.changed],
        )
        found = {each.address: each.why for each in loaded.resources}
        assert found[CORNER].startswith("is hidden from Places")
        assert found[DESKS].startswith("has no mailbox")
        assert ((), (), ()) == _differing(look(later))


def _differing(loaded: Loaded) -> tuple[Any, Any, Any]:
    return loaded.new, loaded.gone, loaded.changed


def test_load_without_places(desk: Any, tenant: Tenant) -> None:
    """Without any right to read calendars everything is listed, and each says why it cannot be read."""
    app = tenant.apps[0].model_copy(
        update={"grants": [grant for grant in tenant.apps[0].grants if "Calendars" not in grant.role]}
    )
    desk.emulator = Emulator(tenant.model_copy(update={"apps": [app]}), clock=Clock(START))
    with desk.open() as slotwright:
        loaded = look(slotwright)
    assert (10, 0) == (loaded.unreadable, loaded.bookable)
    assert {True} == {each.why.startswith("has unreadable free/busy: ") for each in loaded.resources}


def test_offices_by_name(take: Import, slotwright: Slotwright) -> None:
    """A building is chosen whatever its accents and case; a room list by its name or address gives its rooms."""
    assert (CELLAR, CORNER, BROKEN) == take(offices=["anne"]).new
    assert ((), (CELLAR, CORNER)) == _written(take(offices=["ROOMS of the annex"]))
    assert ((), (CELLAR, CORNER)) == _written(take(lists=[LIST.upper()]))
    assert [BROKEN, CELLAR, CORNER] == [entry.address for entry in catalogue(slotwright.store)]


def _written(imported: Imported) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return imported.new, imported.renewed


def test_chosen_rooms_only(take: Import) -> None:
    """Of an office only the rooms named are taken; without an office any room that Places shows."""
    assert (CELLAR,) == take(offices=["Änné"], rooms=[CELLAR.upper()]).new
    assert (OPEN_ROOM,) == take(rooms=[OPEN_ROOM]).new


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (
            {"offices": ["Ann"]},
            "--office: 'Ann' is neither a building nor a room list here; the nearest is Änné.",
        ),
        (
            {"offices": ["Main"], "rooms": [CELLAR]},
            f"--room: {CELLAR} is in none of the offices and lists named; it is in Änné; correct either.",
        ),
        ({"lists": ["rooms-anex@x.example"]}, "--list: there is no room list rooms-anex@x.example; "),
        ({"rooms": [VEILED]}, f"--room: Places does not show {VEILED}; "),
        ({}, "rooms: none was chosen; name an --office, a --list, a --room or a --csv file."),
        (
            {"csv": f"address\n{OPEN_ROOM}\n{GHOST}\n"},
            f"rooms.csv, row 3, column address: Microsoft 365 knows nobody under '{GHOST}'; correct the address.",
        ),
        (
            {"offices": ["Main"], "csv": f"address,seats\n{OPEN_ROOM},4\n{WALLED_ROOM},many\n"},
            "rooms.csv, row 3, column seats: 'many' is no whole number; ",
        ),
    ],
)
def test_a_mistake_imports_nothing(
    take: Import, slotwright: Slotwright, choice: dict[str, Any], said: str
) -> None:
    """Each is told in one sentence, and the catalogue is as it was."""
    with pytest.raises(InputError) as refused:
        take(**choice)
    assert str(refused.value).startswith(said)
    assert () == catalogue(slotwright.store)


def test_only_imported_rooms_are_proposed(desk: Any, slotwright: Slotwright, take: Import) -> None:
    """Before the first import all rooms are, afterwards only those of the catalogue, and all again once it is empty."""
    everything = proposed(desk, slotwright)
    assert {OPEN_ROOM, WALLED_ROOM, CELLAR} < everything
    take(rooms=[WALLED_ROOM, CELLAR])
    assert {WALLED_ROOM, CELLAR} == proposed(desk, slotwright)
    remove_rooms(slotwright.store, everything=True)
    assert everything == proposed(desk, slotwright)


def test_a_file_makes_rooms_usable(desk: Any, slotwright: Slotwright, take: Import) -> None:
    """Seats for a room that says none, a room that Places hides, and one that is not to be booked."""
    take(csv=f"address;seats;features;bookable\n{CORNER};3;Screen;\n{VEILED};5;;\n{OPEN_ROOM};;;no\n")
    assert {CORNER, VEILED} == proposed(desk, slotwright)
    assert {CORNER} == proposed(desk, slotwright, equipment=["screen"])
    with pytest.raises(InputError) as refused:
        proposed(desk, slotwright, among=[OPEN_ROOM])
    assert (
        f"room.among: {OPEN_ROOM} cannot be booked by anyone: it is marked as not bookable; name another room."
        == str(refused.value)
    )


def test_a_room_outside_the_catalogue_is_refused(desk: Any, slotwright: Slotwright, take: Import) -> None:
    """Whoever names one is told how to import it, in searches and when a booking is to change its room."""
    take(rooms=[WALLED_ROOM, OPEN_ROOM])
    booking = desk.book(slotwright, desk.find(slotwright, [ANA], room={"among": [OPEN_ROOM]}).slots[0])
    with pytest.raises(InputError) as refused:
        proposed(desk, slotwright, among=[CELLAR])
    assert (
        f"room.among: {CELLAR}, which Places shows, is not in the room catalogue; "
        f"import it with `slotwright rooms import --room {CELLAR}`, or name another room."
        == str(refused.value)
    )
    with pytest.raises(InputError, match=r"room: cellar@.* is not in the room catalogue"):
        change_room(
            booking, slotwright.graph, slotwright.store, slotwright.driver, address=CELLAR, wait=False
        )


def test_neighbours_are_imported_rooms(desk: Any, slotwright: Slotwright, take: Import) -> None:
    """What a repair may take beside the rooms of a slot is in the catalogue."""
    booking = desk.book(slotwright, desk.find(slotwright, [ANA], room={"among": [OPEN_ROOM]}).slots[0])
    take(rooms=[WALLED_ROOM])
    found = neighbours(booking, slotwright.graph, slotwright.store)
    assert [WALLED_ROOM] == [room.address for room in found]


def test_a_room_that_vanished_is_told(desk: Any, take: Import, tenant: Tenant) -> None:
    """It is not proposed any more, every search says so, and whoever names it is told."""
    take(rooms=[OPEN_ROOM, WALLED_ROOM])
    hidden = [room.model_copy(update={"hidden": room.address == OPEN_ROOM}) for room in tenant.rooms]
    desk.emulator = Emulator(tenant.model_copy(update={"rooms": hidden}), clock=Clock(START))
    with desk.open() as later:
        found = desk.find(later, [ANA], room={"seats": 1})
        assert {WALLED_ROOM} == {slot.room.address for slot in found.slots}
        assert (
            f"Places does not show {OPEN_ROOM} any more, so it is not proposed; see `slotwright rooms load`.",
        ) == found.notes
        with pytest.raises(InputError) as refused:
            proposed(desk, later, among=[OPEN_ROOM])
        assert (
            f"room.among: {OPEN_ROOM} is in the room catalogue, but Places does not show it any more; "
            f"name another room, or forget it with `slotwright rooms remove {OPEN_ROOM}`."
            == str(refused.value)
        )
        (entry,) = [each for each in look(later).resources if each.address == OPEN_ROOM]
        assert ("is not shown by Places any more", False) == (entry.why, entry.bookable)


def test_facts_of_today(desk: Any, take: Import, tenant: Tenant) -> None:
    """A room that grew since its import has today's seats, and importing it again brings the catalogue up to date."""
    take(rooms=[OPEN_ROOM])
    grown = [
        room.model_copy(update={"capacity": 20} if room.address == OPEN_ROOM else {}) for room in tenant.rooms
    ]
    desk.emulator = Emulator(tenant.model_copy(update={"rooms": grown}), clock=Clock(START))
    with desk.open() as later:
        (room,) = rooms_of(later.graph, later.store).rooms
        assert (20, 6) == (room.seats, catalogue(later.store)[0].seats)
        again = import_rooms(Choice(offices=["Main"]), later.graph, later.store, as_mailbox=RECRUITER)
        assert OPEN_ROOM in again.renewed
        assert 20 in {entry.seats for entry in catalogue(later.store)}


def test_facts_have_sources(slotwright: Slotwright, take: Import) -> None:
    """The list says of each fact where it comes from, and since when."""
    take(rooms=[CORNER], csv=f"address,seats\n{CORNER},3\n")
    (entry,) = catalogue(slotwright.store)
    assert {("building", "Places"), ("name", "Places"), ("seats", "CSV")} == {
        (fact.fact, fact.source) for fact in entry.facts
    }
    assert {"2026-03-02T06:00Z"} == {fact.at for fact in entry.facts}


def test_forgetting(slotwright: Slotwright, take: Import) -> None:
    """By address, by building, or all; a stranger is refused and nothing is forgotten."""
    take(rooms=[OPEN_ROOM, WALLED_ROOM], offices=["Main"])
    take(offices=["Änné"])
    assert (3, 2) == _left(remove_rooms(slotwright.store, buildings=["ANNE"]))
    with pytest.raises(NotFound):
        remove_rooms(slotwright.store, addresses=[OPEN_ROOM, GHOST])
    with pytest.raises(NotFound, match="no room of the catalogue is in 'Man'; the nearest is Main"):
        remove_rooms(slotwright.store, buildings=["Man"])
    assert (1, 1) == _left(remove_rooms(slotwright.store, addresses=[OPEN_ROOM.upper()]))


def _left(removed: Any) -> tuple[int, int]:
    return len(removed.removed), removed.catalogue
