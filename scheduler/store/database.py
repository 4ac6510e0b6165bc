"""One database, whichever engine it is: a SQLite file or a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from scheduler.errors import StoreError
from scheduler.store.failures import UNREADABLE, Failure, unreadable
from scheduler.store.migrate import NewerSchema, migrate


class Database(Protocol):
    """What the engines do differently; everything else is the same SQL for both."""

    @property
    def name(self) -> str:
        """How sentences call it: where it is, and never a password."""

    @property
    def engine(self) -> Engine:
        """Connections whose transactions may write."""

    def reading(self, connection: Connection) -> Connection:
        """The same connection for statements that only read, each of which sees what is committed when it begins."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep every other process from migrating; raises OSError when that is impossible."""

    def prepare(self, connection: Connection) -> None:
        """Make sure, at the head of a migration, that the database can be used; raises StoreError."""

    def right(self, booking_id: str) -> AbstractContextManager[bool]:
        """The right to move a booking on, or False; it falls with the process that holds it; may raise StoreError."""

    def judge(self, error: DBAPIError) -> Failure:
        """What an error means."""

    def close(self) -> None:
        """Let go of every connection."""


def open_database(where: Path | str) -> Database:
    """The database at a path (SQLite) or a URL (PostgreSQL), created if need be and migrated to the newest schema.

    Raises:
        StoreError: it cannot be created, reached or migrated.
    """
    # Each engine is imported when it is used: psycopg is an extra, and SQLite needs none of it.
    if isinstance(where, Path):
        from scheduler.store.sqlite import SqliteFile  # noqa: PLC0415

        database: Database = SqliteFile(where)
    else:
        from scheduler.store.postgres import PostgresServer  # noqa: PLC0415

        database = PostgresServer(where)
    with _refusals(database), database.alone(), database.engine.begin() as connection:
        database.prepare(connection)
        migrate(connection)
    return database


@contextmanager
def _refusals(database: Database) -> Iterator[None]:
    try:
        yield
    except StoreError:
        database.close()
        raise
    except NewerSchema as error:
        database.close()
        raise StoreError(
            f"The {database.name} was written by a newer Slotwright ({error}); upgrade this one."
        ) from error
    except DBAPIError as error:
        database.close()
        failure = database.judge(error)
        raise StoreError(
            f"The {database.name} cannot be opened ({failure.text}); {failure.remedy}."
        ) from error
    except UNREADABLE as error:
        database.close()
        raise unreadable(database.name) from error
    except (OSError, SQLAlchemyError) as error:
        database.close()
        raise StoreError(
            f"The {database.name} cannot be opened ({error}); check the path, its permissions and the free space."
        ) from error
