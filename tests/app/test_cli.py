"""The command line as its users meet it: exit codes, one sentence for each mistake, JSON that reads back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scheduler.booking.document import BookingDocument
from scheduler.cli.main import main
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.faults import Fault
from scheduler.emulator.server import Server, serve
from scheduler.errors import SlotwrightError
from scheduler.planning.answer import Slots
from scheduler.testing.tenants import (
    ANA,
    BEN,
    CHITRA,
    DOMAIN,
    OPEN_ROOM,
    PICKY_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    START,
    small_tenant,
)

QUESTION = ["--minutes", "60", "--between", "2026-03-02", "--and", "2026-03-06", "--zone", "Europe/Amsterdam"]


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The small tenant over HTTPS, for the whole module."""
    with serve(Emulator(small_tenant(), clock=Clock(START))) as served:
        yield served


@pytest.fixture
def graph_server(server: Server) -> Server:
    """The same, as it was at its start."""
    server.emulator.reset()
    return server


@pytest.fixture
def run(
    graph_server: Server,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: Any,
    pass_test: Callable[[Path], None],
) -> Run:
    """`slotwright` with the settings that the emulator prints, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    Path("emulator.json").write_text(
        json.dumps({key: str(value) for key, value in graph_server.connection.items()})
    )
    monkeypatch.setenv("SLOTWRIGHT_ORGANIZER", RECRUITER)
    monkeypatch.setenv("SLOTWRIGHT_SCHEDULING_USER", SCHEDULING_USER)
    monkeypatch.setenv("SLOTWRIGHT_ROOM_ANSWER_SECONDS", "1")
    monkeypatch.setenv("SLOTWRIGHT_ROOM_POLL_SECONDS", "0.3")
    pass_test(Path("emulator.json"))

    def ran(*arguments: str, stdin: str = "", settings: str = "emulator.json") -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main(["--settings", settings, *arguments])
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return ran


class TestMainJob:
    """Find, book, show, cancel."""

    def test_by_slot_id(self, run: Run) -> None:
        """An id that `find` showed is enough to book; every document reads back against its public model."""
        found = Slots.model_validate_json(run("find", "--with", ANA, *QUESTION, "--json").out)
        booked = run("book", found.slots[0].id, "--json")
        booking = BookingDocument.model_validate_json(booked.out)
        assert (0, "confirmed") == (booked.code, booking.state)
        assert [booking.id] == [each["id"] for each in json.loads(run("show", "--json").out)]
        assert "confirmed" in run("show", booking.id).out
        assert (0, True) == ((gone := run("cancel", booking.id)).code, "cancelled" in gone.out)
        assert 0 == run("cancel", booking.id).code

    def test_changes(self, run: Run) -> None:
        """Another time, another person, another room: each a command, each exit code says whether it is so."""
        found = Slots.model_validate_json(run("find", "--with", ANA, *QUESTION, "--json").out)
        booking_id = json.loads(run("book", found.slots[0].id, "--json").out)["id"]
        moved = run("reschedule", booking_id, "2026-03-05T10:00", "--zone", "Europe/London", "--json")
        swapped = run("swap", booking_id, ANA, CHITRA, "--name", "Chitra", "--json")
        housed = run("room", booking_id, OPEN_ROOM, "--json")
        assert [0, 0, 0] == [moved.code, swapped.code, housed.code], (moved.err, swapped.err, housed.err)
        after = BookingDocument.model_validate_json(housed.out)
        assert ("confirmed", 4, "2026-03-05T10:00Z", ["Chitra"], "verified") == (
            after.state,
            after.revision,
            after.start_utc,
            [guest.name for guest in after.guests],
            after.room and after.room.state,
        )
        assert 0 == run("reschedule", booking_id, found.slots[0].id).code
        refused = run("reschedule", booking_id, "2026-03-05T10:00", "--zone", "Mars/Olympus")
        gone = run("swap", booking_id, ANA, BEN)
        assert [(2, "zone: "), (2, f"leaving: {ANA} is not invited to {booking_id}")] == [
            (refused.code, refused.err.removeprefix("slotwright: ")[:6]),
            (gone.code, gone.err.removeprefix("slotwright: ").partition(";")[0]),
        ]

    def test_by_slot_on_standard_input(self, run: Run) -> None:
        """A slot as JSON is booked as it is."""
        found = json.loads(run("find", "--with", f"{ANA},{BEN}", *QUESTION, "--json").out)
        booked = run("book", "-", stdin=json.dumps(found["slots"][0]))
        assert (0, True) == (booked.code, "ana" in booked.out.lower())

    def test_by_request_file(self, run: Run) -> None:
        """A request file and options say the same thing; options win over the file."""
        request = {
            "people": [ANA],
            "minutes": 60,
            "between": "2026-03-02",
            "and": "2026-03-06",
            "zone": "UTC",
        }
        Path("request.json").write_text(json.dumps(request))
        from_file = json.loads(run("find", "request.json", "--json").out)
        overridden = json.loads(run("find", "request.json", "--minutes", "30", "--json").out)
        from_stdin = json.loads(run("find", "-", "--json", stdin=json.dumps(request)).out)
        assert (60, 30, from_file) == (from_file["minutes"], overridden["minutes"], from_stdin)

    def test_a_room_that_declines(self, run: Run) -> None:
        """Exit code 1, the reason, and the command that goes on."""
        request = {
            "people": [ANA],
            "minutes": 60,
            "between": "2026-03-02",
            "and": "2026-03-03",
            "zone": "UTC",
        }
        Path("request.json").write_text(json.dumps({**request, "room": {"among": [PICKY_ROOM]}}))
        found = json.loads(run("find", "request.json", "--json").out)
        booked = run("book", found["slots"][0]["id"])
        assert 1 == booked.code
        assert "did not take the booking within 1 seconds" in booked.out
        assert "name a room: slotwright room b-" in booked.out

    def test_nothing_fits(self, run: Run) -> None:
        """Exit code 1, and a table of what stands in the way."""
        ran = run("find", "--with", f"{BEN},chitra@{DOMAIN}", *QUESTION)
        assert (1, True) == (ran.code, "No slot: none of" in ran.out)
        assert "outside working hours" in ran.out

    def test_an_outage_midway_is_told_and_gone_on_with(self, run: Run, graph_server: Server) -> None:
        """The booking is named, stays where it was, and `show` finishes it."""
        found = json.loads(run("find", "--with", ANA, *QUESTION, "--json").out)
        graph_server.emulator.faults.add(Fault(operation="createEvent", status=507, times=None))
        failed = run("book", found["slots"][0]["id"])
        graph_server.emulator.faults.clear()
        assert (1, "", True) == (failed.code, failed.out, "is unfinished; `slotwright show b-" in failed.err)
        assert (0, True) == ((shown := run("show")).code, "confirmed" in shown.out)

    def test_nobody_to_invite_from(self, run: Run, monkeypatch: Any, pass_test: Any) -> None:
        """Without an organizer nothing is claimed."""
        monkeypatch.delenv("SLOTWRIGHT_ORGANIZER")
        pass_test(Path("emulator.json"))
        found = json.loads(run("find", "--with", ANA, *QUESTION, "--json").out)
        ran = run("book", found["slots"][0]["id"])
        assert (2, True) == (ran.code, "pass --organizer" in ran.err)
        assert "[]" == run("show", "--json").out.strip()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "request: is missing"),
        (["nowhere.json"], "nowhere.json cannot be read"),
        (["--with", ANA, *QUESTION, "--minutes", "0"], "minutes: 0 cannot be used"),
        (
            ["--with", ANA, *QUESTION, "--zone", "Mars"],
            "zone: 'Mars' is neither an IANA nor a Windows time zone",
        ),
        (["--with", ANA, *QUESTION, "--and", "2026-03-01"], "and: 2026-03-01 is not after 2026-03-02"),
        (["--with", ANA, *QUESTION, "--and", "2027-12-01"], "and: the window is longer than 366 days"),
        (
            ["--with", ANA, *QUESTION, "--between", "2026-03-29T02:30", "--and", "2026-04-03"],
            "skips 2026-03-29T02:30",
        ),
        (["--with", ANA, *QUESTION, "--and", "2026-10-25T02:30"], "shows 2026-10-25T02:30 twice"),
        (["--with", "ana", *QUESTION], "people.0.address: 'ana' is not an e-mail address"),
        (["--with", f"nobody@{DOMAIN}", *QUESTION], "Microsoft 365 knows nobody under"),
        (
            ["--with", ANA, *QUESTION, "--available", "tomorrow"],
            "--available: 'tomorrow' is not two local times",
        ),
    ],
)
def test_bad_questions(run: Run, arguments: list[str], message: str) -> None:
    """Exit code 2, one line on standard error, nothing on standard output, and nothing in the database."""
    ran = run("find", *arguments)
    assert (2, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert message in ran.err


@pytest.mark.parametrize(
    ("variable", "value", "code", "message"),
    [
        ("CLIENT_SECRET", "wrong", 1, "the client secret is wrong (AADSTS7000215)"),
        ("TENANT_ID", "nowhere.example", 1, "no such tenant is known there (AADSTS90002)"),
        ("CLIENT_ID", "00000000-0000-4000-8000-000000000000", 1, "no app with this client id"),
        ("CLIENT_ID", "", 2, "settings.client_id: is missing"),
        ("AUTHORITY", "http://localhost", 2, "is not a plain https address"),
        ("CA_FILE", "nowhere.pem", 2, "ca_file: nowhere.pem is not a readable file of PEM certificates"),
        ("ROOM_ANSWER_SECONDS", "soon", 2, "settings.room_answer_seconds"),
        ("DATABASE", "/proc/nowhere/slotwright.db", 1, "cannot be opened"),
    ],
)
def test_bad_settings(  # noqa: PLR0917 - a fixture each
    run: Run, monkeypatch: Any, pass_test: Any, variable: str, value: str, code: int, message: str
) -> None:
    """2 for what we were told wrongly, 1 for what the world refuses after it was tested; always one sentence."""
    monkeypatch.setenv(f"SLOTWRIGHT_{variable}", value)
    with suppress(SlotwrightError):  # what cannot even be read was never tested
        pass_test(Path("emulator.json"))
    ran = run("find", "--with", ANA, *QUESTION)
    assert (code, "", 1) == (ran.code, ran.out, ran.err.count("\n"))
    assert message in ran.err


def test_the_emulators_own_settings_pass(run: Run, monkeypatch: Any) -> None:
    """The line that the emulator prints, with an organizer, is a connection that the doctor lets work."""
    monkeypatch.setenv("SLOTWRIGHT_ORGANIZER", ANA)  # of which no test was passed
    monkeypatch.delenv("SLOTWRIGHT_SCHEDULING_USER")
    assert "was never tested" in run("find", "--with", BEN, *QUESTION).err
    monkeypatch.setenv("SLOTWRIGHT_ORGANIZER", SCHEDULING_USER)
    ran = run("doctor")
    assert (0, "") == (ran.code, ran.err)
    assert ran.out.splitlines()[-1].startswith(
        "The connection may be used with 1 warning. Profile scoped, tested"
    )
    assert 0 == run("find", "--with", BEN, *QUESTION).code


def test_graph_out_of_reach(run: Run, graph_server: Server) -> None:
    """An outage is told as one, and does not look like an empty calendar."""
    graph_server.emulator.faults.add(Fault(operation="getSchedule", status=503, times=None, retry_after=600))
    ran = run("find", "--with", ANA, *QUESTION)
    assert (1, "", True) == (
        ran.code,
        ran.out,
        ran.err.startswith("slotwright: Reading free/busy of 1 mailbox failed"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"colour": 1}', "settings.colour: is not a setting"),
        ("tenant_id = ", "is neither JSON nor TOML"),
        ("{", "is neither JSON nor TOML"),
    ],
)
def test_bad_settings_files(run: Run, text: str, message: str) -> None:
    """A file that cannot be used is named with what is wrong in it."""
    Path("wrong.toml").write_text(text)
    ran = run("find", "--with", ANA, *QUESTION, settings="wrong.toml")
    assert (2, True) == (ran.code, message in ran.err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("book", "s-nowhere"), "no slot 's-nowhere' was found from here"),
        (("book", "-"), "slot: is not JSON"),
        (("show", "b-nowhere"), "there is no booking 'b-nowhere'"),
        (("cancel", "b-nowhere"), "there is no booking 'b-nowhere'"),
        (("room", "b-nowhere"), "there is no booking 'b-nowhere'"),
        (("reschedule", "b-nowhere", "2026-03-05T10:00"), "there is no booking 'b-nowhere'"),
        (("swap", "b-nowhere", ANA, BEN), "there is no booking 'b-nowhere'"),
    ],
)
def test_unknown_ids(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """An id nobody knows is an input error that says where ids come from."""
    ran = run(*arguments)
    assert (2, "", True) == (ran.code, ran.out, message in ran.err)


@pytest.mark.parametrize("name", ["request", "slots", "booking", "tenant", "problem", "plan"])
def test_schemas(run: Run, name: str) -> None:
    """Every public format has a schema that refuses keys it does not know."""
    schema = json.loads(run("schema", name).out)
    assert ("object", False) == (schema["type"], schema["additionalProperties"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tenant", "nowhere.yaml"), "nowhere.yaml cannot be read"),
        (("--tenant", "wrong.json"), "wrong.json: colour is not a known key"),
        (("--clock", "soon"), "--clock: 'soon' is not an instant"),
        (("--clock", "2026-11-23T07:00"), "has no offset"),
    ],
)
def test_bad_emulators(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """The emulator does not start on what it cannot emulate."""
    Path("wrong.json").write_text(json.dumps({**small_tenant().model_dump(mode="json"), "colour": "blue"}))
    ran = run("emulator", *arguments)
    assert (2, "", True) == (ran.code, ran.out, message in ran.err)
