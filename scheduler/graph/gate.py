"""The one door to Graph: every call passes here, with its token, its place in the lane and its retries.

What is tried again, and when:

====================  =========================  ======================================================
what came back        a read                     a write
====================  =========================  ======================================================
no connection         again                      again; nothing was sent
429                   after the asked pause      after the asked pause; it was not acted on
401                   once, with a new token     once, with a new token; it was not acted on
5xx (not 501)         again                      never here: Unavailable, `applied="unknown"`
broken connection     again                      never here: Unavailable, `applied="unknown"`
anything malformed    never: BadAnswer           never: BadAnswer, `applied="unknown"`
====================  =========================  ======================================================

A write of unknown outcome is left to booking, which reads back before it sends the same bytes again.

Reads that wait for nothing of each other can go together, by `send_many`. The table then holds for each of them; what
a batch fails to say about one of them, or that it is refused as a whole, makes those calls go by themselves.
"""

from __future__ import annotations

import copy
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

from scheduler.graph.batching import Queue, Refused, Seat, pack, unpack
from scheduler.graph.calls import (
    Ask,
    Call,
    Reply,
    away,
    body_of,
    reply_of,
    route,
    throttled,
    unreachable,
    unusable,
)
from scheduler.graph.clock import GraphClock
from scheduler.graph.errors import CallFailed, SignInFailed, Throttled, Unavailable
from scheduler.graph.origin import Origin
from scheduler.graph.pacing import LaneClosed, Lanes, Patience, Shared, Ticket, retry_after
from scheduler.graph.reach import Reach
from scheduler.graph.refusals import refusal
from scheduler.graph.transport import NothingSent, OutcomeUnknown, RawAnswer, Transport, UnusableAnswer

_log = logging.getLogger("scheduler.graph")
_AT_ONCE = 4
_DEPENDS_ON_FAILED = 424
_REFUSED_SECONDS = 3600.0


class Tokens(Protocol):
    """Where bearer tokens come from; see scheduler.graph.signin."""

    def token(self, mailbox: str = "") -> str:
        """A token that should be valid now, for calls about that mailbox."""

    def renew(self, refused: str, mailbox: str = "") -> None:
        """Replace a token that Graph refused, unless somebody already did."""


@dataclass(slots=True)
class _Batches:
    """Until when no batch is tried because one was refused, in monotonic seconds."""

    refused_until: float = -math.inf


