"""Believable weeks for the demonstration tenant: what sixty people and fourteen rooms have planned.

Everything is a wall-clock reading of the owner of the diary. Days are numbered from the Monday the diary
begins on, minutes count from midnight of that clock, intervals are half-open.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

from scheduler.emulator.tenant import PlannedEvent, Sensitivity, ShowAs, Weekday, Weekly

__all__ = [
    "WEEKS",
    "Diary",
    "Shift",
    "fill_to_share",
    "plan_absence",
    "plan_habits",
    "plan_panelist",
    "plan_room",
    "plan_team_rhythm",
]

WEEKS: Final = 6
"""How many weeks every diary covers."""

_WEEKDAYS: Final[tuple[Weekday, ...]] = ("monday", "tuesday", "wednesday", "thursday", "friday")
_TAKEN: Final[frozenset[ShowAs]] = frozenset({"busy", "tentative", "oof"})

_AD_HOC: Final = (
    "Design review",
    "Customer call",
    "Project check-in",
    "Budget talk",
    "Hiring debrief",
    "Incident review",
    "Roadmap",
    "Vendor meeting",
    "Workshop",
    "Demo",
    "Quarter planning",
    "Writing time",
    "Support handover",
    "Pairing",
)
_HOLDS: Final = ("Hold: customer visit", "Hold: steering group", "Maybe: brown bag", "Hold: interview")
_PRIVATE: Final = ("Dentist", "School meeting", "Physiotherapy", "Bank appointment")
_REMINDERS: Final = ("Reminder: timesheet", "Reminder: expenses", "Newsletter is out")
_LENGTHS: Final = (30, 45, 60, 60, 60, 90, 90, 120)


@dataclass(frozen=True)
class Shift:
    """Daily working hours, Monday to Friday, in wall-clock minutes after midnight, half-open."""

    opens: int
    closes: int


@dataclass
class Diary:
    """The events of one mailbox while they are being planned."""

    monday: date
    shift: Shift
    events: list[PlannedEvent] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)
    """Quarters of an hour inside the shift, numbered from midnight of the first Monday, that are not free."""

    def add(
        self,
        subject: str,
        day: int,
        start: int,
        minutes: int,
        *,
        show_as: ShowAs = "busy",
        sensitivity: Sensitivity = "normal",
        location: str | None = None,
    ) -> None:
        """Plan one appointment on `day` from minute `start`, `minutes` long."""
        self._mark(show_as, day, start, minutes)
        begin = datetime.combine(self.monday, time()) + timedelta(days=day, minutes=start)
        self.events.append(
            PlannedEvent(
                subject=subject,
                start=begin,
                end=begin + timedelta(minutes=minutes),
                show_as=show_as,
                sensitivity=sensitivity,
                location=location,
            )
        )

    def add_series(
        self,
        subject: str,
        weekdays: Iterable[int],
        start: int,
        minutes: int,
        *,
        first_week: int = 0,
        every: int = 1,
        show_as: ShowAs = "busy",
        sensitivity: Sensitivity = "normal",
    ) -> None:
        """Plan an appointment every `every` weeks on `weekdays` (0 is Monday) to the end of the diary."""
        days = sorted(weekdays)
        for week in range(first_week, WEEKS, every):
            for weekday in days:
                self._mark(show_as, week * 7 + weekday, start, minutes)
        begin = datetime.combine(self.monday, time()) + timedelta(
            weeks=first_week, days=days[0], minutes=start
        )
        self.events.append(
            PlannedEvent(
                subject=subject,
                start=begin,
                end=begin + timedelta(minutes=minutes),
                show_as=show_as,
                sensitivity=sensitivity,
                repeats=self._weekly(days, every),
            )
        )

    def add_days(self, subject: str, day: int, length: int, *, show_as: ShowAs, weekly: bool = False) -> None:
        """Plan an all-day event of `length` days; `weekly` repeats a single day to the end of the diary."""
        weeks = range(day // 7, WEEKS) if weekly else range(day // 7, day // 7 + 1)
        for week in weeks:
            for offset in range(length):
                self._mark(show_as, week * 7 + day % 7 + offset, 0, 24 * 60)
        begin = datetime.combine(self.monday, time()) + timedelta(days=day)
        self.events.append(
            PlannedEvent(
                subject=subject,
                start=begin,
                end=begin + timedelta(days=length),
                all_day=True,
                show_as=show_as,
                repeats=self._weekly([day % 7], 1) if weekly else None,
            )
        )

    def is_open(self, day: int, start: int, minutes: int) -> bool:
        """Whether the interval lies inside the shift and nothing but free-marked items touches it."""
        inside = self.shift.opens <= start and start + minutes <= self.shift.closes
        return inside and self._taken.isdisjoint(self._quarters(day, start, minutes))

    def share(self, weeks: Iterable[int]) -> float:
        """The part of the working time of `weeks` that is not free, from 0 to 1."""
        length = self.shift.closes - self.shift.opens
        days = [
            self._quarters(week * 7 + weekday, self.shift.opens, length)
            for week in weeks
            for weekday in range(5)
        ]
        taken = sum(len(self._taken.intersection(day)) for day in days)
        return taken / sum(len(day) for day in days)

    def _weekly(self, days: list[int], every: int) -> Weekly:
        last = self.monday + timedelta(weeks=WEEKS, days=-1)
        return Weekly(days=[_WEEKDAYS[day] for day in days], every=every, until=last)

    def _mark(self, show_as: ShowAs, day: int, start: int, minutes: int) -> None:
        if show_as in _TAKEN and day % 7 < 5:
            self._taken.update(self._quarters(day, start, minutes))

    def _quarters(self, day: int, start: int, minutes: int) -> range:
        origin = day * 24 * 60
        return range((origin + start) // 15, -(-(origin + start + minutes) // 15))


def plan_team_rhythm(
    lead: Diary, members: list[tuple[str, Diary]], lead_name: str, rng: random.Random
) -> None:
    """Plan what a team does together: stand-up, weekly meeting, retrospective and one-on-ones with the lead.

    The same meeting stands at the same time in the diaries of all who come; `members` are pairs of a name and
    a diary, the lead not among them. All diaries have one shift.
    """
    opens = lead.shift.opens
    everyone = [lead, *(diary for _, diary in members)]
    stand_up = opens + rng.choice((30, 60, 75, 90))
    meeting_day, retro_day = rng.sample(range(5), 2)
    meeting_start = opens + rng.choice((150, 300, 360))
    for diary in everyone:
        diary.add_series("Stand-up", range(5), stand_up, 15)
        diary.add_series("Team meeting", [meeting_day], meeting_start, 60)
        diary.add_series("Retrospective", [retro_day], opens + 420, 90, first_week=1, every=2)
    for name, diary in members:
        for _ in range(40):
            day, start = rng.randrange(5), opens + 30 * rng.randrange(4, 17)
            if lead.is_open(day, start, 30) and diary.is_open(day, start, 30):
                lead.add_series(f"1:1 {name}", [day], start, 30)
                diary.add_series(f"1:1 {lead_name}", [day], start, 30)
                break


def plan_habits(diary: Diary, rng: random.Random) -> None:
    """Plan what is a person's own: lunch, focus time, days at home, private items, holds and reminders."""
    shift = diary.shift
    if rng.random() < 0.4:
        diary.add_series("Lunch", range(5), shift.opens + rng.choice((225, 240)), rng.choice((30, 45)))
    if rng.random() < 0.6:
        diary.add_series("Focus time", rng.sample(range(5), 2), shift.opens + rng.choice((0, 270, 330)), 120)
    if rng.random() < 0.45:
        home = rng.randrange(5)
        diary.add_days("Working from home", home, 1, show_as="workingElsewhere", weekly=True)
    if rng.random() < 0.5:
        day, start = _any_time(diary, rng, 60)
        diary.add(rng.choice(_PRIVATE), day, start, 60, sensitivity="private")
    for _ in range(rng.randint(1, 4)):
        day, start = _any_time(diary, rng, 60)
        diary.add(rng.choice(_HOLDS), day, start, 60, show_as="tentative")
    if rng.random() < 0.6:
        diary.add_series(rng.choice(_REMINDERS), [rng.randrange(5)], shift.opens + 60, 30, show_as="free")
    if rng.random() < 0.35:
        day = 7 * rng.randrange(WEEKS) + rng.randrange(5)
        diary.add_days("Birthday of a colleague", day, 1, show_as="free")


