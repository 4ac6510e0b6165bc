"""How the laws are put: by pytest, by a call, and what is said when one is broken."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scheduler.testing import oracle, ours
from scheduler.testing.laws import LAW_NAMES, LAWS, LawBroken, SlotLaws, check_laws
from scheduler.testing.strategies import cases
from scheduler.testing.vocabulary import Block, Busy, Person, Request, Room, Slot

FIVE_LINES = """
from scheduler.testing import ours
from scheduler.testing.laws import SlotLaws

class TestMine(SlotLaws):
    find = staticmethod(ours.find)
"""


@pytest.mark.campaign
def test_pytest_collects_one_test_for_each_law(tmp_path: Path) -> None:
    """Five lines are enough, and each test has its law's name."""
    (tmp_path / "test_mine.py").write_text(FIVE_LINES)
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "."]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    collected = [line.rpartition("::test_")[2] for line in ran.stdout.splitlines() if "::test_" in line]
    assert list(LAW_NAMES) == collected


def test_a_test_says_what_its_law_says() -> None:
    """The docstrings of the tests are the laws' own sentences."""
    told = {law.name: getattr(SlotLaws, f"test_{law.name}").__doc__ for law in LAWS}
    assert {law.name: law.says for law in LAWS} == told


def test_what_is_broken_is_named_with_its_smallest_case() -> None:
    """The error carries law, problem and a case that is as plain as can be and breaks the law again."""
    with pytest.raises(LawBroken) as caught:
        check_laws(lambda *_: (), laws=["complete"])
    people, rooms, request = caught.value.case
    assert "complete" == caught.value.law
    assert "is missing" in caught.value.problem
    assert (1, (), 15) == (len(people), rooms, request.grid)
    assert () == people[0].busy
    assert all(text in str(caught.value) for text in ("complete: ", repr(people), repr(request)))


def test_what_a_search_raises_is_not_hidden() -> None:
    """A search that fails is reported with its own error and the law that was put."""

    def fails(*_: object) -> list[object]:
        raise ZeroDivisionError("no grid")

    with pytest.raises(ZeroDivisionError, match="no grid") as caught:
        check_laws(fails, laws=["order"], max_examples=2)
    assert "The law that was put: order." in caught.value.__notes__


def test_the_same_cases_are_drawn_every_time() -> None:
    """Two runs put the same questions in the same order."""
    runs: list[list[object]] = [[], []]
    for seen in runs:

        def watching(
            people: object, rooms: object, request: object, seen: list[object] = seen
        ) -> list[object]:
            seen.append((people, rooms, request))
            return []

        check_laws(watching, laws=["no_overlap"], max_examples=10)  # type: ignore[arg-type]
    assert runs[0] == runs[1]
    assert 10 <= len(runs[0])


def test_an_unknown_law_is_refused() -> None:
    """A misspelt name does not silently check nothing."""
    with pytest.raises(ValueError, match="there is no law 'overlap'"):
        check_laws(ours.find, laws=["overlap"])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Person("", "UTC", ()),
        lambda: Person("ana", "UTC", (Block(7, 0, 60),)),
        lambda: Person("ana", "UTC", (Block(0, 60, 60),)),
        lambda: Person("ana", "UTC", (Block(0, 60, 1501),)),
        lambda: Room("singel", (Busy(5, 5, "busy"),)),
        lambda: Room("singel", (Busy(5, 6, "Busy"),)),  # type: ignore[arg-type]
        lambda: Request(0, (0, 60)),
        lambda: Request(30, (60, 60)),
        lambda: Request(30, (0, 60), grid=7),
        lambda: Request(30, (0, 60), buffer_after=-1),
    ],
)
def test_values_that_mean_nothing_are_refused(make: object) -> None:
    """A wrong value is refused when it is made, not when a law meets it."""
    with pytest.raises(ValueError, match=r"\w"):
        make()  # type: ignore[operator]


def test_without_hypothesis_there_is_one_clear_sentence() -> None:
    """The laws and strategies say what to install; the pytest plugin, which loads everywhere, does not even ask."""
    program = """
import sys
sys.modules["hypothesis"] = None
import scheduler.testing.plugin
for name in ("strategies", "laws"):
    try:
        __import__(f"scheduler.testing.{name}")
    except ImportError as error:
        print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    sentence = (
        "The laws and strategies of scheduler.testing need Hypothesis: run pip install 'slotwright[test]'."
    )
    assert [sentence, sentence] == ran.stdout.splitlines()


@pytest.mark.campaign
def test_narrowed_cases_stay_narrow() -> None:
    """No law asks about a zone, a status or a room that the cases were narrowed not to have."""
    zones, statuses = set(), set()

    def watching(people: Sequence[Person], rooms: Sequence[Room], request: Request) -> list[Slot]:
        zones.update([request.zone, *(person.zone for person in people)])
        statuses.update(entry.status for person in people for entry in person.busy or ())
        assert ((), False) == (tuple(rooms), request.needs_room)
        return oracle.find(people, rooms, request)

    narrow = cases(max_rooms=0, zones=["Asia/Kolkata", "Asia/Kathmandu"], statuses=["busy"])
    check_laws(watching, cases=narrow, max_examples=5)
    assert ({"Asia/Kolkata", "Asia/Kathmandu"}, {"busy"}) == (zones, statuses)
