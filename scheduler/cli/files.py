"""Files that are named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from scheduler.errors import InputError


def read_text(path: Path, called: str) -> str:
    """The text of a file; of `-` standard input.

    Args:
        called: how errors call it.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    try:
        return sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(called, f"{path} cannot be read ({error})", "check the path") from None


def read_bytes(path: Path, called: str) -> bytes:
    """The content of a file.

    Args:
        called: how errors call it.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(called, f"{path} cannot be read ({error.strerror})", "check the path") from None
