"""OData system query options and Outlook's Prefer header: read strictly, applied in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from scheduler.emulator import zones
from scheduler.emulator.envelope import bad_request
from scheduler.emulator.filters import predicate

_PREFERENCE = re.compile(r'([\w.\-]+)\s*=\s*(?:"([^"]*)"|([^",;\s]+))')
_EXPAND = re.compile(
    r"singleValueExtendedProperties\s*\(\s*\$filter\s*=\s*(?P<filter>.*?)\s*\)", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Preferences:
    """The Prefer header: output zone, id format and page size, each None or False when not asked for."""

    zone: str | None = None
    immutable: bool = False
    page_size: int | None = None

    def output_zone(self) -> str:
        """The zone of date-times in the answer, UTC unless another was asked for.

        Raises:
            GraphFailure: 400 for a zone the service does not know.
        """
        return "UTC" if self.zone is None else checked_zone(self.zone)

    def applied(self) -> tuple[str, ...]:
        """The honoured preferences, as Preference-Applied repeats them."""
        given = [] if self.zone is None else [f'outlook.timezone="{self.zone}"']
        if self.immutable:
            given.append('IdType="ImmutableId"')
        return tuple(given)


def checked_zone(name: str) -> str:
    """The name, if the service knows the zone.

    Raises:
        GraphFailure: 400 TimeZoneNotSupportedException otherwise.
    """
    if not zones.is_known(name):
        raise bad_request(
            "TimeZoneNotSupportedException",
            "A valid TimeZone value must be specified. "
            f"The following TimeZone value is not supported: '{name}'.",
        )
    return name


def read_preferences(header: str) -> Preferences:
    """The preferences of a request; those the emulator does not know are ignored, as RFC 7240 says."""
    found = {
        name.lower(): quoted if quoted is not None and not bare else bare
        for name, quoted, bare in _PREFERENCE.findall(header)
    }
    size = found.get("odata.maxpagesize", "")
    return Preferences(
        zone=found.get("outlook.timezone"),
        immutable=found.get("idtype", "").lower() == "immutableid",
        page_size=int(size) if size.isdigit() and int(size) > 0 else None,
    )


@dataclass(frozen=True, slots=True)
class Query:
    """The system query options of one request."""

    select: frozenset[str] | None
    top: int | None
    skip: int
    count: bool
    filter: str | None
    order_by: str | None
    extended_filter: str | None


def read_query(options: Mapping[str, str], allowed: Collection[str]) -> Query:
    """Read `$`-options, of which only `allowed` (without `$`) may be there.

    Raises:
        GraphFailure: 400 for an option that is not supported here or has no lawful value.
    """
    for name in options:
        if name.startswith("$") and name[1:].lower() not in allowed:
            raise bad_request("BadRequest", f"The query option '{name}' is not supported here.")
    given = {name.lower(): value for name, value in options.items()}
    selected = [part.strip() for part in given.get("$select", "").split(",") if part.strip()]
    return Query(
        select=frozenset(selected) if selected else None,
        top=_whole(given, "$top", 1),
        skip=_whole(given, "$skip", 0) or 0,
        count=_truth(given.get("$count", "false")),
        filter=given.get("$filter"),
        order_by=given.get("$orderby"),
        extended_filter=_expansion(given.get("$expand")),
    )


def _whole(given: Mapping[str, str], name: str, least: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not text.isdecimal() or int(text) < least:
        raise bad_request("BadRequest", f"Invalid value '{text}' for {name} query option found.")
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise bad_request("BadRequest", f"Invalid value '{text}' for $count query option found.")
    return text.lower() == "true"


def _expansion(text: str | None) -> str | None:
    if text is None or text.strip().lower() == "singlevalueextendedproperties":
        return None
    match = _EXPAND.fullmatch(text.strip())
    if match is None:
        raise bad_request("BadRequest", f"The expansion '{text}' is not supported.")
    return match["filter"]


def project(item: Mapping[str, Any], query: Query, known: Collection[str]) -> dict[str, Any]:
    """The selected properties of an item, its id and annotations always.

    Raises:
        GraphFailure: 400 when $select names a property that does not exist.
    """
    if query.select is None:
        return dict(item)
    names = {name.lower(): name for name in known}
    for name in query.select:
        if name.lower() not in names:
            raise bad_request("BadRequest", f"Could not find a property named '{name}'.")
    wanted = {name.lower() for name in query.select} | {"id", "singlevalueextendedproperties"}
    return {name: value for name, value in item.items() if name.startswith("@") or name.lower() in wanted}


def matching(
    items: Sequence[Mapping[str, Any]], query: Query, filterable: Collection[str]
) -> list[Mapping[str, Any]]:
    """The items a $filter lets through, then in the order of $orderby.

    Raises:
        GraphFailure: 400 for a filter or an order that is not supported.
    """
    kept = list(items)
    if query.filter is not None:
        wanted = predicate(query.filter, filterable)
        kept = [item for item in kept if wanted(item)]
    for clause in reversed((query.order_by or "").split(",")):
        if not clause.strip():
            continue
        path, _, direction = clause.strip().partition(" ")
        if path not in filterable or direction.strip().lower() not in {"", "asc", "desc"}:
            raise bad_request("BadRequest", f"The order '{clause}' is not supported.")
        kept.sort(key=lambda item: str(_at(item, path)), reverse=direction.strip().lower() == "desc")
    return kept


def _at(item: Mapping[str, Any], path: str) -> Any:
    value: Any = item
    for part in path.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def page(
    items: Sequence[Mapping[str, Any]], query: Query, *, size: int, limit: int = 1000
) -> tuple[list[Mapping[str, Any]], int | None]:
    """The items of this page, and the `$skip` of the next page or None."""
    size = min(query.top or size, limit)
    until = query.skip + size
    return list(items[query.skip : until]), until if until < len(items) else None


def next_link(url: str, options: Mapping[str, str], skip: int) -> str:
    """The address of the next page: the same request with another `$skip`."""
    kept = {name: value for name, value in options.items() if name.lower() != "$skip"}
    return f"{url}?{urlencode({**kept, '$skip': str(skip)}, quote_via=quote, safe='$,')}"
