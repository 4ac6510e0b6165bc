"""docs/rooms-and-people.md shows what the commands print."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scheduler.cli.main import main
from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.demo import demo_tenant
from scheduler.emulator.server import serve

PAGE = Path(__file__).parents[2] / "docs" / "rooms-and-people.md"
START = datetime(2026, 11, 23, 7, tzinfo=UTC)
_BLOCK = re.compile(r"```(console|csv)\n(.*?)```", re.DOTALL)
_COMMAND = re.compile(r"^\$ (slotwright .*)\n", re.MULTILINE)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: Any, pass_test: Any) -> Iterator[None]:
    """The demo tenant at the page's clock, with the settings for it, and the page's files, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    with serve(Emulator(demo_tenant(START), clock=Clock(START))) as server:
        settings = {key: str(value) for key, value in server.connection.items()}
        Path("slotwright.toml").write_text(json.dumps(settings))
        pass_test(Path("slotwright.toml"))
        yield


@pytest.mark.campaign
@pytest.mark.usefixtures("installation")
def test_the_page_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    """Run from its first command to its last, every one prints what the page says."""
    for kind, body in _BLOCK.findall(PAGE.read_text()):
        if kind == "csv":
            Path("rooms.csv" if "seats" in body else "people.csv").write_text(body)
            continue
        _, *pairs = _COMMAND.split(body)
        for command, shown in zip(pairs[::2], pairs[1::2], strict=True):
            with pytest.raises(SystemExit):
                main(shlex.split(command)[1:])
            out, err = capsys.readouterr()
            printed = re.sub(r"[ \t]+$", "", out + err, flags=re.MULTILINE)
            assert shown == printed, command
