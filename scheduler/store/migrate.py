"""Bringing the schema up to date, inside one transaction of the caller's."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


class NewerSchema(Exception):  # noqa: N818 - named like the fact it states
    """The database has a revision that this version does not know; the message names it."""


def migrate(connection: Connection) -> None:
    """Run every migration that the database has not seen, or none of them: both engines roll DDL back.

    Raises:
        NewerSchema: the database is ahead of this version.
    """
    config = Config()
    config.set_main_option("script_location", "scheduler.store:migrations")
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerSchema(f"revision {present}")
    if present != scripts.get_current_head():
        command.upgrade(config, "head")
