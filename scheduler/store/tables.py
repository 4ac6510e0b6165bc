"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData()

offers = Table(
    "offers",
    metadata,
    Column("slot_id", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("found_at", Integer, nullable=False),
)
"""Slots that were shown to somebody, so that their id is enough to book them."""

solutions = Table(
    "solutions",
    metadata,
    Column("solution_id", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("solved_at", Integer, nullable=False),
)
"""Requests for loops that were solved, each with the problem and the plan, so that they can be solved again."""

bookings = Table(
    "bookings",
    metadata,
    Column("booking_id", Text, primary_key=True),
    Column("slot_id", Text, nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("created_at", Integer, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("claim_id", Integer, primary_key=True),
    Column("booking_id", Text, ForeignKey("bookings.booking_id"), nullable=False, index=True),
    Column("resource", Text, nullable=False),
    Column("start_minute", Integer, nullable=False),
    Column("end_minute", Integer, nullable=False),
    Index("claims_by_resource", "resource", "start_minute", "end_minute"),
)
"""The ledger: one row holds one resource over [start_minute, end_minute) UTC; a trigger refuses an overlap."""

journal = Table(
    "journal",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("booking_id", Text, ForeignKey("bookings.booking_id"), nullable=False, index=True),
    Column("at", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""Append-only: every state a booking went through, with the UTC second and the reason."""

calendars = Table(
    "calendars",
    metadata,
    Column("mailbox", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("calendar_id", Text, nullable=False),
)
"""The calendars we generated, by id, because their owner may rename them."""
