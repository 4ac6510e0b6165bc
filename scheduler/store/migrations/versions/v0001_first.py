"""Offers, bookings, claims that never overlap, journal, generated calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0001"
down_revision = None

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
_WORDS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")

_TRIGGER = """
CREATE TRIGGER claims_never_overlap_on_{event} BEFORE {event} ON claims
WHEN EXISTS (
    SELECT 1 FROM claims
    WHERE resource = NEW.resource AND claim_id IS NOT NEW.claim_id
      AND start_minute < NEW.end_minute AND NEW.start_minute < end_minute
)
BEGIN SELECT RAISE(ABORT, 'claims overlap'); END
"""

_CONSTRAINT = """
ALTER TABLE claims ADD CONSTRAINT claims_never_overlap
EXCLUDE USING gist (resource WITH =, int8range(start_minute, end_minute) WITH &&)
"""


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "offers",
        sa.Column("slot_id", _WORDS, primary_key=True),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("found_at", _WHOLE, nullable=False),
    )
    op.create_table(
        "bookings",
        sa.Column("booking_id", _WORDS, primary_key=True),
        sa.Column("slot_id", _WORDS, nullable=False, index=True),
        sa.Column("state", _WORDS, nullable=False),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("created_at", _WHOLE, nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("claim_id", _WHOLE, primary_key=True),
        sa.Column("booking_id", _WORDS, sa.ForeignKey("bookings.booking_id"), nullable=False, index=True),
        sa.Column("resource", _WORDS, nullable=False),
        sa.Column("start_minute", _WHOLE, nullable=False),
        sa.Column("end_minute", _WHOLE, nullable=False),
        sa.CheckConstraint("start_minute < end_minute", name="claims_have_length"),
    )
    op.create_index("claims_by_resource", "claims", ["resource", "start_minute", "end_minute"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_table("resources", sa.Column("resource", _WORDS, primary_key=True))
        # The operator class for equal text in a GiST index is in an extension that comes with the server.
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        op.execute(_CONSTRAINT)
    else:
        for event in ("INSERT", "UPDATE"):
            op.execute(_TRIGGER.format(event=event))
    op.create_table(
        "journal",
        sa.Column("entry_id", _WHOLE, primary_key=True),
        sa.Column("booking_id", _WORDS, sa.ForeignKey("bookings.booking_id"), nullable=False, index=True),
        sa.Column("at", _WHOLE, nullable=False),
        sa.Column("state", _WORDS, nullable=False),
        sa.Column("reason", _WORDS, nullable=False),
    )
    op.create_table(
        "calendars",
        sa.Column("mailbox", _WORDS, primary_key=True),
        sa.Column("name", _WORDS, primary_key=True),
        sa.Column("calendar_id", _WORDS, nullable=False),
    )
