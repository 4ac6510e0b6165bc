"""S-08: unique strings are planted as secrets and people's data, everything is done and fails, then they are hunted."""

from __future__ import annotations

import io
import json
import logging
import re
import sqlite3
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from scheduler.cli.main import main
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.faults import Fault
from scheduler.emulator.server import Server, serve
from scheduler.emulator.tenant import Tenant
from scheduler.store.sealing import Seal
from scheduler.testing.tenants import (
    ANA,
    BEN,
    DOMAIN,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    START,
    small_tenant,
)

PORTAL = "5a11a11e-0000-4000-8000-0000000000dd"
DAEMON = "5a11a11e-0000-4000-8000-0000000000aa"
PORTAL_SECRET, DAEMON_SECRET = "canary~Secret~of~the~portal", "canary~Secret~of~the~daemon"
CANDIDATE = {
    "address": "zebedee.canaryson@outside.example",
    "name": "Zebedee Canaryson",
    "subject": "Interview canary-notes",
    "comment": "canary-comment",
}
KEPT_IN = {"bookings", "journal", "offers", "audit"}
"""The tables that hold what people wrote of a candidate: what was proposed, what was booked, what became of it."""
QUESTION = (
    "--with",
    ANA,
    "--minutes",
    "60",
    "--between",
    "2026-03-03",
    "--and",
    "2026-03-06",
    "--zone",
    "UTC",
)
ASKED = (
    *("--candidate", CANDIDATE["address"], "--candidate-name", CANDIDATE["name"]),
    *("--subject", CANDIDATE["subject"]),
)
_HIDDEN = re.compile(r'<input type="hidden" name="(.*?)" value="(.*?)">')
_ACTION = re.compile(r'<form method="post" action="(.*?)">')


def tenant() -> Tenant:
    """One app for people, with a secret, and one that an administrator consented for."""
    content = small_tenant().model_dump(mode="json")
    daemon = {**content["apps"][0], "secret": DAEMON_SECRET}
    scopes = ["Calendars.ReadWrite", "Calendars.Read.Shared"]
    portal = {"client_id": PORTAL, "name": "Portal", "secret": PORTAL_SECRET, "required_scopes": scopes}
    portal |= {"redirect_uris": ["http://localhost"], "consents": [{"scopes": ["Place.Read.All"]}]}
    content["apps"] = [portal, daemon]
    content["options"]["automatic_sign_in"] = True
    return Tenant.model_validate(content)


@dataclass
class Overheard:
    """Every secret that went to the sign-in service or came from it."""

    secrets: set[str] = field(default_factory=lambda: {PORTAL_SECRET, DAEMON_SECRET})

    def listen(self, wsgi: Callable[..., Any]) -> Callable[..., Any]:
        """The same application, overheard."""

        def heard(environ: dict[str, Any], start_response: Any) -> Any:
            if not environ["PATH_INFO"].endswith("/token"):
                return wsgi(environ, start_response)
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            form = parse_qs(body.decode())
            for name in (
                "code",
                "code_verifier",
                "client_secret",
                "client_assertion",
                "refresh_token",
                "device_code",
            ):
                self.secrets |= set(form.get(name, ()))
            parts = list(wsgi(environ, start_response))
            for value in _tokens(b"".join(parts)):
                self.secrets.add(value)
            return parts

        return heard


def _tokens(body: bytes) -> Iterator[str]:
    try:
        answer = json.loads(body)
    except ValueError:
        return
    for name in ("access_token", "refresh_token", "id_token"):
        if name in answer:
            yield answer[name]


