"""The journal becomes the audit: sealed row by row, and neither changed nor shortened any more."""

from __future__ import annotations

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0004"
down_revision = "0003"

_WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
_WORDS = sa.Text().with_variant(TEXT(collation="C"), "postgresql")

_SQLITE = """
CREATE TRIGGER {table}_refuses_{event} BEFORE {event} ON {table}
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
_FUNCTION = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$
"""
_POSTGRES = """
CREATE TRIGGER {table}_refuses_{event} BEFORE {event} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
"""
_REFUSED = {"audit": ("UPDATE", "DELETE", "TRUNCATE"), "audit_head": ("DELETE", "TRUNCATE")}


def upgrade() -> None:
    """Make the audit of what the journal says, and drop the journal."""
    audit = op.create_table(
        "audit",
        sa.Column("entry_id", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("booking_id", _WORDS, sa.ForeignKey("bookings.booking_id"), nullable=False, index=True),
        sa.Column("at", _WHOLE, nullable=False),
        sa.Column("who", _WORDS, nullable=False),
        sa.Column("was", _WORDS, nullable=False),
        sa.Column("state", _WORDS, nullable=False),
        sa.Column("changes", _WORDS, nullable=False),
        sa.Column("before", _WORDS, nullable=False),
        sa.Column("after", _WORDS, nullable=False),
        sa.Column("reason", _WORDS, nullable=False),
        sa.Column("previous", _WORDS, nullable=False),
        sa.Column("digest", _WORDS, nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("head_id", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("entries", _WHOLE, nullable=False),
        sa.Column("digest", _WORDS, nullable=False),
        sa.CheckConstraint("head_id = 1", name="audit_has_one_head"),
    )
    rows = _sealed()
    if rows:
        op.bulk_insert(audit, rows)
    digest = rows[-1]["digest"] if rows else ""
    op.bulk_insert(head, [{"head_id": 1, "entries": len(rows), "digest": digest}])
    op.drop_table("journal")
    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        op.execute(_FUNCTION)
    for table, events in _REFUSED.items():
        if on_postgres:
            op.execute(f"REVOKE {', '.join(events)} ON {table} FROM PUBLIC, CURRENT_USER")
        for event in events:
            if on_postgres:
                op.execute(_POSTGRES.format(table=table, event=event))
            elif event != "TRUNCATE":
                op.execute(_SQLITE.format(table=table, event=event))


def _sealed() -> list[dict[str, object]]:
    """The journal's lines as rows of the audit; of these nobody wrote down who, nor what the document was."""
    lines = op.get_bind().execute(
        sa.text("SELECT booking_id, at, state, reason FROM journal ORDER BY entry_id")
    )
    found = lines.all()
    bookings = op.get_bind().execute(sa.text("SELECT booking_id, document FROM bookings"))
    documents = {booking.booking_id: booking.document for booking in bookings}
    last = {line.booking_id: number for number, line in enumerate(found, start=1)}
    states: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    previous = ""
    for number, line in enumerate(found, start=1):
        is_last = last[line.booking_id] == number
        after = sha256(documents[line.booking_id].encode()).hexdigest() if is_last else ""
        content = [
            *(number, line.booking_id, line.at, "", states.get(line.booking_id, ""), line.state, "{}", ""),
            *(after, line.reason, previous),
        ]
        digest = sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
        names = ("entry_id", "booking_id", "at", "who", "was", "state", "changes", "before", "after")
        rows.append(dict(zip((*names, "reason", "previous", "digest"), (*content, digest), strict=True)))
        states[line.booking_id] = line.state
        previous = digest
    return rows
