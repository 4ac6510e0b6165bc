"""Who signed in, whether the connection was tested and switched on, and what was read of whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0005"
down_revision = "0004"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
_WORDS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "accounts",
        sa.Column("tenant_id", _WORDS, primary_key=True),
        sa.Column("object_id", _WORDS, primary_key=True),
        sa.Column("address", _WORDS, nullable=False, unique=True),
        sa.Column("tokens", _WORDS, nullable=False),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("kept_at", _WHOLE, nullable=False),
    )
    op.create_table(
        "connections",
        sa.Column("fingerprint", _WORDS, primary_key=True),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("tested_at", _WHOLE, nullable=False),
    )
    op.create_table(
        "switches",
        sa.Column("tenant_id", _WORDS, primary_key=True),
        sa.Column("enabled", _WHOLE, nullable=False),
        sa.Column("who", _WORDS, nullable=False),
        sa.Column("switched_at", _WHOLE, nullable=False),
    )
    op.create_table(
        "disclosures",
        sa.Column("disclosure_id", _WHOLE, primary_key=True, autoincrement=True),
        sa.Column("read_at", _WHOLE, nullable=False),
        sa.Column("request", _WORDS, nullable=False),
        sa.Column("mailbox", _WORDS, nullable=False),
        sa.Column("fields", _WORDS, nullable=False),
        sa.Column("start_minute", _WHOLE),
        sa.Column("end_minute", _WHOLE),
    )
    op.create_index("disclosures_by_mailbox", "disclosures", ["mailbox", "read_at"])
