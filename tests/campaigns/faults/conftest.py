"""What the fault matrix is made of: flows that are asked of a desk, faults, and trials in processes of their own.

A trial is forked from a test that has made everything ready, so that it begins with exactly that; its process has its
own copy of the emulated tenant and of the database.
"""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import traceback
from collections.abc import Callable, Iterator
from itertools import count
from multiprocessing import Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Newer Pythons warn of forking beside threads; the children here only call our code and end."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"))


@pytest.fixture
def apart(desk: Any) -> Iterator[Callable[[Callable[[Any], Any]], Any]]:
    """Runs a function with the desk as it is now, in a process of its own; returns what it returns."""
    template: Path = desk.settings.database
    numbers = count(1)
    # In memory where there is such a place: nothing here has to survive the machine.
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:

        def run(trial: Callable[[Any], Any]) -> Any:
            home = Path(folder) / str(next(numbers))
            home.mkdir()
            ours, theirs = Pipe(duplex=False)
            gc.freeze()  # a child that collects what it got from its parent would copy all of it
            child = os.fork()
            if child == 0:
                try:
                    shutil.copy(template, home / "trial.db")
                    desk.settings = desk.settings.model_copy(update={"database": home / "trial.db"})
                    said = True, trial(desk)
                except BaseException:  # noqa: BLE001 - a forked child must never return into pytest
                    said = False, traceback.format_exc()
                theirs.send_bytes(pickle.dumps(said))
                os._exit(0)
            theirs.close()
            fine, result = pickle.loads(ours.recv_bytes())  # noqa: S301 - from our own child
            os.waitpid(child, 0)
            shutil.rmtree(home)
            assert fine, result
            return result

        yield run
