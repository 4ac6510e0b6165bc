"""Hypothesis strategies for slot logic: each a recipe for valid values, nasty ones on purpose.

Bounds come first, everything else is keyword-only and defaults to everything valid; wrong arguments are refused when a
strategy is made. Times are UTC minutes since 1970-01-01T00:00Z, nasty ones lie in 2026 to 2028; spans are half-open.

    >>> from hypothesis import given, settings
    >>> from scheduler.testing.strategies import cases
    >>> @settings(max_examples=5, derandomize=True)
    ... @given(cases(max_people=2, zones=["Europe/Amsterdam", "America/New_York"]))
    ... def test_a_window_has_an_end(case):
    ...     assert case.request.window[0] < case.request.window[1]
    >>> test_a_window_has_an_end()
"""

from scheduler.testing.strategies.calendars import busy_items, day_blocks, mailbox_schedules, weekly_hours
from scheduler.testing.strategies.cases import cases, requests
from scheduler.testing.strategies.payloads import schedule_informations, styles, working_hours
from scheduler.testing.strategies.people import busy_entries, people, rooms, weekly_blocks
from scheduler.testing.strategies.queries import queries
from scheduler.testing.strategies.spans import minutes, span_sets, spans
from scheduler.testing.strategies.tenants import tenants
from scheduler.testing.strategies.zones import (
    NASTY_ZONES,
    LocalTime,
    iana_zones,
    local_times,
    minutes_near_changes,
    named_zones,
    rule_zones,
    windows_zones,
    zones,
)

__all__ = [
    "NASTY_ZONES",
    "LocalTime",
    "busy_entries",
    "busy_items",
    "cases",
    "day_blocks",
    "iana_zones",
    "local_times",
    "mailbox_schedules",
    "minutes",
    "minutes_near_changes",
    "named_zones",
    "people",
    "queries",
    "requests",
    "rooms",
    "rule_zones",
    "schedule_informations",
    "span_sets",
    "spans",
    "styles",
    "tenants",
    "weekly_blocks",
    "weekly_hours",
    "windows_zones",
    "working_hours",
    "zones",
]
