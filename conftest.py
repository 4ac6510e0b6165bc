"""Databases for every test that wants one: a SQLite file, or a database on a PostgreSQL server of the test run's own.

A test that asks for the fixture `database` gets a SQLite file; marked with

    @pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)

it runs on both. What it gets is what `Settings.database` and `Store` take: a Path or a URL.
"""

from __future__ import annotations

import gc
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

pytest_plugins = ["scheduler.testing.experiments"]
# A tenth of the time of the tests went into looking for cycles among objects that live as long as the process.
gc.set_threshold(50_000, 25, 50)

ROLE = "slotwright"
CLERK = "clerk"
SECONDS_TO_START = 60


def binaries() -> Path | None:
    """Where the newest installed server's programs are: on the PATH, by pg_config, or where Debian keeps them."""
    found = [
        Path(tool).resolve().parent for tool in [shutil.which("postgres"), shutil.which("pg_ctl")] if tool
    ]
    if configured := shutil.which("pg_config"):
        said = subprocess.check_output([configured, "--bindir"], text=True)  # noqa: S603 - an installed program
        found.append(Path(said.strip()))
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((folder for folder in found if (folder / "initdb").exists()), None)


class PostgresServer:
    """A server in a folder of its own, reached through a socket in that folder; it writes its data through to disk.

    It runs as `postgres` or `nobody` when the tests run as root, because initdb refuses root.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        self._numbers = count(1)
        self._spare: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._as: list[str] = []
        if os.geteuid() == 0:
            names = {entry.pw_name: entry for entry in pwd.getpwall()}
            user = names.get("postgres") or names["nobody"]
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        self._run(
            "initdb", "-D", str(self._data), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"
        )
        access = self._data / "pg_hba.conf"
        access.write_text(f"local all {CLERK} scram-sha-256\n{access.read_text()}")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # noqa: S603 - an installed program
            [*self._as, str(self._programs / program), *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def url(self, database: str, *, user: str = ROLE, **parameters: str) -> str:
        """The URL of one of its databases."""
        given = {"host": str(self._folder), "user": user, **parameters}
        return f"postgresql:///{database}?{'&'.join(f'{key}={value}' for key, value in given.items())}"

    def sql(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement as the superuser, in a connection of its own."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def clerk(self, database: str, password: str) -> Iterator[str]:
        """The URL for a role that must give its password and may at first do nothing; afterwards the role is gone."""
        self.sql(f"CREATE ROLE {CLERK} LOGIN PASSWORD '{password}'")
        try:
            yield self.url(database, user=CLERK, password=password)
        finally:
            self.break_sessions(database)
            self.sql(f"DROP OWNED BY {CLERK} CASCADE", database)
            self.sql(f"DROP ROLE {CLERK}")

    def break_sessions(self, database: str) -> None:
        """End every session of a database, whatever it is doing."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database]
            )

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The name of a database with nothing in it; it is emptied and used again, which is faster than a new one."""
        if not self._spare:
            self._spare.append(f"test_{next(self._numbers)}")
            self.sql(f"CREATE DATABASE {self._spare[-1]}")
        name = self._spare.pop()
        yield name
        self.start()
        self.break_sessions(name)
        self.sql("DROP SCHEMA public CASCADE", name)
        self.sql("CREATE SCHEMA public", name)
        self.sql("GRANT USAGE ON SCHEMA public TO PUBLIC", name)
        self._spare.append(name)

    def start(self) -> None:
        """Start it, if it is not running, and wait until it takes connections.

        It ends with the thread that started it (prctl(2), PR_SET_PDEATHSIG), so that a killed test run leaves none.
        """
        if self._process is not None:
            return
        with_parent = ["setpriv", "--pdeathsig", "INT"] if sys.platform == "linux" else []
        options = ["-k", str(self._folder), "-h", "", "-c", "max_connections=120"]
        options += ["-c", "recovery_init_sync_method=syncfs"] if sys.platform == "linux" else []
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - an installed program
                [*self._as, *with_parent, str(self._programs / "postgres"), "-D", str(self._data), *options],
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while True:
            try:
                self.sql("SELECT 1")
            except psycopg.OperationalError:
                words = (self._folder / "log").read_text()
                assert self._process.poll() is None, words
                assert time.monotonic() < deadline, words
                time.sleep(0.05)
            else:
                return

    def stop(self, *, at_once: bool = False) -> None:
        """End it: every session is broken off, and with `at_once` as in a crash, without writing anything more."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._process.wait()
            self._process = None


def pytest_collection_finish() -> None:
    """What was collected stays to the end and need not be looked through again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test process; the test is skipped where none is installed."""
    programs = binaries()
    if programs is None:
        pytest.skip(
            "no PostgreSQL server is installed (apt-get install postgresql), so it is not tested here"
        )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slotwright-pg-")))
        server = PostgresServer(programs, folder)
        stack.callback(server.stop, at_once=True)
        server.start()
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """An empty database: a SQLite file, or a URL where the test is parametrized with "postgresql"."""
    if getattr(request, "param", "sqlite") == "sqlite":
        # In memory where there is such a place: what a test shows does not hang on how fast a disk is.
        memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone
        if not memory.is_dir():
            yield tmp_path / "slotwright.db"
            return
        with tempfile.TemporaryDirectory(prefix="slotwright-", dir=memory) as folder:
            yield Path(folder) / "slotwright.db"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        server.start()  # the test before may have ended it
        with server.empty_database() as name:
            yield server.url(name)


@pytest.fixture
def sql(database: Path | str) -> Callable[[str], list[Any]]:
    """Run a statement on the database in a connection of its own, by none of our code."""

    def run(statement: str) -> list[Any]:
        if isinstance(database, str):
            with psycopg.connect(database, autocommit=True) as connection:
                cursor = connection.execute(statement)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()

    return run
