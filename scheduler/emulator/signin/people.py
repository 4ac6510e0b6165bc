"""Who may sign in, and what may be consented to by whom."""

from __future__ import annotations

from collections.abc import Collection

from scheduler.emulator.registration import App
from scheduler.emulator.registry import Registry
from scheduler.emulator.signin.refusals import SignInRefused, invalid_grant
from scheduler.emulator.signin.scopes import Wanted, needs_administrator
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import Person


def account(registry: Registry, name: str) -> tuple[Mailbox, Person]:
    """Someone who may sign in at the pages.

    Raises:
        SignInRefused: 50034 for somebody unknown, 50057 for a disabled account, 53003 where a policy is against it.
    """
    known = registry.person(name.strip())
    if known is None:
        tenant = registry.world.tenant
        text = f"The user account {name} does not exist in the {tenant.domain} directory."
        raise invalid_grant(50034, text)
    if known[1].sign_in == "disabled":
        raise invalid_grant(50057, "The user account is disabled.")
    if known[1].sign_in == "blocked_by_policy":
        raise blocked()
    return known


def still_welcome(
    registry: Registry, name: str, *, second_factor: bool, error: str = "invalid_grant"
) -> Mailbox:
    """The mailbox of someone for whom a token is renewed without asking them.

    Args:
        second_factor: whether they had shown one when they signed in.
        error: the OAuth error where the second factor is wanting.

    Raises:
        SignInRefused: as `account`; 50076 where a second factor is required by now.
    """
    mailbox, person = account(registry, name)
    if person.sign_in == "mfa_required" and not second_factor:
        text = (
            "Due to a configuration change made by your administrator, or because you moved to a new location, "
            f"you must use multi-factor authentication to access '{registry.world.tenant.id}'."
        )
        raise SignInRefused(400, error, 50076, text, suberror="basic_action")
    return mailbox


def blocked() -> SignInRefused:
    """A conditional access policy is against it."""
    text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."
    return invalid_grant(53003, text, suberror="message_only")


def unconsented_of(registry: Registry, app: App, wanted: Wanted, person: str) -> frozenset[str]:
    """What is asked for and was not consented to."""
    return wanted.needed(app) - registry.consented(app, person)


def require_consent_power(registry: Registry, app: App, names: Collection[str], person: Person) -> None:
    """Refuse a consent that only an administrator can give.

    Raises:
        SignInRefused: 90094.
    """
    options = registry.options
    only = needs_administrator(names, read_basic=options.read_basic_needs_admin)
    if person.admin or not (only or options.user_consent == "blocked"):
        return
    text = (
        f"{app.name} needs permission to access resources in your organization that only an admin can grant: "
        f"{' '.join(sorted(only or names))}. Please ask an admin to grant permission to this app."
    )
    raise SignInRefused(400, "access_denied", 90094, text)
