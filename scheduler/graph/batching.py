"""Many reads in few round trips: which of them go together in one $batch, and what it answers.

A batch (concepts/json-batching.md) takes at most 20 calls, all with one token. Each call in it holds a place in the
lane of its mailbox as if it went by itself, so that a mailbox never has more than four under way. A batch is sent when
it is full or holds all that is left, and one that is smaller only when no other is under way whose places it could wait
for.
"""

from __future__ import annotations

import json as jsonlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from scheduler.graph.calls import Call
from scheduler.graph.pacing import Lane, LaneClosed, Ticket
from scheduler.graph.refusals import is_json, parse_json
from scheduler.graph.transport import RawAnswer

MOST_CALLS = 20


@dataclass(frozen=True, slots=True)
class Seat:
    """A call in a batch and its place in the lane of its mailbox."""

    call: Call
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that its mailbox takes too late, in so many seconds."""

    call: Call
    seconds: float


class Queue:
    """The calls of one operation that wait to be sent; safe to share between threads.

    Args:
        calls: reads, first come, first served.
        lane_of: the lane of a call.
        group_of: calls can go together when this is equal.
        background: whether calls in the foreground go first.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        *,
        lane_of: Callable[[Call], Lane],
        group_of: Callable[[Call], str],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        background: bool,
    ) -> None:
        self._waiting = list(calls)
        self._lane_of = lane_of
        self._group_of = group_of
        self._monotonic = monotonic
        self._sleep = sleep
        self._background = background
        self._under_way = 0
        self._turn = threading.Condition()
        self._announce(self._waiting, 1)

    def take(self) -> list[Seat] | Refused | None:
        """What is to be sent together now, or a call that cannot be sent in time; None when nothing waits.

        Whatever was taken is given back by `done`.
        """
        while True:
            with self._turn:
                while not (seats := self._seats([])):
                    if not self._waiting:
                        return None
                    if not self._under_way:
                        break
                    self._turn.wait()
                self._under_way += 1
                if seats:
                    return seats
            # Nobody else of this operation is under way, so that this thread may sleep for all of them.
            if (waited := self._wait()) is not None:
                return waited

    def done(self, seats: Sequence[Seat], again: Sequence[Call] = ()) -> None:
        """Give the places back, and let calls be taken once more."""
        with self._turn:
            for seat in seats:
                seat.ticket.leave()
            self._announce(again, 1)
            self._waiting += again
            self._under_way -= 1
            self._turn.notify_all()

    def close(self) -> None:
        """Nothing of it waits any more."""
        with self._turn:
            self._announce(self._waiting, -1)
            self._waiting.clear()

    def _announce(self, calls: Sequence[Call], each: int) -> None:
        """Tell the lanes of calls in the foreground that they wait, or by -1 that they do no longer."""
        for call in () if self._background else calls:
            self._lane_of(call).wanted(each)

    def _seats(self, seats: list[Seat]) -> list[Seat]:
        """What can be sent now together with the seats that are taken already."""
        now, begun = self._monotonic(), len(seats)
        left: list[Call] = []
        for call in self._waiting:
            ticket = None
            if len(seats) < MOST_CALLS and call.not_before <= now and self._together(seats, call):
                ticket = self._lane_of(call).try_enter(background=self._background)
            if ticket is None:
                left.append(call)
            else:
                seats.append(Seat(call, ticket))
        full = len(seats) == MOST_CALLS or not left or any(seat.call.alone for seat in seats)
        if self._under_way and not full and not begun:
            for seat in seats:
                seat.ticket.leave()
            return []
        self._announce([seat.call for seat in seats[begun:]], -1)
        self._waiting = left
        return seats

    def _together(self, seats: Sequence[Seat], call: Call) -> bool:
        if not seats:
            return True
        first = seats[0].call
        return not first.alone and not call.alone and self._group_of(first) == self._group_of(call)

    def _wait(self) -> list[Seat] | Refused | None:
        """Wait until something can be sent: a place left by others, or all pauses over. None is that it may be now."""
        with self._turn:
            now = self._monotonic()
            waits = [(self._seconds(call, now), call) for call in self._waiting]
            late = next((wait for wait in waits if wait[0] and now + wait[0] > wait[1].gives_up_at), None)
            if late is not None:
                self._drop(late[1])
                return Refused(late[1], late[0])
            first = next((self._drop(call) for seconds, call in waits if not seconds), None)
        if first is None:
            # Throttled calls go together again after the longest pause (concepts/throttling.md). There may be none:
            # what fills a batch is taken by another thread as soon as it is free.
            self._sleep(max((seconds for seconds, _ in waits), default=0.0))
            self.done(())
            return None
        try:
            ticket = self._lane_of(first).enter(
                lambda: first.gives_up_at - self._monotonic(), background=self._background
            )
        except LaneClosed as closed:
            return Refused(first, closed.seconds)
        with self._turn:
            return self._seats([Seat(first, ticket)])

    def _drop(self, call: Call) -> Call:
        self._waiting = [each for each in self._waiting if each is not call]
        self._announce([call], -1)
        return call

    def _seconds(self, call: Call, now: float) -> float:
        return max(self._lane_of(call).closed_for(), call.not_before - now, 0.0)


def pack(calls: Sequence[Call], prefix: str) -> bytes:
    """The body of a batch; the calls are numbered by their ids.

    Args:
        prefix: path of the version root, to which the addresses in a batch are relative.
    """
    requests: list[dict[str, Any]] = []
    for number, call in enumerate(calls):
        parts = urlsplit(call.url)
        request: dict[str, Any] = {
            "id": str(number),
            "method": call.ask.method,
            "url": SplitResult("", "", parts.path.removeprefix(prefix), parts.query, "").geturl(),
            "headers": call.headers,
        }
        if call.ask.json is not None:
            request["body"] = call.ask.json
        requests.append(request)
    return jsonlib.dumps({"requests": requests}, separators=(",", ":")).encode()


def unpack(answer: RawAnswer, count: int) -> list[RawAnswer | None] | None:
    """The answer to each call by its number, None where there is not exactly one that can be read.

    None for all of them is that this is no answer to a batch. The status of the whole is not looked at: what a
    throttled item makes of it is told in two ways (concepts/throttling.md, concepts/json-batching.md).
    """
    if not is_json(answer.headers):
        return None
    try:
        body = parse_json(answer.body)
    except ValueError:
        return None
    responses = body.get("responses") if isinstance(body, dict) else None
    if not isinstance(responses, list):
        return None
    found: dict[int, RawAnswer | None] = {}
    for response in responses:
        number = _number(response, count)
        if number is not None:
            found[number] = None if number in found else _item(response)
    return [found.get(number) for number in range(count)]


def _number(response: Any, count: int) -> int | None:
    name = response.get("id") if isinstance(response, dict) else None
    numbers = {str(number): number for number in range(count)}
    return numbers.get(name) if isinstance(name, str) else None


def _item(response: Mapping[str, Any]) -> RawAnswer | None:
    status, headers, body = response.get("status"), response.get("headers"), response.get("body")
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        return None
    if headers is not None and not isinstance(headers, dict):
        return None
    given = {
        name.lower(): str(value) for name, value in (headers or {}).items() if isinstance(value, str | int)
    }
    if body is None:
        return RawAnswer(status, given, b"")
    if isinstance(body, dict):
        # Microsoft's own examples leave the content type of errors out; an object cannot have been anything else.
        return RawAnswer(status, {**given, "content-type": "application/json"}, jsonlib.dumps(body).encode())
    return RawAnswer(status, {**given, "content-type": "text/plain"}, str(body).encode(errors="replace"))
