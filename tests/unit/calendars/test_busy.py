"""What statuses and views mean."""

from __future__ import annotations

import pytest

from scheduler.calendars.busy import ANY_DIGIT, BusyPolicy, Reading, expected_view, read_status, read_view
from scheduler.calendars.snapshot import BusyItem, Status
from solvers.timeline import Span

WINDOW = Span(1000, 1100)


class TestReadStatus:
    @pytest.mark.parametrize(
        ("text", "status"),
        [
            ("free", Status.FREE),
            ("Busy", Status.BUSY),
            ("OOF", Status.OOF),
            ("tentative", Status.TENTATIVE),
            ("workingelsewhere", Status.ELSEWHERE),
            ("workingElsewhere", Status.ELSEWHERE),
            ("unknown", Status.UNKNOWN),
        ],
    )
    def test_documented(self, text: str, status: Status) -> None:
        """Documented statuses are read in any letter case."""
        assert status is read_status(text)

    @pytest.mark.parametrize("text", [None, "", "0", "available", "busy ", "unknownFutureValue"])
    def test_everything_else(self, text: str | None) -> None:
        """What is not documented is unknown, never free."""
        assert Status.UNKNOWN is read_status(text)


class TestPolicy:
    def test_defaults(self) -> None:
        """Tentative costs, working elsewhere does not, and neither is blocked unless asked."""
        readings = {status: BusyPolicy().reading(status) for status in Status}
        expected = {
            Status.FREE: Reading.FREE,
            Status.TENTATIVE: Reading.SOFT,
            Status.BUSY: Reading.BLOCKED,
            Status.OOF: Reading.BLOCKED,
            Status.ELSEWHERE: Reading.FREE,
            Status.UNKNOWN: Reading.UNKNOWN,
        }
        assert expected == readings

    def test_the_most_lenient(self) -> None:
        """No policy frees busy, out-of-office or unknown time."""
        policy = BusyPolicy(tentative="free", elsewhere="free")
        strict = [policy.reading(status) for status in (Status.BUSY, Status.OOF, Status.UNKNOWN)]
        assert [Reading.BLOCKED, Reading.BLOCKED, Reading.UNKNOWN] == strict


class TestReadView:
    def test_runs(self) -> None:
        """Equal digits become one item, and the last one is cut at the window's end."""
        expected = (
            BusyItem(Span(1000, 1030), Status.FREE),
            BusyItem(Span(1030, 1090), Status.BUSY),
            BusyItem(Span(1090, 1100), Status.OOF),
        )
        assert expected == read_view("0223", WINDOW, 30)

    @pytest.mark.parametrize("digit", ["4", "5", "9", "-", "x", ANY_DIGIT])
    def test_unknown_digits(self, digit: str) -> None:
        """A 4, which has had two meanings, and any other character are unknown."""
        assert (BusyItem(WINDOW, Status.UNKNOWN),) == read_view(digit, WINDOW, 100)

    @pytest.mark.parametrize("view", ["", "000", "00000"])
    def test_wrong_length(self, view: str) -> None:
        """A view with too few or too many digits says nothing about any minute."""
        assert read_view(view, WINDOW, 30) is None


class TestExpectedView:
    @pytest.mark.parametrize(
        ("items", "view"),
        [
            ([], "0000"),
            ([(1000, 1001, Status.BUSY)], "2000"),
            ([(1029, 1031, Status.BUSY)], "2200"),
            ([(1030, 1060, Status.TENTATIVE)], "0100"),
            ([(900, 1200, Status.OOF)], "3333"),
            ([(900, 1000, Status.OOF), (1100, 1200, Status.OOF)], "0000"),
            ([(1000, 1100, Status.ELSEWHERE), (1000, 1100, Status.FREE)], "0000"),
            ([(1000, 1060, Status.OOF), (1030, 1090, Status.TENTATIVE), (1030, 1070, Status.BUSY)], "3320"),
            ([(1000, 1060, Status.OOF), (1030, 1040, Status.UNKNOWN)], f"3{ANY_DIGIT}00"),
        ],
    )
    def test_digits(self, items: list[tuple[int, int, Status]], view: str) -> None:
        """Steps count from the window's start, any overlap marks them and the highest status wins."""
        busy = [BusyItem(Span(start, end), status) for start, end, status in items]
        assert view == expected_view(busy, WINDOW, 30)
