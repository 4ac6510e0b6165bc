"""The doctor names every mistake of a set-up guide with the step to take next, and leaves nothing behind."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from scheduler.app.connect import sign_in
from scheduler.app.write_test import MARKER
from scheduler.cli import context
from scheduler.cli.main import main
from scheduler.connection.report import Outcome, Report
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.faults import Fault
from scheduler.emulator.tenant import Tenant
from scheduler.graph.client import Graph
from scheduler.settings import load_settings
from scheduler.store.store import Store
from scheduler.testing.tenants import (
    ANA,
    BEN,
    CLIENT_SECRET,
    DOMAIN,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    START,
    WALLED_ROOM,
    small_tenant,
)
from scheduler.wiring import open_slotwright

SCOPED = small_tenant().apps[0].client_id
FULL = "5a11a11e-0000-4000-8000-0000000000cc"
PEOPLES = "5a11a11e-0000-4000-8000-0000000000dd"
HAL = f"hal@{DOMAIN}"
CELLAR = f"room.cellar@{DOMAIN}"
"""A person and a room that are on-premises."""
QUESTION = ["--minutes", "60", "--between", "2026-03-02", "--and", "2026-03-06", "--zone", "Europe/Amsterdam"]
READING = {
    "token",
    "discovery",
    "getSchedule",
    "listRooms",
    "getDefaultCalendar",
    "getCalendar",
    "listCalendars",
}


def tenant() -> Tenant:
    """The small tenant with an app that reaches every mailbox, and two mailboxes that are elsewhere."""
    content = small_tenant().model_dump(mode="json")
    grants = [{"role": "Calendars.ReadWrite"}, {"role": "Place.Read.All"}]
    content["apps"].append({"client_id": FULL, "secret": CLIENT_SECRET, "grants": grants})
    scopes = ["Calendars.ReadWrite", "Calendars.Read.Shared"]
    content["apps"].append({"client_id": PEOPLES, "public": True, "consents": [{"scopes": scopes}]})
    for room in content["rooms"]:
        room["shared_with"] = {RECRUITER: "write"} if room["address"] == OPEN_ROOM else {}
    content["people"].append({"address": HAL, "mailbox": "on_premises"})
    content["rooms"].append({"address": CELLAR, "name": "Cellar", "mailbox": "on_premises"})
    return Tenant.model_validate(content)


@dataclass
class Ran:
    """What a command left; `report` is what the doctor answered with --json."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Report:
        """The doctor's report."""
        return Report.model_validate_json(self.out)

    def steps(self, name: str) -> list[tuple[str, str, str]]:
        """Outcome, what was said and the remedy of every step of that name."""
        return [
            (step.outcome.value, step.said, step.remedy) for step in self.report.steps if step.name == name
        ]


@dataclass
class Practice:
    """The command line on an emulator in this process, with a settings file of one's own."""

    emulator: Emulator
    folder: Path
    capsys: Any
    ahead: float = 0
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = {
            "connection": "advanced",
            "graph_url": "https://graph.emulated.test/v1.0",
            "authority": "https://login.emulated.test",
            "tenant_id": self.emulator.tenant.id,
            "client_id": FULL,
            "client_secret": CLIENT_SECRET,
            "secret_expires": "2027-03-02",
            "organizer": RECRUITER,
            "scheduling_user": SCHEDULING_USER,
            "database": str(self.folder / "slotwright.db"),
        }

    def now(self) -> float:
        """Seconds since 1970 on the emulated clock."""
        return float(self.emulator.clock.now().timestamp())

    def open(self, settings: Any, **given: Any) -> Any:
        """Everything connected, in this process, on the emulated clock."""
        return open_slotwright(
            settings,
            wsgi_app=self.emulator.wsgi,
            clock=lambda: int(self.now()),
            monotonic=self.now,
            system=lambda: self.now() + self.ahead,
            pause=self.let_pass,
            **given,
        )

    def let_pass(self, seconds: float) -> None:
        """Wait on the emulated clock."""
        self.emulator.clock.advance(max(seconds, 0.001))

    def written(self) -> Path:
        """The settings file as it is now."""
        file = self.folder / "slotwright.toml"
        file.write_text(json.dumps({key: value for key, value in self.settings.items() if value is not None}))
        return file

    def sign_in(self) -> None:
        """The recruiter enters a code."""

        def accept(_: str, code: str) -> None:
            with httpx.Client(
                transport=httpx.WSGITransport(app=self.emulator.wsgi), base_url="https://x.test"
            ) as web:
                said = {"user_code": code, "account": RECRUITER}
                web.post("/emulator/devices", json=said).raise_for_status()

        with self.open(load_settings(self.written())) as slotwright:
            how = partial(slotwright.graph.sign_in_by_code, show=accept, wait_seconds=60)
            sign_in(slotwright.connections, slotwright.settings, how, expected=RECRUITER)

    def run(self, *arguments: str) -> Ran:
        """Type a command."""
        with pytest.raises(SystemExit) as ended:
            main(["--settings", str(self.written()), *arguments])
        captured = self.capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    def doctor(self, *arguments: str) -> Ran:
        """`slotwright doctor --json`."""
        return self.run("doctor", "--json", *arguments)

    def change(self, client_id: str = FULL, **how: Any) -> None:
        """An administrator changes a registration."""
        self.emulator.registry.change_app(client_id, **how)

    def operations(self) -> list[str]:
        """What was asked since the journal was cleared."""
        return [seen.operation for seen in self.emulator.journal.requests]

    def events(self) -> list[str]:
        """The subject of every event in the tenant."""
        mailboxes = self.emulator.snapshot()["mailboxes"].values()
        calendars = [calendar for mailbox in mailboxes for calendar in mailbox["calendars"]]
        return [event["subject"] for calendar in calendars for event in calendar["events"]]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nothing in it, for copying: making its tables takes longer than a test."""
    path = tmp_path_factory.mktemp("template") / "slotwright.db"
    Store(path, clock=lambda: 0, who="").close()
    return path


@pytest.fixture
def practice(tmp_path: Path, empty_database: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A practice where everything is as it should be."""
    shutil.copy(empty_database, tmp_path / "slotwright.db")
    made = Practice(Emulator(tenant(), clock=Clock(START)), tmp_path, capsys)
    monkeypatch.setattr(context, "open_slotwright", made.open)
    monkeypatch.setattr(context, "system_clock", lambda: int(made.now()))
    return made


