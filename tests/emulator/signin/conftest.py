"""A tenant of people with different rights, and Microsoft's own library signed in to it without a network."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from scheduler.emulator import IN_PROCESS_AUTHORITY, IN_PROCESS_GRAPH, Clock, Emulator, Tenant

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TENANT = "11111111-2222-4333-8444-555555555555"
AUTHORITY = f"{IN_PROCESS_AUTHORITY}/{TENANT}"
_INPUT = re.compile(r'<input type="hidden" name="(.*?)" value="(.*?)">')
_TITLE = re.compile(r"<h1>(.*?)</h1>")


def _tenant(**changes: Any) -> Tenant:
    content: dict[str, Any] = {
        "id": TENANT,
        "domain": "contoso.example",
        "apps": [
            {
                "client_id": "desktop",
                "name": "Desktop",
                "public": True,
                "redirect_uris": ["http://localhost"],
                "required_scopes": ["Calendars.ReadWrite", "Calendars.Read.Shared"],
            },
            {
                "client_id": "portal",
                "name": "Portal",
                "secret": "s3cret",
                "redirect_uris": ["https://portal.example/back", "https://staging.portal.example/back"],
                "required_roles": ["Calendars.Read", "Place.Read.All"],
                "required_scopes": ["Calendars.Read"],
            },
        ],
        "groups": [{"address": "team@contoso.example", "members": ["ben@contoso.example"]}],
        "people": [
            {
                "address": "ana@contoso.example",
                "name": "Ana Silva",
                "admin": True,
                "shared_with": {"ben@contoso.example": "limited", "eve@contoso.example": "none"},
                "events": [
                    {
                        "subject": "Standup",
                        "location": "Atrium",
                        "start": "2026-03-02T09:00Z",
                        "end": "2026-03-02T10:00Z",
                    },
                    {
                        "subject": "Doctor",
                        "sensitivity": "private",
                        "start": "2026-03-02T13:00Z",
                        "end": "2026-03-02T14:00Z",
                    },
                ],
            },
            {
                "address": "ben@contoso.example",
                "name": "Ben Okafor",
                "events": [
                    {
                        "subject": "Dentist",
                        "sensitivity": "private",
                        "start": "2026-03-02T13:00Z",
                        "end": "2026-03-02T14:00Z",
                    }
                ],
            },
            {"address": "eve@contoso.example", "name": "Eve Berg"},
        ],
        "rooms": [
            {"address": "room-read@contoso.example", "shared_with": {"team@contoso.example": "read"}},
            {"address": "room-write@contoso.example", "shared_with": {"team@contoso.example": "write"}},
            {"address": "room-shut@contoso.example"},
        ],
    }
    return Tenant.model_validate({**content, **changes})


class _Reply:
    def __init__(self, answer: httpx.Response) -> None:
        self.status_code, self.text, self.headers = answer.status_code, answer.text, dict(answer.headers)

    def raise_for_status(self) -> None:
        if self.status_code >= 500:
            raise AssertionError(self.text)


class _Transport:
    """What MSAL sends through."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> _Reply:
        return _Reply(self._http.get(url, params=params, headers=headers))

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> _Reply:
        form = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return _Reply(self._http.post(url, params=params, content=urlencode(data or {}), headers=form))

    def close(self) -> None:
        """Part of MSAL's contract."""


