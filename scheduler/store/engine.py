"""Opening the SQLite file: pragmas, immediate transactions, migrations."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from scheduler.errors import StoreError

BUSY_MILLISECONDS = 30_000


def open_engine(path: Path) -> Engine:
    """An engine on the file, created and migrated to the newest schema.

    Every transaction is BEGIN IMMEDIATE: a read that later wants to write would otherwise fail under contention
    (sqlite.org/lang_transaction), and the overlap trigger needs the write lock before it looks.

    Raises:
        StoreError: the file cannot be created, opened or migrated.
    """
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin_immediate)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        locks = path.with_name(f"{path.name}.locks")
        locks.mkdir(exist_ok=True)
        with FileLock(locks / "migration"):
            _migrate(engine)
    except (OSError, SQLAlchemyError, CommandError, sqlite3.Error) as error:
        engine.dispose()
        raise StoreError(
            f"The database {path} cannot be opened ({_first_line(error)});"
            " check the path, its permissions and the free space."
        ) from error
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MILLISECONDS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", "scheduler.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).splitlines()[0] if str(cause) else type(cause).__name__
