"""Idempotency keys in a table of their own: also one that found its slot booked already was answered."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0007"
down_revision = "0006"

_WORDS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table, with the keys that are written in bookings."""
    keys = op.create_table(
        "keys",
        sa.Column("key", _WORDS, primary_key=True),
        sa.Column("body", _WORDS, nullable=False),
        sa.Column("booking_id", _WORDS, sa.ForeignKey("bookings.booking_id"), nullable=False),
    )
    documents = sa.table("bookings", sa.column("booking_id"), sa.column("document"), sa.column("created_at"))
    rows: dict[str, dict[str, str]] = {}
    oldest_first = sa.select(documents.c.booking_id, documents.c.document)
    for row in op.get_bind().execute(oldest_first.order_by(documents.c.created_at, documents.c.booking_id)):
        key = json.loads(row.document).get("key")
        if key:
            rows.setdefault(
                key["text"], {"key": key["text"], "body": key["body"], "booking_id": row.booking_id}
            )
    if rows:
        op.bulk_insert(keys, list(rows.values()))
