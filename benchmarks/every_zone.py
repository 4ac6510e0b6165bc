"""Whether our clocks, hours and slots are right in every time zone, around every change of the clock.

For every zone of the tzdata package and every Windows name of CLDR, the 48 hours around each change of 2026 to
2028, and around the days that zones jumped over at the date line, are compared minute by minute with the
standard library's `zoneinfo` and plain `datetime` arithmetic; the offsets also with the C library and with
dateutil's reader. All read the same files. Zones whose clock never changes are compared on two fixed days.

    python benchmarks/every_zone.py [--zones N] [--quiet]

Ends with 1 and the first difference in a sentence when there is one.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from importlib import resources
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from dateutil.tz import tzfile
from tzlocal.windows_tz import win_tz

from scheduler.calendars.busy import BusyPolicy
from scheduler.calendars.merge import Availability, availability
from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status
from scheduler.planning.localtimes import starts_on_grid
from scheduler.zones import (
    DateException,
    DayBlock,
    Exact,
    Fold,
    Gap,
    UnknownZone,
    WeeklyHours,
    Zone,
    clock_changes,
    expand,
    find_zone,
    format_wall,
    iso_utc,
    resolve,
    wall_at,
    zone_data_version,
)
from solvers.query import Attendee, Calendar, Query
from solvers.slots import find_starts
from solvers.timeline import Span, SpanSet

DAY = 1440
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YEARS = Span(*((datetime(year, 1, 1, tzinfo=UTC) - EPOCH) // MINUTE for year in (2026, 2029)))
QUIET_DAYS = tuple((datetime(*day, tzinfo=UTC) - EPOCH) // MINUTE for day in ((2026, 3, 29), (2028, 10, 31)))
DATE_LINE = {  # years in which the zone left out a whole day
    "Pacific/Apia": 2011,
    "Pacific/Fakaofo": 2011,
    "Pacific/Kiritimati": 1994,
    "Pacific/Kwajalein": 1993,
}
NOTABLE = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "Antarctica/Troll",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Pacific/Apia",
    "Pacific/Chatham",
    "W. Europe Standard Time",
)
COLLEAGUES = (  # whoever is nearest joins the panel, so that working hours overlap
    *("America/Havana", "America/Los_Angeles", "America/New_York", "America/Santiago", "America/St_Johns"),
    *("Africa/Cairo", "Antarctica/Troll", "Asia/Jerusalem", "Asia/Kolkata", "Asia/Tokyo", "Atlantic/Azores"),
    *("Australia/Lord_Howe", "Europe/Amsterdam", "Europe/London", "Pacific/Apia", "Pacific/Chatham"),
    "Pacific/Honolulu",
)
HOURS = {  # the end of a night is on the next day
    "00:00-24:00": (0, 1440),
    "08:00-17:00": (480, 1020),
    "13:00-18:00": (780, 1080),
    "22:00-06:00": (1320, 1800),
}
LENGTHS = (15, 30, 45, 60, 90)
BEFORE, AFTER = 10, 20  # minutes people need free around a slot
NOW, NOTICE = -1000, 700  # minutes: now, from the middle of the window, and the notice from now
BUSY_EVERY, BUSY_FOR = 430, 25  # minutes between the starts of each person's entries, and their length

ZoneOf = Callable[[str, Span], Zone]


@dataclass
class Counts:
    """What was compared, and what differed in sentences (the first hundred) and in number."""

    names: int = 0
    iana_changes: int = 0
    changes: int = 0
    windows: int = 0
    readings: int = 0
    hours_minutes: int = 0
    slots: int = 0
    offered: int = 0
    differences: int = 0
    told: list[str] = field(default_factory=list)

    def differs(self, sentence: str) -> None:
        """Count a difference."""
        self.differences += 1
        if len(self.told) < 100:
            self.told.append(sentence)

    def same(self, what: str, ours: Iterable[int], theirs: Iterable[int]) -> None:
        """Compare two sets of UTC minutes, and tell the first minute that only one has."""
        mine, right = set(ours), set(theirs)
        if mine != right:
            at = min(mine ^ right)
            who = "we say yes and zoneinfo no" if at in mine else "zoneinfo says yes and we no"
            self.differs(f"{what}: of {iso_utc(at)} {who}.")


class Clock:
    """What the standard library says about one zone."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.path = resources.files("tzdata").joinpath("zoneinfo", *key.split("/"))
        data = self.path.read_bytes()
        self._zone = ZoneInfo.from_file(io.BytesIO(data), key=key)
        self.dateutil = tzfile(io.BytesIO(data))

    def offset(self, minute: int) -> int:
        """Minutes east of UTC."""
        offset = (EPOCH + minute * MINUTE).astimezone(self._zone).utcoffset()
        assert offset is not None
        return offset // MINUTE

    def changes(self, span: Span) -> list[int]:
        """First minutes of new offsets, found hour by hour and then minute by minute."""
        hours = range(span.start, span.end + 60, 60)
        moved = [after for before, after in pairwise(hours) if self.offset(before) != self.offset(after)]
        tried = (at for hour in moved for at in range(hour - 59, hour + 1))
        return [at for at in tried if self.offset(at) != self.offset(at - 1) and at < span.end]

    def shown(self, minute: int) -> datetime:
        """The clock's reading, without its offset."""
        return (EPOCH + minute * MINUTE).astimezone(self._zone).replace(tzinfo=None, fold=0)


