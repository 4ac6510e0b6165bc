"""The fault plan: what shall go wrong, on which operation and how often. Nothing goes wrong by itself."""

from __future__ import annotations

import errno
import random
import threading
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "refuse",
    "html",
    "drop_request",
    "drop_reply",
    "fail_after",
    "truncate",
    "empty",
    "malformed",
    "mistyped",
    "deep",
    "huge",
    "shifted",
    "unmarked",
    "delay",
]


class Fault(BaseModel):
    """One planned failure of an operation.

    ==============================  ===========================================  ====================================
    kind                            the work                                     the reply
    ==============================  ===========================================  ====================================
    refuse                          is not done                                  `status` with an error of `code`
    html                            is not done                                  a page of `status`
    drop_request                    is not done                                  none: the connection closes
    drop_reply                      is done, or with `late_seconds` later        none: the connection closes
    fail_after                      is done, or with `late_seconds` later        `status` with an error of `code`
    truncate, empty, malformed      is done                                      cut in half, without body, not JSON
    mistyped, deep, huge            is done                                      not called JSON, 10,000 deep, 50 MB
    shifted, unmarked               is done an hour later than asked, or         its own
                                    without extended properties
    delay                           is done                                      its own
    ==============================  ===========================================  ====================================

    Any of them first waits `delay_seconds` of real time, which holds a place in the mailbox's concurrency limit, not
    the emulator's lock.

    Args:
        operation: name of the operation, such as `getSchedule` or `token`; `*` is any of them.
        mailbox: address in the path; None is any.
        code: of the error; `AADSTS` and a number let the token endpoint answer in its own form.
        retry_after: the Retry-After header, in seconds or as it stands; None leaves the header out.
        headers: more headers of an error's reply.
        extra: more members of the error object.
        late_seconds: how long after the request its work is done, on the emulator's clock; whatever comes of it then
            is told to nobody but the journal.
        skip: how many matching requests pass before the fault starts.
        times: how many requests fail; None is every one until `reset`.
        chance: how likely a matching request is to meet it, drawn by the plan's seed.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str = "*"
    mailbox: str | None = None
    kind: Kind = "refuse"
    status: Annotated[int, Field(ge=400, le=599)] = 503
    code: str = "serviceNotAvailable"
    message: str = "The service is temporarily unavailable."
    retry_after: int | float | str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    extra: dict[str, str] = Field(default_factory=dict)
    late_seconds: Annotated[float, Field(gt=0)] | None = None
    delay_seconds: Annotated[float, Field(ge=0)] = 0
    skip: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=1)] | None = 1
    chance: Annotated[float, Field(gt=0, le=1)] = 1

    @model_validator(mode="after")
    def _late_work_has_no_reply(self) -> Self:
        if self.late_seconds is not None and self.kind not in {"fail_after", "drop_reply"}:
            raise ValueError(f"work that is done late has no reply of its own: {self.kind} cannot be late")
        return self


class ReplyDropped(ConnectionResetError):  # noqa: N818 - named for what happened to the reply
    """The plan says that this reply is lost: a server closes the connection, in process it is raised."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the emulator dropped the reply as its fault plan says")


class FaultPlan:
    """The faults still to come. The first fault that matches a request is the one it meets.

    Args:
        seed: decides what faults with a chance below 1 hit.
    """

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self.sow(seed)

    def sow(self, seed: int) -> None:
        """Begin drawing anew with another seed."""
        with self._lock:
            self._random = random.Random(seed)

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
                if fault.chance < 1 and self._random.random() >= fault.chance:
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
