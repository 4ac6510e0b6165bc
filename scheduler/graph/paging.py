"""Reading a collection to its end, or not at all: part of a calendar would look like free time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scheduler.graph.calls import Reply
from scheduler.graph.errors import BadAnswer
from scheduler.graph.gate import Gate

_MOST_PAGES = 200
_PLACES_PAGE = 100


def linked_pages(
    gate: Gate,
    path: str,
    *,
    mailbox: str,
    doing: str,
    headers: Mapping[str, str] | None = None,
    first: Reply | None = None,
) -> Iterator[Any]:
    """Every item of a collection, following `@odata.nextLink` as it comes (concepts/paging.md).

    Args:
        gate: the door to Graph.
        path: of the first page.
        mailbox: whose lane it takes.
        doing: what it is for, as a phrase.
        headers: extra headers, the same for every page.
        first: the first page where it was read already.

    Raises:
        BadAnswer: a page is no page, links in a circle, away from Graph, or on and on.
        CallFailed: any page could not be had.
    """
    seen: set[str] = set()
    link: str | None = path
    while link is not None:
        seen.add(link)
        page = first or gate.send("GET", link, mailbox=mailbox, doing=doing, headers=headers)
        first, body = None, page.body
        yield from _items(body, doing)
        link = body.get("@odata.nextLink")
        if link is not None and (not isinstance(link, str) or link.startswith("/")):
            raise _endless(doing, "a link to the next page is no address")
        if link in seen:
            raise _endless(doing, "the pages of Graph's answer lead in a circle")
        if len(seen) >= _MOST_PAGES:
            raise _endless(doing, f"Graph's answer has more than {_MOST_PAGES} pages")


def numbered_pages(gate: Gate, path_of: Callable[[int, int], str], *, doing: str) -> Iterator[Any]:
    """Every item of a collection that gives no next link, by `$top` and `$skip`, until a short page.

    Places are such a collection, and following links alone would stop at 100 rooms.

    Args:
        gate: the door to Graph.
        path_of: the path for a page size and a number of items to skip.
        doing: what it is for, as a phrase.

    Raises:
        BadAnswer: a page is no page, or they never end.
        CallFailed: any page could not be had.
    """
    for page in range(_MOST_PAGES):
        path = path_of(_PLACES_PAGE, page * _PLACES_PAGE)
        items = _items(gate.send("GET", path, mailbox="", doing=doing).body, doing)
        yield from items
        if len(items) < _PLACES_PAGE:
            return
    raise _endless(doing, f"Graph's answer has more than {_MOST_PAGES} pages")


def _items(body: Any, doing: str) -> list[Any]:
    items = body.get("value") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise _endless(doing, "a page of Graph's answer holds no list")
    return items


def _endless(doing: str, said: str) -> BadAnswer:
    return BadAnswer(doing, said, "try again, and report this if it stays so")
