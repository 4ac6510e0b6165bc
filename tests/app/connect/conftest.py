"""The small tenant where people consent for themselves, a browser for its sign-in pages, and `slotwright` at a desk."""

from __future__ import annotations

import io
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from scheduler.app.connect import sign_in
from scheduler.cli.main import main
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.server import Server, serve
from scheduler.emulator.tenant import Tenant
from scheduler.testing.tenants import (
    CHITRA,
    CLIENT_SECRET,
    OPEN_ROOM,
    RECRUITER,
    SCHEDULING_USER,
    START,
    WALLED_ROOM,
    small_tenant,
)

DESKTOP = "5a11a11e-0000-4000-8000-0000000000cc"
PORTAL = "5a11a11e-0000-4000-8000-0000000000dd"
_HIDDEN = re.compile(r'<input type="hidden" name="(.*?)" value="(.*?)">')
_ACTION = re.compile(r'<form method="post" action="(.*?)">')


def consenting_tenant() -> Tenant:
    """A public app and one with a secret; the recruiter may write one room and read another, Chitra administers."""
    content = small_tenant().model_dump(mode="json")
    desktop = {"client_id": DESKTOP, "name": "Slotwright", "public": True}
    portal = {"client_id": PORTAL, "name": "Portal", "secret": CLIENT_SECRET}
    both = {
        "redirect_uris": ["http://localhost"],
        "required_scopes": ["Calendars.ReadWrite", "Calendars.Read.Shared"],
    }
    content["apps"] = [
        *({**app, **both} for app in (desktop, portal)),
        content["apps"][1],
    ]
    for person in content["people"]:
        person["admin"] = person["address"] == CHITRA
    shared = {OPEN_ROOM: {RECRUITER: "write"}, WALLED_ROOM: {RECRUITER: "read"}}
    for room in content["rooms"]:
        room["shared_with"] = shared.get(room["address"], {})
    return Tenant.model_validate(content)


@dataclass
class Browser:
    """Somebody at the sign-in pages: who they say they are and what they answer.

    Args:
        meddle: done with the address to come back to, and the form, before they do.
        seen: the pages that were met.
        done: the answer of the page on this machine.
    """

    http: httpx.Client
    account: str = RECRUITER
    decision: str = "accept"
    meddle: Callable[[str, dict[str, str]], None] = lambda _, __: None
    seen: list[str] = field(default_factory=list)
    done: list[httpx.Response] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def open(self, url: str) -> bool:
        """Go there, like webbrowser.open."""
        self.urls.append(url)
        threading.Thread(target=self.visit, args=(url,), daemon=True).start()
        return True

    def visit(self, url: str) -> None:
        """Sign in, consent if asked, and post the form that leads back."""
        page = self.http.get(url)
        self.seen.append(page.text)
        page = self.http.post(url, data={"account": self.account})
        self.seen.append(page.text)
        if "Permissions requested" in page.text:
            page = self.http.post(url, data={"account": self.account, "decision": self.decision})
            self.seen.append(page.text)
        action = _ACTION.search(page.text)
        if action is not None:
            form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
            self.meddle(unescape(action[1]), form)
            self.done.append(httpx.post(unescape(action[1]), data=form, trust_env=False))


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@dataclass
class Office:
    """The tenant over HTTPS, with a browser and the command line."""

    server: Server
    browser: Browser
    run: Callable[..., Ran]
    settings: Callable[..., None]

    def control(self, path: str, **body: Any) -> Any:
        """A control route of the emulator."""
        url = f"{self.server.connection['authority']}/emulator/{path}"
        answer = self.browser.http.post(url, json=body)
        assert 200 == answer.status_code, answer.text
        return answer.json()


@pytest.fixture(scope="package")
def served() -> Iterator[Server]:
    """The tenant over HTTPS."""
    with serve(Emulator(consenting_tenant(), clock=Clock(START))) as server:
        yield server


@pytest.fixture
def office(
    served: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The tenant as it was at its start, in an empty folder."""
    served.emulator.reset()
    monkeypatch.chdir(tmp_path)

    def settings(**changes: Any) -> None:
        given = {
            **served.connection,
            "consent": "user",
            "profile": "scheduler",
            "organizer": RECRUITER,
            "scheduling_user": SCHEDULING_USER,
            "room_answer_seconds": 1,
            "room_poll_seconds": 0.3,
            **changes,
        }
        Path("settings.json").write_text(json.dumps(given))

    def ran(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO())
        with pytest.raises(SystemExit) as ended:
            main(["--settings", "settings.json", *arguments])
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    settings()
    trust = ssl.create_default_context(cafile=served.connection["ca_file"])
    with httpx.Client(verify=trust, trust_env=False) as http:
        browser = Browser(http)
        monkeypatch.setattr("webbrowser.open", browser.open)
        yield Office(served, browser, ran, settings)


@dataclass
class People:
    """People of the tenant at a desk in this process, who sign in by a code."""

    desk: Any

    def control(self, path: str, **body: Any) -> Any:
        """A control route of the emulator."""
        transport = httpx.WSGITransport(app=self.desk.emulator.wsgi)
        with httpx.Client(transport=transport, base_url="https://x.test") as web:
            return web.post(f"/emulator/{path}", json=body).raise_for_status().json()

    def connect(self, *addresses: str) -> None:
        """Let these people sign in."""

        def enter(_: str, code: str) -> None:
            self.control("devices", user_code=code, account=address)

        with self.desk.open() as slotwright:
            connections, settings, graph = slotwright.connections, slotwright.settings, slotwright.graph
            connections.switch(settings.tenant_id, enabled=True, who="ada")
            for address in addresses:
                how = partial(graph.sign_in_by_code, show=enter, wait_seconds=10)
                sign_in(connections, settings, how, expected=address)

    def settings(self, **changes: Any) -> None:
        """Change the settings of the desk."""
        self.desk.settings = self.desk.settings.model_copy(update=changes)


@pytest.fixture
def make_people(desk: Any, tmp_path: Path) -> Callable[..., People]:
    """Makes a tenant and a desk where nobody has signed in yet, each with a database of its own."""

    def make(number: int) -> People:
        emulator = Emulator(consenting_tenant(), clock=Clock(START))
        found = People(type(desk)(emulator, tmp_path / f"{number}.db"))
        found.settings(consent="user", client_secret=SecretStr(""))
        return found

    return make


@pytest.fixture
def people(make_people: Callable[..., People]) -> People:
    """Nobody has signed in yet."""
    return make_people(0)
