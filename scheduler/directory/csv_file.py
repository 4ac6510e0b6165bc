"""CSV files as spreadsheets write them, read whole or not at all; every complaint names row, column and value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from scheduler.directory.names import folded, nearest
from scheduler.errors import InputError

DELIMITERS = ",;\t"
LARGEST = 10_000_000
"""Bytes; more is no list of rooms or people."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

RowT = TypeVar("RowT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the head; `number` is what a spreadsheet shows beside it, the head being 1."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a file may have.

    Args:
        names: all of them; the first one must be there.
        also: other headings for some of them.
        remedies: what to write in each, as a clause.
    """

    names: Sequence[str]
    also: Mapping[str, str]
    remedies: Mapping[str, str]

    def named(self, heading: str) -> str | None:
        """The column of a heading, however it is spelt."""
        plain = folded(heading).replace(" ", "_").replace("-", "_")
        plain = self.also.get(plain, plain)
        return plain if plain in self.names else None


def read_models(name: str, data: bytes, columns: Columns, model: type[RowT]) -> tuple[tuple[int, RowT], ...]:
    """Every row as a model with its number; the first column tells rows apart.

    Args:
        name: of the file, for complaints.

    Raises:
        InputError: anything in the file that cannot be used; then nothing of it is.
    """
    key = columns.names[0]
    found: list[tuple[int, RowT]] = []
    first_in: dict[str, int] = {}
    for row in read_rows(name, data, columns):
        made = _model(name, row, columns, model)
        own = str(getattr(made, key))
        if own in first_in:
            raise _wrong(
                name, row.number, key, f"{own!r} stands in row {first_in[own]} already", "keep one of the two"
            )
        first_in[own] = row.number
        found.append((row.number, made))
    if not found:
        raise InputError(name, "has no rows below its head", f"write one row for each {key}")
    return tuple(found)


def read_rows(name: str, data: bytes, columns: Columns) -> Iterator[Row]:
    """The rows that are not empty, by column; a cell is text, whatever it looks like, and never evaluated.

    Comma, semicolon and tab are told apart by the head; a first line `sep=;`, as Excel knows it, is left out.

    Raises:
        InputError: the file is no UTF-8, has no head, an unknown or repeated heading, or a row that does not fit.
    """
    text = _text(name, data)
    first, _, rest = text.partition("\n")
    skipped = 0
    if folded(first).startswith("sep="):
        text, skipped = rest, 1
    head_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda each: _known(head_line, each, columns))
    head: list[str] | None = None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number, cells in enumerate(_records(name, reader, skipped), start=1 + skipped):
        if not any(cell.strip() for cell in cells):
            continue
        if head is None:
            head = _head(name, cells, columns)
            continue
        if beyond := next((cell for cell in cells[len(head) :] if cell.strip()), None):
            raise InputError(
                f"{name}, row {number}",
                f"has {len(cells)} cells, but the head has {len(head)} (the first one too many is {beyond!r})",
                "put text that contains the separator between quotation marks",
            )
        padded = [*cells, *[""] * (len(head) - len(cells))]
        yield Row(number, {column: cell.strip() for column, cell in zip(head, padded, strict=False)})
    if head is None:
        raise InputError(name, "is empty", f"begin it with the head {','.join(columns.names)}")


def _text(name: str, data: bytes) -> str:
    if len(data) > LARGEST:
        raise InputError(name, f"is larger than {LARGEST // 1_000_000} MB", "split it")
    if data.startswith(_UTF16):
        raise InputError(name, "is UTF-16, not UTF-8", "save it as `CSV UTF-8`")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        wrong = data[error.start : error.end].hex(" ")
        raise InputError(
            f"{name}, row {row}", f"is not UTF-8 (the byte {wrong})", "save it as `CSV UTF-8`"
        ) from None


def _known(head: str, delimiter: str, columns: Columns) -> int:
    cells = next(csv.reader([head], delimiter=delimiter), [])
    return sum(columns.named(cell) is not None for cell in cells)


def _records(name: str, reader: Iterable[list[str]], skipped: int) -> Iterator[list[str]]:
    number = skipped
    try:
        for number, cells in enumerate(reader, start=1 + skipped):  # noqa: B007 - the complaint names it
            yield cells
    except csv.Error as error:
        raise InputError(
            f"{name}, row {number + 1}",
            f"cannot be read ({error})",
            "close every quotation mark, and double those inside a cell",
        ) from None


def _head(name: str, cells: Sequence[str], columns: Columns) -> list[str]:
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    head: list[str] = []
    for heading in cells:
        column = columns.named(heading)
        known = ", ".join(columns.names)
        if column is None:
            close = nearest(heading.replace("_", " "), columns.names)
            hint = f"did you mean {close[0]}? The columns are" if close else "the columns are"
            raise InputError(
                f"{name}, row 1", f"has an unknown column {heading.strip()!r}", f"{hint} {known}"
            )
        if column in head:
            raise InputError(f"{name}, row 1", f"has the column {column} twice", "keep one of the two")
        head.append(column)
    if columns.names[0] not in head:
        raise InputError(
            f"{name}, row 1",
            f"has no column {columns.names[0]}",
            f"begin the file with a head of {', '.join(columns.names)}",
        )
    return head


def _model(name: str, row: Row, columns: Columns, model: type[RowT]) -> RowT:
    given = {column: cell for column, cell in row.cells.items() if cell}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
    column = str(first["loc"][0]) if first["loc"] else columns.names[0]
    remedy = columns.remedies.get(column, "correct the cell")
    if first["type"] == "missing":
        raise _wrong(name, row.number, column, "is empty", remedy)
    if first["type"] == "value_error":
        raise _wrong(name, row.number, column, str(first["ctx"]["error"]), remedy)
    said = first["msg"][0].lower() + first["msg"][1:]
    raise _wrong(
        name, row.number, column, f"{_shown(row.cells.get(column, ''))} cannot be used: {said}", remedy
    )


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:57]}...")


def _wrong(name: str, row: int, column: str, problem: str, remedy: str) -> InputError:
    return InputError(f"{name}, row {row}, column {column}", problem, remedy)
