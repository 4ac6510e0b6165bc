"""Groups of the directory by their address, opened to their last member."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from scheduler.directory.groups import Group, GroupMember
from scheduler.graph.errors import BadAnswer
from scheduler.graph.gate import Gate
from scheduler.graph.paging import linked_pages
from scheduler.graph.paths import literal, query
from scheduler.graph.wire.groups import GroupRow, MemberRow

_PAGE = "100"


def read_group(gate: Gate, address: str) -> Group | None:
    """The group of that address with everybody in it and in the groups inside it; None if there is none.

    Raises:
        NotAllowed: GroupMember.Read.All, or Directory.Read.All, is missing.
        CallFailed: it could not be read to its end.
    """
    doing = f"looking for the group {address}"
    path = "/groups" + query(filter=f"mail eq {literal(address)}", select="id,displayName,mail", top="2")
    row = next(linked_pages(gate, path, mailbox="", doing=doing), None)
    if row is None:
        return None
    try:
        found = GroupRow.model_validate(row)
    except ValidationError as fault:
        raise BadAnswer(
            doing, "Graph's answer holds no group in the documented form", "try again later"
        ) from fault
    path = f"/groups/{quote(found.id, safe='')}/transitiveMembers" + query(
        select="id,displayName,mail,userPrincipalName", top=_PAGE
    )
    items = linked_pages(gate, path, mailbox="", doing=f"reading the members of the group {address}")
    return _group(address, found, [_member(item) for item in items])


def _member(item: Any) -> MemberRow:
    try:
        return MemberRow.model_validate(item)
    except ValidationError:
        return MemberRow()


def _group(address: str, row: GroupRow, members: list[MemberRow]) -> Group:
    people: dict[str, GroupMember] = {}
    nested, without, others, unreadable = [], [], 0, 0
    for member in members:
        kind = member.odata_type.lower().removeprefix("#microsoft.graph.")
        mail = member.mail.strip().lower()
        called = member.display_name or member.user_principal_name
        if kind == "group":
            nested.append(called or mail or "a group without a name")
        elif kind != "user":
            others += 1
        elif mail:
            people.setdefault(mail, GroupMember(mail, member.display_name))
        elif called:
            without.append(called)
        else:
            unreadable += 1
    return Group(
        address=address,
        name=row.display_name or address,
        members=tuple(people.values()),
        nested=tuple(nested),
        without_mailbox=tuple(without),
        others=others,
        unreadable=unreadable,
    )