@pytest.fixture(scope="session")
def key() -> rsa.RSAPrivateKey:
    """A key for certificates."""
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def days() -> int:
    """For how long the certificate is good."""
    return 25


@pytest.fixture
def certificate(key: rsa.RSAPrivateKey, days: int) -> tuple[str, str]:
    """A certificate and its key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Slotwright")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(START - timedelta(days=300))
        .not_valid_after(START + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def test_all_is_well(practice: Practice) -> None:
    """Every step is fine, each room has its route, and the connection may be used from then on."""
    ran = practice.doctor("--mailbox", ANA)
    assert (0, True, "") == (ran.code, ran.report.passed, ran.err)
    assert {Outcome.FINE} == {step.outcome for step in ran.report.steps}, ran.out
    names = ["discovery", "token", "permissions", "free/busy", "working hours", "clock", "expiry", "places"]
    names += ["organizer", "scheduler calendar", "mailboxes", "rooms"]
    assert names == [step.name for step in ran.report.steps]
    (said,) = [said for _, said, _ in ran.steps("permissions")]
    assert said.startswith("exactly what the profile full needs; without GroupMember.Read.All people are")
    assert 0 == practice.run("find", "--with", ANA, *QUESTION).code


@dataclass(frozen=True)
class Case:
    """A mistake: what is done wrong, and the step that names it with the words of what to do."""

    name: str
    step: str
    said: str
    remedy: str
    settings: dict[str, Any] = field(default_factory=dict)
    app: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] | None = None
    outcome: str = "failed"
    client: str = FULL


def grants(*roles: str) -> dict[str, Any]:
    """These application permissions and no others."""
    return {"grants": [{"role": role} for role in roles]}


_GONE = "2026-01-01T00:00:00Z"
CASES = [
    Case("ids swapped", "discovery", "no such tenant is known there (AADSTS90002)", "easily swapped",
         {"tenant_id": FULL, "client_id": small_tenant().id}),
    Case("unknown tenant", "discovery", "no such tenant", "copy Directory (tenant) ID",
         {"tenant_id": "contoso.example"}),
    Case("wrong cloud", "discovery", "no such tenant", "and check cloud",
         {"cloud": "usgov", "graph_url": None, "authority": None},
         fault={"operation": "discovery", "status": 400, "code": "AADSTS90002"}),
    Case("half of another cloud", "token", "the tenant does not know this Graph (AADSTS500011)", "cloud alone",
         {"graph_url": "https://microsoftgraph.chinacloudapi.cn/v1.0"}),
    Case("unknown app", "token", "no app with this client id is known in this tenant (AADSTS700016)",
         "copy Application (client) ID", {"client_id": "00000000-0000-4000-8000-000000000000"}),
    Case("wrong secret", "token", "the client secret is wrong (AADSTS7000215)",
         "copy the secret's Value, not its Secret ID", {"client_secret": "another"}),
    Case("expired secret", "token", "the client secret has expired (AADSTS7000222)", "make a new one",
         app={"secret_expires": _GONE}),
    Case("conditional access", "token", "a conditional access policy blocks the sign-in (AADSTS53003)",
         "ask an administrator", app={"sign_in": "blocked_by_policy"}),
    Case("sign-in down", "discovery", "the sign-in service answered 503", "try again",
         fault={"operation": "discovery", "status": 503, "times": None}),
    Case("no consent at all", "permissions", "nothing is granted at all", "press Grant admin consent",
         app=grants()),
    Case("right to write missing", "permissions",
         "Application permission Calendars.ReadWrite is missing, so nothing can be booked",
         "Application permissions, then press Grant admin consent",
         app=grants("Calendars.Read", "Place.Read.All")),
    Case("calendars missing", "permissions",
         "Application permission Calendars.ReadWrite is missing, so nothing can be found",
         "add it under API permissions, Microsoft Graph", app=grants("Place.Read.All")),
    Case("free/busy refused", "free/busy", "it is not told to us: reading free/busy",
         "grant Calendars.ReadWrite", app=grants("Place.Read.All")),
    Case("places missing", "permissions", "Place.Read.All is missing, so only rooms of the catalogue are known",
         "then press Grant admin consent", app=grants("Calendars.ReadWrite"), outcome="warning"),
    Case("places refused", "places", "the rooms cannot be listed", "rooms import --csv",
         app=grants("Calendars.ReadWrite"), outcome="warning"),
    Case("more than needed", "permissions", "Calendars.ReadWrite, MailboxSettings.Read are granted and never used",
         "remove under API permissions", {"profile": "read-only"},
         grants("Calendars.ReadWrite", "Place.Read.All", "MailboxSettings.Read"), outcome="warning"),
    Case("broad grant beside a scope", "permissions",
         "Calendars.ReadWrite is granted over every mailbox too, so Exchange limits nothing",
         "remove Calendars.ReadWrite", {"profile": "scoped"}, outcome="warning"),
    Case("outside the access policy", "organizer", f"the calendar of {RECRUITER} does not open for us",
         "an access policy of Exchange may keep the app out", app={"access_policy": [OPEN_ROOM]}),
    Case("outside the scope", "organizer", f"the calendar of {ANA} may be read but not written",
         "put the mailbox into the group of `slotwright scope`, directly; if it is, wait up to two hours",
         {"profile": "scoped", "organizer": ANA}, client=SCOPED),
    Case("unknown organizer", "free/busy", f"no mailbox typo@{DOMAIN} is known to this tenant",
         "check the address", {"organizer": f"typo@{DOMAIN}"}),
    Case("on-premises organizer", "organizer", f"the mailbox {HAL} is not in Exchange Online",
         "use a mailbox that is in Exchange Online", {"organizer": HAL}),
    Case("on-premises scheduling user", "scheduler calendar", f"the mailbox {HAL} is not in Exchange Online",
         "use a mailbox that is in Exchange Online", {"scheduling_user": HAL}),
    Case("no organizer", "organizer", "none is set, so every request has to name one", "set organizer",
         {"organizer": None}, outcome="warning"),
    Case("no mailbox at all", "free/busy", "there is no mailbox to try it with", "set organizer",
         {"organizer": None, "scheduling_user": None}),
    Case("secret ends soon", "expiry", "The client secret ends in 20 days, on 2026-03-22", "record its day",
         {"secret_expires": "2026-03-22"}, outcome="warning"),
    Case("end not corrected", "expiry", "the client secret should have ended on 2026-03-01, and is good",
         "correct secret_expires", {"secret_expires": "2026-03-01"}, outcome="warning"),
    Case("end not recorded", "expiry", "nobody recorded when the client secret ends", "into secret_expires",
         {"secret_expires": None}, outcome="warning"),
    Case("nobody switched it on", "switch", "nobody may connect yet", "slotwright connect --enable",
         {"consent": "user"}),
    Case("nobody signed in", "account", f"the organizer {RECRUITER} is not signed in",
         f"slotwright connect --as {RECRUITER}", {"consent": "user"}),
    Case("nobody's token", "token", f"nobody is signed in as {RECRUITER}", "slotwright connect",
         {"consent": "user"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_each_mistake_is_named(practice: Practice, case: Case) -> None:
    """One step says what is wrong and what to do; the exit code is 1 unless it is only a warning."""
    practice.settings |= {"client_id": case.client, **case.settings}
    if case.app:
        practice.change(case.client, **case.app)
    if case.fault is not None:
        practice.emulator.faults.add(Fault(**case.fault))
    ran = practice.doctor()
    found = [step for step in ran.steps(case.step) if case.said in step[1]]
    assert [(case.outcome, True)] == [(step[0], case.remedy in step[2]) for step in found], ran.out
    assert (0 if case.outcome == "warning" else 1, ran.report.passed) == (ran.code, ran.code == 0)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"client_secret": FULL}, "settings.client_secret: is an id, so probably the Secret ID; copy the secret's Va"),
        ({"client_id": "Slotwright"}, "settings.client_id: 'Slotwright' is no id; copy Application (client) ID"),
        ({"tenant_id": "Contoso Ltd"}, "settings.tenant_id: 'Contoso Ltd' is neither an id nor a domain; copy Direct"),
        ({"tenant_id": FULL}, "settings.tenant_id: is the same as client_id; copy Directory (tenant) ID"),
        ({"client_secret": None}, "settings.client_secret: is missing; put it into slotwright.toml"),
        ({"connection": None}, "settings.connection: is none, so nothing is read or written; set connection ="),
        ({"connection": "basic", "profile": "full"}, "settings.profile: full books, which basic does not; use read-"),
        ({"profile": "scheduler"}, "settings.profile: scheduler does not go with consent = 'admin'; use one of read"),
        ({"cloud": "mars"}, "settings.cloud: cannot be used"),
    ],
)  # fmt: skip
def test_what_is_seen_without_asking_anybody(practice: Practice, settings: dict[str, Any], said: str) -> None:
    """Exit code 2, one sentence with setting, value and remedy, and not a single request."""
    practice.settings |= settings
    ran = practice.run("doctor")
    assert (2, "", f"slotwright: {said}", []) == (
        ran.code, ran.out, ran.err[: len(said) + 12], practice.operations()
    )  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [
        {"tenant_id": f" {small_tenant().id} ", "client_id": f"{FULL}\n", "client_secret": f" {CLIENT_SECRET}\t"},
        {"tenant_id": DOMAIN},
        {"organizer": f"{RECRUITER.upper()} "},
    ],
)  # fmt: skip
def test_what_does_no_harm(practice: Practice, settings: dict[str, Any]) -> None:
    """Spaces around what was copied, a domain in place of the tenant's id and capitals are no mistakes."""
    practice.settings |= settings
    assert 0 == practice.doctor().code


