"""Test a connection step by step, with a remedy for each failure.

Nothing is written to any calendar unless it is asked for, and then nothing is left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scheduler.app.room_routes import Asked, RouteMatrix
from scheduler.app.write_test import WriteTest, Writing
from scheduler.calendars.snapshot import MailboxSchedule, UnreadableHours
from scheduler.connection.expiry import Expiry
from scheduler.connection.granted import judged
from scheduler.connection.profiles import INVITE, Consent, Profile
from scheduler.connection.report import Outcome, Report, RoomRoute, Step, failed, fine, skipped, warned
from scheduler.directory.rooms import Room
from scheduler.errors import WorldError
from scheduler.graph.errors import CallFailed, NotAllowed, NotThere, SignInFailed
from scheduler.store.connections import Connections
from scheduler.zones import iso_utc
from solvers.timeline import Span

DAY = 1440
SKEW_SECONDS = 120
"""A desk whose clock differs from Graph's by more is told so."""

ROOMS_TESTED = 50
"""How many rooms are asked for write rights unless more are wanted."""


class Tested(Asked, Writing, Protocol):
    """Microsoft Graph, as far as it is tested; every method raises CallFailed."""

    def discover(self) -> None:
        """Read what the sign-in service says of the tenant."""

    def claims(self, mailbox: str = "") -> Mapping[str, Any]:
        """What the token says of itself."""

    def skew(self) -> float:
        """Seconds by which this machine is ahead of Graph."""

    def read_schedules(
        self, addresses: Sequence[str], window: Span, *, as_mailbox: str
    ) -> tuple[MailboxSchedule, ...]:
        """One schedule per address."""

    def rooms(self) -> tuple[Room, ...]:
        """Every listed room."""

    def find_calendar(self, mailbox: str, name: str, known_id: str | None = None) -> str | None:
        """The id of our own calendar."""


class Calendars(Protocol):
    """The ids of generated calendars."""

    def calendar_id(self, mailbox: str, name: str) -> str | None:
        """The id of a generated calendar."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is tested.

    Args:
        tenant_id: as it was configured: an id or a domain.
        organizer: mailbox that invites; empty where none was named.
        scheduling_user: owner of the generated calendar; else the organizer.
        expiry: of the secret or certificate, as of a UTC minute.
        emulated: whether this Graph runs on this machine, with a clock of its own.
        people: further mailboxes to try.
        room_limit: how many rooms are asked for write rights; None for all.
        write_test: whether to write an event and remove it again.
    """

    connection: str
    consent: Consent
    profile: Profile
    tenant_id: str
    organizer: str
    scheduling_user: str
    scheduler_calendar: str
    expiry: Callable[[int], Expiry]
    emulated: bool = False
    people: tuple[str, ...] = ()
    room_limit: int | None = ROOMS_TESTED
    write_test: bool = False

    @property
    def owner(self) -> str:
        """Whose the generated calendar is."""
        return self.scheduling_user or self.organizer


