"""What every command shares: the settings, where people read, and how progress is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from scheduler.app.tested import insist_tested
from scheduler.errors import InputError, WorldError
from scheduler.settings import Settings, load_settings
from scheduler.store.store import Store
from scheduler.wiring import (
    Slotwright,
    expiry,
    open_slotwright,
    open_store,
    system_clock,
    tested_settings,
)

PLAIN_WIDTH = 110
"""Columns of output that goes into a file or a pipe."""


def output() -> Console:
    """Where answers go."""
    return _console(stderr=False)


def progress() -> Console:
    """Where everything else goes, so that answers can be piped."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


class Unfinished(WorldError):  # noqa: N818 - named like the fact it states
    """Something failed midway; what was begun is in the ledger, and `show` goes on with it."""

    def __init__(self, error: WorldError, called: str, id_: str) -> None:
        super().__init__(f"{error} {called} {id_} is unfinished; `slotwright show {id_}` goes on with it.")
        self.unfinished = id_


class Context:
    """The settings of this run; read only when a command needs them."""

    def __init__(self, settings_file: Path | None) -> None:
        self._file = settings_file

    def settings(self, **overrides: object) -> Settings:
        """The settings, with the values that a command's own options give."""
        given = {name: value for name, value in overrides.items() if value not in (None, "")}
        return load_settings(self._file).model_copy(update=given)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The database alone."""
        with open_store(self.settings()) as store:
            yield store

    @contextmanager
    def slotwright(
        self,
        doing: str,
        settings: Settings | None = None,
        *,
        untested: bool = False,
        books: bool = False,
        background: bool = False,
    ) -> Iterator[Slotwright]:
        """Everything connected, with a progress line on standard error while it works.

        A secret or certificate that ends soon is told of on standard error, whatever the command.

        Args:
            untested: whether a connection that was never tested will do.
            books: whether events will be written.
            background: whether nobody waits for it.

        Raises:
            InputError: it will not do, and was not tested with these settings; or it may not book.
        """
        used = settings or self.settings()
        with (
            _telling(doing) as tell,
            open_slotwright(used, tell=tell, request=command_name(), background=background) as everything,
        ):
            warning = expiry(used, minute=system_clock() // 60).warning()
            if warning is not None:
                click.echo(f"slotwright: {warning}", err=True)
            if not untested:
                # What a command's own options override is that command's, and no other connection.
                insist_tested(everything.connections, tested_settings(self.settings()))
            if books and not used.used_profile.books:
                raise InputError(
                    "settings.profile",
                    f"{used.used_profile.name} books nothing",
                    'set connection = "advanced" and a profile that books, then type `slotwright doctor`',
                )
            yield everything


def command_name() -> str:
    """The command that runs, such as `find`; empty outside of one."""
    running = click.get_current_context(silent=True)
    return "" if running is None else running.command_path.partition(" ")[2]


@contextmanager
def _telling(doing: str) -> Iterator[Callable[[str], None]]:
    console = progress()
    if console.is_terminal:
        with console.status(f"{doing} ...") as status:
            yield status.update
    else:
        yield lambda _: None


pass_context = click.make_pass_decorator(Context)