@pytest.mark.campaign
class TestCertificate:
    """Instead of a secret."""

    @pytest.fixture
    def practice(self, practice: Practice, certificate: tuple[str, str]) -> Practice:
        """The file has certificate and key, the app has the certificate and no secret any more."""
        practice.settings |= {"certificate_file": str(practice.folder / "app.pem"), "client_secret": None}
        (practice.folder / "app.pem").write_text("".join(certificate))
        practice.change(secret="", certificates=[{"pem": certificate[0]}])
        return practice

    def test_it_signs_in(self, practice: Practice) -> None:
        """Its end is read from itself."""
        ran = practice.doctor()
        (step,) = ran.steps("expiry")
        assert (0, "warning", True) == (
            ran.code, step[0], "The certificate ends in 25 days, on 2026-03-27" in step[1]
        )  # fmt: skip

    @pytest.mark.parametrize(("part", "said"), [(0, "has no private key"), (1, "has no certificate")])
    def test_half_of_it(self, practice: Practice, certificate: tuple[str, str], part: int, said: str) -> None:
        """A certificate without its key, and a key without its certificate, are told apart."""
        (practice.folder / "app.pem").write_text(certificate[part])
        ran = practice.run("doctor")
        assert (2, True, True) == (ran.code, said in ran.err, "settings.certificate_file: " in ran.err)

    def test_it_was_not_uploaded(self, practice: Practice) -> None:
        """The app has another one, or none."""
        practice.change(certificates=[])
        (step,) = practice.doctor().steps("token")
        assert (True, True) == (
            "not one of the app's (AADSTS700027)" in step[1],
            "upload the public part" in step[2],
        )

    @pytest.mark.parametrize("days", [36_500])
    def test_this_machine_lives_in_the_past(self, practice: Practice) -> None:
        """What the certificate signs is out of date when it arrives: MSAL signs by the clock of this machine."""
        practice.emulator.registry.change_options(check_assertion_times=True)
        practice.emulator.clock.advance(max(0, time.time() - practice.now()) + 86_400)
        (step,) = practice.doctor().steps("token")
        assert (True, True) == (
            "the clock of this machine is wrong (AADSTS700024)" in step[1],
            "(NTP)" in step[2],
        )

    def test_it_has_ended(self, practice: Practice) -> None:
        """That is told as such, not as a wrong certificate."""
        practice.emulator.clock.advance(26 * 86_400)
        (step,) = practice.doctor().steps("token")
        assert (True, True) == ("has ended" in step[1], "(AADSTS1000502)" in step[1])


