"""Signing in with a browser on this machine: PKCE, the page people come back to, and who may call it."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from scheduler.errors import InputError, WorldError
from scheduler.graph.signin.landing import MOST_BYTES, Landing
from scheduler.testing.tenants import RECRUITER


def asked(office: Any) -> dict[str, str]:
    """What the browser was asked to ask."""
    return {name: values[0] for name, values in parse_qs(urlsplit(office.browser.urls[-1]).query).items()}


def test_people_sign_in_and_consent(office: Any) -> None:
    """Pages lead back by a form to a port of this machine; nothing but the code went through the browser."""
    assert 0 == office.run("connect", "--enable").code
    done = office.run("connect", "--json")
    assert 0 == done.code, done.err
    (account,) = json.loads(done.out)
    assert (RECRUITER, "Rita") == (account["address"], account["name"])
    assert {"Calendars.Read.Shared", "Calendars.ReadWrite"} <= {
        scope.rpartition("/")[2] for scope in account["scopes"]
    }
    sent = asked(office)
    assert ("form_post", "S256", RECRUITER, True) == (
        sent["response_mode"],
        sent["code_challenge_method"],
        sent["login_hint"],
        sent["redirect_uri"].startswith("http://localhost:"),
    )
    (page,) = office.browser.done
    assert (200, "no-store", "no-referrer") == (
        page.status_code,
        page.headers["cache-control"],
        page.headers["referrer-policy"],
    )
    assert "signed in" in page.text
    assert "A browser was opened" in done.err
    with pytest.raises(httpx.ConnectError):
        httpx.get(sent["redirect_uri"], trust_env=False)


def test_hints_lead_to_the_home_realm(office: Any) -> None:
    """domain_hint and whr reach the sign-in page."""
    office.settings(domain_hint="small.example", home_realm="adfs.small.example")
    office.run("connect", "--enable")
    assert 0 == office.run("connect").code
    assert ("small.example", "adfs.small.example") == (asked(office)["domain_hint"], asked(office)["whr"])


@pytest.mark.campaign
def test_strangers_do_not_end_the_sign_in(office: Any) -> None:
    """Foreign states, other paths, and forms without an answer are turned away, and the right one is still taken."""
    turned_away: list[int] = []

    def meddle(uri: str, form: dict[str, str]) -> None:
        for target, sent in (
            (uri, {"code": "evil", "state": "guessed"}),
            (uri, {"code": "evil"}),
            (uri, {"error": "access_denied", "state": "guessed"}),
            (uri, {"state": form["state"]}),
            (f"{uri}/other", form),
        ):
            turned_away.append(httpx.post(target, data=sent, trust_env=False).status_code)
            turned_away.append(httpx.get(target, params=sent, trust_env=False).status_code)
        turned_away.append(httpx.get(f"{uri}/favicon.ico", trust_env=False).status_code)

    office.browser.meddle = meddle
    office.run("connect", "--enable")
    done = office.run("connect")
    assert 0 == done.code, done.err
    assert [404] * 11 == turned_away
    assert [200] == [page.status_code for page in office.browser.done]


def test_a_declined_consent_is_told(office: Any) -> None:
    """Whoever presses Cancel reads that consent was declined; nothing is kept."""
    office.browser.decision = "decline"
    office.run("connect", "--enable")
    done = office.run("connect")
    assert (1, "consent was declined (AADSTS65004)") == (
        done.code,
        done.err.split("failed: ")[1].split(";")[0],
    )
    assert "were not signed in" in office.browser.done[0].text
    assert "Nobody is signed in" in office.run("connect", "--list").out


@pytest.mark.campaign
def test_the_answer_of_another_sign_in_is_refused(office: Any) -> None:
    """A code that was made for another request, sent with our state, fails in PKCE, and the sentence names no code."""
    office.run("connect", "--enable")

    def meddle(_: str, form: dict[str, str]) -> None:
        other = office.browser.urls[0].replace(asked(office)["code_challenge"], "A" * 43)
        page = office.browser.http.post(other, data={"account": RECRUITER, "decision": "accept"})
        form["code"] = page.text.split('name="code" value="')[1].split('"')[0]

    office.browser.meddle = meddle
    done = office.run("connect")
    assert (1, True, False) == (done.code, "AADSTS501481" in done.err, "eyJ" in done.err)


@pytest.mark.campaign
def test_nobody_comes_back(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time that was given the command ends with what to do."""
    monkeypatch.setattr("webbrowser.open", lambda _: True)
    office.run("connect", "--enable")
    done = office.run("connect", "--wait", "1")
    assert (1, True) == (done.code, "within 1 seconds; type the command again" in done.err)


class TestLanding:
    """The page by itself."""

    @pytest.mark.parametrize("uri", ["https://localhost", "http://evil.example", "http://[::1]:1", "urn:x"])
    def test_only_this_machine(self, uri: str) -> None:
        """An address elsewhere is a wrong setting; nothing is listened on."""
        with pytest.raises(InputError, match="not on this machine"):
            Landing(uri, "s")

    def test_a_taken_port_is_told(self) -> None:
        """Two of the same port: the second says which setting to change."""
        with Landing("http://127.0.0.1/back", "s") as first, pytest.raises(WorldError, match="redirect_uri"):
            Landing(first.uri, "s")

    def test_the_first_answer_counts(self) -> None:
        """By query or form, on the path of the redirect URI; a second one finds nothing any more."""
        with Landing("http://127.0.0.1/back", "s") as landing:
            assert landing.uri.endswith("/back")
            first = httpx.get(landing.uri, params={"code": "1", "state": "s"}, trust_env=False)
            second = httpx.post(landing.uri, data={"code": "2", "state": "s"}, trust_env=False)
            assert (200, 404) == (first.status_code, second.status_code)
            assert {"code": "1", "state": "s"} == landing.wait(1)

    def test_forms_are_bounded(self) -> None:
        """Too long, without length, of another kind, or of too many fields: refused without being read."""
        with Landing("http://127.0.0.1", "s") as landing:
            many = {f"f{number}": "x" for number in range(100)}
            statuses = [
                httpx.post(landing.uri, data={"code": "x" * MOST_BYTES, "state": "s"}, trust_env=False),
                httpx.post(landing.uri, content=iter([b"code=1&state=s"]), trust_env=False),
                httpx.post(landing.uri, json={"code": "1", "state": "s"}, trust_env=False),
                httpx.post(landing.uri, data={**many, "code": "1", "state": "s"}, trust_env=False),
            ]
            assert [413, 411, 415, 400] == [answer.status_code for answer in statuses]

    @pytest.mark.campaign
    def test_silent_connections_keep_nobody_waiting(self) -> None:
        """Browsers open connections on which they say nothing; the answer comes through beside them."""
        with Landing("http://127.0.0.1", "s") as landing:
            address = ("127.0.0.1", urlsplit(landing.uri).port or 0)
            silent = [socket.create_connection(address) for _ in range(8)]
            began = time.monotonic()
            send = threading.Thread(
                target=lambda: httpx.post(landing.uri, data={"code": "1", "state": "s"}, trust_env=False)
            )
            send.start()
            assert "1" == landing.wait(5)["code"]
            assert time.monotonic() - began < 3
            send.join()
            for each in silent:
                each.close()
