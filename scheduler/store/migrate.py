"""Bringing the schema up to date, inside one transaction of the caller's."""

from __future__ import annotations

from functools import cache

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
    present = MigrationContext.configure(connection).get_current_revision()
    head, known = _revisions()
    if present is not None and present not in known:
        raise NewerSchema(f"revision {present}")
    if present != head:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "scheduler.store:migrations")
    return config


@cache
def _revisions() -> tuple[str | None, frozenset[str]]:
    """The newest revision and all of them; finding them means running every file, which takes a while."""
    scripts = ScriptDirectory.from_config(_config())
    return scripts.get_current_head(), frozenset(script.revision for script in scripts.walk_revisions())
