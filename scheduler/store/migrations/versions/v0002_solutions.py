"""Solved requests with their problem and plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0002"
down_revision = "0001"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
_WORDS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table of solutions."""
    op.create_table(
        "solutions",
        sa.Column("solution_id", _WORDS, primary_key=True),
        sa.Column("document", _WORDS, nullable=False),
        sa.Column("solved_at", _WHOLE, nullable=False),
    )
