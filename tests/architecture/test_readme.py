"""The README is executed: its commands, its request, its Python, and the two commands of its first screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.planning.request import read_request

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE_BOOKING = "b-5d1c0c3f8a2e4b67"
MARK = "=== end of a command ==="


def blocks(language: str) -> list[str]:
    """Every fenced block of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def environment() -> dict[str, str]:
    """This interpreter's commands on the path, and no settings of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLOTWRIGHT_")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}", "PYTHONUTF8": "1"}


def commands_of() -> list[tuple[str, str]]:
    """Every command of the console blocks, in order, with what the README says it prints."""
    found: list[tuple[str, str]] = []
    for line in "".join(blocks("console")).splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), ""))
        else:
            command, expected = found[-1]
            found[-1] = command, f"{expected}{line}\n"
    return found


def printed_by(folder: Path, commands: list[str]) -> list[str]:
    """What each command prints, one after the other in one shell, with the README's files in its folder."""
    for name, content in re.findall(r"^```json (\S+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL):
        (folder / name).write_text(content)
    script = ["trap 'kill $(jobs -p)' EXIT"]
    for command in commands:
        waits = command.endswith("&")
        # The booking's id is random: wherever the README uses its example, the shell uses the real one.
        script.append(command.replace(EXAMPLE_BOOKING, "$BOOKING").replace(" &", " 2>/dev/null &"))
        script.append("until [ -s emulator.json ]; do sleep 0.1; done" if waits else ":")
        if " book " in command:
            script[-2] = (
                f'SAID="$({command})"; echo "$SAID"; BOOKING=$(echo "$SAID" | grep -o "b-[0-9a-f]*" | head -1)'
            )
        script.append(f"echo '{MARK}'")
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return re.sub(r"b-[0-9a-f]{16}", EXAMPLE_BOOKING, ran.stdout).split(f"{MARK}\n")


@pytest.mark.campaign
def test_the_console_examples_print_what_the_readme_shows(tmp_path: Path) -> None:
    """Command by command, in one shell, on a fresh emulator."""
    examples = commands_of()
    printed = printed_by(tmp_path, [command for command, _ in examples])
    for (command, wanted), answer in zip(examples, printed, strict=False):
        assert _trimmed(wanted) == _trimmed(answer), command
    assert len(examples) == len(printed) - 1


@pytest.mark.campaign
def test_the_demo_ends_as_promised(tmp_path: Path) -> None:
    """The last line of `slotwright demo` is the README's, and it exits with 0."""
    command = [str(Path(sys.executable).parent / "slotwright"), "demo"]
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert (0, "") == (ran.returncode, ran.stderr)
    assert f"```\n{ran.stdout.splitlines()[-1]}\n```" in README
    assert [] == list(tmp_path.iterdir())


def test_the_request_is_a_request() -> None:
    """The JSON example is understood as it stands."""
    (request,) = blocks("json")
    assert ("2026-11-27T17:00", 45) == (read_request(request).until, read_request(request).minutes)


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.split()[1])
def test_the_python_examples_run(block: str, tmp_path: Path) -> None:
    """Tests are run by pytest, everything else as a program."""
    example = tmp_path / "test_example.py"
    example.write_text(block)
    command = ["pytest", "-q", "-p", "no:cacheprovider"] if "def test_" in block else []
    runner = [sys.executable, *(["-m", *command] if command else []), str(example)]
    ran = subprocess.run(
        runner, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert 0 == ran.returncode, ran.stdout + ran.stderr


def test_links_lead_somewhere() -> None:
    """Every relative link names a file of this repository."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert [] == [link for link in links if not (ROOT / link.partition("#")[0]).exists()]


def test_ci_runs_the_two_commands_of_the_first_screen() -> None:
    """What a newcomer types is what CI runs."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    first_screen = README.partition("## Use it")[0].splitlines()
    newcomer = [line for line in first_screen if line.startswith(("python3 -m venv", ".venv/bin/pip"))]
    assert 2 == len(newcomer)
    assert [] == [line for line in newcomer if line not in script.splitlines()]


def _trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