class TestClock:
    """This machine against Graph."""

    @pytest.mark.parametrize(
        ("ahead", "outcome", "said"),
        [
            (0, "fine", "0 seconds from Graph's"),
            (100, "fine", "100 seconds"),
            (300, "warning", "300 seconds ahead of Graph"),
            (-86_400, "warning", "86400 seconds behind Graph"),
        ],
    )
    def test_skew(self, practice: Practice, ahead: float, outcome: str, said: str) -> None:
        """More than two minutes are told, with the way round."""
        practice.ahead = ahead
        ran = practice.doctor()
        (step,) = ran.steps("clock")
        assert (0, outcome, True) == (ran.code, step[0], said in step[1]), step

    def test_an_emulator_has_a_clock_of_its_own(self, practice: Practice) -> None:
        """A Graph on this machine is nobody's to compare with."""
        practice.ahead = 1e6
        practice.settings |= {"graph_url": "https://localhost/v1.0", "authority": "https://localhost"}
        ran = practice.doctor()
        assert (0, "skipped") == (ran.code, ran.steps("clock")[0][0])


class TestPropagation:
    """What was decided in Exchange comes into force later."""

    def test_the_doctor_says_wait_and_is_right(self, practice: Practice) -> None:
        """The organizer was just put into the group: two hours later the same test passes."""
        practice.settings |= {"client_id": SCOPED, "profile": "scoped", "organizer": ANA}
        practice.emulator.registry.change_options(policy_delay_seconds=7200)
        given = [grant.model_dump() for grant in practice.emulator.tenant.apps[0].grants]
        practice.change(SCOPED, grants=[*given, {"role": "Calendars.ReadWrite", "over": [ANA]}])
        before = practice.doctor()
        assert [("failed", True)] == [
            (outcome, "wait up to two hours" in remedy) for outcome, _, remedy in before.steps("organizer")
        ]
        refused = practice.run("find", "--with", BEN, *QUESTION)
        assert (2, True) == (
            refused.code,
            "did not pass its test of 2026-03-02T06:00Z (organizer:" in refused.err,
        )
        practice.emulator.clock.advance(7200)
        assert 0 == practice.doctor().code
        assert 0 == practice.run("find", "--with", BEN, *QUESTION).code


