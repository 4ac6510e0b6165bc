"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql

metadata = MetaData()

Whole = Integer().with_variant(BigInteger(), "postgresql")
"""Any whole number that SQLite's INTEGER holds; PostgreSQL's ends for UTC seconds in 2038."""

Words = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
"""Text in the order of its bytes, which is SQLite's order and Python's."""

offers = Table(
    "offers",
    metadata,
    Column("slot_id", Words, primary_key=True),
    Column("document", Words, nullable=False),
    Column("found_at", Whole, nullable=False),
)
"""Slots that were shown to somebody, so that their id is enough to book them."""

solutions = Table(
    "solutions",
    metadata,
    Column("solution_id", Words, primary_key=True),
    Column("document", Words, nullable=False),
    Column("solved_at", Whole, nullable=False),
)
"""Requests for loops that were solved, each with the problem and the plan, so that they can be solved again."""

bookings = Table(
    "bookings",
    metadata,
    Column("booking_id", Words, primary_key=True),
    Column("slot_id", Words, nullable=False, index=True),
    Column("state", Words, nullable=False),
    Column("document", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("fence", Whole, nullable=False, server_default="0"),
)
"""`fence` counts who got the right to move the booking on; a write by an earlier one is refused."""

resources = Table(
    "resources",
    metadata,
    Column("resource", Words, primary_key=True),
    info={"only": "postgresql"},
)
"""Everybody and everything that was ever claimed; whoever locks the row may change the claims on it."""

claims = Table(
    "claims",
    metadata,
    Column("claim_id", Whole, primary_key=True),
    Column("booking_id", Words, ForeignKey("bookings.booking_id"), nullable=False, index=True),
    Column("resource", Words, nullable=False),
    Column("start_minute", Whole, nullable=False),
    Column("end_minute", Whole, nullable=False),
    Index("claims_by_resource", "resource", "start_minute", "end_minute"),
)
"""The ledger: one row holds one resource over [start_minute, end_minute) UTC.

No two rows of a resource overlap: on SQLite a trigger refuses it, on PostgreSQL an exclusion constraint.
"""

keys = Table(
    "keys",
    metadata,
    Column("key", Words, primary_key=True),
    Column("body", Words, nullable=False),
    Column("booking_id", Words, ForeignKey("bookings.booking_id"), nullable=False),
)
"""Each idempotency key that was ever answered, a digest of its request, and the booking that was the answer."""

audit = Table(
    "audit",
    metadata,
    Column("entry_id", Whole, primary_key=True, autoincrement=False),
    Column("booking_id", Words, ForeignKey("bookings.booking_id"), nullable=False, index=True),
    Column("at", Whole, nullable=False),
    Column("who", Words, nullable=False),
    Column("was", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("changes", Words, nullable=False),
    Column("before", Words, nullable=False),
    Column("after", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("previous", Words, nullable=False),
    Column("digest", Words, nullable=False),
)
"""Append-only: every change of a booking, numbered from 1 without gaps; triggers refuse to change or delete a row.

See scheduler.store.audit for what a row says and how it is sealed.
"""

audit_head = Table(
    "audit_head",
    metadata,
    Column("head_id", Whole, primary_key=True, autoincrement=False),
    Column("entries", Whole, nullable=False),
    Column("digest", Words, nullable=False),
)
"""One row: how many rows the audit has, and the digest of the last; whoever locks it may append."""

calendars = Table(
    "calendars",
    metadata,
    Column("mailbox", Words, primary_key=True),
    Column("name", Words, primary_key=True),
    Column("calendar_id", Words, nullable=False),
)
"""The calendars we generated, by id, because their owner may rename them."""

accounts = Table(
    "accounts",
    metadata,
    Column("tenant_id", Words, primary_key=True),
    Column("object_id", Words, primary_key=True),
    Column("address", Words, nullable=False, unique=True),
    Column("tokens", Words, nullable=False),
    Column("document", Words, nullable=False),
    Column("kept_at", Whole, nullable=False),
)
"""Who signed in: an MSAL token cache, sealed before it comes here, and what may be shown of the account.

People are told apart by what Entra ID never gives to somebody else; an address is whose it was last.
"""

connections = Table(
    "connections",
    metadata,
    Column("fingerprint", Words, primary_key=True),
    Column("document", Words, nullable=False),
    Column("tested_at", Whole, nullable=False),
)
"""The last test of a connection, by a digest of every setting that it depends on."""

switches = Table(
    "switches",
    metadata,
    Column("tenant_id", Words, primary_key=True),
    Column("enabled", Whole, nullable=False),
    Column("who", Words, nullable=False),
    Column("switched_at", Whole, nullable=False),
)
"""Whether people of a tenant may connect their calendars."""

disclosures = Table(
    "disclosures",
    metadata,
    Column("disclosure_id", Whole, primary_key=True, autoincrement=True),
    Column("read_at", Whole, nullable=False),
    Column("request", Words, nullable=False),
    Column("mailbox", Words, nullable=False),
    Column("fields", Words, nullable=False),
    Column("start_minute", Whole),
    Column("end_minute", Whole),
    Index("disclosures_by_mailbox", "mailbox", "read_at"),
)
"""What was read of whom, when and for which request; titles and bodies are never among it."""

catalogue = Table(
    "catalogue",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("document", Words, nullable=False),
    Column("kept_at", Whole, nullable=False),
)
"""What was imported: rooms and people by address; and the last look at what the directory shows."""
