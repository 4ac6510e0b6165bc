"""Bookings count who got the right to move them on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the count."""
    whole = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.add_column("bookings", sa.Column("fence", whole, nullable=False, server_default="0"))