class Organization:
    """An emulator with a browser, a command line for its administrator, and MSAL."""

    def __init__(self, **changes: Any) -> None:
        self.emulator = Emulator(_tenant(**changes), clock=Clock(MONDAY))
        self.http = httpx.Client(transport=httpx.WSGITransport(self.emulator.wsgi), base_url=IN_PROCESS_GRAPH)

    def advance(self, **how: float) -> None:
        """Let time pass on the emulated clock."""
        self.emulator.clock.advance(timedelta(**how).total_seconds())

    def public(self, client_id: str = "desktop", **how: Any) -> msal.PublicClientApplication:
        """MSAL for an app without secret."""
        return msal.PublicClientApplication(client_id, **self._common(), **how)

    def confidential(self, credential: Any = "s3cret", client_id: str = "portal") -> Any:
        """MSAL for an app with a secret or a certificate."""
        return msal.ConfidentialClientApplication(client_id, client_credential=credential, **self._common())

    def _common(self) -> dict[str, Any]:
        return {"authority": AUTHORITY, "instance_discovery": False, "http_client": _Transport(self.http)}

    def browse(self, url: str, **form: str) -> httpx.Response:
        """Open a page, or send its form."""
        return self.http.post(url, data=form) if form else self.http.get(url)

    def title(self, page: httpx.Response) -> str:
        """The heading of a page."""
        found = _TITLE.search(page.text)
        assert found is not None, page.text
        return found[1]

    def returned(self, answer: httpx.Response) -> dict[str, str]:
        """What an app is told at its redirect address, in the query or by a form."""
        if 200 == answer.status_code and "document.forms[0].submit()" in answer.text:
            return {name: unescape(value) for name, value in _INPUT.findall(answer.text)}
        assert 302 == answer.status_code, answer.text
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def sign_in(
        self, scopes: list[str], account: str = "ben@contoso.example", app: Any = None
    ) -> dict[str, Any]:
        """Tokens by the code flow: someone signs in at the pages and accepts what they are asked."""
        app = app or self.public()
        flow = app.initiate_auth_code_flow(
            scopes, redirect_uri="http://localhost:5000", response_mode="form_post"
        )
        answer = self.browse(flow["auth_uri"], account=account, decision="accept")
        return dict(app.acquire_token_by_auth_code_flow(flow, self.returned(answer)))

    def token(self, **form: str) -> httpx.Response:
        """One request to the token endpoint."""
        return self.http.post(f"{AUTHORITY}/oauth2/v2.0/token", data=form)

    def number(self, answer: httpx.Response) -> tuple[int, str, int]:
        """Status, error and AADSTS number of a refusal."""
        body = answer.json()
        return answer.status_code, body["error"], body["error_codes"][0]

    def ask(self, method: str, path: str, tokens: dict[str, Any], **how: Any) -> httpx.Response:
        """A request to Graph with a token."""
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        return self.http.request(method, path, headers=headers, **how)

    def code(self, answer: httpx.Response) -> tuple[int, str]:
        """Status and code of Graph's refusal."""
        return answer.status_code, answer.json()["error"]["code"]

    def claims(self, token: str) -> dict[str, Any]:
        """What a token says, unchecked."""
        part = token.split(".")[1]
        return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))

    def control(self, path: str, **body: Any) -> dict[str, Any]:
        """A control route."""
        root = IN_PROCESS_GRAPH.removesuffix("/v1.0")
        url = f"{root}/emulator/{path}"
        answer = self.http.post(url, json=body) if body else self.http.get(url)
        assert 200 == answer.status_code, answer.text
        return dict(answer.json())


@pytest.fixture
def make_organization() -> Iterator[Callable[..., Organization]]:
    """Makes an organization with keys of its tenant replaced."""
    made: list[Organization] = []

    def make(**changes: Any) -> Organization:
        made.append(Organization(**changes))
        return made[-1]

    yield make
    for organization in made:
        organization.http.close()


@pytest.fixture
def organization(make_organization: Callable[..., Organization]) -> Organization:
    """The organization as it is."""
    return make_organization()


@pytest.fixture(scope="session")
def make_certificate() -> Callable[..., tuple[str, str]]:
    """Makes a certificate and its key as PEM; the key is one and the same unless another is asked for."""
    first = rsa.generate_private_key(65537, 2048)

    def make(ends: datetime = MONDAY + timedelta(days=30), *, new_key: bool = False) -> tuple[str, str]:
        key = rsa.generate_private_key(65537, 2048) if new_key else first
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Slotwright")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(MONDAY - timedelta(days=300))
            .not_valid_after(ends)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()

    return make