class TestSchedulerCalendar:
    """The generated calendar that rooms are invited from."""

    @pytest.fixture
    def practice(self, practice: Practice) -> Practice:
        """It was made, and its id is known."""
        with practice.open(self.settings(practice)) as slotwright:
            made = slotwright.graph.get_or_create_calendar(SCHEDULING_USER, "Scheduler")
            slotwright.store.remember_calendar(SCHEDULING_USER, "Scheduler", made)
        return practice

    @staticmethod
    def settings(practice: Practice) -> Any:
        """The practice's settings."""
        return load_settings(practice.written())

    def change(self, practice: Practice, method: str, body: dict[str, Any] | None = None) -> None:
        """Somebody does something to the calendar in Outlook."""
        with practice.open(self.settings(practice)) as slotwright:
            known = slotwright.store.calendar_id(SCHEDULING_USER, "Scheduler")
            path = f"/users/{SCHEDULING_USER}/calendars/{known}"
            slotwright.graph._gate.send(method, path, mailbox="", doing="it", write=True, json=body)

    def test_it_is_there(self, practice: Practice) -> None:
        """Nothing to tell."""
        assert [("fine", f"'Scheduler' of {SCHEDULING_USER} is there", "")] == practice.doctor().steps(
            "scheduler calendar"
        )

    def test_it_was_renamed(self, practice: Practice) -> None:
        """It is still ours, and people will not find it."""
        self.change(practice, "PATCH", {"name": "Interviews"})
        ((outcome, said, remedy),) = practice.doctor().steps("scheduler calendar")
        assert ("warning", True, "name it 'Scheduler' again, so that people know it") == (
            outcome, "was renamed; rooms are invited from it all the same" in said, remedy
        )  # fmt: skip

    @pytest.mark.parametrize("again", [False, True])
    def test_it_was_deleted(self, practice: Practice, again: bool) -> None:  # noqa: FBT001 - a table
        """What was in it is gone; whether somebody made another of that name is told."""
        self.change(practice, "DELETE")
        if again:
            with practice.open(self.settings(practice)) as slotwright:
                slotwright.graph.get_or_create_calendar(SCHEDULING_USER, "Scheduler")
        ((outcome, said, remedy),) = practice.doctor().steps("scheduler calendar")
        new = "another one of that name is used" if again else "the next booking makes a new one"
        assert ("warning", True, f"look at `slotwright reconcile`; {new}") == (
            outcome, "was deleted, and with it what rooms were invited to" in said, remedy
        )  # fmt: skip


