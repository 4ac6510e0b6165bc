"""Days as lanes: candidates, the people they meet, and rooms, each with what else takes their time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scheduler.planning.localtimes import local, local_days
from scheduler.planning.loops.answer import DayPicture, Lane, Mark, MarkKind
from scheduler.planning.loops.compile import CompiledLoops, Party
from scheduler.planning.loops.sentences import called_candidate, label, meeting_of
from solvers.plan import Assignment
from solvers.timeline import Span, SpanSet

HOUR = 60
Breaks = Sequence[tuple[str, Span]]


def pictures_of_loop(
    compiled: CompiledLoops, party: Party, held: Sequence[Assignment], breaks: Breaks
) -> tuple[DayPicture, ...]:
    """Every day of one candidate's plan: the candidate, everybody they meet, the rooms; marked by session."""
    found = []
    for day, on_day in _days(compiled, held):
        lanes = Lanes(compiled, on_day, day, lambda each: each.session)
        met = dict.fromkeys(address for each in on_day for address in each.people.values())
        used = dict.fromkeys(each.room for each in on_day if each.room is not None)
        found.append(
            lanes.picture(
                [
                    lanes.candidate(party, breaks),
                    *(lanes.person(key) for key in met),
                    *(lanes.room(key) for key in used),
                ]
            )
        )
    return tuple(found)


def pictures_of_plan(compiled: CompiledLoops, assignments: Sequence[Assignment]) -> tuple[DayPicture, ...]:
    """Every day of a plan: all rooms and interviewers that are used on it; marked by candidate."""
    found = []
    for day, on_day in _days(compiled, sorted(assignments, key=lambda each: each.start)):
        lanes = Lanes(
            compiled, on_day, day, lambda each: called_candidate(compiled.party(each.loop).candidate)
        )
        met = sorted({address for each in on_day for address in each.people.values()})
        used = sorted({each.room for each in on_day if each.room is not None})
        found.append(lanes.picture([*(lanes.room(key) for key in used), *(lanes.person(key) for key in met)]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Makes the lanes of one day.

    Args:
        held: the day's sessions.
        window: what is shown of the day.
        called: what a session is called in a mark.
    """

    compiled: CompiledLoops
    held: Sequence[Assignment]
    window: Span
    called: Callable[[Assignment], str]

    def picture(self, lanes: Iterable[Lane]) -> DayPicture:
        """The lanes together."""
        zone = self.compiled.window.zone
        return DayPicture(
            start=local(zone, self.window.start), end=local(zone, self.window.end), lanes=tuple(lanes)
        )

    def candidate(self, party: Party, breaks: Breaks) -> Lane:
        """The candidate's day, with what they do not offer."""
        loop = next(loop for loop in self.compiled.problem.loops if loop.key == party.key)
        off = SpanSet.EMPTY if loop.available is None else SpanSet.of([self.window]) - loop.available
        resting = [self._mark("break", name, span) for name, span in breaks if span.overlaps(self.window)]
        sessions = self._sessions(each for each in self.held if each.loop == party.key)
        return Lane(
            who=called_candidate(party.candidate),
            role="candidate",
            marks=(*sessions, *resting, *self._marks("off", off)),
        )

    def person(self, key: str) -> Lane:
        """An interviewer's day."""
        person = next(person for person in self.compiled.problem.people if person.key == key)
        return Lane(
            who=label(self.compiled, key),
            address=key,
            role="interviewer",
            marks=(
                *self._sessions(each for each in self.held if key in each.people.values()),
                *self._marks("unknown", person.unknown),
                *self._marks("busy", person.blocked),
                *self._marks("tentative", person.soft),
                *self._marks("off", SpanSet.of([self.window]) - person.open),
            ),
        )

    def room(self, key: str) -> Lane:
        """A room's day."""
        room = next(room for room in self.compiled.problem.rooms if room.key == key)
        return Lane(
            who=label(self.compiled, key),
            address=key,
            role="room",
            marks=(
                *self._sessions(each for each in self.held if each.room == key),
                *self._marks("unknown", room.unknown),
                *self._marks("busy", room.blocked),
                *self._marks("tentative", room.soft),
            ),
        )

    def _sessions(self, held: Iterable[Assignment]) -> Iterator[Mark]:
        return (self._mark("session", self.called(each), meeting_of(self.compiled, each)) for each in held)

    def _marks(self, kind: MarkKind, spans: SpanSet) -> Iterator[Mark]:
        return (self._mark(kind, "", span) for span in spans.clip(self.window))

    def _mark(self, kind: MarkKind, what: str, span: Span) -> Mark:
        zone = self.compiled.window.zone
        return Mark(kind=kind, what=what, start=local(zone, span.start), end=local(zone, span.end))


def _days(compiled: CompiledLoops, held: Sequence[Assignment]) -> Iterator[tuple[Span, list[Assignment]]]:
    """Each local day with sessions, cut to whole hours with one more on each side, and its sessions in order."""
    window = compiled.window
    for day in local_days(window.zone, window.span):
        on_day = [each for each in held if day.start <= each.start < day.end]
        if on_day:
            ends = max(meeting_of(compiled, each).end for each in on_day)
            first = max(0, (on_day[0].start - day.start) // HOUR - 1)
            last = -(-(ends - day.start) // HOUR) + 1
            yield Span(day.start + first * HOUR, min(day.end, day.start + last * HOUR)), on_day
