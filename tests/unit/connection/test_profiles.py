"""Profiles ask for no more than they need, and say what each missing permission costs."""

from __future__ import annotations

import pytest

from scheduler.connection.profiles import PROFILES, WRITE, Consent, Profile

CASES = [(profile, consent) for profile in PROFILES.values() for consent in profile.consents]


@pytest.mark.parametrize(("profile", "consent"), CASES, ids=lambda each: getattr(each, "name", each))
class TestEveryProfile:
    def test_it_asks_for_what_must_be_there(self, profile: Profile, consent: Consent) -> None:
        """With what it asks for, only optional features are missing, or those that Exchange grants."""
        missing = [
            each.name
            for each in profile.missing(consent, profile.asked[consent])
            if not each.optional and not (profile.scoped and WRITE in each.needs(consent))
        ]
        assert [] == missing

    def test_nothing_that_it_asks_for_is_needless(self, profile: Profile, consent: Consent) -> None:
        """No permission is asked for that no feature uses."""
        assert () == profile.needless(consent, profile.asked[consent])

    def test_each_permission_is_missed(self, profile: Profile, consent: Consent) -> None:
        """Without any one of the permissions something else is missing."""
        asked = profile.asked[consent]
        for removed in asked:
            left = [name for name in asked if name != removed]
            assert len(profile.missing(consent, asked)) < len(profile.missing(consent, left))


def test_reading_needs_no_right_to_write() -> None:
    """A right to write is more than the read-only profile needs; OpenID's own scopes are nobody's concern."""
    granted = ("Calendars.ReadWrite", "openid", "Mail.Read")
    assert ("Calendars.ReadWrite", "Mail.Read") == PROFILES["read-only"].needless("user", granted)
