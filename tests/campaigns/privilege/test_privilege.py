"""S-15: the main job under exactly the permissions of each profile, and what happens without each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from scheduler.booking.events import CalendarRef, EventChange, EventDraft
from scheduler.graph.client import Graph
from scheduler.graph.errors import NotAllowed, NotThere
from scheduler.testing.tenants import ANA, DOMAIN, OPEN_ROOM, RECRUITER
from solvers.timeline import Span

PANEL = f"panel@{DOMAIN}"
HERE, SPAN = CalendarRef(ANA), Span(29_540_000, 29_540_060)
DRAFT = EventDraft("s", "b", SPAN, (), marker="b-1/1/test/1", transaction_id="1")
FREE_BUSY: dict[str, Callable[[Graph], Any]] = {
    "read_schedules": lambda graph: graph.read_schedules([ANA], SPAN, as_mailbox=RECRUITER),
    "rooms": lambda graph: graph.rooms(),
    "workspaces": lambda graph: graph.workspaces(),
    "room_lists": lambda graph: graph.room_lists(),
    "rooms_of_list": lambda graph: graph.rooms_of_list(OPEN_ROOM),
    "group": lambda graph: graph.group(PANEL),
}
"""What a connection that only reads free/busy may ask for."""
MORE: dict[str, Callable[[Graph], Any]] = {
    "access": lambda graph: graph.access(ANA),
    "purpose": lambda graph: graph.purpose(ANA),
    "find_calendar": lambda graph: graph.find_calendar(ANA, "Scheduler"),
    "get_or_create_calendar": lambda graph: graph.get_or_create_calendar(ANA, "Scheduler"),
    "create": lambda graph: graph.create(HERE, graph.encode(DRAFT)),
    "find_marked": lambda graph: graph.find_marked(HERE, "m", SPAN),
    "all_marked": lambda graph: graph.all_marked(HERE, SPAN),
    "read": lambda graph: graph.read(ANA, "id"),
    "read_many": lambda graph: graph.read_many([(ANA, "id"), (RECRUITER, "id")]),
    "view": lambda graph: graph.view(HERE, SPAN),
    "view_many": lambda graph: graph.view_many([(HERE, SPAN), (CalendarRef(RECRUITER), SPAN)]),
    "amend": lambda graph: graph.amend(ANA, "id", EventChange(span=SPAN), version="1"),
    "cancel": lambda graph: graph.cancel(ANA, "id", "sorry"),
    "delete": lambda graph: graph.delete(ANA, "id"),
}
"""Everything else that can be asked of Graph."""
NO_REQUEST = {
    *("close", "now", "skew", "encode", "access_refusal", "in_background"),
    *("discover", "claims", "sign_in_by_code", "sign_in_by_browser"),
}
"""What asks nothing of Graph, or the sign-in service alone."""


@pytest.mark.experiment("S-15", "each feature works or degrades as its profile says")
def test_every_feature_is_as_documented(case: Any, world: Callable[..., Any], tally: Any) -> None:
    """With a permission the feature works; without it there is what the profile says, and never a crash."""
    connected = world(case)
    for feature, probe in connected.probes().items():
        tally.tried()
        expected, works = case.works(feature), probe()
        tally.counted("working" if works else "degraded")
        if expected is not works:
            tally.violated(f"{feature} under {case}: {'works' if works else 'does not work'}")
    tally.violated(*connected.unlisted())
    if not case.rights.books:
        tally.violated(*connected.changing())
    assert [] == tally.violations


@pytest.mark.experiment("S-15", "the whole product under minimal permissions")
def test_the_whole_job_is_green(world: Callable[..., Any], minimal: Any, tally: Any) -> None:
    """Find, book, move, swap, rehouse, loop, watch, cancel: all done, nothing left, no other permission needed."""
    connected = world(minimal)
    if not minimal.rights.books:
        assert connected.finds()
        tally.violated(*connected.reads(), *connected.changing())
    else:
        connected.lists_rooms()
        tally.violated(*connected.changes())
    tally.tried(len(connected.emulator.journal.requests))
    tally.violated(*connected.unlisted())
    assert [] == tally.violations


@pytest.mark.experiment("S-15", "a call whose permission is on no list is noticed", control=True)
def test_a_permission_that_nobody_listed(world: Callable[..., Any], richest: Any, tally: Any) -> None:
    """Had the profile forgotten what tells rooms from equipment, the journal would show it."""
    connected = world(richest)
    connected.slotwright.graph.purpose("room.open@small.example")
    tally.tried(len(connected.emulator.journal.requests))
    assert [] == connected.unlisted()
    tally.violated(*connected.unlisted(["free-busy", "rooms", "groups"]))
    assert [] != tally.violations


@pytest.mark.experiment("S-15", "a connection for free/busy asks for nothing else, whatever is called")
def test_no_code_path_asks_for_more(world: Callable[..., Any], read_only: Any, tally: Any) -> None:
    """Although everything is granted, each method either reads free/busy or the directory, or sends nothing at all."""
    public = {name for name in vars(Graph) if not name.startswith("_")}
    assert public == {*FREE_BUSY, *MORE, *NO_REQUEST}  # a new method has to be judged
    connected = world(read_only)
    graph, journal = connected.slotwright.graph, connected.emulator.journal
    for name, ask in MORE.items():
        tally.tried()
        journal.clear()
        if not _refused(partial(ask, graph)) or journal.requests:
            tally.violated(name)
    for name, ask in FREE_BUSY.items():
        tally.tried()
        journal.clear()
        if _refused(partial(ask, graph)):
            tally.violated(name)
        tally.violated(*connected.changing())
    assert [] == tally.violations


def _refused(ask: Callable[[], Any]) -> bool:
    """Whether the connection itself said no: by an error, by errors in the place of answers, or by knowing nothing."""
    try:
        answer = ask()
    except NotAllowed as error:
        return error.code == "ReadOnlyConnection"
    except NotThere:
        return False
    if isinstance(answer, tuple) and answer:
        return all(getattr(each, "code", "") == "ReadOnlyConnection" for each in answer)
    return answer is None
