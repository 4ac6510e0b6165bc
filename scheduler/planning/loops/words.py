"""How people, rooms and local times are called in sentences about loops."""

from __future__ import annotations

from datetime import datetime

from scheduler.planning.localtimes import local
from scheduler.planning.loops.compile import CompiledLoops
from scheduler.planning.loops.sentences import called_candidate, label
from solvers.timeline import Span


class LocalWords:
    """Names, and times on the request's clock."""

    def __init__(self, compiled: CompiledLoops) -> None:
        self._compiled = compiled
        self._candidates = {party.key: called_candidate(party.candidate) for party in compiled.parties}

    def person(self, key: str) -> str:
        """By name, else by as much of the address as tells them apart."""
        return label(self._compiled, key)

    def room(self, key: str) -> str:
        """By name."""
        return label(self._compiled, key)

    def loop(self, key: str) -> str:
        """The candidate, by name if there is one."""
        return self._candidates.get(key, key)

    def session(self, loop: str, key: str) -> str:
        """By name; with the candidate's where there are several."""
        return key if len(self._candidates) == 1 else f"{key} of {self.loop(loop)}"

    def span(self, span: Span) -> str:
        """The day and both times."""
        start, end = self._reading(span.start), self._reading(span.end)
        last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%a %d %b %H:%M}"
        return f"{start:%a %d %b %H:%M}–{last}"

    def day(self, minute: int) -> str:
        """`Tue 24 Nov`."""
        return f"{self._reading(minute):%a %d %b}"

    def instant(self, minute: int) -> str:
        """`Tue 24 Nov 10:00`."""
        return f"{self._reading(minute):%a %d %b %H:%M}"

    def _reading(self, minute: int) -> datetime:
        return datetime.fromisoformat(local(self._compiled.window.zone, minute))