class TestMailboxes:
    """People one by one."""

    @pytest.mark.parametrize(
        ("address", "outcome", "said"),
        [
            (ANA, "fine", f"{ANA} is in Exchange Online"),
            (HAL, "warning", f"{HAL} is not in Exchange Online; it can be invited, and its answers are not seen"),
            (f"typo@{DOMAIN}", "warning", f"no mailbox typo@{DOMAIN} is known to this tenant"),
        ],
    )  # fmt: skip
    def test_where_they_are(self, practice: Practice, address: str, outcome: str, said: str) -> None:
        """On-premises is told apart from unknown; neither stops the connection."""
        ran = practice.doctor("--mailbox", f" {address.upper()} ")
        assert (0, [(outcome, said)]) == (ran.code, [step[:2] for step in ran.steps("mailboxes")])


class TestRooms:
    """Which route each room would take and why."""

    def routes(self, ran: Ran) -> dict[str, tuple[str, str]]:
        """Route and reason by address."""
        return {each.address: (each.route, each.why) for each in ran.report.routes}

    def test_every_route(self, practice: Practice) -> None:
        """Written, invited, closed, and a calendar of which nothing is known."""
        practice.settings |= {"client_id": SCOPED, "profile": "scoped"}
        practice.emulator.faults.add(
            Fault(operation="getDefaultCalendar", mailbox=f"room.picky@{DOMAIN}", status=500, times=None)
        )
        found = self.routes(practice.doctor())
        assert ("direct", "its calendar may be written") == found[OPEN_ROOM]
        assert ("scheduler", "its calendar may be read only") == found[WALLED_ROOM]
        assert ("scheduler", "its calendar does not open") == found[f"room.hidden@{DOMAIN}"]
        assert ("none", "its mailbox is not in Exchange Online") == found[CELLAR]
        assert "unknown" == found[f"room.picky@{DOMAIN}"][0]
        (step,) = practice.doctor().steps("rooms")
        assert "1 written directly, 4 invited, 1 not to be booked, 1 could not be asked" == step[1]

    def test_nowhere_to_invite_from(self, practice: Practice) -> None:
        """Without a calendar to invite from, only rooms that may be written are left."""
        practice.settings |= {"client_id": SCOPED, "profile": "scoped", "scheduling_user": BEN}
        found = self.routes(practice.doctor())
        assert ("direct", "none") == (found[OPEN_ROOM][0], found[WALLED_ROOM][0])
        assert "there is no calendar to invite it from" in found[WALLED_ROOM][1]

    def test_a_long_table_stays_readable(self, practice: Practice) -> None:
        """Of 120 rooms 50 are asked unless all are wanted; the table has a row for each reason, none too wide."""
        content = tenant().model_dump(mode="json")
        content["rooms"] = [
            {"address": f"room.{number:03}@{DOMAIN}", "name": f"Room {number % 100}"} for number in range(120)
        ]
        for app in content["apps"]:
            app["grants"] = [{"role": "Calendars.ReadWrite"}, {"role": "Place.Read.All"}]
        practice.emulator = Emulator(Tenant.model_validate(content), clock=Clock(START))
        some, everything = practice.run("doctor"), practice.run("doctor", "--all-rooms")
        assert ("70 more were not asked" in some.out, "120 written directly" in everything.out) == (
            True,
            True,
        )
        lines = [line for line in everything.out.splitlines() if line.startswith("│")]
        assert (True, True) == (len(lines) < 50, max(map(len, lines)) <= 110), everything.out
        # Names that two rooms share say nothing: the address does.
        assert ("room.019@" in everything.out, "room.119@" in everything.out) == (True, True)
        assert "Room 50" in everything.out


