"""Imported rooms and people, and the last look at the directory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0006"
down_revision = "0005"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
_WORDS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "catalogue",
        sa.Column("kind", _WORDS, primary_key=True),
        sa.Column("key", _WORDS, primary_key=True),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("kept_at", _WHOLE, nullable=False),
    )
