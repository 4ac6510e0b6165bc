"""Rows of rooms and people: what cells may say, and what is said of those that may not."""

from __future__ import annotations

import pytest

from scheduler.directory.catalogue import RoomNotes
from scheduler.errors import InputError
from scheduler.planning.catalogue_rows import PersonRow, read_people, read_rooms
from scheduler.planning.members import Member
from scheduler.planning.request import Caps, DayRange, Hours

PERSON = (
    "e-mail;Name;Tags;sessions per day;Sessions_per_week;Preferred hours;Trainee;Working hours;Time zone\n"
    "Ana@X.example;Ana;Backend, Système;2;8.0;9:00-12:00 | 13.00–15.00;Reverse-Shadow;"
    "mon-thu 09:00-17:00 | fri 9:00-13:00;W. Europe Standard Time\n"
)


def test_a_person() -> None:
    """Every column is understood in the spellings that people use."""
    ((number, row),) = read_people("p.csv", PERSON.encode())
    assert 2 == number
    assert Member(
        address="ana@x.example",
        name="Ana",
        tags={"backend": "CSV", "systeme": "CSV"},
        caps=Caps(sessions_per_day=2, sessions_per_week=8),
        preferred=(
            DayRange.model_validate({"from": "09:00", "to": "12:00"}),
            DayRange.model_validate({"from": "13:00", "to": "15:00"}),
        ),
        training="reverse shadow",
        hours=(
            Hours.model_validate(
                {"from": "09:00", "to": "17:00", "days": ("monday", "tuesday", "wednesday", "thursday")}
            ),
            Hours.model_validate({"from": "09:00", "to": "13:00", "days": ("friday",)}),
        ),
        zone="W. Europe Standard Time",
    ) == row.member(None)


def test_a_file_replaces_and_groups_stay() -> None:
    """Importing somebody again forgets what the file no longer says, but not the tags of groups."""
    earlier = Member(
        address="ana@x.example",
        name="Ana",
        tags={"old": "CSV", "panel": "panel@x.example"},
        caps=Caps(sessions_per_day=1),
    )
    again = PersonRow(address="ana@x.example", tags=("new",)).member(earlier)
    assert (
        Member(address="ana@x.example", name="Ana", tags={"new": "CSV", "panel": "panel@x.example"}) == again
    )


def test_a_room() -> None:
    """Every column is understood, and an empty cell says nothing."""
    text = (
        "Room,Name,Office,Floor,Capacity,Equipment,Accessible,Bookable\n"
        "A@X.example,Aula,Main,-1,6,Screen|White board,Yes,0\nb@x.example,,,,,,,\n"
    )
    (_, first), (_, second) = read_rooms("r.csv", text.encode())
    assert (
        RoomNotes("Aula", "Main", -1, 6, frozenset({"screen", "white board"}), step_free=True, bookable=False)
        == first.notes()
    )
    assert ("b@x.example", RoomNotes()) == (second.address, second.notes())


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("address", "x", "'x' is not an e-mail address; write the room's e-mail address."),
        ("seats", "six", "'six' is no whole number; write a whole number from 1, or leave it empty."),
        ("seats", "0", "0 is not from 1 to 10000; write a whole number from 1, or leave it empty."),
        ("floor", "2.5", "'2.5' is no whole number; write a whole number, or leave it empty."),
        ("step_free", "WAHR", "'WAHR' is neither yes nor no; write yes or no, or leave it empty."),
    ],
)
def test_mistakes_about_rooms(column: str, cell: str, said: str) -> None:
    """Row, column, value and remedy are in one sentence."""
    head = "address" if column == "address" else f"address,{column}"
    row = cell if column == "address" else f"a@x.example,{cell}"
    with pytest.raises(InputError) as refused:
        read_rooms("r.csv", f"{head}\n{row}\n".encode())
    assert f"r.csv, row 2, column {column}: {said}" == str(refused.value)


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("tags", "a@b", "'a@b' is no tag: at most 60 characters, none of @ , ; | / :"),
        ("preferred", "9-12", "'9-12' is no stretch of time such as 09:00-12:00"),
        ("preferred", "12:00-09:00", "'12:00-09:00' is no part of a day that ends after it begins"),
        ("preferred", "25:00-26:00", "'25:00-26:00' is no part of a day that ends after it begins"),
        ("hours", "foo 09:00-10:00", "'foo 09:00-10:00' has no weekdays such as mon-fri"),
        ("hours", "fri-mon 09:00-10:00", "'fri-mon 09:00-10:00' has no weekdays such as mon-fri"),
        ("hours", "mon", "'mon' has no times of day"),
        ("hours", "09:00-09:00", "'09:00-09:00' is no working time"),
        ("zone", "Europe/Amsterdm", "'Europe/Amsterdm' is neither an IANA nor a Windows time zone"),
        (
            "training",
            "novice",
            "'novice' cannot be used: input should be 'shadow', 'reverse shadow' or 'trained'",
        ),
        ("sessions_per_day", "-1", "-1 is not from 0 to 1000"),
    ],
)
def test_mistakes_about_people(column: str, cell: str, said: str) -> None:
    """Each names what is wrong with the cell."""
    with pytest.raises(InputError) as refused:
        read_people("p.csv", f'address,{column}\na@x.example,"{cell}"\n'.encode())
    assert f"p.csv, row 2, column {column}: {said}" == str(refused.value).partition("; write")[0]
