"""Each missing or needless permission is one step with its consequence and the way to it."""

from __future__ import annotations

import pytest

from scheduler.connection.granted import judged
from scheduler.connection.profiles import PROFILES, Consent, ProfileName
from scheduler.connection.report import Outcome

CASES = [(name, consent) for name, profile in PROFILES.items() for consent in profile.consents]


def said(profile: ProfileName, consent: Consent, *granted: str) -> list[tuple[str, str]]:
    """Outcome and words of every step."""
    steps = judged(PROFILES[profile], consent, granted)
    return [(step.outcome.value, f"{step.said} -> {step.remedy}") for step in steps]


@pytest.mark.parametrize(("profile", "consent"), CASES)
def test_what_a_profile_asks_for_is_exactly_right(profile: ProfileName, consent: Consent) -> None:
    """One fine step, which tells what else could be had."""
    ((outcome, words),) = said(profile, consent, *PROFILES[profile].asked[consent])
    assert ("fine", True) == (outcome, words.startswith(f"exactly what the profile {profile} needs"))
    assert "without GroupMember.Read.All people are imported from a CSV file" in words


@pytest.mark.parametrize(("profile", "consent"), CASES)
def test_each_permission_is_missed_by_its_name(profile: ProfileName, consent: Consent) -> None:
    """Without one of several, a step names it; it is a failure unless everything else works without it."""
    asked = PROFILES[profile].asked[consent]
    for removed in asked:
        left = [name for name in asked if name != removed]
        steps = list(judged(PROFILES[profile], consent, left))
        if not left and not PROFILES[profile].scoped:
            assert [("nothing is granted at all", Outcome.FAILED)] == [
                (each.said, each.outcome) for each in steps
            ]
            continue
        named = [each for each in steps if removed in each.said]
        optional = removed in {"Place.Read.All", "Calendars.Read.Shared"}
        assert [Outcome.WARNING if optional else Outcome.FAILED] == [each.outcome for each in named]
        assert all("API permissions" in each.remedy for each in named)


def test_the_worst_consequence_is_told() -> None:
    """Without any right nothing can be found; with the right to read alone nothing can be booked."""
    ((_, neither),) = said("full", "admin", "Place.Read.All")
    ((_, reads),) = said("full", "admin", "Place.Read.All", "Calendars.Read")
    assert ("nothing can be found" in neither, "nothing can be booked" in reads) == (True, True)


def test_who_consents_decides_what_to_do() -> None:
    """An administrator presses a button; people sign in again."""
    ((_, admin),) = said("full", "admin", "Calendars.ReadWrite")
    ((_, user),) = said("scheduler", "user", "Calendars.ReadWrite")
    assert ("press Grant admin consent; it takes some minutes" in admin, "Application" in admin) == (
        True,
        True,
    )
    assert ("sign in again with `slotwright connect`" in user, "Delegated" in user) == (True, True)


def test_what_exchange_grants_is_not_missed() -> None:
    """A scoped profile with an empty token lacks the rooms only; a grant over everything beside it is told."""
    assert ["warning"] == [outcome for outcome, _ in said("scoped", "admin")]
    ((outcome, words),) = said("scoped", "admin", "Place.Read.All", "Calendars.ReadWrite")
    assert ("warning", True) == (outcome, "Exchange limits nothing" in words)


@pytest.mark.parametrize(
    ("granted", "words"),
    [
        (("Mail.Read",), "Mail.Read is granted and never used"),
        (("Mail.Read", "Files.Read.All"), "Files.Read.All, Mail.Read are granted and never used"),
    ],
)
def test_too_much(granted: tuple[str, ...], words: str) -> None:
    """Whatever no feature uses is named."""
    ((outcome, told),) = said("full", "admin", "Calendars.ReadWrite", "Place.Read.All", *granted)
    assert ("warning", True) == (outcome, told.startswith(words))
