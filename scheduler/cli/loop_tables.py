"""Loops as tables and as pictures of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from string import ascii_uppercase

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scheduler.cli.tables import line, moment, window_text
from scheduler.planning.answer import SlotPerson
from scheduler.planning.loops.answer import DayPicture, Lane, LoopOption, Loops, SeatAnswer, SessionAnswer
from scheduler.planning.loops.pools import PoolAnswer
from scheduler.planning.sentences import count

CELL = timedelta(minutes=15)
CELLS_AN_HOUR = 4
SIGNS = {"break": "─", "busy": "▒", "tentative": "░", "unknown": "?", "off": "·"}
"""How a lane shows what is no session."""

LEGEND = (
    "A sign is a quarter of an hour: ─ break, ▒ busy, ░ tentative, ? unknown, · outside hours. "
    "Names after / could stand in, the cheapest first."
)


def print_loops(answer: Loops, console: Console) -> None:
    """The options with their sessions and days, or why there is none; then what could not be read."""
    asked = f"a loop of {count(answer.minutes, 'minute')} {window_text(answer.window)}, {answer.zone}"
    if answer.options:
        line(console, f"{_counted(answer)} for {asked}:")
        for rank, option in enumerate(answer.options, start=1):
            _print_option(rank, option, console)
        console.print()
        line(console, LEGEND)
        line(
            console,
            "Fewer points are better. Book all sessions of one as a whole with: slotwright book OPTION",
        )
        line(console, f"See later what has changed with: slotwright replay {answer.solution}")
    else:
        line(console, f"No option: {_nothing(answer)} {asked}.")
        for reason in answer.reasons:
            line(console, f"- {reason}")
        for remedy in answer.remedies:
            line(console, f"+ {remedy}")
    print_pools(answer.pools, console)
    for unread in answer.unread:
        line(console, f"unknown: {unread.reason}")
    for note in answer.notes:
        line(console, f"note: {note}")


def print_pools(pools: Sequence[PoolAnswer], console: Console) -> None:
    """Whom each tag stood for, and who of them may not sit there."""
    for pool in pools:
        who = "" if pool.seats == "interviewers" else " in seats of trainees"
        line(console, f"tag:{pool.tag}{who}: {', '.join(pool.people)}")
        if pool.seats == "interviewers":
            for address, training in pool.left_out.items():
                line(console, f"  without {address}, who is in training ({training})")


def _counted(answer: Loops) -> str:
    several = len(answer.options) > 1
    best = f"The {len(answer.options)} best options" if several else "The best option"
    apart = f" whose starts are {answer.apart} minutes apart or more" if several else ""
    match answer.ended:
        case "enough":
            return best + apart
        case "exhausted":
            others = f"; proved that no other starts {answer.apart} minutes or more from them"
            return f"{best}{apart}{others}"
        case "time":
            return f"{best}{apart} found in the time allowed"
        case "interrupted":
            return f"{best}{apart} found before the interruption"


def _nothing(answer: Loops) -> str:
    if answer.ended == "exhausted":
        return "proved that nothing fits for"
    return "nothing was found in time, and nothing is proved, for"


def _print_option(rank: int, option: LoopOption, console: Console) -> None:
    day, clock = moment(option.start).rsplit(" ", 1)
    until = option.end[11:] if option.end[:10] == option.start[:10] else moment(option.end)
    console.print()
    console.print(
        Text.assemble(
            (f"{rank:>2}  ", "bold"),
            f"{day}  ",
            (f"{clock}–{until}", "bold"),
            f"  {option.zone}  ",
            (option.id, "cyan"),
            f"  {count(option.score.total, 'point')}",
        ),
        soft_wrap=True,
    )
    letters = {
        each.name: ascii_uppercase[place] if place < 26 else "*" for place, each in enumerate(option.sessions)
    }
    console.print(_sessions(option, letters))
    for picture in option.days:
        for row in drawn(picture, letters):
            console.print(Text("    ") + row, soft_wrap=True)
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, width=4)
    rows.add_column(no_wrap=True, style="dim", width=6)
    rows.add_column()
    rows.add_row("", "proof", Text(option.proof.text))
    rows.add_row("", "why", Text("; ".join(option.reasons) or "nothing speaks against it"))
    costs = [f"{term.term.replace('_', ' ')} {term.cost}" for term in option.score.terms if term.cost]
    rows.add_row("", "points", Text(" + ".join(costs) or "none"))
    rows.add_row("", "losses", Text(option.resilience.text))
    if (clocks := _candidate(option)) is not None:
        rows.add_row("", "clocks", Text(clocks))
    if option.behind:
        rows.add_row("", "behind", Text(f"than option 1: {', '.join(option.behind)}"))
    for better in option.better:
        rows.add_row("", "beaten", Text(f"{count(better.points, 'point')} better if {better.what}"))
    for note in option.notes:
        rows.add_row("", "clock", Text(note))
    console.print(rows)


def _candidate(option: LoopOption) -> str | None:
    """The candidate's own clock, where it differs."""
    first, last = option.sessions[0].slot, option.sessions[-1].slot
    theirs, until = first.candidate, last.candidate
    if theirs is None or until is None or (theirs.start, until.end) == (first.start, last.end):
        return None
    called = theirs.name or theirs.address or "the candidate"
    return f"{called} {_clock(theirs.start, first.start)}–{_clock(until.end, last.end)} {theirs.zone}"