class Gate:
    """Sends calls to Graph and to nowhere else; safe to share between threads.

    Args:
        origin: the only place requests go to.
        transport: does one exchange.
        tokens: where bearer tokens come from.
        reach: which calls may be made at all.
        clock: learns the time from every answer.
        patience: bound on tries and total time of one call.
        monotonic: a clock in seconds.
        sleep: waits for so many seconds.
        jitter: a number in [0, 1) for each pause of our own.
        new_id: a fresh UUID for `client-request-id`.
        shared: what other processes know of a mailbox's lane; None is that there are none.
    """

    def __init__(
        self,
        *,
        origin: Origin,
        transport: Transport,
        tokens: Tokens,
        reach: Reach,
        clock: GraphClock,
        patience: Patience,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        new_id: Callable[[], str],
        shared: Callable[[str], Shared] | None = None,
    ) -> None:
        self._origin = origin
        self._transport = transport
        self._tokens = tokens
        self._reach = reach
        self._clock = clock
        self._patience = patience
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._new_id = new_id
        self._lanes = Lanes(monotonic, sleep, shared)
        self._background = False
        self._batches = _Batches()

    def in_background(self) -> Self:
        """The same door for work that nobody waits for: at each mailbox its calls let all others go first."""
        behind = copy.copy(self)
        behind._background = True  # noqa: SLF001 - it is of this class
        return behind

    def now(self) -> int:
        """The UTC minute that is running, according to Graph's last answer; see GraphClock."""
        return self._clock.minute()

    def skew(self) -> float:
        """Seconds by which this machine is ahead of Graph."""
        return self._clock.skew()

    def send(
        self,
        method: str,
        path_or_url: str,
        *,
        mailbox: str,
        doing: str,
        write: bool = False,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call, waiting and trying again as the table above says.

        Args:
            method: HTTP method.
            path_or_url: a path below the version such as `/users/...`, or a link that Graph gave.
            mailbox: whose lane it takes; empty for calls that are about no mailbox.
            doing: what it is for, as a phrase for error messages.
            write: whether it changes anything.
            json: body as a JSON value; None for none.
            content: body as ready JSON bytes, sent as they are; not together with json.
            headers: extra headers.

        Raises:
            CallFailed: one of the branches in scheduler.graph.errors.
        """
        ask = Ask(method, path_or_url, mailbox, doing, json, headers or {})
        call = self._call(ask, content=content, write=write)
        lane = self._lanes.of(mailbox)
        while True:
            try:
                ticket = lane.enter(lambda: call.gives_up_at - self._monotonic(), background=self._background)
            except LaneClosed as closed:
                raise throttled(call, closed.seconds) from closed
            with ticket:
                reply = self._try(call, ticket)
            if reply is not None:
                return reply
            pause = call.not_before - self._monotonic()
            if pause > 0:
                self._sleep(pause)

    def send_many(self, asks: Sequence[Ask]) -> tuple[Reply | CallFailed, ...]:
        """Make many reads in as few round trips as the limits allow; what came of each, in their order.

        Raises:
            CallFailed: never for one of them alone.
        """
        outcomes: dict[int, Reply | CallFailed] = {}
        order: dict[int, int] = {}
        calls: list[Call] = []
        tokens: dict[int, str] = {}
        for number, ask in enumerate(asks):
            try:
                call = self._call(ask)
                tokens[id(call)] = self._tokens.token(ask.mailbox)
            except CallFailed as error:
                outcomes[number] = error
            else:
                call.alone = self._monotonic() < self._batches.refused_until
                order[id(call)] = number
                calls.append(call)
        queue = Queue(
            calls,
            lane_of=lambda call: self._lanes.of(call.ask.mailbox),
            group_of=lambda call: tokens[id(call)],
            monotonic=self._monotonic,
            sleep=self._sleep,
            background=self._background,
        )

        def work() -> None:
            while (taken := queue.take()) is not None:
                if isinstance(taken, Refused):
                    outcomes[order[id(taken.call)]] = throttled(taken.call, taken.seconds)
                    queue.done(())
                    continue
                came: list[tuple[Call, Reply | CallFailed | None]] = []
                try:
                    came = self._together(taken)
                finally:
                    queue.done(taken, [call for call, outcome in came if outcome is None])
                outcomes.update({order[id(call)]: outcome for call, outcome in came if outcome is not None})

        workers = min(_AT_ONCE, len(calls))
        if workers:
            try:
                with ThreadPoolExecutor(workers, "reads") as pool:
                    for done in [pool.submit(work) for _ in range(workers)]:
                        done.result()
            finally:
                queue.close()
        return tuple(outcomes[number] for number in range(len(asks)))

    def _call(self, ask: Ask, *, content: bytes | None = None, write: bool = False) -> Call:
        url = self._origin.resolve(ask.path)
        if url is None:
            raise away(ask.doing)
        if not self._reach.allows(ask.method, urlsplit(url).path.removeprefix(self._origin.prefix)):
            raise self._reach.refusal(ask.doing)
        gives_up_at = self._monotonic() + self._patience.total_seconds
        return Call(ask, url, content if ask.json is None else body_of(ask.json), write, gives_up_at)

    def _together(self, seats: Sequence[Seat]) -> list[tuple[Call, Reply | CallFailed | None]]:
        """One try of calls that hold places: what came of each, None where it is to be tried again."""
        if len(seats) == 1:
            (seat,) = seats
            try:
                return [(seat.call, self._try(seat.call, seat.ticket))]
            except CallFailed as error:
                return [(seat.call, error)]
        calls = [seat.call for seat in seats]
        try:
            token = self._tokens.token(calls[0].ask.mailbox)
            answer = self._exchange(
                "POST",
                f"{self._origin.base}/$batch",
                token,
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                content=pack(calls, self._origin.prefix),
                new_connection=any(call.new_connection for call in calls),
            )
        except (NothingSent, OutcomeUnknown, UnusableAnswer, CallFailed) as fault:
            return [(call, self._without_answer(call, fault)) for call in calls]
        parts = unpack(answer, len(calls))
        if parts is not None:
            return [
                (seat.call, self._of_batch(seat, token, part))
                for seat, part in zip(seats, parts, strict=True)
            ]
        if answer.status in {401, 429} or answer.status >= 500:
            came = [(seat.call, self._of_batch(seat, token, answer)) for seat in seats]
            for call in calls:
                call.alone = answer.status >= 500 and call.failures > 1
            return came
        self._batches.refused_until = self._monotonic() + _REFUSED_SECONDS
        return [(call, self._by_itself(call)) for call in calls]

    @staticmethod
    def _by_itself(call: Call) -> None:
        """Have a call tried again, but in no batch."""
        call.alone = True

    def _of_batch(self, seat: Seat, token: str, part: RawAnswer | None) -> Reply | CallFailed | None:
        """What one call of a batch came to; where that was not told, it goes by itself."""
        if part is None or part.status == _DEPENDS_ON_FAILED:
            return self._by_itself(seat.call)
        try:
            return self._judged(seat.call, seat.ticket, token, part)
        except CallFailed as error:
            return error

    def _without_answer(self, call: Call, fault: Exception) -> CallFailed | None:
        """What becomes of a call whose batch was not answered; one of them may be what breaks it every time."""
        if isinstance(fault, UnusableAnswer):
            return self._by_itself(call)
        if isinstance(fault, CallFailed):
            return fault
        try:
            self._after_fault(call, fault)
        except CallFailed as error:
            return error
        call.alone = call.failures > 1
        return None

    def _try(self, call: Call, ticket: Ticket) -> Reply | None:
        """One try by itself: the reply, or None when the call should be tried again, not before `not_before`.

        Raises:
            CallFailed: it should not be.
        """
        token = self._tokens.token(call.ask.mailbox)
        try:
            answer = self._exchange(
                call.ask.method,
                call.url,
                token,
                headers=call.headers,
                content=call.content,
                new_connection=call.new_connection,
            )
        except (NothingSent, OutcomeUnknown, UnusableAnswer) as fault:
            self._after_fault(call, fault)
            return None
        return self._judged(call, ticket, token, answer)

    def _exchange(
        self,
        method: str,
        url: str,
        token: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None,
        new_connection: bool,
    ) -> RawAnswer:
        sent = {**headers, "Authorization": f"Bearer {token}", "client-request-id": self._new_id()}
        began = self._monotonic()
        try:
            answer = self._transport.exchange(
                method, url, headers=sent, content=content, new_connection=new_connection
            )
        except (NothingSent, OutcomeUnknown, UnusableAnswer) as fault:
            _log.warning("%s %s -> %s", method, route(url), _SAID[type(fault)])
            raise
        spent = self._monotonic() - began
        _log.info("%s %s -> %d in %.3f s", method, route(url), answer.status, spent)
        self._clock.heard(answer.headers)
        return answer

    def _after_fault(self, call: Call, fault: Exception) -> None:
        """Have a call tried again for which there was no answer, if it may be."""
        match fault:
            case NothingSent():
                self._again(call, unreachable(call, f"Graph could not be reached: {fault}", certain=True))
            case OutcomeUnknown():
                said = f"Graph gave no usable answer: {fault}"
                error = unreachable(call, said, certain=not call.write)
                if call.write:
                    raise error from fault
                self._again(call, error)
            case UnusableAnswer():
                raise unusable(call, str(fault)) from fault
            case _:
                raise fault

    def _judged(self, call: Call, ticket: Ticket, token: str, answer: RawAnswer) -> Reply | None:
        """What an answer means for a call: its reply, or None when it should be tried again."""
        if 200 <= answer.status < 300:
            ticket.served()
            return reply_of(call, answer)
        error = refusal(answer, doing=call.ask.doing, write=call.write)
        asked = retry_after(answer.headers, self._clock.seconds())
        if isinstance(error, SignInFailed) and not call.token_renewed:
            call.token_renewed = True
            self._tokens.renew(token, call.ask.mailbox)
            return None
        if isinstance(error, Throttled):
            error.retry_after = asked
            self._leave_to_lane(call, ticket, error, asked)
            return None
        if not isinstance(error, Unavailable) or answer.status == 501:
            ticket.served()
            raise error
        call.new_connection = answer.status == 503
        if call.write:
            if asked:
                ticket.refused(asked)
            raise error
        if asked:
            self._leave_to_lane(call, ticket, error, asked)
        else:
            self._again(call, error)
        return None

    def _leave_to_lane(self, call: Call, ticket: Ticket, error: CallFailed, asked: float | None) -> None:
        """Let every call of the mailbox wait as long as Graph asked, or as we would."""
        if asked:
            ticket.refused(asked)
        pause = self._next_pause(call, error)
        if not asked:
            ticket.refused(pause)

    def _again(self, call: Call, error: CallFailed) -> None:
        """Have the call alone wait before its next try."""
        call.not_before = self._monotonic() + self._next_pause(call, error)

    def _next_pause(self, call: Call, error: CallFailed) -> float:
        """Seconds before the next try.

        Raises:
            CallFailed: the given error, when tries or time are used up.
        """
        call.failures += 1
        pause = self._patience.pause(call.failures, self._jitter())
        if call.failures >= self._patience.attempts or self._monotonic() + pause > call.gives_up_at:
            raise error
        return pause


_SAID = {
    NothingSent: "not reached",
    OutcomeUnknown: "no usable answer",
    UnusableAnswer: "unusable answer",
}
