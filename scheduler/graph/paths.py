"""Paths, queries and preferences, quoted so that no value can change what is asked."""

from __future__ import annotations

from urllib.parse import quote, urlencode

UTC_PREFERENCE = 'outlook.timezone="UTC"'
EVENT_PREFERENCE = f'IdType="ImmutableId", {UTC_PREFERENCE}'
"""Wanted on every event call: immutable ids hold only while everybody asks for them."""


def user_path(mailbox: str) -> str:
    """The path of a mailbox."""
    return f"/users/{quote(mailbox, safe='@')}"


def calendar_path(mailbox: str, calendar_id: str | None) -> str:
    """The path under which a calendar's events and view lie; without an id, the default calendar's."""
    if calendar_id is None:
        return user_path(mailbox)
    return f"{user_path(mailbox)}/calendars/{quote(calendar_id, safe='')}"


def event_path(mailbox: str, event_id: str) -> str:
    """The path of an event, in whichever calendar of the mailbox it is."""
    return f"{user_path(mailbox)}/events/{quote(event_id, safe='')}"


def query(**options: str) -> str:
    """A query string; `filter` becomes `$filter` and so on, except names that OData does not own."""
    plain = {"startDateTime", "endDateTime"}
    return "?" + urlencode(
        {name if name in plain else f"${name}": text for name, text in options.items()},
        quote_via=quote,
        safe="$",
    )


def literal(text: str) -> str:
    """Text as an OData string literal; a quote inside is doubled (OData URL conventions, 5.1.1.6.1)."""
    return "'" + text.replace("'", "''") + "'"
