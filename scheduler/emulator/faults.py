"""The fault plan: what shall go wrong, on which operation and how often. Nothing goes wrong by itself."""

from __future__ import annotations

import errno
import threading
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Fault(BaseModel):
    """One planned failure of an operation.

    `refuse` answers `status` and leaves everything as it was; `fail_after` answers it after doing the work;
    `drop_reply` does the work and closes the connection; `html` answers a page where JSON is due, `truncate`
    does the work and cuts the reply in half; `delay` only waits `delay_seconds` of real time, which any fault
    may do first. Waiting holds a place in the mailbox's concurrency limit, not the emulator's lock.

    Args:
        operation: name of the operation, such as `getSchedule` or `token`; `*` is any of them.
        mailbox: address in the path; None is any.
        skip: how many matching requests pass before the fault starts.
        times: how many requests fail; None is every one until `reset`.
        retry_after: seconds for the Retry-After header; None leaves the header out.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str = "*"
    mailbox: str | None = None
    kind: Literal["refuse", "fail_after", "drop_reply", "html", "truncate", "delay"] = "refuse"
    status: Annotated[int, Field(ge=400, le=599)] = 503
    code: str = "serviceNotAvailable"
    message: str = "The service is temporarily unavailable."
    retry_after: int | None = None
    delay_seconds: Annotated[float, Field(ge=0)] = 0
    skip: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=1)] | None = 1


class ReplyDropped(ConnectionResetError):  # noqa: N818 - named for what happened to the reply
    """The plan says that this reply is lost: a server closes the connection, in process it is raised."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the emulator dropped the reply as its fault plan says")


class FaultPlan:
    """The faults still to come. The first fault that matches a request is the one it meets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []

    def add(self, *faults: Fault) -> None:
        """Plan faults, after those already planned."""
        with self._lock:
            self._planned += [fault.model_copy() for fault in faults]

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._planned.clear()

    @property
    def planned(self) -> list[Fault]:
        """The faults still to come, with what is left of `skip` and `times`."""
        with self._lock:
            return [fault.model_copy() for fault in self._planned]

    def meet(self, operation: str, mailbox: str) -> Fault | None:
        """The fault this request meets, used up by one."""
        with self._lock:
            for fault in self._planned:
                if fault.operation not in {"*", operation}:
                    continue
                if fault.mailbox is not None and fault.mailbox.casefold() != mailbox.casefold():
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self._planned.remove(fault)
                return fault.model_copy()
        return None