class TestPeople:
    """Who signs in consents for themselves."""

    @pytest.fixture
    def practice(self, practice: Practice) -> Practice:
        """The recruiter is signed in."""
        practice.settings |= {
            "client_id": PEOPLES, "consent": "user", "client_secret": None, "scheduling_user": None,
        }  # fmt: skip
        assert 0 == practice.run("connect", "--enable").code
        practice.sign_in()
        return practice

    def test_all_is_well(self, practice: Practice) -> None:
        """Switch and account are told; rooms that the recruiter may write are invited, because the app may not."""
        ran = practice.doctor("--write-test")
        assert (0, "scheduler") == (ran.code, ran.report.profile), ran.out
        assert [("fine", "people may connect", "")] == ran.steps("switch")
        assert [("fine", f"the organizer {RECRUITER} is signed in", "")] == ran.steps("account")
        assert [("skipped", "people sign in, so there is no secret that could end", "")] == ran.steps(
            "expiry"
        )
        routes = {each.address: (each.route, each.why) for each in ran.report.routes}
        assert {} == routes  # Place.Read.All is no permission that people can consent to
        assert [("warning", "the rooms cannot be listed")] == [step[:2] for step in ran.steps("places")]

    @pytest.mark.parametrize(
        ("more", "way"),
        [
            ([], ("scheduler", "Calendars.ReadWrite.Shared is not granted")),
            (["Calendars.ReadWrite.Shared"], ("direct", "its calendar may be written")),
        ],
    )
    def test_rooms(self, practice: Practice, more: list[str], way: tuple[str, str]) -> None:
        """A right in a room's calendar is of use only to an app that may write shared calendars."""
        given = ["Calendars.ReadWrite", "Calendars.Read.Shared", "Place.Read.All", *more]
        practice.change(PEOPLES, consents=[{"scopes": given}])
        practice.emulator.clock.advance(7200)
        practice.sign_in()
        routes = {each.address: (each.route, each.why) for each in practice.doctor().report.routes}
        assert (way, "scheduler") == (routes[OPEN_ROOM], routes[WALLED_ROOM][0])

    def test_consent_was_withdrawn(self, practice: Practice) -> None:
        """Once the kept token is refused, the sign-in says that nobody consents any more."""
        practice.change(PEOPLES, consents=[])
        practice.emulator.faults.add(
            Fault(operation="getSchedule", status=401, code="InvalidAuthenticationToken")
        )
        steps = practice.doctor().steps("free/busy")
        assert [("failed", True)] == [(step[0], "AADSTS65001" in step[1]) for step in steps], steps

    def test_the_scheduling_user_is_not_signed_in(self, practice: Practice) -> None:
        """Only rooms that are invited wait for them: a warning, and a calendar that does not open."""
        practice.settings["scheduling_user"] = SCHEDULING_USER
        ran = practice.doctor()
        assert ("warning", f"the scheduling user {SCHEDULING_USER} is not signed in") == ran.steps("account")[
            1
        ][:2]
        assert [("failed", f"the calendar of {SCHEDULING_USER} does not open for us")] == [
            step[:2] for step in ran.steps("scheduler calendar")
        ]


