"""Disks so small that they fill up: file systems in memory, mounted for one test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

KIB = 1024


@dataclass(frozen=True)
class Disk:
    """A mounted file system of its own."""

    folder: Path

    @property
    def left(self) -> int:
        """Bytes that are free."""
        state = os.statvfs(self.folder)
        return state.f_bavail * state.f_frsize

    def fill(self, *, leaving: int = 0) -> None:
        """Let somebody else's file take all space but so many bytes."""
        with (self.folder / "ballast").open("ab") as ballast:
            while (left := self.left) > leaving:
                ballast.write(bytes(min(left - leaving, 64 * KIB)))
                ballast.flush()

    def free(self) -> None:
        """Take that file away again."""
        (self.folder / "ballast").unlink(missing_ok=True)

    def grow(self) -> None:
        """Make the disk large."""
        _run("mount", "-o", "remount,size=64m", str(self.folder))


@contextmanager
def mounted(kib: int, owner: int | None = None) -> Iterator[Disk]:
    """A disk of so many KiB; the test is skipped where it may not be mounted.

    Args:
        owner: user id of whom it belongs to; None leaves it to this process's user.
    """
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk, so a disk that fills up is not tested here")
    folder = Path(tempfile.mkdtemp(prefix="slotwright-disk-"))
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(folder))
    except subprocess.CalledProcessError as refused:
        folder.rmdir()
        pytest.skip(
            f"no small disk can be mounted here ({refused.stderr.strip()}), so a full one is not tested"
        )
    try:
        if owner is not None:
            os.chown(folder, owner, owner)
            folder.chmod(0o700)
        yield Disk(folder)
    finally:
        _run("umount", str(folder))
        folder.rmdir()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> Iterator[Disk]:
    """The disk that `database` is on: 1 MiB for a file, 16 for a tablespace, which begins with 8."""
    if request.getfixturevalue("engine") == "sqlite":
        with mounted(1024) as small:
            yield small
    else:
        server = request.getfixturevalue("postgres")
        with mounted(16 * 1024, owner=(server._data).stat().st_uid) as small:
            yield small


@pytest.fixture
def database(request: pytest.FixtureRequest, disk: Disk, engine: str) -> Iterator[Path | str]:
    """An empty database on the small disk."""
    if engine == "sqlite":
        yield disk.folder / "slotwright.db"
        return
    server: Any = request.getfixturevalue("postgres")
    server.start()
    with ExitStack() as stack:
        server.sql(f"CREATE TABLESPACE small LOCATION '{disk.folder}'")
        stack.callback(server.sql, "DROP TABLESPACE small")
        server.sql("CREATE DATABASE on_small TABLESPACE small")
        stack.callback(server.sql, "DROP DATABASE on_small WITH (FORCE)")
        stack.callback(disk.free)
        yield server.url("on_small")