def plan_absence(diary: Diary, rng: random.Random) -> list[int]:
    """Plan leave for some: a week, a day or none; returns the numbers of the weeks that stay workable."""
    fate = rng.random()
    weeks = list(range(WEEKS))
    if fate < 0.15:
        away = rng.choice(weeks)
        diary.add_days("Annual leave", 7 * away, 5, show_as="oof")
        weeks.remove(away)
    elif fate < 0.5:
        diary.add_days("Out of office", 7 * rng.randrange(WEEKS) + rng.randrange(5), 1, show_as="oof")
    elif fate < 0.6:
        diary.add_days("Conference", 7 * rng.randrange(WEEKS) + rng.randrange(4), 2, show_as="busy")
    return weeks


def fill_to_share(
    diary: Diary, rng: random.Random, share: float, *, weeks: Iterable[int], spared: Shift | None = None
) -> None:
    """Add single meetings until about `share` (0 to 1) of each of `weeks` is taken.

    Now and then one is planned over another, as happens. `spared` is a time of day where none is planned.
    """
    for week in weeks:
        for _ in range(200):
            if diary.share([week]) >= share:
                break
            day, minutes = 7 * week + rng.randrange(5), rng.choice(_LENGTHS)
            latest = (diary.shift.closes - diary.shift.opens - minutes) // 15
            start = diary.shift.opens + 15 * rng.randint(0, latest)
            if spared is not None and start < spared.closes and spared.opens < start + minutes:
                continue
            if diary.is_open(day, start, minutes) or rng.random() < 0.04:
                diary.add(rng.choice(_AD_HOC), day, start, minutes)


