"""`slotwright connect` and `rotate-keys` as people type them: each mistake is one sentence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scheduler.store.sealing import new_key, read_keys
from scheduler.testing.tenants import ANA, RECRUITER, SCHEDULING_USER

KEYS = Path("slotwright.db.keys")
QUESTION = (
    "--with",
    ANA,
    "--minutes",
    "60",
    "--between",
    "2026-03-02",
    "--and",
    "2026-03-06",
    "--zone",
    "UTC",
)


def sentence(ran: Any) -> str:
    """What a failed command said, which is one line."""
    told = [line for line in ran.err.splitlines() if line.startswith("slotwright: ")]
    assert 1 == len(told), ran.err
    return str(told[0].removeprefix("slotwright: "))


def enter_codes(office: Any, account: str, decision: str = "accept") -> None:
    """Somebody enters the next code that a device shows."""

    def enter() -> None:
        for _ in range(100):
            waiting = office.browser.http.get(
                f"{office.server.connection['authority']}/emulator/devices"
            ).json()
            for code in waiting["devices"]:
                if code["state"] == "pending":
                    office.browser.http.post(
                        f"{office.server.connection['authority']}/emulator/devices",
                        json={"user_code": code["user_code"], "account": account, "decision": decision},
                    )
                    return

    threading.Thread(target=enter, daemon=True).start()


class TestTwoLevels:
    """An account is switched on first, then everybody connects for themselves."""

    @pytest.mark.campaign
    def test_the_switch(self, office: Any) -> None:
        """Nobody connects before it is on; turning it off forgets everybody and says who did it."""
        office.settings(audit_identity="ada")
        early = office.run("connect")
        assert (2, True) == (early.code, "nobody has let people of tenant" in sentence(early))
        assert "connect --enable" in early.err
        assert "may connect now" in office.run("connect", "--enable").err
        assert 0 == office.run("connect").code
        assert RECRUITER in office.run("connect", "--list").out
        off = office.run("connect", "--disable")
        assert (0, True, True) == (
            off.code,
            "every sign-in is forgotten" in off.err,
            "Nobody is signed in" in off.out,
        )
        late = office.run("connect")
        assert (2, True) == (late.code, "it was switched off by ada" in sentence(late))
        assert [] == office.browser.urls[1:], "no sign-in page was opened for them"

    def test_only_where_people_consent(self, office: Any) -> None:
        """With an administrator's consent there is nothing to connect."""
        office.settings(consent="admin", profile="full", client_secret="s")
        for option in ([], ["--enable"]):
            ran = office.run("connect", *option)
            assert (2, "settings.consent: is admin") == (ran.code, sentence(ran).partition(",")[0])

    def test_one_thing_at_a_time(self, office: Any) -> None:
        """Options that contradict each other are a mistake of typing."""
        ran = office.run("connect", "--enable", "--forget", "all")
        assert (2, True) == (ran.code, "Give one of" in ran.err)


class TestWho:
    """Who signs in is who was expected."""

    def test_somebody_else(self, office: Any) -> None:
        """Another account than the one asked for is not kept; both are named."""
        office.run("connect", "--enable")
        office.browser.account = ANA
        ran = office.run("connect")
        assert (2, f"account: {ANA} signed in, not {RECRUITER}") == (
            ran.code,
            sentence(ran).partition(";")[0],
        )
        assert "Nobody is signed in" in office.run("connect", "--list").out

    @pytest.mark.campaign
    def test_the_second_identity(self, office: Any) -> None:
        """--as takes whoever is named; both are listed, one is forgotten, whatever the case of letters."""
        office.run("connect", "--enable")
        office.browser.account = SCHEDULING_USER
        assert 0 == office.run("connect", "--as", f" {SCHEDULING_USER.title()} ").code
        office.browser.account = RECRUITER
        assert 0 == office.run("connect").code
        listed = json.loads(office.run("connect", "--list", "--json").out)
        assert [RECRUITER, SCHEDULING_USER] == [account["address"] for account in listed]
        assert {"address", "name", "tenant_id", "object_id", "scopes"} == set(listed[0])
        left = office.run("connect", "--forget", RECRUITER.upper())
        assert (0, False, True) == (left.code, RECRUITER in left.out, SCHEDULING_USER in left.out)
        again = office.run("connect", "--forget", RECRUITER)
        assert (2, f"account: {RECRUITER} is not signed in") == (
            again.code,
            sentence(again).partition(";")[0],
        )
        assert "Nobody is signed in" in office.run("connect", "--forget", "all").out


