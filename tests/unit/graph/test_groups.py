"""Groups by address, opened to their last member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.directory.groups import Group, GroupMember
from scheduler.graph.errors import BadAnswer

FOUND = (200, {"value": [{"id": "g/1", "displayName": "Panel", "mail": "panel@x.test"}]})


def member(kind: str = "user", **more: Any) -> dict[str, Any]:
    """A member as Graph lists it."""
    empty = {"displayName": None, "mail": None, "userPrincipalName": None}
    return {"@odata.type": f"#microsoft.graph.{kind}", "id": "m"} | empty | more


def test_a_group_is_asked_for_by_address_and_then_by_id(play: Callable[..., Any]) -> None:
    """A quote in the address is doubled, the id is escaped, and every page is read."""
    ana, ben = (member(displayName=name, mail=f"{name}@X.test") for name in ("Ana", "Ben"))
    link = {"@odata.nextLink": "https://graph.test/v1.0/groups/g%2F1/transitiveMembers?$skiptoken=2"}
    stage = play([FOUND, (200, {"value": [ana], **link}), (200, {"value": [ben, ana]})])
    assert Group(
        "o'panel@x.test", "Panel", (GroupMember("ana@x.test", "Ana"), GroupMember("ben@x.test", "Ben"))
    ) == stage.graph.group("o'panel@x.test")
    assert "mail eq 'o''panel@x.test'" in stage.asked[0].query
    assert 3 == len(stage.asked)


def test_no_such_group(play: Callable[..., Any]) -> None:
    """An empty answer is no group, and nothing more is asked."""
    stage = play([(200, {"value": []})])
    assert None is stage.graph.group("nobody@x.test")
    assert 1 == len(stage.asked)


def test_every_kind_of_member(play: Callable[..., Any]) -> None:
    """Groups inside, people without mailbox, things, and people whom Graph does not name are told apart."""
    members = [
        member("group", displayName="Inner"),
        member(displayName="Nils"),
        member("device", displayName="Laptop"),
        member("orgContact", mail="out@y.test"),
        member(),
        None,
        member(mail="ana@x.test"),
    ]
    stage = play([FOUND, (200, {"value": members})])
    assert Group(
        "panel@x.test",
        "Panel",
        (GroupMember("ana@x.test", ""),),
        ("Inner",),
        ("Nils",),
        others=3,
        unreadable=1,
    ) == stage.graph.group("panel@x.test")


def test_a_group_without_id(play: Callable[..., Any]) -> None:
    """What is no group is a bad answer."""
    with pytest.raises(BadAnswer):
        play([(200, {"value": [{"mail": "panel@x.test"}]})]).graph.group("panel@x.test")
