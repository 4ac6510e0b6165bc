"""Registrations and sharing in a tenant file: what is refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.emulator.tenant import App, Tenant


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ({"apps": [{"client_id": "a", "consents": [{"scopes": [], "person": "x@y.example"}]}]}, "consents"),
        ({"apps": [{"client_id": "a", "access_policy": ["x@y.example"]}]}, "access_policy"),
        ({"people": [{"address": "p@y.example", "shared_with": {"x@y.example": "read"}}]}, "shared_with"),
        ({"people": [{"address": "p@y.example", "shares": "everything"}]}, "shares"),
        ({"apps": [{"client_id": "a", "certificates": [{"pem": "-----BEGIN CERTIFICATE-----"}]}]}, "pem"),
        ({"apps": [{"client_id": "a", "consents": [{"scopes": ["Calendars.Sing"]}]}]}, "scopes"),
    ],
)
def test_refused(part: dict[str, Any], named: str) -> None:
    """Addresses that are not of the tenant, unknown levels and scopes, and certificates that are none."""
    whole = {"id": "t", "domain": "y.example", "apps": [{"client_id": "a"}], **part}
    with pytest.raises(ValidationError, match=named):
        Tenant.model_validate(whole)


def test_an_app_in_short() -> None:
    """An app with a client id and a secret only is one that signs in by it, as tenant files have always said."""
    app = App(client_id="a", secret="s")
    assert ([], [], False, None) == (app.secrets, app.certificates, app.public, app.access_policy)
