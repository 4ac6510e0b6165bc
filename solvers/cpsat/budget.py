"""Time to spend on a problem: by the clock, and by CP-SAT's own measure of work where results must repeat."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ortools.sat.python.cp_model import CpModel

from solvers.cpsat.search import Effort, Run, Sighting, run, run_all
from solvers.cpsat.variables import Literal


@dataclass(frozen=True)
class Until:
    """When to stop: so many seconds after the beginning, or after so much work; None is no limit of work."""

    seconds: float
    work: float | None


class Budget:
    """What an effort allows, and what is spent of it; after Ctrl-C nothing is left.

    Args:
        began: the monotonic clock when the effort began.
    """

    def __init__(self, effort: Effort, began: float) -> None:
        self._effort = effort
        self._began = began
        self._worked = 0.0
        self.interrupted = False

    @property
    def workers(self) -> int:
        """How many models may be solved at a time."""
        return self._effort.workers

    @property
    def seed(self) -> int:
        """What every random choice follows from."""
        return self._effort.seed

    def passed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def until(self, share: float, *, most: float = float("inf"), within: Until | None = None) -> Until:
        """When so much of what is left now will be spent.

        Args:
            most: seconds, or units of work, beyond which a share does not grow.
            within: of what is left until then.
        """
        end = within or Until(self._effort.seconds, self._effort.deterministic_time)
        now = self.passed()
        return Until(
            now + min((end.seconds - now) * share, most),
            None if end.work is None else self._worked + min((end.work - self._worked) * share, most),
        )

    def left(self, share: float) -> tuple[float, float | None]:
        """So much of the seconds, and of the work if that is limited, that are left now."""
        until = self.until(share)
        return until.seconds - self.passed(), None if until.work is None else until.work - self._worked

    def part(self, share: float) -> Budget:
        """So much of what is left now, as a budget of its own; what of it is spent is to be taken from this one."""
        until = self.until(share)
        work = None if until.work is None else until.work - self._worked
        allowed = replace(self._effort, seconds=until.seconds, deterministic_time=work)
        part = Budget(allowed, self._began)
        part.interrupted = self.interrupted
        return part

    def take(self, part: Budget) -> None:
        """Count what was spent of a part."""
        self._worked += part._worked
        self.interrupted |= part.interrupted

    def is_over(self, until: Until) -> bool:
        """Whether it is time to stop."""
        worked = until.work is not None and self._worked >= until.work
        return self.interrupted or worked or self.passed() >= until.seconds

    def run(
        self,
        cp: CpModel,
        until: Until,
        *,
        workers: int | None = None,
        thorough: bool = False,
        fix_hints: bool = False,
        counted: Sequence[Literal] = (),
        watch: Callable[[Sighting], None] | None = None,
    ) -> Run | None:
        """Solve a model; None if it is time to stop already."""
        if self.is_over(until):
            return None
        allowed = replace(self._allowed(until), workers=workers or self.workers)
        done = run(cp, allowed, thorough=thorough, fix_hints=fix_hints, counted=counted, watch=watch)
        self._note([done])
        return done

    def run_all(
        self, models: Sequence[CpModel], until: Until, work: float, meanwhile: Callable[[], None]
    ) -> list[Run] | None:
        """Solve models side by side, with so much work each, and do something meanwhile; None if it is time to stop."""
        if self.is_over(until):
            return None
        allowed = self._allowed(until)
        left = work if allowed.deterministic_time is None else min(work, allowed.deterministic_time)
        done = run_all(models, replace(allowed, workers=1, deterministic_time=left), meanwhile)
        self._note(done)
        return done

    def _allowed(self, until: Until) -> Effort:
        return replace(
            self._effort,
            seconds=until.seconds - self.passed(),
            deterministic_time=None if until.work is None else until.work - self._worked,
        )

    def _note(self, done: Sequence[Run]) -> None:
        self._worked += sum(each.deterministic_time for each in done)
        self.interrupted |= any(each.interrupted for each in done)
