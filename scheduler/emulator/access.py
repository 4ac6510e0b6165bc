"""Who may do what: an app by its roles, or a person through an app, over which mailboxes; and how a refusal reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from scheduler.emulator.envelope import GraphFailure, bad_request, item_not_found
from scheduler.emulator.registration import App, Level
from scheduler.emulator.registry import Registry, allows
from scheduler.emulator.state import Calendar, Mailbox
from scheduler.emulator.world import World

READ_BASIC = frozenset(
    {"Calendars.ReadBasic", "Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"}
)
READ = frozenset({"Calendars.Read", "Calendars.ReadWrite"})
WRITE = frozenset({"Calendars.ReadWrite"})
PLACES = frozenset({"Place.Read.All", "Place.ReadWrite.All"})
SETTINGS = frozenset({"MailboxSettings.Read"})
USERS = frozenset({"User.ReadBasic.All", "User.Read.All", "Directory.Read.All"})
PRIVATE = frozenset({"private", "confidential"})

_ONESELF = frozenset({"User.Read"})
_SHARED = frozenset({"Calendars.Read", "Calendars.ReadWrite"})
_MORE = {"MailboxSettings.Read": frozenset({"MailboxSettings.ReadWrite"})}
_OUTSIDE_ACCESS_POLICY = frozenset({"Calendars.ReadBasic", "Calendars.ReadBasic.All"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is behind a request, by what the token says and what Exchange goes by at its instant.

    Args:
        roles: application permissions of Entra ID in the token; empty for a person's.
        scopes: delegated permissions in the token; empty for an app's own.
        person: address of who is signed in; empty when the app acts by itself.
    """

    app: App
    roles: frozenset[str]
    registry: Registry
    now: datetime
    scopes: frozenset[str] = frozenset()
    person: str = ""

    @property
    def delegated(self) -> bool:
        """Whether the app acts for a person."""
        return bool(self.person)

    def oneself(self) -> str:
        """The address that /me stands for.

        Raises:
            GraphFailure: 400 for an app that acts by itself.
        """
        if not self.delegated:
            raise bad_request("BadRequest", "/me request is only valid with delegated authentication flow.")
        return self.person

    def is_owner(self, mailbox: Mailbox) -> bool:
        """Whether the person who is signed in opens their own mailbox."""
        return self.person.casefold() == mailbox.address.casefold()

    def holds(self, roles: Collection[str]) -> bool:
        """Whether any of the permissions is there, over whatever mailboxes."""
        if self.delegated:
            return not self.scopes.isdisjoint(_own_scopes(roles))
        assigned = {grant.role for grant in self._in_exchange.grants if grant.over != "all"}
        return not (self.roles | assigned).isdisjoint(roles)

    def reaches(self, world: World, mailbox: Mailbox, roles: Collection[str]) -> bool:
        """Whether one of the permissions holds over this mailbox."""
        if not self.delegated:
            return _app_reaches(world, self._in_exchange, self.roles, mailbox, roles)
        if self.is_owner(mailbox):
            return self.holds(roles)
        needed: Level = "write" if set(roles) <= WRITE else "limited"
        return not self.scopes.isdisjoint(_shared_scopes(roles)) and allows(self.level(mailbox), needed)

    def level(self, mailbox: Mailbox) -> Level:
        """What the caller's folder rights allow in a default calendar: an app by itself is just anybody."""
        return "delegate" if self.is_owner(mailbox) else self.registry.level(mailbox, self.person)

    def free_busy_level(self, mailbox: Mailbox) -> Level:
        """What getSchedule tells the caller: an app by itself is told the times whatever the sharing."""
        level = self.level(mailbox)
        return "freeBusy" if level == "none" and not self.delegated else level

    def may_edit(self, world: World, mailbox: Mailbox) -> bool:
        """What `canEdit` says: folder rights of a person, whatever the token allows; an app's effective access."""
        if self.delegated:
            return allows(self.level(mailbox), "write")
        return self.reaches(world, mailbox, WRITE)

    def opens(self, mailbox: Mailbox, calendar: Calendar) -> bool:
        """Whether a calendar of a mailbox is there for the caller: what people share is their default calendar."""
        return calendar.is_default or not self.delegated or self.is_owner(mailbox)

    def sees_private(self, mailbox: Mailbox) -> bool:
        """Whether private events are open to the caller."""
        return not self.delegated or allows(self.level(mailbox), "delegate")

    @property
    def _in_exchange(self) -> App:
        return self.registry.in_exchange(self.app.client_id, self.now)

    def awaits(self, world: World, mailbox: Mailbox, roles: Collection[str]) -> bool:
        """Whether an app will reach a mailbox once Exchange goes by what was changed."""
        coming = self.registry.awaited(self.app.client_id, self.now)
        return coming is not None and _app_reaches(world, coming, self.roles, mailbox, roles)


