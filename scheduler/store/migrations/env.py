"""Runs migrations inside the caller's transaction, so that a killed migration leaves nothing behind."""

from __future__ import annotations

from alembic import context

from scheduler.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