def _sessions(option: LoopOption, letters: Mapping[str, str]) -> Table:
    table = Table(
        "", "when", "session", "who", "room", "slot", pad_edge=False, box=None, padding=(0, 2, 0, 0)
    )
    table.columns[0].justify = "right"
    table.columns[0].min_width = 4
    table.columns[1].no_wrap = table.columns[5].no_wrap = True
    with_day = len({each.slot.start[:10] for each in option.sessions}) > 1
    rows = [
        (each.slot.start, letters[each.name], session_cells(each, with_day=with_day))
        for each in option.sessions
    ]
    rows += [
        (rest.start, SIGNS["break"], (_when(rest.start, rest.end, with_day=with_day), rest.name, "", "", ""))
        for rest in option.breaks
    ]
    for _, sign, (when, name, who, room, slot) in sorted(rows):
        table.add_row(sign, when, Text(name), Text(who), Text(room), Text(slot, style="cyan"))
    return table


def session_cells(session: SessionAnswer, *, with_day: bool) -> tuple[str, str, str, str, str]:
    """When, name, who, room and slot of a session, for a row of a table."""
    slot = session.slot
    people = {person.address: person for person in slot.people}
    seated = [
        _seated(people[seat.person], seat, slot.start) for seat in session.seats if seat.person is not None
    ]
    empty = [f"no {seat.seat}" for seat in session.seats if seat.person is None]
    room = "" if slot.room is None else _either(slot.room.name, [other.name for other in slot.alternatives])
    when = _when(slot.start, slot.end, with_day=with_day)
    return when, session.name, ", ".join([*seated, *empty]), room, slot.id


def _seated(person: SlotPerson, seat: SeatAnswer, start: str) -> str:
    called = person.name or _short(person.address)
    said = [
        *(["shadows"] if seat.kind == "trainee" else []),
        *(["tentative"] if person.tentative else []),
        *([f"{_clock(person.start, start)} {person.zone}"] if person.start != start else []),
    ]
    called = f"{called} ({', '.join(said)})" if said else called
    return _either(called, [_short(address) for address in seat.instead])


def _either(chosen: str, others: Sequence[str]) -> str:
    """`Singel, or Keizer +2`: what was chosen, the next best, and how many more."""
    more = f" +{len(others) - 1}" if len(others) > 1 else ""
    return f"{chosen} / {others[0]}{more}" if others else chosen


def _short(address: str) -> str:
    return address.partition("@")[0]


def _clock(theirs: str, ours: str) -> str:
    return theirs[11:] if theirs[:10] == ours[:10] else f"{theirs[11:]} on {moment(theirs)[:10]}"


def _when(start: str, end: str, *, with_day: bool) -> str:
    day = f"{moment(start)[:6]} " if with_day else ""
    return f"{day}{start[11:]}–{end[11:]}"


def drawn(picture: DayPicture, letters: Mapping[str, str]) -> list[Text]:
    """The lanes of a day, a quarter of an hour a sign, under a line of hours."""
    start, end = (datetime.fromisoformat(text) for text in (picture.start, picture.end))
    cells = -(-(end - start) // CELL)
    width = max(len(lane.who) for lane in picture.lanes)
    hours = "".join(
        f"{start + CELL * cell:%H}".ljust(CELLS_AN_HOUR) for cell in range(0, cells, CELLS_AN_HOUR)
    )
    day = moment(picture.start)[:10]
    width = max(width, len(day))
    rows = [Text.assemble((f"{day:<{width}}  ", "dim"), (hours, "dim"))]
    rows += [Text(f"{lane.who:<{width}}  {_signs(lane, start, cells, letters)}") for lane in picture.lanes]
    return rows


def _signs(lane: Lane, start: datetime, cells: int, letters: Mapping[str, str]) -> str:
    """What takes each cell; of marks that overlap the first one is shown."""
    signs = [" "] * cells
    for mark in reversed(lane.marks):
        first = (datetime.fromisoformat(mark.start) - start) // CELL
        last = -(-(datetime.fromisoformat(mark.end) - start) // CELL)
        for cell in range(max(0, first), min(cells, last)):
            signs[cell] = letters[mark.what] if mark.kind == "session" else SIGNS[mark.kind]
    return "".join(signs).rstrip()
