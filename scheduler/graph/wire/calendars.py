"""Calendars of a mailbox (resources/calendar)."""

from __future__ import annotations

from typing import Any

from scheduler.graph.wire.base import Label, Wire


class Calendar(Wire):
    """A calendar; `can_edit` is about the caller, and anything but a plain true is no."""

    id: str
    name: Label = ""
    can_edit: Any = None
