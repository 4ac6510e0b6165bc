"""What Microsoft Graph sends: `scheduleInformation` objects as JSON values (resources/scheduleinformation)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scheduler.testing.clocks import utc
from scheduler.testing.hypothesis_door import st
from scheduler.testing.payloads import RULES, Style, item, pascal, view
from scheduler.testing.strategies.arguments import check_bounds, check_choice, check_whole
from scheduler.testing.strategies.people import MONDAY, busy_entries
from scheduler.testing.strategies.zones import NASTY_ZONES, iana_zones, windows_zones
from scheduler.testing.vocabulary import STATUSES, Status

CODES = ("5009", "5016", "5006", "ErrorNoFreeBusyAccess", "ErrorProxyRequestProcessingFailed")
"""What freeBusyError.responseCode has been seen or documented to hold."""

UNDOCUMENTED = ("Busy", "OOF", "WorkingElsewhere", "noData", "", None)
"""Statuses in other letter case, and values that freeBusyStatus does not list."""


def styles() -> st.SearchStrategy[Style]:
    """Every way in which the same fact is spelt; shrinks to the reference page's."""
    return st.builds(
        Style,
        zone=st.sampled_from(("iana", "windows", "rules")),
        pascal=st.booleans(),
        seconds=st.sampled_from((0, 1, 30, 59)),
    )


def working_hours() -> st.SearchStrategy[dict[str, Any]]:
    """`workingHours` objects: day and night, on Windows, IANA and custom zones."""
    named = (iana_zones() | windows_zones()).map(lambda name: {"name": name})
    custom = st.sampled_from([dict(RULES[zone]) for zone in NASTY_ZONES if zone in RULES])
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return st.builds(
        lambda days, start, length, zone: {
            "daysOfWeek": days,
            "startTime": _time(start),
            "endTime": _time((start + length) % 1440),
            "timeZone": zone,
        },
        st.just(list(names[:5])) | st.lists(st.sampled_from(names), max_size=7, unique=True),
        st.sampled_from((480, 1320)) | st.integers(0, 1439),
        st.integers(1, 1439),
        named | custom,
    )


def schedule_informations(
    min_minute: int = MONDAY,
    max_minute: int = MONDAY + 1440,
    *,
    address: str = "ana@contoso.example",
    interval: int = 15,
    statuses: Iterable[Status] = STATUSES,
    errors: bool = True,
    missing: bool = True,
    undocumented: bool = True,
) -> st.SearchStrategy[dict[str, Any]]:
    """One mailbox's answer to getSchedule, in everything the real service has been seen to vary.

    Entries hang over the window's edges, carry seconds and seven fraction digits and come in any order; working hours
    are in named or custom zones; keys are in camelCase or PascalCase. Unless something else is missing, entries and
    view agree.

    Args:
        min_minute: first UTC minute of the window that was asked about.
        max_minute: end of that window.
        address: the mailbox, as `scheduleId`.
        interval: minutes of one digit of the view.
        statuses: of the entries.
        errors: whether some are a per-mailbox error inside a 200.
        missing: whether entries, view or hours may be null or left out.
        undocumented: whether some statuses are in other spellings or unheard of.

    Raises:
        InvalidArgument: an argument out of range.
    """
    check_bounds("min_minute", min_minute, "max_minute", max_minute, apart=1)
    check_whole("interval", interval, least=1)
    usual = check_choice("statuses", statuses, STATUSES)
    told = st.tuples(
        styles(), st.lists(busy_entries(min_minute, max_minute, statuses=usual), max_size=5)
    ).map(
        lambda drawn: (
            drawn[0],
            [entry for entry in drawn[1] if entry.start < max_minute and min_minute < entry.end],
        )
    )
    answers = st.builds(
        lambda facts, hours: {
            "scheduleId": address,
            "availabilityView": view(facts[1], min_minute, max_minute, interval),
            "scheduleItems": [item(entry, facts[0]) for entry in facts[1]],
            "workingHours": hours,
        },
        told,
        working_hours(),
    )
    if undocumented:
        answers = answers | st.builds(_restated, answers, st.sampled_from(UNDOCUMENTED))
    if missing:
        parts = ("workingHours", "scheduleItems", "availabilityView")
        without = st.lists(st.sampled_from(parts), min_size=1, unique=True)
        answers = answers | st.builds(_without, answers, without, st.booleans())
    if errors:
        failures = st.builds(
            lambda code, null: {
                "scheduleId": address,
                "error": {"message": f"Nothing is known at {utc(min_minute)}.", "responseCode": code},
                **({"scheduleItems": None} if null else {}),
            },
            st.sampled_from(CODES),
            st.booleans(),
        )
        answers = answers | failures
    return st.builds(lambda answer, other: pascal(answer) if other else answer, answers, st.booleans())


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:00.0000000"


def _restated(answer: dict[str, Any], status: str | None) -> dict[str, Any]:
    return {**answer, "scheduleItems": [{**each, "status": status} for each in answer["scheduleItems"]]}


def _without(answer: dict[str, Any], parts: list[str], null: bool) -> dict[str, Any]:  # noqa: FBT001 - as drawn
    kept = {key: value for key, value in answer.items() if key not in parts}
    return kept | (dict.fromkeys(parts) if null else {})
