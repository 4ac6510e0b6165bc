"""docs/connect.md names exactly the permissions that the code asks for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler.connection.profiles import PROFILES, Feature
from scheduler.graph.signin.refusals import refused

PAGE = (Path(__file__).parents[3] / "docs" / "connect.md").read_text(encoding="utf-8")


def row(feature: Feature) -> str:
    """The row of a feature in the table of the page; of several permissions the least two are named."""
    names = [
        " or ".join(f"`{name}`" for name in kind[:2]) or "none"
        for kind in (feature.application, feature.delegated)
    ]
    return f"| {feature.what} | {names[0]} | {names[1]} | {feature.without} |"


def test_every_feature_has_its_row() -> None:
    """Each feature stands there with its permissions and with what happens without them; no other row does."""
    features = {feature.name: feature for profile in PROFILES.values() for feature in profile.features}
    _, _, table = PAGE.partition("| feature |")
    shown = [line for line in table.split("\n\n")[0].splitlines()[2:] if line.startswith("|")]
    assert [row(feature) for feature in features.values()] == shown


def test_every_profile_asks_for_what_the_page_says() -> None:
    """Each profile stands there with every permission that it asks for."""
    for profile in PROFILES.values():
        line = next(text for text in PAGE.splitlines() if text.startswith(f"| `{profile.name}` |"))
        for permissions in profile.asked.values():
            assert all(f"`{name}`" in line for name in permissions)


@pytest.mark.parametrize(("words", "number"), re.findall(r"^\| ([^|]*?) \(AADSTS(\d+)\)", PAGE, re.MULTILINE))
def test_sign_in_refusals_have_the_words_of_the_page(words: str, number: str) -> None:
    """What an administrator looks up there is what the program says."""
    assert f"{words} (AADSTS{number})" in str(refused(f"AADSTS{number}: whatever", "invalid_client"))
