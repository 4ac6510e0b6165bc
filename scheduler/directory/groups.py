"""A group of the directory, opened to its last member."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GroupMember:
    """Somebody in a group who has a mailbox address; lower case."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody in a group and in the groups inside it.

    Args:
        nested: names of the groups inside it.
        without_mailbox: names of people who have no address.
        others: how many members are no people: devices, apps, contacts.
        unreadable: how many people Graph showed without saying who they are, for want of permission.
    """

    address: str
    name: str
    members: tuple[GroupMember, ...]
    nested: tuple[str, ...] = ()
    without_mailbox: tuple[str, ...] = ()
    others: int = 0
    unreadable: int = 0
