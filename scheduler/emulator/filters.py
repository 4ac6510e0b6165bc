"""$filter: the part of OData's language that calendar clients use, evaluated on the JSON about to be sent.

    expression  := conjunction ("or" conjunction)*
    conjunction := term ("and" term)*
    term        := "not" term | "(" expression ")" | path operator literal
                 | ("startswith" | "contains") "(" path "," literal ")" | path "/any(" name ":" expression ")"

Anything else is refused with 400: a filter is never ignored.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from scheduler.emulator import zones
from scheduler.emulator.envelope import GraphFailure, bad_request

Predicate = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_@][\w.@]*(?:/[A-Za-z_][\w.]*)*)"
    r"|(?P<mark>[(),:]))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_FOLDED = frozenset({"name", "emailAddress", "displayName", "mail"})


def predicate(text: str, allowed: Collection[str]) -> Predicate:
    """The test a $filter states, over the properties in `allowed`.

    Raises:
        GraphFailure: 400 when the text cannot be read, or names a property that cannot be filtered by.
    """
    parser = _Parser(text, allowed)
    made = parser.expression({})
    if parser.kind:
        raise parser.refused()
    return made


class _Parser:
    def __init__(self, text: str, allowed: Collection[str]) -> None:
        self._text = text
        self._allowed = frozenset(allowed)
        self._at = 0
        self.kind = ""
        self._value = ""
        self._advance()

    def refused(self) -> GraphFailure:
        return bad_request(
            "BadRequest", f"Invalid filter clause: cannot read {self._text!r} near {self._at}."
        )

    def _advance(self) -> None:
        if not self._text[self._at :].strip():
            self.kind = self._value = ""
            return
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise self.refused()
        self._at, self.kind, self._value = match.end(), match.lastgroup, match[match.lastgroup]

    def _take(self, kind: str, value: str | None = None) -> str:
        taken = self._value
        if self.kind != kind or (value is not None and taken.lower() != value):
            raise self.refused()
        self._advance()
        return taken

    def _is(self, word: str) -> bool:
        return self.kind == "name" and self._value.lower() == word

    def expression(self, names: Mapping[str, str]) -> Predicate:
        parts = [self._conjunction(names)]
        while self._is("or"):
            self._advance()
            parts.append(self._conjunction(names))
        return lambda item: any(part(item) for part in parts)

    def _conjunction(self, names: Mapping[str, str]) -> Predicate:
        parts = [self._term(names)]
        while self._is("and"):
            self._advance()
            parts.append(self._term(names))
        return lambda item: all(part(item) for part in parts)

    def _term(self, names: Mapping[str, str]) -> Predicate:
        if self._is("not"):
            self._advance()
            negated = self._term(names)
            return lambda item: not negated(item)
        if self.kind == "mark":
            self._take("mark", "(")
            inner = self.expression(names)
            self._take("mark", ")")
            return inner
        word = self._take("name")
        if word.lower() in {"startswith", "contains"} and self.kind == "mark":
            return self._search(word.lower(), names)
        if word.endswith("/any"):
            return self._any(word.removesuffix("/any"), names)
        read, folded = self._path(word, names)
        compare = _COMPARE.get(self._take("name").lower())
        if compare is None:
            raise self.refused()
        wanted = self._literal()
        return lambda item: _compare(compare, read(item), wanted, folded=folded)

    def _search(self, word: str, names: Mapping[str, str]) -> Predicate:
        self._take("mark", "(")
        read, _ = self._path(self._take("name"), names)
        self._take("mark", ",")
        wanted = str(self._literal()).casefold()
        self._take("mark", ")")
        if word == "contains":
            return lambda item: wanted in str(read(item) or "").casefold()
        return lambda item: str(read(item) or "").casefold().startswith(wanted)

    def _any(self, collection: str, names: Mapping[str, str]) -> Predicate:
        if collection not in self._allowed:
            raise self._unfilterable(collection)
        self._take("mark", "(")
        name = self._take("name")
        self._take("mark", ":")
        inner = self.expression({**names, name: collection})
        self._take("mark", ")")
        return lambda item: any(inner({**item, name: element}) for element in item.get(collection) or ())

    def _path(self, path: str, names: Mapping[str, str]) -> tuple[Callable[[Mapping[str, Any]], Any], bool]:
        parts = path.split("/")
        if parts[0] not in names and path not in self._allowed:
            raise self._unfilterable(path)

        def read(item: Mapping[str, Any]) -> Any:
            value: Any = item
            for part in parts:
                value = value.get(part) if isinstance(value, Mapping) else None
            return value

        return read, path in _FOLDED

    def _unfilterable(self, path: str) -> GraphFailure:
        return bad_request("ErrorInvalidProperty", f"The property '{path}' does not support filtering.")

    def _literal(self) -> Any:
        kind, value = self.kind, self._value
        self._advance()
        match kind:
            case "text":
                return value[1:-1].replace("''", "'")
            case "moment":
                return value
            case "number":
                return float(value)
            case "name" if value.lower() in {"true", "false"}:
                return value.lower() == "true"
            case "name" if value == "null":
                return None
        raise self.refused()


def _compare(compare: Callable[[Any, Any], bool], found: Any, wanted: Any, *, folded: bool) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        moments = _moment(found), _moment(wanted)
        if None not in moments:
            return compare(*moments)
        return compare(found.casefold(), wanted.casefold()) if folded else compare(found, wanted)
    if found is None or wanted is None or isinstance(found, bool) != isinstance(wanted, bool):
        return compare in {operator.eq, operator.ne} and compare(found, wanted)
    try:
        return compare(found, wanted)
    except TypeError as error:
        raise bad_request("BadRequest", f"The filter compares {found!r} with {wanted!r}.") from error


def _moment(text: str) -> datetime | None:
    if "T" not in text[:11]:
        return None
    try:
        parsed = zones.parse(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
