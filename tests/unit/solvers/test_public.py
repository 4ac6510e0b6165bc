"""What `solvers` offers, and that asking for it is what loads it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import solvers


@pytest.mark.parametrize("name", solvers.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """What is listed can be had."""
    assert getattr(solvers, name) is not None


def test_unknown_name_is_refused() -> None:
    """A name that is not there is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        solvers.nothing  # noqa: B018 (asking is the test)


def test_ortools_is_loaded_by_the_first_use() -> None:
    """Importing `solvers` loads neither OR-Tools nor pydantic; asking for `solve` loads both."""
    code = (
        "import sys, solvers\n"
        "print(sorted({'ortools', 'pydantic'} & sys.modules.keys()))\n"
        "solvers.solve\n"
        "print(sorted({'ortools', 'pydantic'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ["[]", "['ortools', 'pydantic']"] == done.stdout.splitlines()