class TestDeviceCode:
    """At another machine."""

    @pytest.mark.campaign
    def test_a_code_is_entered(self, office: Any) -> None:
        """Address and code are shown, and whoever enters it is signed in here."""
        office.control("options", device_interval_seconds=1)
        office.run("connect", "--enable")
        enter_codes(office, RECRUITER)
        ran = office.run("connect", "--device-code")
        assert (0, True) == (ran.code, f"{RECRUITER}  signed in" in ran.out), ran.err
        assert re.search(
            r"Open https://\S+/oauth2/deviceauth anywhere and enter the code [A-Z0-9]{9}", ran.err
        )
        assert [] == office.browser.urls

    def test_declined(self, office: Any) -> None:
        """Whoever cancels there ends the waiting here."""
        office.control("options", device_interval_seconds=1)
        office.run("connect", "--enable")
        enter_codes(office, RECRUITER, "decline")
        ran = office.run("connect", "--device-code")
        assert (1, "the sign-in was declined") == (ran.code, _cause(ran))

    @pytest.mark.campaign
    def test_nobody_enters_it(self, office: Any) -> None:
        """After the time that was given, or the code's own, the sentence says that nobody came."""
        office.control("options", device_interval_seconds=1)
        office.run("connect", "--enable")
        ran = office.run("connect", "--device-code", "--wait", "1")
        assert (1, "nobody entered the code in time") == (ran.code, _cause(ran))

    def test_an_app_that_is_not_public(self, office: Any) -> None:
        """Without public client flows the setting under Authentication is named."""
        office.control("apps", client_id=office.server.connection["client_id"], public=False)
        office.run("connect", "--enable")
        ran = office.run("connect", "--device-code")
        assert (1, True) == (ran.code, "allow public client flows under Authentication" in sentence(ran))


def _cause(ran: Any) -> str:
    return sentence(ran).split("failed: ")[1].split(" (")[0]


class TestRefused:
    """What the tenant does not allow."""

    def test_users_may_not_consent(self, office: Any) -> None:
        """AADSTS90094 says that an administrator has to, and that they can allow users to."""
        office.control("options", user_consent="blocked", automatic_sign_in=True)
        office.run("connect", "--enable")
        ran = office.run("connect")
        assert (1, "an administrator has to consent to what the app asks for") == (ran.code, _cause(ran))
        assert "(AADSTS90094)" in ran.err

    @pytest.mark.campaign
    def test_a_redirect_that_is_not_registered(self, office: Any) -> None:
        """The page refuses and nobody comes back; the sentence says for how long was waited."""
        office.control("apps", client_id=office.server.connection["client_id"], redirect_uris=[])
        office.run("connect", "--enable")
        ran = office.run("connect", "--wait", "1")
        assert (1, True) == (ran.code, "Nobody came back" in sentence(ran))
        assert "AADSTS50011" in office.browser.seen[0]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"client_id": "5a11a11e-0000-4000-8000-0000000000ff"}, "no app with this client id"),
            ({"tenant_id": "5a11a11e-0000-4000-8000-0000000000ff"}, "no such tenant"),
            ({"redirect_uri": "https://example.com/back"}, "is not on this machine"),
            ({"environment": "staging"}, "'staging' has no redirect URI"),
        ],
    )
    def test_wrong_settings(self, office: Any, changes: dict[str, str], words: str) -> None:
        """Ids and redirect URIs that cannot be, each in words."""
        office.settings(**changes)
        office.run("connect", "--enable")
        device = ["--device-code"] if "client_id" in changes else []
        ran = office.run("connect", *device)
        assert (ran.code in {1, 2}, True) == (True, words in sentence(ran)), ran.err

    def test_environments_have_their_own_redirect(self, office: Any) -> None:
        """One app, several redirect URIs: the environment chooses, port included."""
        office.settings(
            environment="desk", redirect_uris={"desk": "http://127.0.0.1/back", "server": "https://x.example"}
        )
        client_id = office.server.connection["client_id"]
        office.control(
            "apps", client_id=client_id, redirect_uris=["http://127.0.0.1/back", "https://x.example"]
        )
        office.run("connect", "--enable")
        ran = office.run("connect")
        assert (0, True) == (ran.code, "127.0.0.1" in office.browser.urls[0]), ran.err


