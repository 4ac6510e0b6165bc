"""Solved requests with their problem and plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the table of solutions."""
    op.create_table(
        "solutions",
        sa.Column("solution_id", sa.Text, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("solved_at", sa.Integer, nullable=False),
    )
