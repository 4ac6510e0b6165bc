"""The people catalogue: imported from files and groups, named by tag, and heeded by every search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scheduler.app.alternatives import Nearest
from scheduler.app.find_loop import find_loop
from scheduler.app.people import import_csv, import_group, people, remove_people
from scheduler.app.plan import plan
from scheduler.app.replay import replay_now, solution
from scheduler.app.why_not import why_not
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.tenant import Tenant
from scheduler.errors import InputError, NotFound
from scheduler.graph.errors import NotAllowed
from scheduler.planning.loops.asked import make_asked
from scheduler.planning.loops.offer import read_loop_offer
from scheduler.planning.loops.plan_request import make_plan_request
from scheduler.planning.loops.request import LoopRequest
from scheduler.planning.request import make_request
from scheduler.testing.tenants import ANA, BEN, CHITRA, DOMAIN, RECRUITER, START, small_tenant
from scheduler.wiring import Slotwright

PANEL, INNER, EMPTY = (f"{name}@{DOMAIN}" for name in ("panel", "inner", "empty"))
NILS = f"nils@{DOMAIN}"
WEEK = {"between": "2026-03-02", "and": "2026-03-06", "zone": "Europe/Amsterdam"}


def with_groups(*roles: str) -> Tenant:
    """The small tenant with a group that has another inside, for an app with these roles besides."""
    plain = small_tenant().model_dump(mode="json")
    plain["people"].append({"address": NILS, "name": "Nils", "mailbox": "none"})
    plain["groups"] = [
        {"address": PANEL, "name": "Panel", "members": [ANA, INNER]},
        {"address": INNER, "name": "Inner", "members": [BEN, NILS]},
        {"address": EMPTY, "members": [NILS]},
    ]
    plain["apps"][0]["grants"] += [{"role": role} for role in roles]
    return Tenant.model_validate(plain)


@pytest.fixture
def graph_emulator() -> Emulator:
    """An emulator of it, where the app may read groups and users."""
    return Emulator(with_groups("GroupMember.Read.All", "User.ReadBasic.All"), clock=Clock(START))


@pytest.fixture
def slotwright(desk: Any) -> Iterator[Slotwright]:
    """Connected to it."""
    with desk.open() as opened:
        yield opened


def take(slotwright: Slotwright, text: str) -> Any:
    """Import people from a file of this text."""
    return import_csv("people.csv", text.encode(), slotwright.store)


def search(slotwright: Slotwright, **values: Any) -> Any:
    """The loops of a request, for an interview or a loop."""
    request = make_asked({**WEEK, "limit": 1, **values})
    assert isinstance(request, LoopRequest)
    return find_loop(request, slotwright.graph, slotwright.store, organizer=RECRUITER, rules=slotwright.rules)


def test_a_group(slotwright: Slotwright) -> None:
    """Everybody in it and in the groups inside it gets the tag; who has no mailbox is told."""
    imported = import_group(PANEL, slotwright.graph, slotwright.store)
    assert ((ANA, BEN), "panel") == (imported.new, imported.tag)
    assert (
        "Opened the groups inside it: Inner.",
        "Left out, because they have no mailbox: Nils.",
    ) == imported.notes
    assert [(ANA, "Ana"), (BEN, "Ben")] == [
        (each.address, each.name) for each in people(slotwright.store, tag="PANEL")
    ]


def test_leaving_a_group(desk: Any, slotwright: Slotwright) -> None:
    """Who is in it no more loses its tag, but not one that a file gave."""
    take(slotwright, f"address,tags\n{BEN},panel\n{CHITRA},other\n")
    import_group(PANEL, slotwright.graph, slotwright.store, tag="Panel")
    import_group(INNER, slotwright.graph, slotwright.store, tag="inner")
    tenant = with_groups("GroupMember.Read.All", "User.ReadBasic.All")
    groups = [
        group.model_copy(update={"members": [CHITRA]}) if group.address != EMPTY else group
        for group in tenant.groups
    ]
    desk.emulator = Emulator(tenant.model_copy(update={"groups": groups}), clock=Clock(START))
    with desk.open() as later:
        imported = import_group(PANEL, later.graph, later.store, tag="panel")
        assert ((CHITRA,), (ANA,)) == (imported.renewed, imported.left)
        assert {ANA: {}, BEN: {"panel": "CSV", "inner": INNER}, CHITRA: {"other": "CSV", "panel": PANEL}} == {
            each.address: each.tags for each in people(later.store)
        }


@pytest.mark.parametrize(
    ("group", "tag", "said"),
    [
        (
            f"nobody@{DOMAIN}",
            None,
            f"--group: no group has the address nobody@{DOMAIN}; correct the address.",
        ),
        ("panel", None, "--group: 'panel' is not an e-mail address; write the group's address."),
        (EMPTY, None, f"--group: nobody in {EMPTY} has a mailbox; name another group."),
        (PANEL, "a@b", "--tag: 'a@b' is no tag: "),
    ],
)
def test_groups_that_cannot_be_imported(
    slotwright: Slotwright, group: str, tag: str | None, said: str
) -> None:
    """Each is told in one sentence, and nobody is imported."""
    with pytest.raises(InputError) as refused:
        import_group(group, slotwright.graph, slotwright.store, tag=tag)
    assert str(refused.value).startswith(said)
    assert () == people(slotwright.store)


def test_groups_without_permission(desk: Any) -> None:
    """Without the right to read groups Graph refuses; without that to read users it hides who the members are."""
    desk.emulator = Emulator(with_groups(), clock=Clock(START))
    with desk.open() as slotwright, pytest.raises(NotAllowed):
        import_group(PANEL, slotwright.graph, slotwright.store)
    desk.emulator = Emulator(with_groups("GroupMember.Read.All"), clock=Clock(START))
    with (
        desk.open() as slotwright,
        pytest.raises(InputError, match=r"who 3 of the members .* grant the app User"),
    ):
        import_group(PANEL, slotwright.graph, slotwright.store)


def test_a_file_with_a_mistake_imports_nobody(slotwright: Slotwright) -> None:
    """The rows before the mistake are not written either."""
    with pytest.raises(InputError, match=r"people\.csv, row 3, column zone: 'Moon' is neither"):
        take(slotwright, f"address,zone\n{ANA},UTC\n{BEN},Moon\n")
    assert () == people(slotwright.store)


def test_forgetting(slotwright: Slotwright) -> None:
    """By address, by tag, or everybody; a stranger is refused and nobody is forgotten."""
    text = f"address,tags\n{ANA},backend\n{BEN},backend\n{CHITRA},\n"
    take(slotwright, text)
    with pytest.raises(NotFound, match=r"anna@small\.example is not in the catalogue; the nearest"):
        remove_people(slotwright.store, addresses=[BEN, f"anna@{DOMAIN}"])
    with pytest.raises(NotFound, match="nobody has the tag 'bakend'; the nearest is backend"):
        remove_people(slotwright.store, tag="bakend")
    assert ((CHITRA,), 2) == _left(remove_people(slotwright.store, addresses=[CHITRA.upper()]))
    assert ((ANA, BEN), 0) == _left(remove_people(slotwright.store, tag="Backend"))
    take(slotwright, text)
    assert 0 == remove_people(slotwright.store, everybody=True).catalogue


def _left(removed: Any) -> tuple[Any, int]:
    return removed.removed, removed.catalogue


def test_an_interview_by_tag(slotwright: Slotwright) -> None:
    """Somebody with the tag is found, the answer says whom it stood for, and a stand-in is one of them."""
    take(slotwright, f"address,tags,training\n{ANA},backend,\n{BEN},backend,\n{CHITRA},backend,shadow\n")
    answer = search(slotwright, people=["tag:Backend"], minutes=60)
    assert [("backend", (ANA, BEN), {CHITRA: "shadow"})] == [
        (pool.tag, pool.people, pool.left_out) for pool in answer.pools
    ]
    (seat,) = answer.options[0].sessions[0].seats
    assert ANA == seat.person


def test_a_request_by_tag_can_be_asked_again(slotwright: Slotwright) -> None:
    """What is kept has the tag: a replay, and the search for alternatives, open it as the catalogue is by then."""
    take(slotwright, f"address,tags\n{ANA},backend\n")
    answer = search(slotwright, people=["tag:backend"], minutes=60)
    take(slotwright, f"address,tags\n{ANA},\n{CHITRA},backend\n")
    earlier = solution(answer.solution, slotwright.store)
    again = replay_now(
        earlier, slotwright.graph, slotwright.store, organizer=RECRUITER, rules=slotwright.rules
    )
    assert not again.same
    offer = slotwright.store.offer(answer.options[0].id)
    assert offer is not None

    nearest = Nearest(slotwright.graph, slotwright.store, slotwright.rules, RECRUITER)
    options = nearest.options(read_loop_offer(offer))
    assert {CHITRA} == {
        person.address for option in options for session in option.sessions for person in session.slot.people
    }


def test_a_plan_by_tag(slotwright: Slotwright) -> None:
    """Templates may name tags, and the plan says whom they stood for."""
    take(slotwright, f"address,tags\n{ANA},backend\n{BEN},backend\n")
    shape = {"sessions": [{"name": "talk", "minutes": 60, "seats": ["tag:backend"]}]}
    request = make_plan_request(
        {**WEEK, "templates": {"usual": shape}, "candidates": [{"name": "Sam"}, {"name": "Kim"}]}
    )
    answer = plan(request, slotwright.graph, slotwright.store, organizer=RECRUITER, rules=slotwright.rules)
    assert (2, [("backend", (ANA, BEN))]) == (
        answer.scheduled,
        [(pool.tag, pool.people) for pool in answer.pools],
    )


def test_caps_of_the_catalogue(desk: Any, slotwright: Slotwright) -> None:
    """One interview a day: after the first, that day is full for interviews and loops, unless a request says more."""
    take(slotwright, f"address,sessions_per_day\n{ANA},1\n")
    monday = {"between": "2026-03-02", "and": "2026-03-02"}
    first = desk.find(slotwright, [ANA], **monday)
    desk.book(slotwright, first.slots[0])
    found = desk.find(slotwright, [ANA], **monday)
    assert ((), (f"{ANA} gives as many interviews as their caps allow on some days.",)) == (
        found.slots,
        found.notes,
    )
    assert (
        () == search(slotwright, sessions=[{"name": "talk", "minutes": 60, "seats": [ANA]}], **monday).options
    )
    more = {"address": ANA, "caps": {"sessions_per_day": 2}}
    assert desk.find(slotwright, [more], **monday).slots
    assert "2026-03-03" == desk.find(slotwright, [ANA]).slots[0].start[:10]


def test_hours_and_clock_of_the_catalogue(desk: Any, slotwright: Slotwright) -> None:
    """Working hours and clock of the catalogue stand for the mailbox's, in find, why-not and alternatives."""
    take(slotwright, f"address,hours,zone\n{ANA},tue 10:00-11:00,Asia/Kolkata\n")
    found = desk.find(slotwright, [ANA], minutes=30, apart=0, limit=50)
    assert {"2026-03-03T10:00", "2026-03-03T10:15", "2026-03-03T10:30"} == {
        slot.people[0].start for slot in found.slots
    }
    asked = make_request({**WEEK, "people": [ANA], "minutes": 30})
    outcomes = [
        why_not(
            start, asked, slotwright.graph, slotwright.store, organizer=RECRUITER, rules=slotwright.rules
        ).outcome
        for start in (found.slots[0].start, "2026-03-03T12:00")
    ]
    assert ("legal", True) == (outcomes[0], outcomes[1] != "legal")
    nearest = Nearest(slotwright.graph, slotwright.store, slotwright.rules, RECRUITER)
    others = nearest.slots(found.slots[0])
    assert {"10"} == {slot.people[0].start[11:13] for slot in others}


def test_preferred_hours_of_the_catalogue(desk: Any, slotwright: Slotwright) -> None:
    """A slot outside what somebody likes costs, unless the request says that they like anything."""
    take(slotwright, f"address,preferred\n{ANA},15:00-16:00\n")
    (best,) = desk.find(slotwright, [ANA], limit=1, weights={"preferred_hours": 100}).slots
    assert "15:00" == best.start[11:]
    (anything,) = desk.find(
        slotwright, [{"address": ANA, "preferred": []}], limit=1, weights={"preferred_hours": 100}
    ).slots
    assert "15:00" != anything.start[11:]