def plan_panelist(diary: Diary, place: int, rng: random.Random) -> None:
    """Plan member `place` of the panel (0 Amsterdam, 1 New York, 2 Bangalore) around the hours they share.

    What falls into those hours is fixed, so that any two weeks hold common free time, conflicts of each
    member and times where only a tentative item is in the way. The rest of the day is drawn.
    """
    if place == 0:
        diary.add_series("Stand-up", range(5), 570, 15)
        diary.add_series("Hiring sync", [0], 870, 60)
        shared = Shift(780, 1020)
    elif place == 1:
        diary.add_series("Stand-up", range(5), 690, 15)
        diary.add_series("Product review", [3], 510, 120)
        diary.add_series("Hold: customer visit", [2], 540, 60, every=2, show_as="tentative")
        shared = Shift(480, 690)
    else:
        diary.add_series("Stand-up", range(5), 735, 15)
        diary.add_series("Release planning", [1], 1110, 60, first_week=1, every=2)
        diary.add_series("Cricket practice", [4], 1140, 120, first_week=1, every=2, sensitivity="private")
        shared = Shift(1050, 1260)
    diary.add_days("Working from home", 1, 1, show_as="workingElsewhere", weekly=True)
    fill_to_share(diary, rng, rng.uniform(0.4, 0.45), weeks=range(WEEKS), spared=shared)


def plan_room(
    diary: Diary, rng: random.Random, organizers: list[str], share: float, quiet_from: int | None
) -> None:
    """Book a room to about `share` of its hours under the names of `organizers`, as room mailboxes do.

    From minute `quiet_from` of the day on a booking is made only one time in five.
    """
    for _ in range(2):
        day, start = rng.randrange(5), diary.shift.opens + 30 * rng.randrange(2, 8)
        diary.add_series(rng.choice(organizers), [day], start, 60)
    for week in range(WEEKS):
        for _ in range(200):
            if diary.share([week]) >= share:
                break
            day, minutes = 7 * week + rng.randrange(5), rng.choice((30, 60, 60, 90))
            start = diary.shift.opens + 30 * rng.randint(
                0, (diary.shift.closes - diary.shift.opens - minutes) // 30
            )
            quiet = quiet_from is not None and start + minutes > quiet_from
            if diary.is_open(day, start, minutes) and not (quiet and rng.random() < 0.8):
                diary.add(rng.choice(organizers), day, start, minutes)


def _any_time(diary: Diary, rng: random.Random, minutes: int) -> tuple[int, int]:
    latest = (diary.shift.closes - diary.shift.opens - minutes) // 30
    return 7 * rng.randrange(WEEKS) + rng.randrange(5), diary.shift.opens + 30 * rng.randint(0, latest)
