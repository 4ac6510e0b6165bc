"""Ready-made tests for any slot search: one per law, five lines.

    from scheduler.testing.laws import SlotLaws
    from shop.scheduling import find

    class TestShop(SlotLaws):
        find = staticmethod(find)

pytest then collects one test for every law of `scheduler.testing.lawbook.LAWS`. `find` takes and gives the values of
`scheduler.testing.vocabulary`. The same without pytest:

    >>> from scheduler.testing import ours
    >>> from scheduler.testing.laws import LawBroken, check_laws
    >>> check_laws(ours.find, max_examples=2)
    >>> try:
    ...     check_laws(lambda people, rooms, request: [], laws=["order", "complete"])
    ... except LawBroken as broken:
    ...     print(broken.law, "-", broken.problem)
    complete - the slot at 2026-06-01T09:00Z is missing
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from scheduler.testing.hypothesis_door import HealthCheck, Phase, given, settings, st
from scheduler.testing.lawbook import LAWS, Law
from scheduler.testing.strategies.cases import cases as all_cases
from scheduler.testing.vocabulary import Case, Find

LAW_NAMES = tuple(law.name for law in LAWS)
_BY_NAME = {law.name: law for law in LAWS}


class LawBroken(AssertionError):  # noqa: N818 - it is news about somebody's code, not an error of ours
    """A `find` broke a law.

    Attributes:
        law: its name.
        problem: what was wrong, in a sentence.
        case: the smallest case in which it was found; `find(*case)` shows it again.
    """

    def __init__(self, law: Law, problem: str, case: Case) -> None:
        people, rooms, request = case
        super().__init__(
            f"{law.name}: {law.says}\nBut {problem}.\n\n{people=}\n{rooms=}\n{request=}",
        )
        self.law = law.name
        self.problem = problem
        self.case = case


def check_laws(
    find: Find,
    *,
    laws: Iterable[str] = LAW_NAMES,
    cases: st.SearchStrategy[Case] | None = None,
    max_examples: int = 30,
    derandomize: bool = True,
    shrink: bool = True,
) -> None:
    """Put laws to a `find`, one after the other.

    Args:
        find: the search; it may be a generator, and order does not matter.
        laws: which laws, by name.
        cases: the cases; `strategies.cases()` if absent. Narrow it to what `find` supports.
        max_examples: cases for each law.
        derandomize: whether every run draws the same cases.
        shrink: whether the smallest broken case is looked for.

    Raises:
        LawBroken: the first law that does not hold, with its smallest case.
        ValueError: there is no law of that name.
        Exception: whatever `find` raises, with a note that names the law.
    """
    for name in laws:
        if name not in _BY_NAME:
            raise ValueError(f"there is no law {name!r}; the laws are {', '.join(LAW_NAMES)}")
        _put(
            _BY_NAME[name],
            find,
            all_cases() if cases is None else cases,
            settings(
                max_examples=max_examples,
                derandomize=derandomize,
                database=None,
                deadline=None,
                phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
                report_multiple_bugs=False,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )


class SlotLaws:
    """One test per law; subclass it in a test module under a name that begins with `Test`, and say what `find` is.

    Attributes:
        find: the search under test, as a staticmethod.
        cases: the cases; narrow `strategies.cases(...)` to what the search supports.
        max_examples: cases for each law.
        derandomize: whether every run draws the same cases.
    """

    find: ClassVar[Find]
    cases: ClassVar[st.SearchStrategy[Case]] = all_cases()
    max_examples: ClassVar[int] = 30
    derandomize: ClassVar[bool] = True

    def test_as_asked(self) -> None:
        """Every slot is inside the window, on the grid, of the length asked, for everybody, and offered once."""
        self._keeps("as_asked")

    def test_no_overlap(self) -> None:
        """No slot lies over busy time of a person, buffers included, or of its room."""
        self._keeps("no_overlap")

    def test_inside_hours(self) -> None:
        """Every minute of a slot is worked by everybody on their own clock."""
        self._keeps("inside_hours")

    def test_not_double_booked(self) -> None:
        """A slot that was chosen and written down as busy is not offered again to its people or its room."""
        self._keeps("not_double_booked")

    def test_busier_not_freer(self) -> None:
        """Adding busy time never adds a slot."""
        self._keeps("busier_not_freer")

    def test_split_or_merged(self) -> None:
        """Splitting, repeating or merging busy entries changes nothing."""
        self._keeps("split_or_merged")

    def test_display_zone(self) -> None:
        """The zone in which the answer is read changes no instant."""
        self._keeps("display_zone")

    def test_order(self) -> None:
        """The order of people, rooms, entries and hours changes nothing."""
        self._keeps("order")

    def test_longer_where_shorter(self) -> None:
        """A longer meeting fits only where a shorter one does."""
        self._keeps("longer_where_shorter")

    def test_wider_window(self) -> None:
        """Widening the window never removes a slot."""
        self._keeps("wider_window")

    def test_unreadable_not_free(self) -> None:
        """Who has a calendar that nobody could read is never offered."""
        self._keeps("unreadable_not_free")

    def test_status_as_asked(self) -> None:
        """Tentative time and working elsewhere count exactly as busy or free, as the request says."""
        self._keeps("status_as_asked")

    def test_company(self) -> None:
        """Asking one more person never adds a slot; one more room never removes one."""
        self._keeps("company")

    def test_complete(self) -> None:
        """The slots are exactly those that counting minute by minute finds."""
        self._keeps("complete")

    def _keeps(self, name: str) -> None:
        cls = type(self)
        check_laws(
            cls.find,
            laws=(name,),
            cases=cls.cases,
            max_examples=cls.max_examples,
            derandomize=cls.derandomize,
        )


def _put(law: Law, find: Find, cases: st.SearchStrategy[Case], how: settings) -> None:
    pairs = cases.flatmap(lambda case: st.tuples(st.just(case), law.change(case)))

    @how
    @given(pairs)
    def holds(pair: tuple[Case, Any]) -> None:
        case, change = pair
        problem = law.broken(find, case, change)
        if problem is not None:
            raise LawBroken(law, problem, case)

    try:
        holds()
    except LawBroken:
        raise
    except Exception as error:
        error.add_note(f"The law that was put: {law.name}.")
        raise
