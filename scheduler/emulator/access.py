"""Who may do what: the caller's application roles, over which mailboxes, and the errors of a refusal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from scheduler.emulator.envelope import GraphFailure
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import App
from scheduler.emulator.world import World

READ_BASIC = frozenset(
    {"Calendars.ReadBasic", "Calendars.ReadBasic.All", "Calendars.Read", "Calendars.ReadWrite"}
)
READ = frozenset({"Calendars.Read", "Calendars.ReadWrite"})
WRITE = frozenset({"Calendars.ReadWrite"})
PLACES = frozenset({"Place.Read.All", "Place.ReadWrite.All"})
SETTINGS = frozenset({"MailboxSettings.Read"})
USERS = frozenset({"User.ReadBasic.All", "User.Read.All", "Directory.Read.All"})


@dataclass(frozen=True, slots=True)
class Caller:
    """The app behind a request and the roles its token carries."""

    app: App
    roles: frozenset[str]

    def holds(self, roles: Collection[str]) -> bool:
        """Whether any of the roles is in the token, over whatever mailboxes."""
        return not self.roles.isdisjoint(roles)

    def reaches(self, world: World, mailbox: Mailbox, roles: Collection[str]) -> bool:
        """Whether one of the roles in the token is granted over this mailbox."""
        return any(
            grant.role in self.roles
            and grant.role in roles
            and (grant.over == "all" or world.covers(grant.over, mailbox.address))
            for grant in self.app.grants
        )


def require_directory_role(caller: Caller, roles: Collection[str], *, outlook: bool) -> None:
    """Refuse a caller without any of the roles: the directory's code, or the one of Outlook services."""
    if caller.holds(roles):
        return
    if outlook:
        raise _denied()
    raise GraphFailure(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def reach_mailbox(world: World, caller: Caller, key: str, roles: Collection[str]) -> Mailbox:
    """The mailbox a path names, if the caller may do what needs one of the roles there.

    Raises:
        GraphFailure: 403 without the role or outside its scope, 404 for an unknown user or a mailbox that is
            not in the cloud.
    """
    if not caller.holds(roles):
        raise _denied()
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
        raise GraphFailure(
            403,
            "ErrorAccessDenied",
            "Access to OData is disabled. "
            "[RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
        )
    return mailbox


def _denied() -> GraphFailure:
    return GraphFailure(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
