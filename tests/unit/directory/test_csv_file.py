"""CSV files as spreadsheets write them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from scheduler.directory.csv_file import Columns, read_models, read_rows
from scheduler.errors import InputError

COLUMNS = Columns(("key", "what", "more"), {"id": "key"}, {"key": "write a key"})


class Row(BaseModel):
    """What a row says."""

    key: str
    what: str = ""
    more: str = ""


def rows(text: str | bytes) -> list[dict[str, str]]:
    """The cells of a file, by column."""
    data = text if isinstance(text, bytes) else text.encode()
    return [dict(row.cells) for row in read_rows("x.csv", data, COLUMNS)]


def complaint(text: str | bytes) -> str:
    """The one sentence about a file."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InputError) as refused:
        read_models("x.csv", data, COLUMNS, Row)
    return str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        b"key,what\na,b\n",
        b"\xef\xbb\xbfkey,what\r\na,b\r\n",
        b"\xef\xbb\xbfkey;what\r\na;b\r\n",
        b"sep=;\r\nkey;what\r\na;b\r\n",
        b"Key\tWhat\na\tb",
        b"\n\n ID , what ,,\n\n a , b ,,\n,,,\n",
    ],
)
def test_every_spreadsheet(data: bytes) -> None:
    """With and without byte order mark, whatever the separator, blank lines and empty columns: it is the same."""
    assert [{"key": "a", "what": "b"}] == rows(data)


def test_the_head_tells_the_separator() -> None:
    """Commas inside the cells of a semicolon file do not split it."""
    assert [{"key": "a", "what": "b, c, d"}] == rows("key;what\na;b, c, d\n")


def test_formulas_are_text() -> None:
    """A cell that a spreadsheet would run stays the text that it is."""
    assert [{"key": "=1+1", "what": "@SUM(A1)"}] == rows("key,what\n=1+1,@SUM(A1)\n")


def test_short_rows_are_filled() -> None:
    """A spreadsheet leaves out empty cells at the end."""
    assert [{"key": "a", "what": "", "more": ""}] == rows("key,what,more\na\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "x.csv: is empty; begin it with the head key,what,more."),
        ("key\n", "x.csv: has no rows below its head; write one row for each key."),
        ("what\nb\n", "x.csv, row 1: has no column key; begin the file with a head of key, what, more."),
        (
            "key,wat\n",
            "x.csv, row 1: has an unknown column 'wat'; did you mean what? The columns are key, what, more.",
        ),
        ("key,what,What\n", "x.csv, row 1: has the column what twice; keep one of the two."),
        (
            "key,what\na,b,c\n",
            (
                "x.csv, row 2: has 3 cells, but the head has 2 (the first one too many is 'c'); "
                "put text that contains the separator between quotation marks."
            ),
        ),
        ("key,what\n\n,b\n", "x.csv, row 3, column key: is empty; write a key."),
        ("key\na\nb\na\n", "x.csv, row 4, column key: 'a' stands in row 2 already; keep one of the two."),
        (
            'key,what\na,"b\n',
            (
                "x.csv, row 2: cannot be read (unexpected end of data); "
                "close every quotation mark, and double those inside a cell."
            ),
        ),
        (
            "key\nZ\xfcrich".encode("latin-1"),
            "x.csv, row 2: is not UTF-8 (the byte fc); save it as `CSV UTF-8`.",
        ),
        ("key\na".encode("utf-16"), "x.csv: is UTF-16, not UTF-8; save it as `CSV UTF-8`."),
        (b"key\n" + b"a" * 10_000_001, "x.csv: is larger than 10 MB; split it."),
    ],
)
def test_complaints(data: str | bytes, said: str) -> None:
    """Each mistake is one sentence with the row as a spreadsheet counts it."""
    assert said == complaint(data)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=8)


@given(st.lists(st.tuples(CELL, CELL), max_size=5), st.sampled_from(",;\t"))
def test_what_a_writer_writes_is_read(pairs: list[tuple[str, str]], delimiter: str) -> None:
    """Whatever the csv module writes comes back, but for blanks around cells and empty rows."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["key", "what"])
    writer.writerows(pairs)
    kept = [{"key": key.strip(), "what": what.strip()} for key, what in pairs if key.strip() or what.strip()]
    assert kept == rows(out.getvalue())
