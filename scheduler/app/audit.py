"""Tell who changed which booking when, and whether that story is still the one that was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.app.bookings import one
from scheduler.app.ports import Ledger
from scheduler.errors import InputError
from scheduler.store.audit import AuditEntry, Verdict
from scheduler.zones import iso_utc

_NOT_REPEATED = {"asked_at", "booking_id", "reason", "state"}


def read_audit(booking_id: str | None, ledger: Ledger) -> tuple[AuditEntry, ...]:
    """Every change of a booking, or of all of them, oldest first.

    Raises:
        InputError: there is no such booking.
    """
    return ledger.audit(None if booking_id is None else one(booking_id, ledger).booking_id)


def verify_audit(ledger: Ledger, *, noted: str | None = None) -> Verdict:
    """Whether the audit is as it was written.

    Args:
        noted: the digest that an earlier verification gave; it has to be there still, or the audit was written anew.

    Raises:
        InputError: the noted digest is not in the audit.
    """
    verdict = ledger.verify_audit()
    if noted is not None and verdict.broken is None:
        digests = {entry.digest for entry in ledger.audit()}
        if noted.strip().lower() not in digests:
            raise InputError(
                "noted",
                "no row of the audit has this digest",
                "compare it with your note; if that is right, the audit was shortened or written anew",
            )
    return verdict


def what_changed(entry: AuditEntry) -> list[str]:
    """What a row says about the fields of the booking, a clause for each; of those about people only the name."""
    told = []
    for name, pair in sorted(entry.changes.items()):
        field = name.removeprefix("interview.").replace("_", " ")
        if name in _NOT_REPEATED:
            continue
        if pair is None:
            told.append(field)
        else:
            before, after = map(_text, pair)
            told.append(f"{field} {after}" if before == _NOTHING else f"{field} {before} → {after}")
    return told


_NOTHING = "none"


def _text(value: Any) -> str:
    if isinstance(value, Mapping) and {"start", "end"} <= value.keys():
        return f"{iso_utc(value['start'])}/{iso_utc(value['end'])}"
    if isinstance(value, Mapping) and "address" in value:
        return str(value["address"])
    return _NOTHING if value in (None, "") else str(value)