class Everything(logging.Handler):
    """Every record of every logger as text, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(self.format(record))


@dataclass
class Run:
    """One command."""

    typed: tuple[str, ...]
    code: int
    out: str
    err: str


@dataclass
class Hunt:
    """A desk whose every word is kept."""

    server: Server
    overheard: Overheard
    log: Everything
    capture: pytest.CaptureFixture[str]
    runs: list[Run] = field(default_factory=list)
    settings: str = "user.json"

    def run(self, *typed: str) -> Run:
        """Type a command."""
        with pytest.raises(SystemExit) as ended:
            main(["--settings", self.settings, *typed])
        heard = self.capture.readouterr()
        self.runs.append(Run((self.settings, *typed), int(ended.value.code or 0), heard.out, heard.err))
        return self.runs[-1]

    def control(self, path: str, **body: Any) -> None:
        """A control route."""
        url = f"{self.server.connection['authority']}/emulator/{path}"
        with httpx.Client(verify=_trust(self.server), trust_env=False) as web:
            web.post(url, json=body).raise_for_status()

    def later(self) -> None:
        """Every token has ended."""
        self.server.emulator.clock.advance(4000)

    @contextmanager
    def fault(self, **plan: Any) -> Iterator[None]:
        """Something goes wrong meanwhile."""
        self.server.emulator.faults.add(Fault(**plan))
        yield
        self.server.emulator.faults.clear()

    def files(self) -> bytes:
        """The database as it lies there, its log included."""
        return b"".join(
            path.read_bytes() for path in Path().glob("*.db*") if path.is_file() and ".keys" not in path.name
        )

    def tables(self, text: str) -> set[str]:
        """The tables in which a text is."""
        found = set()
        for database in Path().glob("*.db"):
            with closing(sqlite3.connect(database)) as connection:
                names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for (name,) in names:
                    rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - our tables
                    if text.casefold() in repr(rows).casefold():
                        found.add(name)
        return found


def _trust(server: Server) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=server.connection["ca_file"])


@pytest.fixture
def hunt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hunt]:
    """An empty folder with settings for both kinds of consent, and a browser that signs in as was asked."""
    monkeypatch.chdir(tmp_path)
    overheard, log = Overheard(), Everything()
    for name in ("httpx", "httpcore", "msal"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    emulator = Emulator(tenant(), clock=Clock(START, running=True))
    monkeypatch.setattr(emulator, "wsgi", overheard.listen(emulator.wsgi))
    root = logging.getLogger()
    before = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    with serve(emulator) as server:
        common = {**server.connection, "organizer": RECRUITER, "scheduling_user": SCHEDULING_USER}
        common |= {"room_answer_seconds": 5, "room_poll_seconds": 0.3}
        user = {
            "consent": "user",
            "profile": "scheduler",
            "client_id": PORTAL,
            "client_secret": PORTAL_SECRET,
        }
        admin = {"consent": "admin", "profile": "scoped", "client_id": DAEMON, "client_secret": DAEMON_SECRET}
        Path("user.json").write_text(json.dumps({**common, **user, "database": "user.db"}))
        Path("admin.json").write_text(json.dumps({**common, **admin, "database": "admin.db"}))

        def browse(url: str) -> bool:
            def visit() -> None:
                with httpx.Client(verify=_trust(server), trust_env=False) as web:
                    page = web.get(url)
                    form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
                    (action,) = _ACTION.findall(page.text)
                    overheard.secrets.add(form["code"])
                    web.post(unescape(action), data=form)

            threading.Thread(target=visit, daemon=True).start()
            return True

        monkeypatch.setattr("webbrowser.open", browse)
        yield Hunt(server, overheard, log, capsys)
    root.removeHandler(log)
    monkeypatch.undo()
    root.setLevel(before)


def everything(hunt: Hunt) -> None:
    """Everything that a recruiter types in a week, and everything that goes wrong with it."""
    work(hunt)
    trouble(hunt)


def connect(hunt: Hunt) -> None:
    """Both identities sign in."""
    hunt.settings = "user.json"
    hunt.run("connect", "--enable")
    for who in (RECRUITER, SCHEDULING_USER):
        assert 0 == hunt.run("connect", "--as", who).code


def work(hunt: Hunt) -> None:
    """Find, book, change, watch and cancel, in the name of people and as the app itself."""
    connect(hunt)
    for settings in ("user.json", "admin.json"):
        hunt.settings = settings
        hunt.run("doctor", "--write-test")
        assert 0 == hunt.run("doctor", "--json").code, hunt.runs[-1]
        hunt.run("rooms", "load")
        found = hunt.run("find", *QUESTION, *ASKED, "--room", "--json")
        slots = json.loads(found.out)["slots"]
        booked = hunt.run("book", slots[0]["id"], "--json")
        assert 0 == booked.code, booked
        booking = json.loads(booked.out)["id"]
        hunt.run("show", booking)
        hunt.run("reschedule", booking, slots[-1]["id"])
        hunt.run("swap", booking, ANA, BEN)
        hunt.run("room", booking, OPEN_ROOM)
        hunt.run("watch", "--once")
        hunt.run("reconcile")
        hunt.run("audit")
        hunt.run("disclosures")
        hunt.run("explain-time", ANA, "--between", "2026-03-03", "--and", "2026-03-04", "--zone", "UTC")
        assert 0 == hunt.run("cancel", booking, "--comment", CANDIDATE["comment"]).code
    hunt.settings = "user.json"
    hunt.run("connect", "--list", "--json")
    assert 0 == hunt.run("rotate-keys").code


def trouble(hunt: Hunt) -> None:
    """Each kind of failure on each side of the door."""
    for settings in ("user.json", "admin.json"):
        hunt.settings = settings
        found = hunt.run("find", *QUESTION, *ASKED, "--room", "--json")
        assert 0 == found.code, found
        slots = json.loads(found.out)["slots"]
        for kind in ("refuse", "html", "drop_reply", "truncate", "empty", "malformed", "mistyped", "deep"):
            for operation in ("token", "getSchedule"):
                with hunt.fault(operation=operation, kind=kind, status=400, times=1):
                    hunt.later()
                    hunt.run("find", *QUESTION, *ASKED, *(["--json"] if operation == "token" else []))
        for kind in ("malformed", "html"):
            with hunt.fault(operation="createEvent", kind=kind, status=400, times=4):
                hunt.run("book", slots[0]["id"], "--json")
        for number in (7000215, 7000222, 65001, 90094):
            code, message = f"AADSTS{number}", CANDIDATE["name"]
            with hunt.fault(operation="token", status=401, code=code, message=message, times=None):
                hunt.later()
                hunt.run("find", *QUESTION, *ASKED)
                hunt.run("doctor")
        hunt.run("find", "--with", "nobody@nowhere.example", *QUESTION[2:], *ASKED)
        hunt.run("book", "no-such-slot")
    wrong = json.loads(Path("admin.json").read_text()) | {"client_secret": f"{DAEMON_SECRET}~wrong"}
    hunt.overheard.secrets.add(wrong["client_secret"])
    Path("wrong.json").write_text(json.dumps(wrong))
    hunt.settings = "wrong.json"
    hunt.run("doctor")
    Path("broken.json").write_text(json.dumps(wrong | {"client_secret": [DAEMON_SECRET]}))
    hunt.settings = "broken.json"
    hunt.run("doctor")
    hunt.settings = "user.json"
    hunt.control("revocations", account=RECRUITER)
    hunt.later()
    hunt.run("find", *QUESTION, *ASKED)
    keys = Path("user.db.keys")
    content = keys.read_text()
    keys.write_text("A" * 43 + "=")
    hunt.run("find", *QUESTION)
    keys.write_text(content)
    hunt.overheard.secrets |= set(content.split())


def leaks(hunt: Hunt) -> list[str]:
    """Every place in which a secret is that is not sealed, and every place in which people's data should not be."""
    found = []
    files = hunt.files()
    for secret in hunt.overheard.secrets:
        name = f"{secret[:12]}..."
        found += [f"{name} in the log: {line[:80]}" for line in hunt.log.lines if secret in line]
        found += [f"{name} in the output of {run.typed}" for run in hunt.runs if secret in run.out + run.err]
        if secret.encode() in files:
            found.append(f"{name} in the database")
    for what, text in CANDIDATE.items():
        found += [
            f"{what} in the log: {line[:80]}" for line in hunt.log.lines if text.casefold() in line.casefold()
        ]
        found += [
            f"{what} in the errors of {run.typed}"
            for run in hunt.runs
            if text.casefold() in run.err.casefold()
        ]
        if elsewhere := hunt.tables(text) - KEPT_IN:
            found.append(f"{what} in the tables {elsewhere}")
    return found


