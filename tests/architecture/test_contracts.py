"""The import contracts hold, and each of them notices when it is broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PLANTED = {
    "solvers imports nothing of scheduler": ("solvers/query.py", "import scheduler.errors"),
    "pendulum only in scheduler.zones": ("scheduler/planning/request.py", "import pendulum"),
    "sqlalchemy, alembic and psycopg only in scheduler.store": ("scheduler/app/find.py", "import sqlalchemy"),
    "cryptography only in scheduler.store.sealing, scheduler.graph.signin and the emulator": (
        "scheduler/app/swap_person.py",
        "import cryptography",
    ),
    "httpx and msal only in scheduler.graph": ("scheduler/app/book.py", "import httpx"),
    "ortools only in solvers.cpsat": ("solvers/exhaustive.py", "import ortools"),
    "scheduler.graph.wire only inside scheduler.graph": (
        "scheduler/app/cancel.py",
        "import scheduler.graph.wire.events",
    ),
    "scheduler.emulator imports nothing of ours": ("scheduler/emulator/clock.py", "import scheduler.errors"),
    "scheduler.emulator is imported only by cli, wiring and testing": (
        "scheduler/store/store.py",
        "import scheduler.emulator.clock",
    ),
    "layers of scheduler": ("scheduler/calendars/busy.py", "import scheduler.planning.request"),
    "no cycles between packages": ("scheduler/zones/names.py", "import scheduler.directory.rooms"),
}


def verdicts(tree: Path) -> dict[str, str]:
    """Each contract's name with KEPT or BROKEN, for the packages that lie in a folder."""
    script = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    ran = subprocess.run(
        [sys.executable, "-c", script, "--no-cache", "--config", str(ROOT / ".importlinter")],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.*\))?$", ran.stdout, flags=re.MULTILINE)
    assert found, ran.stdout + ran.stderr
    return dict(found)


def test_every_contract_holds() -> None:
    """The code keeps every import rule of ARCHITECTURE.md."""
    assert dict.fromkeys(PLANTED, "KEPT") == verdicts(ROOT)


def test_every_contract_notices_a_violation(tmp_path: Path) -> None:
    """A planted import breaks the contract that forbids it, so none of them has stopped biting."""
    for package in ("scheduler", "solvers"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file, line in PLANTED.values():
        with (tmp_path / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{line}\n")
    assert dict.fromkeys(PLANTED, "BROKEN") == verdicts(tmp_path)
