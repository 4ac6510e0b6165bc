"""Merging against a minute-by-minute reading of random schedules."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scheduler.calendars.busy import BusyPolicy, expected_view, read_view
from scheduler.calendars.merge import Availability, Cause, availability
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from scheduler.zones import DayBlock, NamedZone, WeeklyHours
from solvers.timeline import Span, SpanSet

WINDOW = Span(29_735_000, 29_735_400)
HOURS = WeeklyHours(tuple(DayBlock.between(day, 0, 1440) for day in range(7)), NamedZone("UTC"))
POLICIES = st.builds(
    BusyPolicy,
    tentative=st.sampled_from(["free", "soft", "blocked"]),
    elsewhere=st.sampled_from(["free", "soft", "blocked"]),
)


def spans() -> st.SearchStrategy[Span]:
    """Spans before, in, over and after the window."""
    return st.builds(
        lambda start, length: Span(WINDOW.start + start, WINDOW.start + start + length),
        st.integers(-100, 500),
        st.one_of(st.integers(1, 20), st.integers(1, 600)),
    )


ITEMS = st.lists(st.builds(BusyItem, spans(), st.sampled_from(Status), st.booleans()), max_size=8)
BLOCKS = st.lists(
    st.builds(
        lambda day, start, length: DayBlock(day, start, start + length),
        st.integers(0, 6),
        st.integers(0, 1439),
        st.integers(1, 1440),
    ),
    max_size=5,
)


def merged(items: list[BusyItem], policy: BusyPolicy, ledger: SpanSet, hours: WeeklyHours) -> Availability:
    """The availability of one schedule."""
    schedule = MailboxSchedule("ana@contoso.example", WINDOW, items=tuple(items), hours=hours)
    return availability(schedule, policy=policy, default_hours=None, ledger=ledger, constrain_hours=True)


def holds(minutes: SpanSet, minute: int) -> bool:
    """Whether a minute is in a set, by looking at its spans."""
    return any(span.start <= minute < span.end for span in minutes)


@given(ITEMS, POLICIES, st.lists(spans(), max_size=3), BLOCKS)
def test_minute_by_minute(
    items: list[BusyItem], policy: BusyPolicy, claims: list[Span], blocks: list[DayBlock]
) -> None:
    """Every minute gets exactly the marks of the entries, claims and hours over it."""
    hours = WeeklyHours(tuple(blocks), NamedZone("UTC"))
    result = merged(items, policy, SpanSet.of(claims), hours)
    causes = {cause: minutes for cause, minutes in result.blocked}  # noqa: C416 - a dict of pairs, typed
    for minute in range(WINDOW.start - 150, WINDOW.end + 150):
        inside = WINDOW.start <= minute < WINDOW.end
        here = {item.status for item in items if inside and item.span.start <= minute < item.span.end}
        taken = {Cause.BUSY: Status.BUSY in here, Cause.OOF: Status.OOF in here}
        taken[Cause.OURS] = inside and any(claim.start <= minute < claim.end for claim in claims)
        taken[Cause.TENTATIVE] = Status.TENTATIVE in here and policy.tentative == "blocked"
        taken[Cause.ELSEWHERE] = Status.ELSEWHERE in here and policy.elsewhere == "blocked"
        costly = (Status.TENTATIVE in here and policy.tentative == "soft") or (
            Status.ELSEWHERE in here and policy.elsewhere == "soft"
        )
        weekday, of_day = (minute // 1440 + 3) % 7, minute % 1440
        works = inside and any(
            (block.weekday == weekday and block.start <= of_day < block.end)
            or (block.weekday == (weekday - 1) % 7 and of_day + 1440 < block.end)
            for block in blocks
        )
        blocked, unknown = any(taken.values()), Status.UNKNOWN in here
        assert taken == {cause: holds(causes.get(cause, SpanSet()), minute) for cause in Cause}
        assert blocked == holds(result.blocked_all, minute)
        assert unknown == holds(result.unknown, minute)
        assert (costly and not blocked and not unknown) == holds(result.soft, minute)
        assert works == holds(result.open, minute)
        assert (works and not blocked and not unknown) == holds(result.offerable, minute)


@given(ITEMS, POLICIES, st.data())
def test_splitting_changes_nothing(items: list[BusyItem], policy: BusyPolicy, data: st.DataObject) -> None:
    """Entries cut in two, repeated and put in another order say the same, notes included."""
    pieces = []
    for item in items:
        cut = data.draw(st.integers(item.span.start, item.span.end))
        edges = sorted({item.span.start, cut, item.span.end})
        pieces += [replace(item, span=Span(start, end)) for start, end in pairwise(edges)]
    again = data.draw(st.lists(st.sampled_from(pieces), max_size=3)) if pieces else []
    shuffled = data.draw(st.permutations(pieces + again))
    assert merged(items, policy, SpanSet(), HOURS) == merged(shuffled, policy, SpanSet(), HOURS)


@given(ITEMS, st.builds(BusyItem, spans(), st.sampled_from(Status)), POLICIES)
def test_more_entries_never_free(items: list[BusyItem], more: BusyItem, policy: BusyPolicy) -> None:
    """Whatever is added to a calendar, no minute can be offered that could not be before."""
    before = merged(items, policy, SpanSet(), HOURS).offerable
    after = merged([*items, more], policy, SpanSet(), HOURS).offerable
    assert SpanSet() == after - before


@given(ITEMS, POLICIES, st.lists(spans(), max_size=3))
def test_turned_around(items: list[BusyItem], policy: BusyPolicy, turned: list[Span]) -> None:
    """Entries that end before they start act like entries of unknown status over the same minutes."""
    zeroed = tuple((span.end, span.start) for span in turned)
    schedule = MailboxSchedule("ana@contoso.example", WINDOW, items=tuple(items), hours=HOURS, zeroed=zeroed)
    odd = availability(schedule, policy=policy, default_hours=None, ledger=SpanSet(), constrain_hours=True)
    unknown = merged([*items, *(BusyItem(span, Status.UNKNOWN) for span in turned)], policy, SpanSet(), HOURS)
    assert (unknown.offerable, unknown.soft, unknown.unknown) == (odd.offerable, odd.soft, odd.unknown)


@given(ITEMS, POLICIES, st.lists(spans(), max_size=3))
def test_claims_act_like_busy_entries(items: list[BusyItem], policy: BusyPolicy, claims: list[Span]) -> None:
    """What our claims leave is what the same time shown as busy would leave."""
    claimed = merged(items, policy, SpanSet.of(claims), HOURS)
    busy = merged([*items, *(BusyItem(claim, Status.BUSY) for claim in claims)], policy, SpanSet(), HOURS)
    assert (busy.offerable, busy.soft) == (claimed.offerable, claimed.soft)


@given(ITEMS, POLICIES, st.integers(1, 60))
def test_the_view_never_offers_more(items: list[BusyItem], policy: BusyPolicy, view_minutes: int) -> None:
    """A mailbox that shows only its view is never offered where its entries would not allow it."""
    view = expected_view(items, WINDOW, view_minutes)
    schedule = MailboxSchedule(
        "ana@contoso.example", WINDOW, view=view, view_minutes=view_minutes, hours=HOURS
    )
    lenient = replace(policy, elsewhere="free")  # a view shows working elsewhere as free
    seen = availability(
        schedule, policy=lenient, default_hours=None, ledger=SpanSet(), constrain_hours=True
    ).offerable
    known = merged(items, lenient, SpanSet(), HOURS).offerable
    assert SpanSet() == seen - known
    beside = replace(schedule, items=tuple(items) or None)
    told = availability(
        beside, policy=policy, default_hours=None, ledger=SpanSet(), constrain_hours=True
    ).notes
    assert "view-disagrees" not in [note.kind for note in told]


@given(ITEMS, st.integers(1, 60))
def test_view_digit_by_digit(items: list[BusyItem], view_minutes: int) -> None:
    """Each digit is the highest status of the minutes it covers."""
    rank = {Status.FREE: "0", Status.ELSEWHERE: "0", Status.TENTATIVE: "1", Status.BUSY: "2", Status.OOF: "3"}
    view = expected_view(items, WINDOW, view_minutes)
    steps = range(WINDOW.start, WINDOW.end, view_minutes)
    assert len(steps) == len(view)
    for digit, start in zip(view, steps, strict=True):
        step = Span(start, min(start + view_minutes, WINDOW.end))
        here = {item.status for item in items if item.span.overlaps(step)}
        doubtful = any(item.doubtful for item in items if item.span.overlaps(step))
        expected = (
            "?" if doubtful or Status.UNKNOWN in here else max(map(rank.__getitem__, here), default="0")
        )
        assert expected == digit


@given(st.lists(st.sampled_from("01234x"), min_size=1, max_size=30), st.integers(1, 60), st.integers(0, 59))
def test_reading_a_view(digits: list[str], view_minutes: int, cut: int) -> None:
    """What is read from a view covers its window without gaps and shows the same view again."""
    window = Span(0, len(digits) * view_minutes - min(cut, view_minutes - 1))
    items = read_view("".join(digits), window, view_minutes)
    assert items is not None
    assert SpanSet.of([window]) == SpanSet.of(item.span for item in items)
    assert window.minutes == sum(item.span.minutes for item in items)
    shown = expected_view(items, window, view_minutes)
    assert [digit if digit in "0123" else "?" for digit in digits] == list(shown)
