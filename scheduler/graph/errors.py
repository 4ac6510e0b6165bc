"""What can go wrong with Microsoft Graph, named by whose fault it is.

scheduler.errors.GraphError
└── CallFailed          one call, with Graph's code, status, request id, and whether a write took effect
    ├── SignInFailed    401, the app registration, its secret or its consent: the administrator's
    ├── RequestRefused  400 and the other 4xx: what we sent was wrong, so asking again cannot help
    ├── NotAllowed      403: permissions or mailbox policy: the administrator's
    ├── NotThere        404, 410: the mailbox, calendar or event is not there, or not for us to see
    ├── Clash           409, 412, 423, a reused name or transaction id: the state is not what we believed
    ├── Throttled       429 that outlasted our patience: too many calls
    ├── Unavailable     5xx, time-outs, unreachable host: Microsoft's or the network's
    └── BadAnswer       something came back that Graph never promised: Microsoft's or a stranger's

`applied` says what a failed write may have left behind: `no` is certain, `unknown` must be read back before
anything is decided. Handlers branch on the type and on `code`, never on words (concepts/errors.md).
"""

from __future__ import annotations

from typing import Literal

from scheduler.errors import GraphError

Applied = Literal["no", "unknown"]


class CallFailed(GraphError):  # noqa: N818 - errors here are named for what happened
    """One call to Graph or its sign-in that did not do what was asked.

    Args:
        doing: what was being done, as a phrase such as `reading free/busy of 3 mailboxes`.
        said: what came back, as a clause.
        remedy: what the reader can do, as a clause.
        code: the most specific error code Graph gave that is known to us, or its outermost one.
        request_id: Graph's own id of the request, for a support case.
        status: the HTTP status, or None when there was no answer.
        applied: whether a write took effect; always `no` for a read.
        detail: Graph's own message; it may hold addresses, so it is no part of the sentence.
    """

    def __init__(
        self,
        doing: str,
        said: str,
        remedy: str,
        *,
        code: str = "",
        request_id: str = "",
        status: int | None = None,
        applied: Applied = "no",
        detail: str = "",
    ) -> None:
        super().__init__(f"{doing[:1].upper()}{doing[1:]} failed: {said}; {remedy}.")
        self.doing = doing
        self.said = said
        self.remedy = remedy
        self.code = code
        self.request_id = request_id
        self.status = status
        self.applied: Applied = applied
        self.detail = detail


class SignInFailed(CallFailed):
    """Nothing can be asked in our name, and what was asked is neither done nor refused.

    The sign-in was refused, in which case `number` is its AADSTS number if it had one; or Graph believes no token of
    ours, not even a fresh one.
    """

    number: int | None = None


class RequestRefused(CallFailed):
    """Graph understood the call and refused it as wrong; the same call will be refused again."""


class NotAllowed(CallFailed):
    """The caller may not do this; a permission, consent or mailbox policy is missing."""


class NotThere(CallFailed):
    """What the path names is not there, or is hidden from the caller.

    On somebody else's calendar Graph answers 404 where 403 is meant, so it does not prove absence.
    """

    @property
    def whole_mailbox(self) -> bool:
        """Whether the mailbox itself was not found, so that nothing is known about what is in it."""
        return self.code in {"MailboxNotEnabledForRESTAPI", "ErrorInvalidUser", "Request_ResourceNotFound"}


class Clash(CallFailed):
    """The state at Graph is not what the call assumed.

    `existing_event_id` is the event that already holds the transaction id, when Graph names it.
    """

    existing_event_id: str | None = None


class Throttled(CallFailed):
    """Graph asked for a pause longer than we may wait; `retry_after` is that pause in seconds, or None."""

    retry_after: float | None = None


class Unavailable(CallFailed):
    """Graph could not be reached, did not answer in time, or failed on its side."""


class BadAnswer(CallFailed):
    """The answer was malformed, too large, redirected, or pointed away from Graph; nothing of it is used."""