@pytest.mark.campaign
@pytest.mark.experiment("S-08", "secrets and people's data hunted after all commands")
def test_nothing_leaks(hunt: Hunt, tally: Any) -> None:
    """Secrets are nowhere but sealed; what people wrote of a candidate is in no log, no error and no other table."""
    everything(hunt)
    tally.tried(len(hunt.runs))
    tally.counted("commands", len(hunt.runs))
    tally.counted("failed", sum(run.code != 0 for run in hunt.runs))
    tally.counted("secrets", len(hunt.overheard.secrets))
    tally.counted("log lines", len(hunt.log.lines))
    tally.violated(*leaks(hunt))
    assert [] == tally.violations
    assert len(hunt.overheard.secrets) > 20
    assert any("scheduler.graph" in line for line in hunt.log.lines)
    assert hunt.tables(CANDIDATE["address"]), "what was planted was written"


@pytest.mark.campaign
@pytest.mark.experiment("S-08", "tokens kept unsealed, a log of whole addresses", control=True)
def test_the_hunt_finds_what_leaks(hunt: Hunt, tally: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without seals the database holds tokens, and a logger that tells what was asked tells of the candidate."""
    monkeypatch.setattr(Seal, "close", lambda _, text: text)
    monkeypatch.setattr(Seal, "open", lambda _, text: text)
    connect(hunt)
    hunt.run("doctor")
    hunt.run("find", *QUESTION, *ASKED)
    logging.getLogger("somebody").debug("find %s", ASKED)
    tally.tried(len(hunt.runs))
    tally.violated(*leaks(hunt))
    assert any("in the database" in each for each in tally.violations)
    assert any("in the log" in each for each in tally.violations)


@pytest.mark.campaign
@pytest.mark.experiment("S-08", "MSAL not silenced", control=True)
def test_what_msal_would_tell(hunt: Hunt, tally: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """At DEBUG MSAL logs the form of a sign-in, code verifier included, which is why it is kept at WARNING."""
    monkeypatch.setattr(logging.Logger, "setLevel", lambda *_: None)
    connect(hunt)
    tally.tried(len(hunt.runs))
    tally.violated(*leaks(hunt))
    assert any("in the log: msal" in each for each in tally.violations)


def test_domain_is_not_a_canary() -> None:
    """What is hunted is in nothing that the tenant has by itself."""
    assert not any(DOMAIN in text for text in CANDIDATE.values())
