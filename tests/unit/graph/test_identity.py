"""Who signed in: what an id_token has to say before anybody believes it."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.graph.errors import BadAnswer
from scheduler.graph.signin.identity import Expected, Identity, identity_of

TENANT = "11111111-2222-4333-8444-555555555555"
EXPECTED = Expected(f"https://login.test/{TENANT}/v2.0", "app", TENANT, now=1000.0)
CLAIMS: dict[str, Any] = {
    "iss": EXPECTED.issuer,
    "aud": "app",
    "tid": TENANT,
    "oid": "o-1",
    "preferred_username": "Rita@X.example",
    "name": "Rita",
    "exp": 4600,
}


def test_somebody_is_known_by_tenant_and_object() -> None:
    """The address is shown in small letters; what tells people apart is taken as it is."""
    assert Identity("rita@x.example", "Rita", TENANT, "o-1") == identity_of(CLAIMS, EXPECTED)


def test_a_tenant_named_by_its_domain() -> None:
    """Its id is then in the issuer, and nowhere else."""
    by_domain = Expected(EXPECTED.issuer, "app", "x.example", 1000.0)
    assert TENANT == identity_of(CLAIMS, by_domain).tenant_id
    with pytest.raises(BadAnswer, match="another tenant"):
        identity_of({**CLAIMS, "tid": TENANT.replace("1", "2")}, by_domain)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://evil.test/v2.0"}, "another issuer"),
        ({"aud": "other"}, "another app"),
        ({"aud": ["app", "other"]}, "another app"),
        ({"tid": "22222222-2222-4333-8444-555555555555"}, "another tenant"),
        ({"exp": 600}, "has ended"),
        ({"exp": "soon"}, "has ended"),
        ({"exp": None}, "has ended"),
        ({"oid": ""}, "does not say who"),
        ({"tid": ""}, "does not say who"),
        ({"preferred_username": " "}, "does not say who"),
    ],
)
def test_what_is_for_somebody_else_is_refused(changes: dict[str, Any], words: str) -> None:
    """Each claim by itself is reason enough."""
    with pytest.raises(BadAnswer, match=words):
        identity_of({**CLAIMS, **changes}, EXPECTED)


def test_clocks_may_differ_a_little() -> None:
    """A token that ended four minutes ago by the sign-in service's clock is still taken."""
    assert "o-1" == identity_of({**CLAIMS, "exp": 760}, EXPECTED).object_id


def test_without_an_issuer_nothing_is_believed() -> None:
    """A discovery document that names none makes every token a stranger's."""
    with pytest.raises(BadAnswer, match="another issuer"):
        identity_of({**CLAIMS, "iss": ""}, Expected("", "app", TENANT, 1000.0))