class TestWriting:
    """Nothing is written unless it is asked for, and then nothing stays."""

    def test_it_reads_only(self, practice: Practice) -> None:
        """No calendar changes, and no request could change one."""
        before = practice.emulator.snapshot()
        practice.doctor("--mailbox", ANA, "--all-rooms")
        assert before == practice.emulator.snapshot()
        assert set() == set(practice.operations()) - READING
        changing = {
            seen.operation
            for seen in practice.emulator.journal.requests
            if seen.method != "GET" and seen.operation not in {"token", "getSchedule"}
        }
        assert set() == changing

    def test_it_leaves_nothing(self, practice: Practice) -> None:
        """An event comes and goes in the organizer's calendar and in one room."""
        ran = practice.doctor("--write-test")
        ((outcome, said, _),) = ran.steps("write test")
        assert ("fine", f"written to {RECRUITER} and {OPEN_ROOM}, and removed again") == (outcome, said)
        assert (2, 2) == (
            practice.operations().count("createEvent"),
            practice.operations().count("deleteEvent"),
        )
        assert ([], []) == (practice.events(), practice.emulator.journal.mail)

    def test_a_lost_answer(self, practice: Practice) -> None:
        """The event whose creation nobody confirmed is looked for and removed at once."""
        practice.emulator.faults.add(Fault(operation="createEvent", kind="fail_after", status=503))
        ran = practice.doctor("--write-test")
        assert (1, "failed", []) == (ran.code, ran.steps("write test")[0][0], practice.events())

    def test_killed_in_between(self, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
        """The next test finds what was left, wherever the time has gone on to, and removes it."""
        with monkeypatch.context() as patch:
            patch.setattr(Graph, "delete", _interrupted)
            assert 130 == practice.run("doctor", "--write-test").code
        assert ["Slotwright write test"] == practice.events()
        practice.doctor()
        left = practice.run("reconcile", "--ahead", "400")
        assert (1, True) == (left.code, "a person decides" in left.out), left.out
        practice.emulator.clock.advance(40 * 86_400)
        ((outcome, said, _),) = practice.doctor("--write-test").steps("write test")
        assert ("fine", True, []) == (outcome, "; 1 of an earlier test removed" in said, practice.events())

    def test_a_room_that_refuses(self, practice: Practice) -> None:
        """Rights that only seem to be there are found out, and nothing stays."""
        practice.emulator.faults.add(
            Fault(operation="createEvent", mailbox=OPEN_ROOM, status=403, code="ErrorAccessDenied")
        )
        ran = practice.doctor("--write-test")
        ((outcome, said, remedy),) = ran.steps("write test")
        assert (1, "failed", True) == (ran.code, outcome, OPEN_ROOM in said), said
        assert ("grant the app" in remedy, []) == (True, practice.events())

    def test_no_booking_has_its_marker(self) -> None:
        """Booking markers have four parts, so that nothing takes the test for one."""
        assert 2 == len(MARKER.split("/"))


def _interrupted(*_: Any) -> None:
    raise KeyboardInterrupt


class TestGate:
    """A connection that was not tested is not used."""

    @pytest.mark.parametrize(
        "command",
        [
            ("find", "--with", ANA, *QUESTION),
            ("rooms", "load"),
            ("people", "import", "--group", f"all@{DOMAIN}"),
            ("explain-time", ANA, "--between", "2026-03-02", "--and", "2026-03-03", "--zone", "UTC"),
            ("reconcile",),
        ],
        ids=lambda command: command[0],
    )
    def test_nothing_works_before(self, practice: Practice, command: tuple[str, ...]) -> None:
        """One sentence with the command that helps, exit code 2, and no request was made."""
        ran = practice.run(*command)
        said = "slotwright: connection: was never tested with these settings; type `slotwright doctor`;"
        assert (2, "", True, []) == (ran.code, ran.out, said in ran.err, practice.operations()), ran.err

    @pytest.mark.parametrize(
        "command",
        [
            *(("scope", "--interviewers", f"all@{DOMAIN}"), ("disclosures",), ("audit",), ("attention",)),
            *(("schema", "request"), ("show",), ("rooms", "list"), ("people", "list")),
        ],
        ids=" ".join,
    )
    def test_what_needs_no_calendar_needs_no_test(self, practice: Practice, command: tuple[str, ...]) -> None:
        """It works, and asks Graph nothing."""
        assert (0, []) == (practice.run(*command).code, practice.operations())

    @pytest.mark.parametrize(
        ("change", "refused"),
        [
            ({"client_secret": "renewed"}, True),
            ({"organizer": ANA}, True),
            ({"scheduling_user": BEN}, True),
            ({"profile": "read-only"}, True),
            ({"scheduler_calendar": "Rooms"}, True),
            ({"freeze_minutes": 30}, False),
            ({"secret_expires": "2028-01-01"}, False),
        ],
    )
    def test_changed_settings(self, practice: Practice, change: dict[str, Any], refused: bool) -> None:  # noqa: FBT001
        """A setting that the test depends on asks for another one; any other does not."""
        assert 0 == practice.doctor().code
        practice.settings |= change
        ran = practice.run("find", "--with", ANA, *QUESTION)
        assert (refused, 2 if refused else 0) == ("was never tested" in ran.err, ran.code)

    def test_an_organizer_of_the_command(self, practice: Practice) -> None:
        """Who invites this once is no other connection."""
        assert 0 == practice.doctor().code
        assert 0 == practice.run("find", "--with", ANA, *QUESTION, "--organizer", ANA).code

    def test_basic_reads_only(self, practice: Practice) -> None:
        """It is tested without booking, finds, and refuses to book with the setting to change."""
        practice.settings |= {"connection": "basic"}
        ran = practice.doctor()
        assert (0, "read-only", ()) == (ran.code, ran.report.profile, ran.report.routes)
        found = json.loads(practice.run("find", "--with", ANA, *QUESTION, "--json").out)
        refused = practice.run("book", found["slots"][0]["id"])
        assert (2, True) == (
            refused.code,
            'read-only books nothing; set connection = "advanced"' in refused.err,
        )
        assert [] == json.loads(practice.run("show", "--json").out)


class TestExpiryWarning:
    """Whoever talks to Graph hears that the secret ends."""

    @pytest.mark.parametrize(("ends", "said"), [(20, "in 20 days"), (3, "in 3 days"), (0, "today"), (90, "")])
    def test_once_on_standard_error(self, practice: Practice, ends: int, said: str) -> None:
        """With every command, as one line beside the answer; not while there is time."""
        practice.settings["secret_expires"] = str(START.date() + timedelta(ends))
        practice.doctor()
        ran = practice.run("find", "--with", ANA, *QUESTION, "--json")
        assert (0, 1 if said else 0) == (ran.code, ran.err.count("\n"))
        assert said in ran.err
        assert 10 == len(json.loads(ran.out)["slots"])
        assert "" == practice.run("show").err


def test_what_a_person_reads(practice: Practice) -> None:
    """A line for each step, remedies below, rooms by route, and at the end whether it may be used, and when tested."""
    practice.settings |= {"client_id": SCOPED, "profile": "scoped", "secret_expires": None}
    ran = practice.run("doctor", "--mailbox", HAL)
    lines = ran.out.splitlines()
    assert "ok       discovery: the sign-in service knows the tenant" in lines[0]
    assert "         -> copy its day from Certificates & secrets into secret_expires" in lines
    assert (0, True) == (ran.code, any("direct" in line and "Open" in line for line in lines))
    assert (
        "The connection may be used with 2 warnings. Profile scoped, tested 2026-03-02T06:00Z." == lines[-1]
    )
    practice.change(SCOPED, secret="other")
    assert "The connection may not be used." in practice.run("doctor").out
