"""From a mailbox's answer to what may be offered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, Cause, Note, NoteKind, availability
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status, UnreadableHours
from scheduler.zones import DayBlock, NamedZone, WeeklyHours, parse_utc
from solvers.timeline import Span, SpanSet

MONDAY = parse_utc("2026-11-23T00:00Z")
WINDOW = Span(MONDAY, MONDAY + 1440)
EVERYTHING = SpanSet.of([WINDOW])
UTC_HOURS = WeeklyHours((DayBlock(0, 540, 1020),), NamedZone("UTC"))
ANA = MailboxSchedule("ana@contoso.example", WINDOW, items=(), hours=UTC_HOURS)


def at(start: int, end: int) -> SpanSet:
    """Minutes of the Monday."""
    return SpanSet.of([(MONDAY + start, MONDAY + end)])


def item(start: int, end: int, status: Status) -> BusyItem:
    """An entry on the Monday."""
    return BusyItem(Span(MONDAY + start, MONDAY + end), status)


def merged(
    schedule: MailboxSchedule,
    *,
    policy: BusyPolicy | None = None,
    default_hours: WeeklyHours | None = None,
    ledger: SpanSet | None = None,
    constrain_hours: bool = True,
) -> Availability:
    """The availability under the defaults of a person."""
    return availability(
        schedule,
        policy=policy or BusyPolicy(),
        default_hours=default_hours,
        ledger=ledger or SpanSet(),
        constrain_hours=constrain_hours,
    )


def kinds(result: Availability) -> list[NoteKind]:
    """What the notes are about."""
    return [note.kind for note in result.notes]


class TestItems:
    def test_nothing_on(self) -> None:
        """An empty calendar is open in its working hours and nothing else."""
        expected = Availability(
            address="ana@contoso.example",
            window=WINDOW,
            open=at(540, 1020),
            soft=SpanSet(),
            blocked=(),
            unknown=SpanSet(),
            zone=NamedZone("UTC"),
        )
        assert expected == merged(ANA)

    def test_causes_are_told_apart(self) -> None:
        """Each cause keeps its own minutes, and our claims are one of them."""
        items = (item(600, 660, Status.OOF), item(630, 700, Status.BUSY), item(540, 545, Status.ELSEWHERE))
        policy = BusyPolicy(tentative="blocked", elsewhere="blocked")
        schedule = replace(ANA, items=(*items, item(800, 810, Status.TENTATIVE)))
        expected = (
            (Cause.BUSY, at(630, 700)),
            (Cause.OOF, at(600, 660)),
            (Cause.TENTATIVE, at(800, 810)),
            (Cause.ELSEWHERE, at(540, 545)),
            (Cause.OURS, at(900, 960)),
        )
        result = merged(schedule, policy=policy, ledger=at(900, 960))
        assert expected == result.blocked
        assert at(600, 700) | at(800, 810) | at(540, 545) | at(900, 960) == result.blocked_all

    def test_offerable(self) -> None:
        """What may be offered is open, soft or not, and neither blocked nor unknown."""
        items = (
            item(600, 660, Status.BUSY),
            item(650, 700, Status.UNKNOWN),
            item(700, 710, Status.TENTATIVE),
        )
        assert at(540, 600) | at(700, 1020) == merged(replace(ANA, items=items)).offerable

    def test_clipped_to_the_window(self) -> None:
        """Entries and claims that reach out of the window count inside it only."""
        items = (
            item(-600, 30, Status.BUSY),
            item(1430, 2000, Status.TENTATIVE),
            item(-60, 5, Status.UNKNOWN),
        )
        result = merged(replace(ANA, items=items), ledger=at(-100, 10) | at(1500, 1600))
        assert ((Cause.BUSY, at(0, 30)), (Cause.OURS, at(0, 10))) == result.blocked
        assert (at(1430, 1440), at(0, 5)) == (result.soft, result.unknown)

    def test_free_items_are_free(self) -> None:
        """An entry shown as free, or as working elsewhere, takes nothing."""
        items = (item(600, 660, Status.FREE), item(700, 760, Status.ELSEWHERE))
        assert merged(ANA) == merged(replace(ANA, items=items))

    @pytest.mark.parametrize("over", [Status.BUSY, Status.OOF, Status.UNKNOWN])
    def test_soft_yields(self, over: Status) -> None:
        """Where a tentative entry meets a taken or unknown one, it is soft no longer."""
        items = (item(600, 700, Status.TENTATIVE), item(650, 660, over))
        assert at(600, 650) | at(660, 700) == merged(replace(ANA, items=items)).soft

    def test_soft_yields_to_our_claims(self) -> None:
        """Our own claim makes tentative time taken."""
        schedule = replace(ANA, items=(item(600, 700, Status.TENTATIVE),))
        assert at(600, 650) == merged(schedule, ledger=at(650, 700)).soft

    def test_unknown_status_is_told(self) -> None:
        """Time of unknown status is unknown, and the first of it is named."""
        items = (
            item(700, 760, Status.UNKNOWN),
            item(600, 610, Status.UNKNOWN),
            item(-60, -30, Status.UNKNOWN),
        )
        result = merged(replace(ANA, items=items))
        text = "ana@contoso.example has time of unknown status, first at 2026-11-23T10:00Z."
        assert (Note(NoteKind.UNKNOWN_STATUS, text, MONDAY + 600),) == result.notes

    def test_zeroed_items_are_told(self) -> None:
        """Entries without length take nothing but are named."""
        result = merged(replace(ANA, zeroed=((MONDAY + 700, MONDAY + 700), (MONDAY + 600, MONDAY + 600))))
        text = (
            "ana@contoso.example has entries without length, first at 2026-11-23T10:00Z; they are left out."
        )
        assert (Note(NoteKind.ZEROED_ITEMS, text, MONDAY + 600),) == result.notes
        assert at(540, 1020) == result.offerable

    def test_reversed_items_are_unknown(self) -> None:
        """Between the end and the later start of an entry nobody knows what is, and a note names it."""
        pairs = ((700, 650), (610, 600), (800, 800), (20, -20))
        zeroed = tuple((MONDAY + start, MONDAY + end) for start, end in pairs)
        result = merged(replace(ANA, zeroed=zeroed))
        assert at(0, 20) | at(600, 610) | at(650, 700) == result.unknown
        assert at(540, 600) | at(610, 650) | at(700, 1020) == result.offerable
        assert [NoteKind.REVERSED_ITEMS, NoteKind.ZEROED_ITEMS] == kinds(result)
        assert MONDAY == result.notes[0].at

    def test_reversed_items_beyond_the_window(self) -> None:
        """An entry turned around outside the window says nothing about it."""
        assert merged(ANA) == merged(replace(ANA, zeroed=((MONDAY - 100, MONDAY - 200),)))

    def test_doubtful_items_are_told(self) -> None:
        """Entries widened because their clock repeats or skips a reading are taken whole and named once."""
        items = (
            BusyItem(Span(MONDAY + 600, MONDAY + 720), Status.BUSY, doubtful=True),
            BusyItem(Span(MONDAY + 900, MONDAY + 930), Status.TENTATIVE, doubtful=True),
        )
        result = merged(replace(ANA, items=items))
        assert (((Cause.BUSY, at(600, 720)),), at(900, 930)) == (result.blocked, result.soft)
        assert [(NoteKind.REPEATED_TIME, MONDAY + 600)] == [(note.kind, note.at) for note in result.notes]

    def test_a_view_does_not_contradict_doubtful_items(self) -> None:
        """The view shows what an entry really takes, so it may differ where the entry was widened."""
        items = (BusyItem(Span(MONDAY + 600, MONDAY + 720), Status.BUSY, doubtful=True),)
        result = merged(replace(ANA, items=items, view="0" * 22 + "2" + "0" * 25))
        assert [NoteKind.REPEATED_TIME] == kinds(result)


class TestUnanswered:
    def test_problem(self) -> None:
        """A mailbox that could not be read is unknown all over, with the reason; our claims still show."""
        schedule = MailboxSchedule("ghost@contoso.example", WINDOW, problem="The address is not known.")
        result = merged(schedule, default_hours=UTC_HOURS, ledger=at(600, 660))
        text = "The calendar of ghost@contoso.example could not be read: The address is not known."
        assert (Note(NoteKind.PROBLEM, text),) == result.notes
        assert EVERYTHING == result.unknown
        assert ((Cause.OURS, at(600, 660)),) == result.blocked
        assert not result.offerable

    def test_problem_beats_items(self) -> None:
        """Entries beside a problem prove nothing."""
        assert EVERYTHING == merged(replace(ANA, problem="Half an answer")).unknown

    def test_neither_items_nor_view(self) -> None:
        """An answer without any content is unknown all over."""
        result = merged(replace(ANA, items=None))
        assert ([NoteKind.NO_ANSWER], EVERYTHING) == (kinds(result), result.unknown)

    def test_view_instead_of_items(self) -> None:
        """Without entries the view is used, in its coarse steps, and a note says so."""
        result = merged(replace(ANA, items=None, view="0" * 20 + "1234" + "0" * 24))
        text = "ana@contoso.example showed no entries, so its view in steps of 30 minutes is used."
        assert Note(NoteKind.VIEW_USED, text) == result.notes[0]
        assert [NoteKind.VIEW_USED, NoteKind.UNKNOWN_STATUS] == kinds(result)
        assert (at(600, 630), at(690, 720)) == (result.soft, result.unknown)
        assert ((Cause.BUSY, at(630, 660)), (Cause.OOF, at(660, 690))) == result.blocked

    @pytest.mark.parametrize("digits", [0, 47, 49])
    def test_view_of_wrong_length(self, digits: int) -> None:
        """A view that does not fit the window is no answer."""
        result = merged(replace(ANA, items=None, view="0" * digits))
        assert ([NoteKind.NO_ANSWER], EVERYTHING) == (kinds(result), result.unknown)

    def test_empty_items_beside_a_busy_view(self) -> None:
        """An empty list beside a view that shows busy time is no statement, so the view is used."""
        result = merged(replace(ANA, items=(), view="0" * 20 + "2" + "0" * 27))
        assert [NoteKind.VIEW_USED] == kinds(result)
        assert ((Cause.BUSY, at(600, 630)),) == result.blocked


class TestViewBesideItems:
    SCHEDULE = replace(ANA, items=(item(605, 610, Status.BUSY), item(700, 710, Status.ELSEWHERE)))

    def test_agreement(self) -> None:
        """A view that says the same is not worth a note, and its rounding is not used."""
        result = merged(replace(self.SCHEDULE, view="0" * 20 + "2" + "0" * 27))
        assert () == result.notes
        assert ((Cause.BUSY, at(605, 610)),) == result.blocked

    def test_disagreement(self) -> None:
        """A view that says something else is told with its first such step, and the entries stand."""
        result = merged(replace(self.SCHEDULE, view="0" * 22 + "3" * 26))
        differs = "says 0 at 2026-11-23T10:00Z where the entries say 2"
        text = f"The view of ana@contoso.example {differs}; the entries are used."
        assert (Note(NoteKind.VIEW_DISAGREES, text, MONDAY + 600),) == result.notes
        assert merged(self.SCHEDULE).blocked == result.blocked

    @pytest.mark.parametrize(("tail", "digits", "step"), [(20, 41, 41), (30, 51, 48)])
    def test_wrong_length(self, tail: int, digits: int, step: int) -> None:
        """A view of another length is told with the step where one of the two ends."""
        result = merged(replace(self.SCHEDULE, view="0" * 20 + "2" + "0" * tail))
        text = f"The view of ana@contoso.example has {digits} digits where 48 are due; the entries are used."
        assert (Note(NoteKind.VIEW_DISAGREES, text, MONDAY + 30 * step),) == result.notes

    def test_unknown_items_agree_with_any_digit(self) -> None:
        """Nobody documents the digit of an unknown entry, so none disagrees with it."""
        schedule = replace(ANA, items=(item(600, 630, Status.UNKNOWN),), view="0" * 20 + "4" + "0" * 27)
        assert [NoteKind.UNKNOWN_STATUS] == kinds(merged(schedule))


class TestHours:
    def test_unreadable(self) -> None:
        """Hours that cannot be read make everything unknown, default hours or not; the entries still show."""
        schedule = replace(
            ANA, hours=UnreadableHours("Its clock is not known."), items=(item(600, 660, Status.BUSY),)
        )
        result = merged(schedule, default_hours=UTC_HOURS)
        text = "The working hours of ana@contoso.example cannot be read: Its clock is not known."
        assert (Note(NoteKind.UNREADABLE_HOURS, text),) == result.notes
        assert (EVERYTHING, SpanSet(), None) == (result.unknown, result.open, result.zone)
        assert ((Cause.BUSY, at(600, 660)),) == result.blocked

    def test_default(self) -> None:
        """A mailbox without hours gets the default ones on their own clock, and a note says so."""
        default = WeeklyHours((DayBlock(0, 540, 1020),), NamedZone("Europe/Amsterdam"))
        result = merged(replace(ANA, hours=None), default_hours=default)
        text = "ana@contoso.example has no working hours, so the default ones in Europe/Amsterdam are used."
        assert (Note(NoteKind.DEFAULT_HOURS, text),) == result.notes
        assert (at(480, 960), NamedZone("Europe/Amsterdam")) == (result.open, result.zone)

    def test_none_at_all(self) -> None:
        """Without hours and without default ones nothing is known."""
        result = merged(replace(ANA, hours=None))
        assert ([NoteKind.NO_HOURS], EVERYTHING) == (kinds(result), result.unknown)

    def test_own_hours_beat_the_default(self) -> None:
        """Default hours do not touch a mailbox that has its own."""
        assert merged(ANA) == merged(ANA, default_hours=WeeklyHours((), NamedZone("Asia/Tokyo")))

    @pytest.mark.parametrize("hours", [UTC_HOURS, None, UnreadableHours("Its clock is not known.")])
    def test_rooms_have_none(self, hours: WeeklyHours | UnreadableHours | None) -> None:
        """Where hours do not bind, a mailbox is open all the time whatever its hours are, readable or not."""
        result = merged(replace(ANA, hours=hours), constrain_hours=False)
        assert (EVERYTHING, SpanSet(), ()) == (result.open, result.unknown, result.notes)
