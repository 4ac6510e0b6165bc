"""A person whose calendar is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who sits in an interview.

    Args:
        address: the mailbox, lower case; the key everywhere.
        name: for display; the address stands in when it is not known.
        required: whether the interview can happen without them.
    """

    address: str
    name: str = ""
    required: bool = True

    @property
    def label(self) -> str:
        """The name, or the address where no name is known."""
        return self.name or self.address
