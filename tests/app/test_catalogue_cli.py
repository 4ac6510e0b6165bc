"""`slotwright rooms` and `slotwright people` as their users meet them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.main import main
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.server import Server, serve
from scheduler.testing.tenants import ANA, BEN, OPEN_ROOM, RECRUITER, START, WALLED_ROOM, small_tenant

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The small tenant over HTTPS, for the whole module."""
    with serve(Emulator(small_tenant(), clock=Clock(START))) as served:
        yield served


@pytest.fixture
def run(
    server: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: Any,
    pass_test: Callable[[Path], None],
) -> Run:
    """`slotwright` with the settings that the emulator prints, in an empty folder; code, output and errors."""
    server.emulator.reset()
    monkeypatch.chdir(tmp_path)
    settings = {key: str(value) for key, value in server.connection.items()}
    Path("emulator.json").write_text(json.dumps(settings))
    monkeypatch.setenv("SLOTWRIGHT_ORGANIZER", RECRUITER)
    pass_test(Path("emulator.json"))

    def ran(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--settings", "emulator.json", *arguments])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return ran


def test_rooms_from_the_first_look_to_the_last(run: Run) -> None:
    """Load, import, list, find and remove, each with what a person reads."""
    code, out, err = run("rooms", "load")
    assert (0, "") == (code, err)
    assert out.startswith("6 rooms, 0 workspaces, 0 pieces of equipment; 6 bookable, 0 unreadable.")
    assert (OPEN_ROOM in out, "direct" in out, "Seen for the first time" in out) == (True, True, True)
    assert "No rooms were imported" in run("rooms", "list")[1]
    code, out, _ = run("rooms", "import", "--office", "MAIN", "--room", OPEN_ROOM)
    assert 0 == code
    assert "1 new room, 0 brought up to date; 1 in the catalogue, and no others are proposed." in out
    assert ("Places", OPEN_ROOM) == (
        "Places" if "Places" in run("rooms", "list", "--facts")[1] else "",
        json.loads(run("rooms", "list", "--json")[1])[0]["address"],
    )
    _, out, _ = run("rooms", "load")
    assert "Nothing has changed since 2026-03-02T06:0" in out
    assert (
        "1 room forgotten, none left, so all that Places shows may be proposed."
        in run("rooms", "remove", "--all")[1]
    )


def test_a_wrong_cell(run: Run) -> None:
    """One sentence, exit code 2, and the same as an object for programs."""
    Path("rooms.csv").write_text(f"address;seats\n{WALLED_ROOM};4\n{OPEN_ROOM};six\n")
    code, out, err = run("rooms", "import", "--csv", "rooms.csv", "--json")
    said = (
        "rooms.csv, row 3, column seats: 'six' is no whole number; "
        "write a whole number from 1, or leave it empty."
    )
    assert (2, f"slotwright: {said}\n") == (code, err)
    assert {
        "error": "invalid",
        "field": "rooms.csv, row 3, column seats",
        "problem": "'six' is no whole number",
        "remedy": "write a whole number from 1, or leave it empty",
    } == {name: json.loads(out)[name] for name in ("error", "field", "problem", "remedy")}
    assert [] == json.loads(run("rooms", "list", "--json")[1])


@pytest.mark.parametrize(
    "arguments",
    [
        ["rooms", "remove"],
        ["people", "remove"],
        ["people", "import"],
        ["people", "import", "--csv", "x", "--group", "y"],
        ["people", "import", "--csv", "x", "--tag", "y"],
        ["people", "import", "--csv", "nowhere.csv"],
        ["rooms", "import", "--csv", "nowhere.csv"],
    ],
)
def test_incomplete_commands(run: Run, arguments: list[str]) -> None:
    """They are refused with exit code 2 and a sentence."""
    code, out, err = run(*arguments)
    assert (2, "", True) == (code, out, bool(err.strip()))


def test_people_and_a_search_by_tag(run: Run) -> None:
    """Import from a file with a byte order mark and semicolons, list, and find one of them by tag."""
    rows = (
        f"address;name;tags;sessions_per_day;training\r\n{ANA};=1+1;Backend;2;\r\n{BEN};;backend;;shadow\r\n"
    )
    Path("people.csv").write_bytes(b"\xef\xbb\xbf" + rows.encode())
    assert (
        "2 new people, 0 brought up to date; 2 in the catalogue."
        in run("people", "import", "--csv", "people.csv")[1]
    )
    _, out, _ = run("people", "list", "--tag", "backend")
    assert ("=1+1" in out, "at most 2 a day" in out, "shadow" in out) == (True, True, True)
    window = ["--between", "2026-03-02", "--and", "2026-03-06", "--zone", "Europe/Amsterdam"]
    code, out, _ = run("find", "--with", "tag:backend", "--minutes", "60", *window, "--limit", "1")
    assert 0 == code
    assert f"tag:backend: {ANA}\n  without {BEN}, who is in training (shadow)\n" in out
    code, _, err = run("find", "--with", "tag:bakend", "--minutes", "60", *window)
    assert 2 == code
    assert "nobody has the tag 'bakend'; the nearest is backend." in err
    assert "1 person forgotten, 1 left." in run("people", "remove", BEN)[1]