@dataclass(slots=True)
class Doctor:
    """Looks at one connection.

    Args:
        new_id: makes an id that no event has.
        tell: takes each step as soon as it is done.
    """

    graph: Tested
    ledger: Calendars
    connections: Connections
    patient: Patient
    new_id: Callable[[], str]
    tell: Callable[[Step], None] = lambda _: None
    _routes: tuple[RoomRoute, ...] = ()
    _granted: frozenset[str] | None = None

    def test(self) -> Report:
        """Every step; those that cannot be taken after a failure are left out."""
        steps: list[Step] = []
        for step in self._steps():
            steps.append(step)
            self.tell(step)
        patient = self.patient
        return Report(
            tested=iso_utc(self.graph.now()),
            connection=patient.connection,
            consent=patient.consent,
            profile=patient.profile.name,
            steps=tuple(steps),
            routes=self._routes,
        )

    def _steps(self) -> Iterator[Step]:
        yield from self._accounts()
        for name, work in (("discovery", self._discovery), ("token", self._token)):
            step = _taken(name, work)
            yield step
            if step.outcome is Outcome.FAILED:
                return
        if self._granted is None:
            yield warned("permissions", "the token does not say what was granted")
        else:
            yield from judged(self.patient.profile, self.patient.consent, self._granted)
        yield from self._free_busy()
        yield self._clock()
        yield self._expiry()
        rooms = yield from self._places()
        if not self.patient.profile.books:
            return
        yield _taken("organizer", self._organizer)
        scheduler = _taken("scheduler calendar", self._scheduler)
        yield scheduler
        yield from self._mailboxes()
        matrix = RouteMatrix(
            self.graph,
            self.patient.consent,
            self._granted,
            can_invite=scheduler.outcome is not Outcome.FAILED,
        )
        counted, self._routes = matrix.of(rooms, self.patient.room_limit)
        if counted is not None:
            yield counted
        if self.patient.write_test:
            direct = [each.address for each in self._routes if each.route == "direct"]
            test = WriteTest(self.graph, self.patient.organizer, direct, self.new_id)
            yield _taken("write test", test.run)

    # Signing in

    def _accounts(self) -> Iterator[Step]:
        if self.patient.consent != "user":
            return
        switch = self.connections.switched(self.patient.tenant_id)
        if switch is None or not switch.enabled:
            yield failed(
                "switch", "nobody may connect yet", "let an administrator type `slotwright connect --enable`"
            )
        else:
            yield fine("switch", "people may connect")
        present = {address for address, _ in self.connections.accounts()}
        for address, role in (
            (self.patient.organizer, "organizer"),
            (self.patient.scheduling_user, "scheduling user"),
        ):
            if address and address not in present:
                said = f"the {role} {address} is not signed in"
                remedy = f"type `slotwright connect --as {address}`"
                yield (failed if role == "organizer" else warned)("account", said, remedy)
            elif address:
                yield fine("account", f"the {role} {address} is signed in")

    def _discovery(self) -> Step:
        self.graph.discover()
        return fine("discovery", f"the sign-in service knows the tenant {self.patient.tenant_id}")

    def _token(self) -> Step:
        claims = self.graph.claims(self.patient.organizer)
        if not claims:
            return warned("token", "there is one, which says nothing of itself")
        admin = self.patient.consent == "admin"
        granted = claims.get("roles") if admin else str(claims.get("scp", "")).split()
        self._granted = frozenset(str(each) for each in granted or ())
        tenant = str(claims.get("tid", ""))
        if tenant and "." not in self.patient.tenant_id and tenant.lower() != self.patient.tenant_id.lower():
            return failed("token", f"it is for another tenant, {tenant}", "check tenant_id")
        return fine("token", f"granted: {', '.join(sorted(self._granted)) or 'nothing'}")

    def _expiry(self) -> Step:
        expiry = self.patient.expiry(self.graph.now())
        if expiry.ends is None and self.patient.consent == "user":
            return skipped("expiry", "people sign in, so there is no secret that could end")
        if expiry.ends is None:
            return warned(
                "expiry",
                f"nobody recorded when the {expiry.what} ends",
                "copy its day from Certificates & secrets into secret_expires",
            )
        warning = expiry.warning()
        if warning is None:
            return fine("expiry", f"the {expiry.what} is good for {expiry.days} days, until {expiry.ends}")
        if expiry.urgency == "over":
            return warned(
                "expiry",
                f"the {expiry.what} should have ended on {expiry.ends}, and is good all the same",
                "correct secret_expires",
            )
        remedy = "make a new one under Certificates & secrets, and record its day"
        return warned("expiry", warning.rstrip("."), remedy)

    def _clock(self) -> Step:
        if self.patient.emulated:
            return skipped("clock", "this Graph runs on this machine, with a clock of its own")
        skew = self.graph.skew()
        if abs(skew) > SKEW_SECONDS:
            late = "ahead of" if skew > 0 else "behind"
            return warned(
                "clock",
                f"this machine is {abs(skew):.0f} seconds {late} Graph",
                "set its clock by network time (NTP)",
            )
        return fine("clock", f"{abs(skew):.0f} seconds from Graph's")

    # Reading

    def _free_busy(self) -> Iterator[Step]:
        wanted = (self.patient.organizer, self.patient.owner, *self.patient.people)
        sample = tuple(dict.fromkeys(each for each in wanted if each))
        if not sample:
            yield failed("free/busy", "there is no mailbox to try it with", "set organizer")
            return
        now = self.graph.now()
        try:
            schedules = self.graph.read_schedules(sample, Span(now, now + DAY), as_mailbox=sample[0])
        except NotThere as error:
            yield _absent("free/busy", sample[0], error)
            return
        except NotAllowed as error:
            yield failed("free/busy", f"it is not told to us: {_said(error)}", self._opening())
            return
        except CallFailed as error:
            yield _refused("free/busy", error)
            return
        yield from self._sampled(schedules)

    def _sampled(self, schedules: Sequence[MailboxSchedule]) -> Iterator[Step]:
        unread = [each for each in schedules if each.problem is not None]
        for each in unread:
            yield (failed if each.address == self.patient.organizer else warned)(
                "free/busy",
                f"{each.address}: {(each.problem or '').rstrip('.')}",
                "check the address"
                if each.nobody
                else "ask its owner or an administrator to share free/busy",
            )
        if len(unread) == len(schedules):
            return
        yield fine("free/busy", f"{len(schedules) - len(unread)} of {len(schedules)} mailboxes can be read")
        told = 0
        for each in schedules:
            if isinstance(each.hours, UnreadableHours):
                yield warned(
                    "working hours",
                    f"those of {each.address} cannot be used: {each.hours.reason.rstrip('.')}",
                    "let its owner set working hours in Outlook, or give hours in requests",
                )
            elif each.hours is not None:
                told += 1
        said = f"{told} of {len(schedules)} mailboxes tell them"
        if told:
            yield fine("working hours", said)
        else:
            yield warned("working hours", said, "give hours in requests where a mailbox tells none")

    def _places(self) -> Generator[Step, None, Sequence[Room]]:
        try:
            rooms = self.graph.rooms()
        except NotAllowed:
            yield warned(
                "places",
                "the rooms cannot be listed",
                "grant Place.Read.All, or import rooms with `slotwright rooms import --csv FILE`",
            )
            return ()
        except CallFailed as error:
            yield _refused("places", error)
            return ()
        offices = len({room.building for room in rooms if room.building})
        if not rooms:
            yield warned(
                "places", "no room is listed", "new rooms take up to two days to appear; see Set-Place"
            )
        else:
            yield fine("places", f"{len(rooms)} rooms in {offices} buildings are listed")
        return rooms

    # Writing

    def _organizer(self) -> Step:
        if not self.patient.organizer:
            return warned("organizer", "none is set, so every request has to name one", "set organizer")
        return self._writable("organizer", self.patient.organizer)

    def _writable(self, name: str, mailbox: str) -> Step:
        try:
            access = self.graph.access(mailbox)
        except NotThere as error:
            return _absent(name, mailbox, error)
        if access is None:
            return failed(name, f"the calendar of {mailbox} does not open for us", self._opening())
        if not access.can_edit:
            return failed(name, f"the calendar of {mailbox} may be read but not written", self._opening())
        return fine(name, f"the calendar of {mailbox} may be written")

    def _opening(self) -> str:
        """What opens a calendar that should be open."""
        if self.patient.profile.scoped:
            return "put the mailbox into the group of `slotwright scope`, directly; if it is, wait up to two hours"
        needs = self.patient.profile.asked[self.patient.consent]
        wanted = INVITE.needs(self.patient.consent)[0] if self.patient.profile.books else needs[0]
        return f"grant {wanted}; an access policy of Exchange may keep the app out as well"

    def _scheduler(self) -> Step:
        owner, name = self.patient.owner, self.patient.scheduler_calendar
        if not owner:
            return warned("scheduler calendar", "it will belong to whoever invites", "set scheduling_user")
        if owner != self.patient.organizer:
            step = self._writable("scheduler calendar", owner)
            if step.outcome is Outcome.FAILED:
                return step
        known = self.ledger.calendar_id(owner, name)
        named = self.graph.find_calendar(owner, name)
        if known is None or known == named:
            said = "is there" if named is not None else "is made with the first booking that needs it"
            return fine("scheduler calendar", f"{name!r} of {owner} {said}")
        if self.graph.find_calendar(owner, name, known) == known:
            return warned(
                "scheduler calendar",
                f"the calendar {name!r} of {owner} was renamed; rooms are invited from it all the same",
                f"name it {name!r} again, so that people know it",
            )
        new = "another one of that name is used" if named is not None else "the next booking makes a new one"
        return warned(
            "scheduler calendar",
            f"the calendar {name!r} of {owner} was deleted, and with it what rooms were invited to",
            f"look at `slotwright reconcile`; {new}",
        )

    def _mailboxes(self) -> Iterator[Step]:
        """Free/busy is told of mailboxes that are elsewhere too; their calendars cannot be opened."""
        for address in self.patient.people:
            try:
                access = self.graph.access(address)
            except NotThere as error:
                step = _absent("mailboxes", address, error, warned)
                if error.code == _ELSEWHERE:
                    said = f"{address} is not in Exchange Online; it can be invited, and its answers are not seen"
                    step = warned("mailboxes", said, "move the mailbox, or leave it so")
                yield step
            except CallFailed as error:
                yield _refused("mailboxes", error, Outcome.WARNING)
            else:
                less = (
                    "" if access is not None else "; its calendar does not open, which inviting does not need"
                )
                yield fine("mailboxes", f"{address} is in Exchange Online{less}")


_ELSEWHERE = "MailboxNotEnabledForRESTAPI"


def _absent(name: str, mailbox: str, error: NotThere, kind: Callable[..., Step] = failed) -> Step:
    if error.code == _ELSEWHERE:
        return kind(
            name,
            f"the mailbox {mailbox} is not in Exchange Online: it is on-premises, unlicensed or gone",
            "use a mailbox that is in Exchange Online",
        )
    return kind(name, f"no mailbox {mailbox} is known to this tenant", "check the address")


def _taken(name: str, work: Callable[[], Step]) -> Step:
    try:
        return work()
    except CallFailed as error:
        return _refused(name, error)
    except WorldError as error:
        return failed(name, _clause(str(error)))


def _refused(name: str, error: CallFailed, outcome: Outcome = Outcome.FAILED) -> Step:
    return Step(name=name, outcome=outcome, said=_said(error), remedy=error.remedy)


def _said(error: CallFailed) -> str:
    return error.said if isinstance(error, SignInFailed) else f"{error.doing} failed: {error.said}"


def _clause(sentence: str) -> str:
    return sentence.rstrip(".")
