"""Settings that name a connection: each that cannot be is named with its value and what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from scheduler import wiring
from scheduler.connection.clouds import CLOUDS
from scheduler.errors import InputError
from scheduler.settings import Settings, load_settings

TENANT = "11111111-2222-4333-8444-555555555555"
CLIENT = "66666666-7777-4888-9999-aaaaaaaaaaaa"
GOOD: dict[str, Any] = {
    "connection": "advanced",
    "tenant_id": TENANT,
    "client_id": CLIENT,
    "client_secret": "value~of.a-secret",
    "organizer": "recruiting@x.example",
}


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("SLOTWRIGHT_"):
            monkeypatch.delenv(name)


def made(**changes: Any) -> Settings:
    """The good settings with some changed; None leaves one out."""
    return Settings(**{name: value for name, value in {**GOOD, **changes}.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"connection": None}, "settings.connection: is none, so nothing is read or written; set connection = "),
        ({"tenant_id": None}, "settings.tenant_id: is missing; put it into slotwright.toml"),
        ({"client_id": " "}, "settings.client_id: is missing; put it into slotwright.toml"),
        ({"client_secret": None}, "settings.client_secret: is missing; put it into slotwright.toml"),
        ({"tenant_id": "Contoso"}, "settings.tenant_id: 'Contoso' is neither an id nor a domain; copy Directory"),
        ({"tenant_id": TENANT[:-1]}, f"settings.tenant_id: '{TENANT[:-1]}' is neither an id nor a domain; copy"),
        ({"client_id": "my app"}, "settings.client_id: 'my app' is no id; copy Application (client) ID from the"),
        ({"client_id": "contoso.example"}, "settings.client_id: 'contoso.example' is no id; copy Application"),
        ({"client_id": TENANT}, "settings.tenant_id: is the same as client_id; copy Directory (tenant) ID from"),
        ({"client_secret": CLIENT}, "settings.client_secret: is an id, so probably the Secret ID; copy the sec"),
        ({"connection": "basic", "profile": "scoped"}, "settings.profile: scoped books, which basic does not; use"),
        ({"profile": "scheduler"}, "settings.profile: scheduler does not go with consent = 'admin'; use one of "),
        ({"consent": "user", "profile": "full"}, "settings.profile: full does not go with consent = 'user'; use"),
        ({"consent": "user", "organizer": None}, "settings.organizer: is missing; put it into slotwright.toml"),
    ],
)  # fmt: skip
def test_what_cannot_be(changes: dict[str, Any], said: str) -> None:
    """The sentence begins with setting, value and remedy, and never shows a secret."""
    with pytest.raises(InputError) as caught:
        made(**changes).connected()
    assert said == str(caught.value)[: len(said)]
    assert CLIENT not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tenant_id": "contoso.onmicrosoft.com"},
        {"client_secret": None, "certificate_file": Path("app.pem")},
        {"consent": "user", "client_secret": None},
        {"connection": "basic"},
        {"tenant_id": f"\t{TENANT} ", "client_id": f"{CLIENT}\n", "organizer": " Recruiting@X.example "},
    ],
)
def test_what_can_be(changes: dict[str, Any]) -> None:
    """Ids are taken without the spaces around them; addresses in lower case."""
    settings = made(**changes).connected()
    assert (CLIENT, "recruiting@x.example") == (settings.client_id, settings.organizer)


@pytest.mark.parametrize(
    ("changes", "profile"),
    [
        ({}, "full"),
        ({"consent": "user"}, "scheduler"),
        ({"connection": "basic"}, "read-only"),
        ({"connection": "basic", "consent": "user"}, "read-only"),
        ({"profile": "scoped"}, "scoped"),
    ],
)
def test_the_profile_that_goes_without_saying(changes: dict[str, Any], profile: str) -> None:
    """It follows from the connection and from who consents."""
    assert profile == made(**changes).used_profile.name


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cloud_sets_both_addresses(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the file or from the environment; an address that is given wins, an empty one does not."""
    wanted = CLOUDS[cloud].graph_url, CLOUDS[cloud].authority
    in_file = made(cloud=cloud, graph_url=" ")
    monkeypatch.setenv("SLOTWRIGHT_CLOUD", cloud)
    in_environment = made()
    assert [wanted, wanted] == [(each.graph_url, each.authority) for each in (in_file, in_environment)]
    assert "https://localhost/v1.0" == made(graph_url="https://localhost/v1.0").graph_url


def test_an_unknown_cloud(tmp_path: Path) -> None:
    """The setting is named, with those that there are."""
    (tmp_path / "s.toml").write_text('cloud = "mars"')
    with pytest.raises(
        InputError, match=r"settings\.cloud: cannot be used: .*'global', 'usgov', 'usgov-dod'"
    ):
        load_settings(tmp_path / "s.toml")


class TestRedirects:
    """One app serves several environments."""

    def test_each_environment_has_its_own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment chooses, in a file or by a variable; without one it is redirect_uri."""
        text = (
            "redirect_uris = {production = 'https://x.example/back', staging = ' http://localhost:8400 '}\n"
        )
        (tmp_path / "s.toml").write_text(text)
        assert "http://localhost" == load_settings(tmp_path / "s.toml").used_redirect_uri
        monkeypatch.setenv("SLOTWRIGHT_ENVIRONMENT", "staging")
        assert "http://localhost:8400" == load_settings(tmp_path / "s.toml").used_redirect_uri

    def test_one_that_has_none(self) -> None:
        """It is named, with those that have one."""
        uris = {"production": "https://x.example/back", "staging": "http://localhost:8400"}
        with pytest.raises(InputError) as caught:
            _ = made(environment="test", redirect_uris=uris).used_redirect_uri
        assert (
            "settings.environment: 'test' has no redirect URI; add it to redirect_uris, which has production, staging."
            == str(caught.value)
        )


@pytest.mark.parametrize(
    ("changes", "another"),
    [
        ({"tenant_id": CLIENT, "client_id": TENANT}, True),
        ({"client_secret": "renewed"}, True),
        ({"client_secret": f" {GOOD['client_secret']} "}, False),
        ({"consent": "user"}, True),
        ({"profile": "scoped"}, True),
        ({"profile": "full"}, False),
        ({"cloud": "china"}, True),
        ({"organizer": "RECRUITING@x.example"}, False),
        ({"scheduling_user": "rooms@x.example"}, True),
        ({"scheduler_calendar": "Rooms"}, True),
        ({"database": Path("other.db")}, False),
        ({"secret_expires": "2027-01-01"}, False),
        ({"room_answer_seconds": 5}, False),
    ],
)
def test_what_a_test_depends_on(changes: dict[str, Any], another: bool) -> None:  # noqa: FBT001 - a table
    """Only what could change its result asks for another test; no form of it shows a secret."""
    assert another is (wiring.tested_settings(made()) != wiring.tested_settings(made(**changes)))
    assert GOOD["client_secret"] not in wiring.tested_settings(made())
