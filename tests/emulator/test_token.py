"""The sign-in side: discovery, the token endpoint, and its numbered refusals."""

from __future__ import annotations

from typing import Any

import msal
import pytest

from scheduler.emulator import IN_PROCESS_AUTHORITY

SCOPE = "https://graph.emulated.test/.default"


def ask(client: Any, tenant: str = "contoso.example", auth: Any = None, **form: str) -> Any:
    """One request for a token; an empty value leaves a field out."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": "all",
        "client_secret": "s3cret",
        "scope": SCOPE,
        **form,
    }
    data = {name: value for name, value in fields.items() if value}
    return client.http.post(f"{IN_PROCESS_AUTHORITY}/{tenant}/oauth2/v2.0/token", data=data, auth=auth)


def test_token_by_form_or_basic(client: Any) -> None:
    """The secret may travel in the form or by Basic authentication."""
    answer = ask(client)
    assert (200, "Bearer", 3599) == (
        answer.status_code,
        answer.json()["token_type"],
        answer.json()["expires_in"],
    )
    basic = ask(client, auth=("all", "s3cret"), client_id="", client_secret="")
    assert 200 == basic.status_code


@pytest.mark.parametrize(
    ("changes", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": ""}, 401, "invalid_client", 7000218),
        ({"client_id": "nobody"}, 400, "unauthorized_client", 700016),
        ({"tenant": "other.example"}, 400, "invalid_request", 90002),
        ({"scope": "https://graph.emulated.test/Calendars.Read"}, 400, "invalid_scope", 70011),
        ({"scope": "https://graph.other.test/.default"}, 400, "invalid_resource", 500011),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ],
)
def test_refusals(client: Any, changes: dict[str, str], status: int, error: str, number: int) -> None:
    """Each mistake has its status, error and number, in the body the real endpoint writes."""
    answer = ask(client, **changes)
    body = answer.json()
    assert (status, error, [number]) == (answer.status_code, body["error"], body["error_codes"])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    assert {"timestamp", "trace_id", "correlation_id", "error_uri"} <= set(body)


def test_secret_expires_on_the_clock(client: Any) -> None:
    """A secret works until its date and is refused by 7000222 after it."""
    assert 200 == ask(client, client_id="bare").status_code
    client.emulator.clock.advance(86400)
    answer = ask(client, client_id="bare")
    assert (401, [7000222]) == (answer.status_code, answer.json()["error_codes"])


def test_discovery(client: Any) -> None:
    """The configuration names the token endpoint on the host it was asked on; a strange tenant is refused."""
    path = "v2.0/.well-known/openid-configuration"
    found = client.http.get(f"{IN_PROCESS_AUTHORITY}/contoso.example/{path}").json()
    assert f"{IN_PROCESS_AUTHORITY}/contoso.example/oauth2/v2.0/token" == found["token_endpoint"]
    strange = client.http.get(f"{IN_PROCESS_AUTHORITY}/other.example/{path}")
    assert (400, "invalid_tenant") == (strange.status_code, strange.json()["error"])


def test_msal_signs_in(client: Any) -> None:
    """Microsoft's own library gets a token that opens a calendar, and reads a refusal."""

    class Reply:
        def __init__(self, answer: Any) -> None:
            self.status_code, self.text, self.headers = answer.status_code, answer.text, dict(answer.headers)

        def raise_for_status(self) -> None:
            if self.status_code >= 400:
                raise AssertionError(self.text)

    class Transport:
        def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Reply:
            return Reply(client.http.get(url, params=params, headers=headers))

        def post(
            self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any
        ) -> Reply:
            return Reply(client.http.post(url, params=params, data=data, headers=headers))

    def sign_in(secret: str) -> dict[str, Any]:
        app = msal.ConfidentialClientApplication(
            "all",
            client_credential=secret,
            authority=f"{IN_PROCESS_AUTHORITY}/{client.emulator.tenant.id}",
            instance_discovery=False,
            http_client=Transport(),
        )
        return dict(app.acquire_token_for_client([SCOPE]))

    token = sign_in("s3cret")["access_token"]
    answer = client.http.get(
        "users/ana@contoso.example/calendar", headers={"Authorization": f"Bearer {token}"}
    )
    assert 200 == answer.status_code
    assert [7000215] == sign_in("wrong")["error_codes"]