@dataclass(frozen=True)
class Days:
    """The two days around a minute as a clock shows them, one reading for each minute."""

    clock: Clock
    middle: int

    @cached_property
    def window(self) -> Span:
        """The 48 hours."""
        return Span(self.middle - DAY, self.middle + DAY)

    @cached_property
    def readings(self) -> list[datetime]:
        """Minute by minute."""
        return [self.clock.shown(minute) for minute in range(self.window.start, self.window.end)]

    @cached_property
    def of_day(self) -> list[int]:
        """Minutes past midnight."""
        return [reading.hour * 60 + reading.minute for reading in self.readings]

    @cached_property
    def walls(self) -> list[int]:
        """The readings as minutes since 1970 on that clock."""
        epoch = EPOCH.replace(tzinfo=None)
        return [(reading - epoch) // MINUTE for reading in self.readings]

    @lru_cache(maxsize=8)  # noqa: B019 - few days are kept at a time
    def grid(self, step: int) -> list[int]:
        """The minutes at which the clock shows a multiple of so many minutes past midnight."""
        return [self.window.start + place for place, now in enumerate(self.of_day) if now % step == 0]

    @lru_cache(maxsize=16)  # noqa: B019 - few days are kept at a time
    def worked(self, start: int, end: int) -> list[bool]:
        """Whether each minute is in a block that begins every day."""
        return [start <= now < end or now + DAY < end for now in self.of_day]


@lru_cache(maxsize=1024)
def clock_of(key: str) -> Clock:
    """The standard library's clock of an IANA id."""
    return Clock(key)


@lru_cache(maxsize=64)
def days_of(key: str, middle: int) -> Days:
    """The days of a colleague, whom many zones meet around the same minute."""
    return Days(clock_of(key), middle)


@contextmanager
def c_library(clock: Clock) -> Iterator[bool]:
    """Let the C library run on a zone's file; whether it could."""
    if not hasattr(time, "tzset") or not isinstance(clock.path, Path):
        yield False
        return
    before = os.environ.get("TZ")
    try:
        os.environ["TZ"] = f":{clock.path}"
        time.tzset()
        yield True
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def check_readings(counts: Counts, name: str, zone: Zone, days: Days) -> None:
    """What is shown at each minute."""
    window, clock = days.window, days.clock
    with c_library(clock) as runs:
        for minute, reading in zip(range(window.start, window.end), days.readings, strict=True):
            wall, right = wall_at(zone, minute), reading.isoformat(timespec="minutes")
            said = {"zoneinfo": right, "we": format_wall(wall)}
            if runs:
                said["the C library"] = time.strftime("%Y-%m-%dT%H:%M", time.localtime(minute * 60))
            if set(said.values()) != {right}:
                counts.differs(f"{name}: at {iso_utc(minute)} {_told(said)}.")
    for minute in (*range(window.start, window.end, 15), *range(days.middle - 5, days.middle + 5)):
        at = (EPOCH + minute * MINUTE).astimezone(clock.dateutil).replace(tzinfo=None, fold=0)
        if at != clock.shown(minute):
            counts.differs(
                f"{name}: at {iso_utc(minute)} dateutil shows {at}, zoneinfo {clock.shown(minute)}."
            )
    counts.readings += window.minutes


def check_meanings(counts: Counts, name: str, zone: Zone, days: Days) -> None:
    """Which minutes each reading of the middle day means."""
    window = days.window
    meant = defaultdict(list)
    for minute, wall in zip(range(window.start, window.end), days.walls, strict=True):
        meant[wall].append(minute)
    middle = DAY
    for wall in range(days.walls[middle // 2], days.walls[middle + middle // 2]):
        match resolve(zone, wall):
            case Exact(at):
                ours = [at]
            case Fold(first, second):
                ours = [first, second]
            case Gap(before, after):
                jump = days.walls[middle] - days.walls[middle - 1] - 1
                ours = [] if (after < days.middle <= before and before - after == jump) else [after, before]
        if ours != meant.get(wall, []):
            right_minutes = " and ".join(map(iso_utc, meant.get(wall, []))) or "no minute"
            our_minutes = " and ".join(map(iso_utc, ours)) or "no minute"
            counts.differs(f"{name}: {format_wall(wall)} means {right_minutes} and we say {our_minutes}.")


def check_hours(counts: Counts, name: str, zone: Zone, days: Days) -> None:
    """Hours of every day, of some weekdays, and with another rule for the day in the middle."""
    window = days.window
    special = days.readings[DAY].date()
    for label, (start, end) in HOURS.items():
        weekly = tuple(DayBlock(weekday, start, end) for weekday in range(7))
        some = tuple(block for block in weekly if block.weekday in {0, 2, 4, 6})
        late = DateException(special, (DayBlock(special.weekday(), 600, 720),))
        off = DateException(special + timedelta(1))
        rules = {
            "every day": WeeklyHours(weekly, zone),
            "Mo We Fr Su": WeeklyHours(some, zone),
            "10:00-12:00 on the day, off the next": WeeklyHours(weekly, zone, (late, off)),
        }
        for rule, hours in rules.items():
            begins: dict[date, tuple[int, int]] = {}
            for day in (special + timedelta(away) for away in range(-4, 5)):
                if "We" not in rule or day.weekday() % 2 == 0:
                    begins[day] = (start, end)
            if hours.exceptions:
                begins[special] = (600, 720)
                del begins[special + timedelta(1)]
            right = _minutes_of(begins, days)
            ours = [at for span in expand(hours, window) for at in range(span.start, span.end)]
            counts.same(f"{name}, hours {label} {rule}", ours, right)
            counts.hours_minutes += window.minutes


def check_slots(counts: Counts, name: str, zone: Zone, days: Days, zone_of: ZoneOf) -> None:
    """Slots of one person every 15 minutes, and of three people in three zones every slot's length."""
    window, middle = days.window, days.middle
    for step in LENGTHS:
        ours, right = starts_on_grid(window, step, zone), days.grid(step)
        counts.same(f"{name}, starts every {step} minutes", ours, right)
    offset = days.clock.offset(middle)
    others = [key for key in COLLEAGUES if key != days.clock.key]
    near = sorted(others, key=lambda key: (abs(clock_of(key).offset(middle) - offset), key))[:2]
    group = [days, *(days_of(key, middle) for key in near)]
    zones = [zone, *(zone_of(key, window) for key in near)]
    for panel in (1, 3):
        free_run = _free_run(panel)
        for label, (start, end) in HOURS.items():
            people = [_person(place, zones[place], middle, start, end) for place in range(panel)]
            works = [
                all(each) for each in zip(*(one.worked(start, end) for one in group[:panel]), strict=True)
            ]
            work_run = _runs(works)
            for length in LENGTHS:
                step = 15 if panel == 1 else length
                right = [
                    at
                    for at in days.grid(step)
                    if at >= middle + NOW + NOTICE
                    and work_run[at - window.start] >= length
                    and free_run[at - window.start] >= BEFORE + length + AFTER
                ]
                query = Query(
                    minutes=length,
                    window=window,
                    starts=starts_on_grid(window, step, zone),
                    earliest=middle + NOW + NOTICE,
                    attendees=tuple(people),
                    buffer_before=BEFORE,
                    buffer_after=AFTER,
                )
                with_whom = f" with {near[0]} and {near[1]}" if panel == 3 else ""
                counts.same(f"{name}{with_whom}, slots of {length} in {label}", find_starts(query), right)
                counts.slots += len(days.grid(step))
                counts.offered += len(right)


def compare(
    names: Sequence[str],
    *,
    years: Span = YEARS,
    zone_of: ZoneOf | None = None,
    on_name: Callable[[int, str], None] = lambda _count, _name: None,
) -> Counts:
    """Compare everything for these IANA ids and Windows names.

    Args:
        years: where changes of the clock are looked for.
        zone_of: our clock of a name, given the days that are looked at; another one shows what the comparison
            can see.
        on_name: told how many names are done, and the next.
    """
    zone_of = zone_of or our_zone
    counts = Counts()
    for done, name in enumerate(names):
        on_name(done, name)
        clock = clock_of(win_tz.get(name, name))
        counts.names += 1
        spans = [years]
        if name in DATE_LINE:
            begin = (datetime(DATE_LINE[name], 1, 1, tzinfo=UTC) - EPOCH) // MINUTE
            spans.append(Span(begin, begin + 366 * DAY))
        changes = []
        for span in spans:
            found = clock.changes(span)
            ours = [change.minute for change in clock_changes(zone_of(name, span), span)]
            counts.same(f"{name}, changes of the clock", ours, found)
            changes += found
            counts.iana_changes += len(found) if span == years and _is_iana(name) else 0
        counts.changes += len(changes)
        for middle in changes or QUIET_DAYS:
            days = Days(clock, middle)
            zone = zone_of(name, days.window)
            check_readings(counts, name, zone, days)
            check_meanings(counts, name, zone, days)
            check_hours(counts, name, zone, days)
            check_slots(counts, name, zone, days, zone_of)
            counts.windows += 1
    return counts


def our_zone(name: str, _: Span) -> Zone:
    """The clock we use for a name."""
    zone = find_zone(name)
    assert not isinstance(zone, UnknownZone), zone.reason
    return zone


def all_names() -> list[str]:
    """Every id of the tzdata package but the placeholder for no zone, then every Windows name that is none."""
    ids = resources.files("tzdata").joinpath("zones").read_text("utf-8").split()
    return [key for key in ids if key != "Factory"] + sorted(set(win_tz) - set(ids))


def sample(count: int) -> list[str]:
    """So many names: the notable ones, then others evenly spread."""
    others = [name for name in all_names() if name not in NOTABLE]
    wanted = min(max(count - len(NOTABLE), 0), len(others))
    return [*NOTABLE[:count], *(others[place * len(others) // wanted] for place in range(wanted))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--zones", type=int, help="only so many names, the same each time")
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")
    chosen = parser.parse_args(arguments)
    names = all_names() if chosen.zones is None else sample(chosen.zones)

    def progress(done: int, name: str) -> None:
        if not chosen.quiet and done % 20 == 0:
            print(f"{done} of {len(names)}: {name}", file=sys.stderr)

    began = time.monotonic()
    counts = compare(names, on_name=progress)
    seconds = time.monotonic() - began
    print(f"tzdata            {zone_data_version()} (package {version('tzdata')})")
    iana, windows = sum(map(_is_iana, names)), sum(name in win_tz for name in names)
    print(f"zones             {iana:,} IANA, {windows:,} Windows names")
    print(f"changes           {counts.iana_changes:,} of IANA zones in 2026-2028")
    print(f"compared          {counts.windows:,} times 48 hours, {counts.changes:,} of them around a change")
    print(f"clock readings    {counts.readings:,}")
    print(f"minutes of hours  {counts.hours_minutes:,}")
    print(f"slots             {counts.slots:,} judged, {counts.offered:,} of them offered")
    print(f"differences       {counts.differences:,}")
    print(f"seconds           {seconds:.0f}")
    if counts.told:
        print(f"First difference: {counts.told[0]}")
    return 1 if counts.differences else 0


def _told(said: dict[str, str]) -> str:
    return ", ".join(f"{who} show{'' if who == 'we' else 's'} {reading}" for who, reading in said.items())


def _minutes_of(begins: dict[date, tuple[int, int]], days: Days) -> list[int]:
    """The minutes shown inside a block that began on their date or the one before."""
    today = {day: range(*block) for day, block in begins.items()}
    before = {day + timedelta(1): range(block[0] - DAY, block[1] - DAY) for day, block in begins.items()}
    never = range(0)
    dates = [reading.date() for reading in days.readings]
    return [
        days.window.start + place
        for place, (day, now) in enumerate(zip(dates, days.of_day, strict=True))
        if now in today.get(day, never) or now in before.get(day, never)
    ]


def _is_iana(name: str) -> bool:
    return name not in win_tz or name == "UTC"


def _runs(flags: Sequence[bool]) -> list[int]:
    """For each place, how many flags in a row are set from there on."""
    runs, run = [], 0
    for flag in reversed(flags):
        run = run + 1 if flag else 0
        runs.append(run)
    return runs[::-1]


def _entries(place: int) -> list[tuple[int, int]]:
    """A person's busy times, in minutes from the middle of the window."""
    starts = range(-DAY - 15 + 70 * place, DAY, BUSY_EVERY)
    return [(start, start + BUSY_FOR) for start in starts]


@lru_cache(maxsize=2)
def _free_run(panel: int) -> list[int]:
    """For each minute of the window, how long nobody of the panel is busy from the buffer before it on."""
    taken = {
        minute for place in range(panel) for start, end in _entries(place) for minute in range(start, end)
    }
    return _runs([minute not in taken for minute in range(-DAY - BEFORE, DAY + AFTER)])


def _person(place: int, zone: Zone, middle: int, start: int, end: int) -> Attendee:
    """Somebody with the same hours every day, through the function that finding and booking use."""
    schedule = MailboxSchedule(
        address=f"person{place}@contoso.example",
        window=Span(middle - DAY - BEFORE, middle + DAY + AFTER),
        items=tuple(BusyItem(Span(middle + at, middle + to), Status.BUSY) for at, to in _entries(place)),
        hours=WeeklyHours(tuple(DayBlock(weekday, start, end) for weekday in range(7)), zone),
    )
    free: Availability = availability(
        schedule, policy=BusyPolicy(), default_hours=None, ledger=SpanSet(), constrain_hours=True
    )
    return Attendee(Calendar(free.address, free.open, free.soft, free.blocked_all, free.unknown))


if __name__ == "__main__":
    sys.exit(main())