def _app_reaches(
    world: World, app: App, roles_in_token: Collection[str], mailbox: Mailbox, roles: Collection[str]
) -> bool:
    entra = {role for role in roles_in_token if role in roles}
    if app.access_policy is not None and not world.covers(app.access_policy, mailbox.address):
        entra &= _OUTSIDE_ACCESS_POLICY
    return bool(entra) or any(
        grant.role in roles and grant.over != "all" and world.covers(grant.over, mailbox.address)
        for grant in app.grants
    )


def _own_scopes(roles: Collection[str]) -> frozenset[str]:
    wider = frozenset[str]().union(*(_MORE.get(role, ()) for role in roles))
    return frozenset(roles) | wider | _shared_scopes(roles)


def _shared_scopes(roles: Collection[str]) -> frozenset[str]:
    return frozenset(f"{role}.Shared" for role in _SHARED.intersection(roles))


def require_directory_role(caller: Caller, roles: Collection[str], *, outlook: bool, key: str = "") -> None:
    """Refuse a caller without any of the permissions: by the directory's code, or the one of Outlook services.

    Args:
        key: the user of the path: people may read themselves by User.Read.
    """
    if caller.holds(roles):
        return
    if outlook:
        raise access_denied()
    known = caller.registry.person(key) if key else None
    if known is not None and caller.is_owner(known[0]) and caller.holds(_ONESELF):
        return
    raise GraphFailure(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def reach_mailbox(world: World, caller: Caller, key: str, roles: Collection[str]) -> Mailbox:
    """The mailbox a path names, if the caller may do what needs one of the permissions there.

    Raises:
        GraphFailure: 403 without the permission or outside its scope, 404 for an unknown user, for a mailbox that is
            not in the cloud, and for a calendar that was not shared with the person who is signed in.
    """
    if not caller.holds(roles):
        raise access_denied()
    mailbox = world.mailbox(key)
    if mailbox is None:
        raise GraphFailure(404, "ErrorInvalidUser", f"The requested user '{key}' is invalid.")
    if mailbox.hosting != "cloud":
        raise GraphFailure(
            404,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    if not caller.reaches(world, mailbox, roles):
        raise _unreachable(world, caller, mailbox, roles)
    return mailbox


def _unreachable(world: World, caller: Caller, mailbox: Mailbox, roles: Collection[str]) -> GraphFailure:
    if caller.delegated:
        return access_denied() if caller.scopes.isdisjoint(_shared_scopes(roles)) else item_not_found()
    if caller.awaits(world, mailbox, roles) and caller.registry.options.policy_pending_status == 404:
        return item_not_found()
    if caller.roles.isdisjoint(roles):
        return access_denied()
    return GraphFailure(
        403,
        "ErrorAccessDenied",
        "Access to OData is disabled. [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
    )


def access_denied() -> GraphFailure:
    """The 403 of Exchange for what the caller's permissions or rights do not cover."""
    return GraphFailure(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
