"""Signing in: whose fault a refusal is, one token for many threads, and a secret that goes nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from scheduler.errors import InputError
from scheduler.graph import connect
from scheduler.graph.errors import BadAnswer, SignInFailed, Unavailable

EVENT = {
    "id": "E1",
    "start": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
}


def refused(number: int, error: str = "invalid_client") -> dict[str, Any]:
    """A refusal as the token endpoint words it."""
    return {
        "error": error,
        "error_description": f"AADSTS{number}: canary text. Trace ID: 1",
        "error_codes": [number],
    }


def ask(stage: Any) -> Any:
    """Any call, for which a token is needed."""
    return stage.graph.read("ana@contoso.test", "E1")


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "number", "words"),
        [
            (401, 7000215, "the client secret is wrong"),
            (401, 7000222, "the client secret has expired"),
            (400, 700016, "no app with this client id"),
            (400, 90002, "no such tenant"),
            (400, 65001, "nobody has consented"),
            (400, 123456, "the sign-in was refused"),
        ],
    )
    def test_the_number_and_the_cause_are_told(
        self, play: Callable[..., Any], status: int, number: int, words: str
    ) -> None:
        """Each refusal keeps its number and says in plain words what to mend, without Microsoft's text."""
        stage = play([], token=(status, refused(number)))
        with pytest.raises(SignInFailed, match=words) as error:
            ask(stage)
        assert number == error.value.number
        assert f"AADSTS{number}" in str(error.value)
        assert "canary" not in str(error.value)
        assert [] == stage.asked

    def test_an_unknown_tenant_fails_in_discovery(self, play: Callable[..., Any]) -> None:
        """The ValueError that MSAL raises for a mistyped tenant becomes a refused sign-in with its number."""
        stage = play([], discovery=(400, refused(90002, "invalid_tenant")))
        with pytest.raises(SignInFailed, match="into tenant_id") as error:
            ask(stage)
        assert 90002 == error.value.number

    def test_a_discovery_without_a_number_still_names_the_tenant(self, play: Callable[..., Any]) -> None:
        """A bare 404 from discovery points to the tenant as well."""
        with pytest.raises(SignInFailed, match="into tenant_id"):
            ask(play([], discovery=(404, {})))

    @pytest.mark.parametrize(
        "token",
        [
            (200, {}),
            (200, {"access_token": ""}),
            (200, {"access_token": "a\r\nb", "expires_in": 10}),
            (200, {"access_token": 7, "expires_in": 10}),
            (200, {"access_token": "t", "expires_in": "soon"}),
            (200, []),
            (200, b"<html>", {"Content-Type": "text/html"}),
        ],
    )
    def test_what_is_no_token_is_a_bad_answer(self, play: Callable[..., Any], token: Any) -> None:
        """A 200 without a usable token is refused as an answer, not used."""
        stage = play([], token=token)
        with pytest.raises(BadAnswer):
            ask(stage)
        assert [] == stage.asked

    @pytest.mark.parametrize(
        "discovery", [(200, {}), (200, []), (200, b"{", {}), (301, {}, {"Location": "https://evil.test"})]
    )
    def test_a_useless_discovery_document(self, play: Callable[..., Any], discovery: Any) -> None:
        """A discovery answer that is no document names the authority as the thing to check."""
        with pytest.raises(BadAnswer, match="check the setting authority"):
            ask(play([], discovery=discovery))

    def test_a_faltering_service_is_tried_so_often(self, play: Callable[..., Any]) -> None:
        """A 503 from the token endpoint is tried four times, at the pause it asks for."""
        stage = play([], token=(503, {}, {"Retry-After": "9"}))
        with pytest.raises(Unavailable):
            ask(stage)
        assert [9.0, 9.0, 9.0] == stage.time.naps

    def test_a_long_pause_holds_for_the_next_call_too(self, play: Callable[..., Any]) -> None:
        """What asks for more patience than we have is not asked again before its time."""
        stage = play([], token=(429, {}, {"Retry-After": "3600"}))
        for _ in range(2):
            with pytest.raises(Unavailable):
                ask(stage)
        assert (1, []) == (len(stage.microsoft.sign_ins), stage.time.naps)


class TestSecrets:
    def test_the_secret_goes_to_the_authority_only(self, play: Callable[..., Any]) -> None:
        """A discovery document that names a stranger as token endpoint gets no secret."""
        stranger = "https://evil.test/contoso.test/oauth2/v2.0/token"
        stage = play([], discovery=(200, {"authorization_endpoint": stranger, "token_endpoint": stranger}))
        with pytest.raises(BadAnswer, match="not its own"):
            ask(stage)
        assert ([], []) == (stage.microsoft.sign_ins, stage.asked)

    def test_the_scope_is_that_of_the_configured_graph(self, play: Callable[..., Any]) -> None:
        """The token is asked for the Graph it is sent to."""
        stage = play([(200, EVENT)])
        ask(stage)
        form = parse_qs(stage.microsoft.sign_ins[0].body.decode())
        assert ["https://graph.test/.default"] == form["scope"]
        assert ["client_credentials"] == form["grant_type"]

    def test_nothing_is_sent_before_it_is_needed(self, play: Callable[..., Any]) -> None:
        """Connecting alone asks for no token."""
        stage = play([])
        assert ([], []) == (stage.microsoft.sign_ins, stage.asked)


def test_many_threads_share_one_token(play: Callable[..., Any]) -> None:
    """Twelve first calls at once lead to one sign-in, and one refused token to one renewal."""
    stage = play(
        lambda asked: (200, EVENT) if asked.headers["authorization"] == "Bearer token-2" else (401, {})
    )
    threads = [
        threading.Thread(target=stage.graph.read, args=(f"p{number % 3}@contoso.test", "E1"))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 == len(stage.microsoft.sign_ins)


def test_a_token_is_replaced_once(play: Callable[..., Any]) -> None:
    """Two calls that were refused the same token lead to one new token, which both then use."""
    tokens = play([]).graph._gate._tokens
    refused_token = tokens.token()
    tokens.renew(refused_token)
    tokens.renew(refused_token)
    assert ("token-1", "token-2") == (refused_token, tokens.token())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("graph_url", "http://graph.test"),
        ("graph_url", "graph.test"),
        ("graph_url", "https://u@graph.test"),
        ("graph_url", "https://graph.test:port"),
        ("authority", "http://login.test"),
        ("authority", "https://login.test?x=1"),
        ("tenant_id", "../common"),
        ("tenant_id", ""),
    ],
)
def test_settings_that_cannot_work_are_named(field: str, value: str) -> None:
    """An address that is not plain https, or no tenant, is an input error that names the setting."""
    good = {"graph_url": "https://graph.test", "authority": "https://login.test", "tenant_id": "t"} | {
        field: value
    }
    with pytest.raises(InputError) as error:
        connect(
            graph_url=good["graph_url"],
            authority=good["authority"],
            tenant_id=good["tenant_id"],
            client_id="c",
            client_secret="s",
        )
    assert field == error.value.field
