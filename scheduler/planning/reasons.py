"""Why a candidate cannot be scheduled, and what would help, in plain English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Protocol

from scheduler.planning.sentences import count
from scheduler.zones import format_wall, wall_parts, weekday_name
from solvers.explain import Ask, Change, ChangeKind, Conflict, Fact, FactKind, NearMiss, Remedy
from solvers.problem import Limit, Problem
from solvers.timeline import Span, SpanSet

TOLD_APART = 3
"""So many sentences may differ only in whose time they tell."""
NAMED = 4
"""So many names or times are told, the others are counted."""


class Words(Protocol):
    """How people, rooms and times are called where a problem comes from."""

    def person(self, key: str) -> str:
        """A person."""

    def room(self, key: str) -> str:
        """A room."""

    def loop(self, key: str) -> str:
        """A candidate."""

    def session(self, loop: str, key: str) -> str:
        """One interview."""

    def span(self, span: Span) -> str:
        """A stretch of time with its day."""

    def day(self, minute: int) -> str:
        """The day on which this UTC minute lies."""

    def instant(self, minute: int) -> str:
        """A UTC minute with its day."""


class KeysAndUtc:
    """Words for a problem file, which knows keys and UTC minutes and nothing else."""

    def person(self, key: str) -> str:
        """The key."""
        return key

    def room(self, key: str) -> str:
        """The key."""
        return key

    def loop(self, key: str) -> str:
        """The key."""
        return key

    def session(self, loop: str, key: str) -> str:
        """`loop/session`."""
        return f"{loop}/{key}"

    def span(self, span: Span) -> str:
        """The day with both clock readings, or both instants of a longer span."""
        start = self.instant(span.start).removesuffix(" UTC")
        if span.start // 1440 != (span.end - 1) // 1440:
            return f"{start} – {self.instant(span.end)}"
        hours, minutes = divmod(span.end - span.start // 1440 * 1440, 60)
        return f"{start}–{hours:02}:{minutes:02} UTC"

    def day(self, minute: int) -> str:
        """`Thursday 2026-03-05`."""
        try:
            wall = wall_parts(minute)
        except ValueError:
            return f"day {minute // 1440}"
        return f"{weekday_name(wall.weekday)} {wall.date.isoformat()}"

    def instant(self, minute: int) -> str:
        """`Thursday 2026-03-05 09:00 UTC`."""
        try:
            return f"{self.day(minute)} {format_wall(minute)[11:]} UTC"
        except ValueError:
            return f"minute {minute}"


_FACTS: dict[FactKind, str] = {
    "pool": "{needing} {among}",
    "room": "{session} {need} a room",
    "person_blocked": "{who} {are} busy {when}",
    "room_blocked": "{who} {are} taken {when}",
    "promised": "{who} {are} in other interviews {when}",
    "person_unknown": "it is not known whether {who} {are} free {when}",
    "room_unknown": "it is not known whether {who} {are} free {when}",
    "available": "only {when} is inside {loop}'s times",
    "earliest": "{loop} cannot start before {instant}",
    "latest": "{loop} must be done by {instant}",
    "begins": "{loop} may begin only {starts}",
    "starts": "{session} may start only {starts}",
    "person_hours": "{who} {work} only {when}",
    "room_hours": "{who} {work} only {when}",
    "room_named": "{session} must be in {among}",
    "room_seats": "{session} {need} a room for {amount}",
    "room_features": "{session} {need} a room with {keys}",
    "room_building": "{session} must be in building {keys}",
    "room_step_free": "{session} {need} a step-free room",
    "person_limit": "{who} may {each}do {limit}",
    "meets_once": "{loop} meets nobody twice",
    "order": "{loop}'s interviews are held in the order given",
    "min_gap": "{loop} has at least {minutes} between interviews",
    "max_gap": "{loop} waits at most {minutes} between interviews",
    "break": "{loop} needs {minutes} off for {keys}, inside {when}",
    "days": "{loop}'s interviews each lie inside {when}",
    "max_days": "{loop} comes on no more days than {amount}",
    "same_room": "{loop} keeps one room throughout",
    "walk": "the walk between {keys} takes {minutes}",
    "person_buffer": "{who} {want} {minutes} between bookings",
    "room_buffer": "{who} {want} {minutes} between bookings",
    "placed": "{session} is booked {when} and may not move",
    "mandatory": "{loop} must be scheduled as well",
    "minutes": "{session} takes {minutes}",
    "grid": "{session} may start only every {minutes}",
    "horizon": "only {when} is planned",
}
_CHANGES: dict[ChangeKind, str] = {
    "tentative": "book over what {who} has only tentatively, {spans}",
    "room_named": "hold {session} in any room, not only {keys}",
    "room_building": "hold {session} in another building than {keys}",
    "order": "hold {loop}'s interviews in another order",
    "same_room": "{loop} changes rooms",
    "begins": "{loop} begins at another time",
    "starts": "{session} starts at another time",
    "equal_person": "{who}, who shares other seats with them, joins the pool of {session}",
    "known": "find out whether {who} is free {spans}, and if so",
    "room_seats": "take a room for {amount} instead of {was} for {session}",
    "room_features": "hold {session} in a room without {keys}",
    "longer_gap": "{loop} waits up to {amount} minutes between interviews instead of {was}",
    "room_known": "find out whether {who} is free {spans}, and if so",
    "hours": "{who} works half an hour more, {spans}",
    "room_hours": "{who} is open half an hour more, {spans}",
    "shorter_gap": "{loop} has {amount} minutes between interviews instead of {was}",
    "hour": "{who} frees {spans}",
    "limit": "{who} does one interview more than the limit for {spans}",
    "buffer": "{who} goes without {was} minutes between bookings",
    "room_hour": "{who} is freed {spans}",
    "minutes": "{session} takes {amount} minutes instead of {was}",
    "candidate_hour": "{loop} offers an hour more, {spans}",
    "no_break": "{loop} goes without {keys}",
    "more_days": "spread {loop}'s interviews over {amount} days instead of {was}",
    "candidate_day": "{loop} offers {day} as well",
    "meets_again": "{loop} meets somebody twice",
    "other_person": "{who} joins the pool of {session}",
    "no_room": "hold {session} without a room",
    "no_rooms": "hold all of {loop}'s interviews without a room",
    "moved": "{session} moves from where it is booked",
    "without": "hold {session} with {seats} empty",
    "left_out": "leave out {loop}",
}


class Reasons:
    """Sentences about one problem, without a capital letter in front, as they may begin with a key.

    Args:
        problem: what was asked; sentences name its parts.
        words: how these are called.
    """

    def __init__(self, problem: Problem, words: Words | None = None) -> None:
        self._problem = problem
        self._words: Words = words if words is not None else KeysAndUtc()
        self._seats = {
            (loop.key, session.key): len(session.seats) for loop in problem.loops for session in loop.sessions
        }

    def conflict(self, conflict: Conflict) -> tuple[str, ...]:
        """Each fact in a sentence, then what is known about all of them together."""
        who = listed([self._words.loop(key) for key in conflict.loops])
        match conflict.outcome:
            case "solvable":
                return (f"{who} can be scheduled.",)
            case "unknown":
                return (f"whether {who} can be scheduled was not decided in time.",)
            case "forbidden":
                pass
        said = [*self.facts(conflict.facts)]
        if not conflict.facts:
            said.extend(self.facts(conflict.context))
            said.append(f"nothing that could be lifted is in the way of {who}: the time itself is too short.")
        elif not conflict.minimal:
            said.append("time ran out before it was proved that each of these is needed.")
        return tuple(said)

    def facts(self, facts: Iterable[Fact]) -> tuple[str, ...]:
        """A sentence for each fact; people, rooms or interviews of which the same is true share one.

        Where that leaves many sentences which differ in whose time it is and when, one tells all of them.
        """
        alike: dict[tuple[object, ...], list[Fact]] = {}
        for fact in facts:
            alike.setdefault(self._alike(fact), []).append(fact)
        kinds = Counter(key[:2] for key in alike)
        told: dict[tuple[object, ...], list[Fact]] = {}
        for key, same in alike.items():
            several = same[0].within and same[0].spans and kinds[key[:2]] > TOLD_APART
            told.setdefault(key[:2] if several else key, []).extend(same)
        return tuple(f"{self._fact(same)}." for same in told.values())

    def _alike(self, fact: Fact) -> tuple[object, ...]:
        """Equal for facts that share a sentence."""
        about = fact.kind, bool(fact.people)
        if fact.within:
            return (*about, self._when(fact))
        match fact.kind:
            case "person_limit" | "person_buffer" | "room_buffer":
                return (*about, self._limit(fact.limit), fact.minutes)
            case "room" | "room_seats" | "room_features" | "room_step_free":
                return (*about, fact.loop, fact.keys, fact.minutes)
            case "pool" if len(fact.people) > NAMED + 1 and len(fact.seats) == self._seats.get(_name(fact)):
                return (*about, fact.loop, len(fact.people), len(fact.seats))
            case _:
                return (fact,)

    def remedy(self, remedy: Remedy) -> str:
        """What would be done, and how many starts it opens."""
        done = ", and ".join(self.change(change) for change in remedy.changes)
        return f"{done}: opens {_starts(remedy.opens, at_least=remedy.at_least)}"

    def ask(self, ask: Ask) -> str:
        """The one ask that opens most."""
        starts = _starts(ask.opens, at_least=ask.at_least)
        who, when = self._words.person(ask.person), self._spans(ask.spans)
        if not ask.loops:
            return f"if {who} frees {when}, {starts} more"
        fit = listed([self._words.loop(key) for key in ask.loops])
        return f"if {who} frees {when}, {fit} would fit, with {starts}"

    def near_miss(self, miss: NearMiss) -> tuple[str, ...]:
        """Whether a start is legal; what stands in its way, what must give, and how far the next legal starts are."""
        who, when = self._words.loop(miss.loop), self._words.instant(miss.start)
        match miss.outcome:
            case "legal":
                return (f"{who} may begin at {when}.",)
            case "unknown":
                return (f"whether {who} may begin at {when} was not decided in time.",)
            case "forbidden":
                pass
        said = [f"{who} may not begin at {when}:", *self.blockers(miss)]
        if miss.lift is not None and len(miss.facts) > 1:
            said.append(f"at least {len(miss.lift)} of these would have to give.")
        nearest = [
            f"{duration(minutes)} {where} ({self._words.instant(miss.start + way * minutes)})"
            for minutes, where, way in ((miss.before, "earlier", -1), (miss.after, "later", 1))
            if minutes is not None
        ]
        if nearest:
            said.append(f"legal starts are {' and '.join(nearest)}.")
        elif miss.complete:
            said.append("no other start is legal either.")
        if not miss.complete:
            said.append("not all of this was decided in time.")
        return tuple(said)

    def blockers(self, miss: NearMiss) -> tuple[str, ...]:
        """What stands in the way of a start; that somebody without a substitute is needed goes without saying."""
        facts = miss.facts or miss.context
        busy = {person for fact in facts if fact.kind != "pool" for person in fact.people}
        said = [
            fact for fact in facts if fact.kind != "pool" or len(fact.people) > 1 or not busy & {*fact.people}
        ]
        taken = [fact for fact in said if fact.kind == "room_blocked"]
        if len(taken) <= 1:
            return self.facts(said)
        rooms = listed(
            [f"{self._words.room(key)} {self._when(fact)}" for fact in taken for key in fact.rooms]
        )
        others = [fact for fact in said if fact.kind not in {"room", "room_blocked"}]
        return (*self.facts(others), f"no suitable room is free; taken are {rooms}.")

    def change(self, change: Change) -> str:
        """What would be done."""
        words = self._words
        loop, session = self._names(change.loop, change.session)
        rooms = change.kind == "room_named"
        template = _CHANGES[change.kind]
        if change.kind == "order" and change.keys:
            template = "{loop} need not have {before}"
        if change.kind == "longer_gap" and change.amount is None:
            template = "{loop} waits for any time between interviews, not only up to {was} minutes"
        return template.format(
            who="".join(
                [
                    *([] if change.person is None else [words.person(change.person)]),
                    *([] if change.room is None else [words.room(change.room)]),
                ]
            ),
            loop=loop,
            session=session,
            keys=listed([words.room(key) for key in change.keys] if rooms else change.keys),
            before=self._before(change.loop, change.keys),
            seats=listed(change.seats),
            amount=change.amount,
            was=change.was,
            spans=self._spans(change.spans),
            day=words.day(change.spans.edges[0]) if change.spans else "",
        )

    def _fact(self, same: Sequence[Fact]) -> str:
        """One sentence for facts that differ only in who they are about."""
        fact, words = same[0], self._words
        people = list(dict.fromkeys(words.person(key) for each in same for key in each.people))
        rooms = list(dict.fromkeys(words.room(key) for each in same for key in each.rooms))
        who = people or rooms
        loop, session = self._names(fact.loop, fact.session)
        sessions = list(dict.fromkeys(self._names(each.loop, each.session)[1] for each in same))
        session = listed(sessions) if len(sessions) > 1 else session
        return self._template(fact, len(sessions)).format(
            need="needs" if len(sessions) == 1 else "each need",
            want="needs" if len(who) == 1 else "need",
            each="" if len(who) == 1 else "each ",
            many=f"{count(len(fact.seats), 'person', 'people')} out of {len(fact.people)}",
            who=listed(who),
            among=listed(who, "or"),
            are="is" if len(who) == 1 else "are",
            work=("works" if len(who) == 1 else "work")
            if people
            else f"{'is' if len(who) == 1 else 'are'} open",
            needing=self._needing(fact),
            limit=self._limit(fact.limit),
            loop=loop,
            session=session,
            keys=listed(fact.keys),
            before=self._before(fact.loop, fact.keys),
            minutes=count(fact.minutes or 0, "minute"),
            amount=fact.minutes,
            when=self._when_of(same),
            closed=self._spans(fact.within.clip(self._problem.horizon)),
            starts=self._starts_at(fact.spans),
            instant=words.instant(fact.spans.edges[0]) if fact.spans else "",
        )

    @staticmethod
    def _template(fact: Fact, sessions: int) -> str:
        match fact.kind:
            case "pool" if sessions > 1:
                return "{session} each need {many}"
            case "promised" if fact.rooms:
                return "{who} {are} used by others {when}"
            case "person_hours" | "room_hours" if not fact.spans:
                return "{who} {are} never open {closed}"
            case "available" if not fact.spans:
                return "{loop} offers no time in what is planned"
            case "days" if not fact.spans:
                return "{loop}'s days are not in what is planned"
            case "order" if fact.keys:
                return "{before}"
            case "break" if not fact.spans:
                return "{loop} needs {minutes} off for {keys}"
            case kind:
                return _FACTS[kind]

    def _names(self, loop: str | None, session: str | None) -> tuple[str, str]:
        if loop is None:
            return "", ""
        return self._words.loop(loop), "" if session is None else self._words.session(loop, session)

    def _before(self, loop: str | None, keys: tuple[str, ...]) -> str:
        if loop is None or len(keys) != 2:
            return ""
        return " before ".join(self._words.session(loop, key) for key in keys)

    def _needing(self, fact: Fact) -> str:
        """The seats of a session, with their verb; nothing for facts that are about none."""
        if fact.loop is None or fact.session is None:
            return ""
        name = fact.loop, fact.session
        session = self._words.session(*name)
        seats = len(fact.seats)
        if seats != self._seats.get(name):
            return f"{count(seats, 'seat')} of {session} ({listed(fact.seats)}) {'needs' if seats == 1 else 'need'}"
        if seats == 1:
            return f"{session} needs"
        return f"{'both' if seats == 2 else f'all {seats}'} seats of {session} need"

    def _limit(self, limit: Limit | None) -> str:
        if limit is None:
            return ""
        span = self._words.span(Span(limit.start, limit.end))
        parts = []
        if limit.sessions is not None:
            booked = f", of which {limit.already_sessions} are booked" if limit.already_sessions else ""
            parts.append(f"{count(limit.sessions, 'interview')}{booked}")
        if limit.minutes is not None:
            booked = f", of which {limit.already_minutes} are booked" if limit.already_minutes else ""
            parts.append(f"{count(limit.minutes, 'minute')}{booked}")
        return f"at most {' and '.join(parts)}, {span}" if parts else f"any number of interviews, {span}"

    def _when(self, fact: Fact) -> str:
        """The time of a fact: whole days as such, the rest as stretches."""
        days = [Span(*each) for each in fact.whole]
        rest = fact.spans
        for day in days:
            rest = SpanSet.of(span for span in rest if not span.overlaps(day))
        whole = f"all {listed([self._words.day(day.start) for day in days])}" if days else ""
        return " and ".join(part for part in (whole, self._spans(rest)) if part)

    def _when_of(self, same: Sequence[Fact]) -> str:
        """The time of facts of one kind: what they share, or on which days each has its own."""
        fact = same[0]
        if len({self._when(each) for each in same}) == 1:
            return self._when(fact)
        if fact.kind in {"person_hours", "room_hours"}:
            return f"inside {self._spans(SpanSet.union(each.spans for each in same))}"
        shared = reduce(SpanSet.__and__, (each.spans for each in same))
        if shared:
            whole = set(fact.whole).intersection(*(each.whole for each in same))
            told = fact.model_copy(update={"spans": shared, "whole": tuple(sorted(whole))})
            return f"{self._when(told)} at least"
        days = dict.fromkeys(self._words.day(span.start) for each in same for span in each.spans)
        return f"at times of their own on {listed(list(days))}"

    def _starts_at(self, spans: SpanSet) -> str:
        if not spans:
            return "outside what is planned"
        minutes = [span for span in spans if span.minutes == 1]
        if len(minutes) == len(list(spans)):
            return "at " + listed([self._words.instant(span.start) for span in minutes], "or")
        return self._spans(spans)

    def _spans(self, spans: SpanSet) -> str:
        return listed([self._words.span(span) for span in spans])


def _name(fact: Fact) -> tuple[str, str]:
    return fact.loop or "", fact.session or ""


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; of many names the first few, and how many others."""
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def duration(minutes: int) -> str:
    """`45 minutes`, `2 hours`, `1 hour and 5 minutes`, `3 days`."""
    days, rest = divmod(minutes, 1440)
    if days >= 2:
        return f"{'about ' if rest else ''}{count(days, 'day')}"
    hours, rest = divmod(minutes, 60)
    parts = [count(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(count(rest, "minute"))
    return " and ".join(parts)


def _starts(number: int, *, at_least: bool) -> str:
    return f"{'at least ' if at_least else ''}{count(number, 'start')}"
