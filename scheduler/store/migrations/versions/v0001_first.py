"""Offers, bookings, claims with their overlap trigger, journal, generated calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_OVERLAP = """
CREATE TRIGGER claims_never_overlap_on_{event} BEFORE {event} ON claims
WHEN EXISTS (
    SELECT 1 FROM claims
    WHERE resource = NEW.resource AND claim_id IS NOT NEW.claim_id
      AND start_minute < NEW.end_minute AND NEW.start_minute < end_minute
)
BEGIN SELECT RAISE(ABORT, 'claims overlap'); END
"""


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "offers",
        sa.Column("slot_id", sa.Text, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("found_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "bookings",
        sa.Column("booking_id", sa.Text, primary_key=True),
        sa.Column("slot_id", sa.Text, nullable=False, index=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("created_at", sa.Integer, nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("claim_id", sa.Integer, primary_key=True),
        sa.Column("booking_id", sa.Text, sa.ForeignKey("bookings.booking_id"), nullable=False, index=True),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("start_minute", sa.Integer, nullable=False),
        sa.Column("end_minute", sa.Integer, nullable=False),
        sa.CheckConstraint("start_minute < end_minute", name="claims_have_length"),
    )
    op.create_index("claims_by_resource", "claims", ["resource", "start_minute", "end_minute"])
    for event in ("INSERT", "UPDATE"):
        op.execute(_OVERLAP.format(event=event))
    op.create_table(
        "journal",
        sa.Column("entry_id", sa.Integer, primary_key=True),
        sa.Column("booking_id", sa.Text, sa.ForeignKey("bookings.booking_id"), nullable=False, index=True),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "calendars",
        sa.Column("mailbox", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("calendar_id", sa.Text, nullable=False),
    )
