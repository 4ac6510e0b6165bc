"""The people that an installation imported, and how requests name them together: by tag.

`tag:NAME` stands for everybody who has the tag. It has no @, so it cannot be taken for an address.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from scheduler.directory.names import folded
from scheduler.planning.request import Address, Caps, DayRange, Hours, Part, is_address

Training = Literal["shadow", "reverse shadow", "trained"]
"""Watches an interviewer; is watched by one; interviews alone. The first two sit in trainee seats only."""

PREFIX: Final = "tag:"
_TAG = re.compile(r"[^\s@,;|/:][^@,;|/:]{0,59}")


def tag_name(text: str) -> str:
    """A tag as it is kept: without case, accents and superfluous blanks.

    Raises:
        ValueError: it cannot be one.
    """
    name = folded(text)
    if _TAG.fullmatch(name) is None:
        raise ValueError(f"{text!r} is no tag: at most 60 characters, none of @ , ; | / :")
    return name


def _pool_member(value: str) -> str:
    if value.casefold().startswith(PREFIX):
        return PREFIX + tag_name(value[len(PREFIX) :])
    if not is_address(value):
        raise ValueError(f"{value!r} is neither an e-mail address nor a tag such as tag:backend")
    return value.lower()


Tag = Annotated[str, AfterValidator(tag_name)]
PoolMember = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=320), AfterValidator(_pool_member)
]
"""An address, or a tag with its prefix."""


def tag_of(member: str) -> str | None:
    """The tag that a member of a pool names; None if it is an address."""
    return member.removeprefix(PREFIX) if member.startswith(PREFIX) else None


def plain_pool(pool: Any) -> Any:
    """A pool as a list of addresses and prefixed tags, however it is written; anything else is left alone."""
    if isinstance(pool, str | dict):
        pool = [pool]
    return [plain_member(each) for each in pool] if isinstance(pool, list | tuple) else pool


def plain_member(value: Any) -> Any:
    """`{"tag": "backend"}` as `tag:backend`; anything else is left alone."""
    if isinstance(value, dict) and value.keys() == {"tag"} and isinstance(value["tag"], str):
        return PREFIX + value["tag"]
    return value


class Member(Part):
    """Somebody of the catalogue; whatever a request says of them wins.

    `tags` has the source of each tag: `CSV`, or the address of the group it came with.
    """

    address: Address
    name: str = Field("", max_length=200)
    tags: dict[Tag, str] = Field(default_factory=dict)
    caps: Caps | None = None
    preferred: tuple[DayRange, ...] = ()
    training: Training = "trained"
    hours: tuple[Hours, ...] = ()
    zone: str | None = None
