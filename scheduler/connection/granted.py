"""What was granted, compared with what a profile needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scheduler.connection.profiles import WRITE, Consent, Feature, Profile
from scheduler.connection.report import Step, failed, fine, warned

STEP = "permissions"


def judged(profile: Profile, consent: Consent, granted: Collection[str]) -> Iterator[Step]:
    """A step for each permission that is missing or too much, else one that all is as it should be.

    Args:
        granted: what the token says; what Exchange grants is in no token and counts as granted with a scoped profile.
    """
    if not granted and not profile.scoped:
        remedy = f"add {' and '.join(profile.asked[consent])} {_how(consent)}"
        yield failed(STEP, "nothing is granted at all", remedy)
        return
    lacking = tuple(_lacking(profile, consent, granted))
    surplus = tuple(_surplus(profile, consent, granted))
    yield from (*lacking, *surplus)
    if not lacking and not surplus:
        spared = [
            f"; without {each.needs(consent)[0]} {each.without}"
            for each in _missing(profile, consent, granted)
            if each.needs(consent)
        ]
        yield fine(STEP, f"exactly what the profile {profile.name} needs{''.join(spared)}")


def _missing(profile: Profile, consent: Consent, granted: Collection[str]) -> tuple[Feature, ...]:
    """What lacks a permission that Exchange does not grant."""
    return tuple(
        each
        for each in profile.missing(consent, granted)
        if not (profile.scoped and WRITE in each.needs(consent))
    )


def _lacking(profile: Profile, consent: Consent, granted: Collection[str]) -> Iterator[Step]:
    waiting: dict[str, list[Feature]] = {}
    for feature in _missing(profile, consent, granted):
        needs = feature.needs(consent)
        asked = [name for name in needs if name in profile.asked[consent]]
        if asked or not feature.optional:
            waiting.setdefault((asked or needs)[0], []).append(feature)
    for name, features in waiting.items():
        worst = min(features, key=lambda each: each.optional)
        said = f"{_kind(consent)} permission {name} is missing, so {worst.without}"
        yield (warned if worst.optional else failed)(STEP, said, f"add it {_how(consent)}")


def _surplus(profile: Profile, consent: Consent, granted: Collection[str]) -> Iterator[Step]:
    if profile.scoped and WRITE in granted:
        yield warned(
            STEP,
            f"{WRITE} is granted over every mailbox too, so Exchange limits nothing",
            f"remove {WRITE} under API permissions, because grants add up",
        )
    needless = profile.needless(consent, granted)
    if needless:
        yield warned(
            STEP,
            f"{', '.join(needless)} {'is' if len(needless) == 1 else 'are'} granted and never used",
            "remove under API permissions what the profile does not need",
        )


def _kind(consent: Consent) -> str:
    return "Application" if consent == "admin" else "Delegated"


def _how(consent: Consent) -> str:
    then = (
        "press Grant admin consent; it takes some minutes"
        if consent == "admin"
        else "sign in again with `slotwright connect`"
    )
    return f"under API permissions, Microsoft Graph, {_kind(consent)} permissions, then {then}"
