"""Running one transaction to a certain end: done, refused with nothing left behind, or said to be unknown.

A transaction that fails in passing (deadlock, lost connection, server restarting) is run again. That is safe although
a lost connection leaves a commit in doubt, because every method of the store is written so that doing it twice with
the same arguments is doing it once, and because a second run waits for the locks of a first one that is still alive.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from scheduler.errors import StoreError
from scheduler.store.database import Database
from scheduler.store.failures import UNREADABLE, OutcomeUnknown, unreadable

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, *[5.0] * 5)
"""Seconds between two runs; half a minute together, enough for a server to come back from a crash."""

P = ParamSpec("P")
T = TypeVar("T")


class HasDatabase(Protocol):
    """Whoever has methods that are transactions."""

    @property
    def database(self) -> Database:
        """Where they run."""


S = TypeVar("S", bound=HasDatabase)


def reads(method: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], T]:
    """Make the method one transaction that only reads; it is called without the connection."""
    return _transaction(method, read_only=True)


def writes(method: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], T]:
    """Make the method one transaction; doing it twice with the same arguments must be doing it once."""
    return _transaction(method, read_only=False)


def _transaction(
    method: Callable[Concatenate[S, Connection, P], T], *, read_only: bool
) -> Callable[Concatenate[S, P], T]:
    @wraps(method)
    def called(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return run(
            self.database, lambda connection: method(self, connection, *args, **kwargs), read_only=read_only
        )

    return called


def run(database: Database, work: Callable[[Connection], T], *, read_only: bool) -> T:
    """The result of the work, once its transaction is committed.

    Raises:
        OutcomeUnknown: a commit was on its way when the connection went, and it did not come back.
        StoreError: the database refused; nothing was changed.
    """
    committing = False

    def once() -> T:
        nonlocal committing
        committing = False
        with database.engine.connect() as opened:
            connection = database.reading(opened) if read_only else opened
            with connection.begin():
                result = work(connection)
                committing = not read_only
        return result

    return insist(database, once, committing=lambda: committing)


def insist(database: Database, once: Callable[[], T], *, committing: Callable[[], bool] = lambda: False) -> T:
    """The result of something that may fail in passing, tried again for as long as PAUSES say.

    Args:
        committing: whether a try that has just failed had begun to commit.

    Raises:
        OutcomeUnknown, StoreError: as `run` does.
    """
    doubtful = False
    for wait in (*PAUSES, None):
        try:
            return once()
        except DBAPIError as error:
            failure = database.judge(error)
            doubtful = doubtful or (committing() and not failure.undone)
            if failure.passing and wait is not None:
                time.sleep(wait)
                continue
            if doubtful:
                raise OutcomeUnknown(
                    f"The {database.name} went away in the middle of a commit ({failure.text}); whether it was"
                    f" written shows when it is back: {failure.remedy}, then look before trying again."
                ) from error
            raise StoreError(
                f"The {database.name} refused ({failure.text}); nothing was changed, {failure.remedy}."
            ) from error
        except UNREADABLE as error:
            raise unreadable(database.name) from error
        except PoolTimeout as error:
            raise StoreError(
                f"The {database.name} has all its connections in use; nothing was changed, try again in a moment."
            ) from error
    raise AssertionError("the last try returns or raises")