@pytest.mark.campaign
def test_the_address_is_printed_without_a_browser(office: Any) -> None:
    """--no-browser prints an address in one piece, which a person opens elsewhere on this machine."""
    office.run("connect", "--enable")
    command = [
        sys.executable,
        "-m",
        "scheduler.cli.main",
        "--settings",
        "settings.json",
        "connect",
        "--no-browser",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        told = running.stderr.readline()
        office.browser.visit(told.split("this machine: ")[1].strip())
        out, err = running.communicate(timeout=20)
    assert (0, True) == (running.returncode, RECRUITER in out), err


class TestKeys:
    """The keys that seal kept sign-ins."""

    def connected(self, office: Any) -> None:
        """The recruiter is signed in and the connection tested."""
        office.run("connect", "--enable")
        assert 0 == office.run("connect").code

    def find(self, office: Any, pass_test: Callable[[Path], None]) -> Any:
        """A command that needs the kept sign-in."""
        pass_test(Path("settings.json"))
        return office.run("find", *QUESTION)

    @pytest.mark.campaign
    def test_they_are_exchanged(self, office: Any, pass_test: Callable[[Path], None]) -> None:
        """The file has the new key and the one before, and what was sealed is opened by the new one alone."""
        self.connected(office)
        (first,) = read_keys(KEYS)
        ran = office.run("rotate-keys")
        assert (0, "1 kept sign-in is sealed with the first key now.") == (ran.code, ran.out.strip())
        after = read_keys(KEYS)
        assert (2, first) == (len(after), after[1])
        KEYS.write_text(after[0])
        assert 0 == self.find(office, pass_test).code
        office.run("rotate-keys")
        office.run("rotate-keys")
        assert (2, False) == (len(read_keys(KEYS)), first in read_keys(KEYS))
        assert 0 == self.find(office, pass_test).code

    def test_a_file_that_others_can_read(self, office: Any, pass_test: Callable[[Path], None]) -> None:
        """It is not used, and the command that mends it is told."""
        self.connected(office)
        KEYS.chmod(0o644)
        for ran in (self.find(office, pass_test), office.run("rotate-keys"), office.run("connect")):
            assert (1, True) == (ran.code, "chmod 600" in sentence(ran))

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            pytest.param("A" * 43 + "=", "sealed with another key", id="another"),
            pytest.param("", "has no keys", id="none", marks=pytest.mark.campaign),
            pytest.param("x" * 44, "has no keys", id="no key", marks=pytest.mark.campaign),
            pytest.param("\xff", "not a text", id="no text", marks=pytest.mark.campaign),
        ],
    )
    def test_a_wrong_key(
        self, office: Any, pass_test: Callable[[Path], None], content: str, words: str
    ) -> None:
        """Nothing is read with it, and nothing is lost: with the right one everything works again."""
        self.connected(office)
        right = KEYS.read_text()
        KEYS.write_text(content, encoding="latin-1")
        for ran in (self.find(office, pass_test), office.run("rotate-keys")):
            assert (1, True) == (ran.code, words in sentence(ran)), ran.err
        KEYS.write_text(right)
        assert 0 == self.find(office, pass_test).code

    @pytest.mark.campaign
    def test_without_the_right_key_people_connect_again(
        self, office: Any, pass_test: Callable[[Path], None]
    ) -> None:
        """What the sentence about a wrong key tells to do works."""
        self.connected(office)
        KEYS.write_text("A" * 43 + "=")
        assert 0 == office.run("connect", "--forget", "all").code
        assert 0 == office.run("connect").code
        assert 0 == self.find(office, pass_test).code

    def test_keys_of_the_environment(
        self, office: Any, pass_test: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They need no file; a new one in front is used by rotate-keys, after which the old one can go."""
        old, new = new_key(), new_key()
        monkeypatch.setenv("SLOTWRIGHT_TOKEN_KEYS", old)
        self.connected(office)
        monkeypatch.setenv("SLOTWRIGHT_TOKEN_KEYS", f"{new},{old}")
        assert 0 == office.run("rotate-keys").code
        monkeypatch.setenv("SLOTWRIGHT_TOKEN_KEYS", new)
        assert (0, False) == (self.find(office, pass_test).code, KEYS.exists())
        monkeypatch.setenv("SLOTWRIGHT_TOKEN_KEYS", "nonsense")
        ran = office.run("find", *QUESTION)
        assert (2, "settings.token_keys: is no list of keys") == (ran.code, sentence(ran).partition(";")[0])
        assert "nonsense" not in ran.err


@pytest.mark.campaign
def test_the_main_job(office: Any, pass_test: Callable[[Path], None]) -> None:
    """From an empty folder: switch on, connect both identities, test, find, book, cancel."""
    office.control(
        "apps", client_id=office.server.connection["client_id"], consents=[{"scopes": ["Place.Read.All"]}]
    )
    office.run("connect", "--enable")
    for who in (RECRUITER, SCHEDULING_USER):
        office.browser.account = who
        assert 0 == office.run("connect", "--as", who).code
    pass_test(Path("settings.json"))
    assert json.loads(office.run("find", *QUESTION, "--room", "--json").out)["slots"]
    found = json.loads(office.run("find", *QUESTION, "--json").out)
    booked = office.run("book", found["slots"][0]["id"], "--json")
    booking = json.loads(booked.out)
    assert (0, "confirmed") == (booked.code, booking["state"])
    assert 0 == office.run("cancel", booking["id"]).code
    office.control("revocations", account=RECRUITER)
    office.control("clock", advance_seconds=7200)
    ran = office.run("find", *QUESTION)
    assert (1, True) == (
        ran.code,
        f"the sign-in was revoked (AADSTS50173); type `slotwright connect --as {RECRUITER}`" in sentence(ran),
    )
