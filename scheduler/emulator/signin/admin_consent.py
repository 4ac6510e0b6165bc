"""The admin consent endpoint: an administrator grants what a registration requires (v2-admin-consent.md)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from scheduler.emulator.registration import App
from scheduler.emulator.signin import pages
from scheduler.emulator.signin.authorize import mismatch, redirect_allowed
from scheduler.emulator.signin.clients import known_app
from scheduler.emulator.signin.desk import Visit
from scheduler.emulator.signin.people import account
from scheduler.emulator.signin.refusals import SignInRefused
from scheduler.emulator.signin.scopes import wanted


def admin_consent(visit: Visit) -> Response:
    """A page, or back to the app with admin_consent=True.

    With `scope` other than `.default` only those delegated permissions are consented to.

    Raises:
        SignInRefused: as a page: unknown app or address, no administrator.
    """
    try:
        return _decided(visit)
    except SignInRefused as refusal:
        raise refusal.shown(pages.refusal_page) from None


def _decided(visit: Visit) -> Response:
    values, registry = visit.request.values, visit.registry
    app = known_app(registry, values.get("client_id", ""))
    redirect_uri = values.get("redirect_uri", "")
    if not redirect_allowed(app, redirect_uri):
        raise mismatch(app, redirect_uri)
    names = _names(visit, app)
    automatic = registry.options.automatic_sign_in
    first = next(
        (box.address for box in registry.world.mailboxes.values() if getattr(box.spec, "admin", False)), ""
    )
    name = visit.form.get("account") or (first if automatic else "")
    state = {"state": values["state"]} if "state" in values else {}
    if not name:
        return pages.account_page(f"Sign in to consent to {app.name}", {}, "")
    mailbox, person = account(registry, name)
    if not person.admin:
        text = f"{mailbox.address} is not an administrator, who alone can consent for the organization."
        raise SignInRefused(400, "access_denied", 90093, text)
    decision = visit.form.get("decision", "accept" if automatic else "")
    if decision == "decline":
        refused = {"error": "access_denied", "error_subcode": "cancel", "error_description": "AADSTS65004"}
        return pages.returned(redirect_uri, "query", {**refused, **state})
    if decision != "accept":
        return pages.consent_page(app.name, {"account": mailbox.address}, names, admin=False)
    if "scope" in values and not values["scope"].endswith(".default"):
        registry.consent(app, names, None)
    else:
        registry.consent_for_organization(app)
    done = {"admin_consent": "True", "tenant": registry.world.tenant.id, **state}
    return pages.returned(redirect_uri, "query", done)


def _names(visit: Visit, app: App) -> frozenset[str]:
    scope = visit.request.values.get("scope", ".default")
    asked = wanted(visit.registry, scope, visit.request)
    return asked.needed(app) | (frozenset(app.required_roles) if asked.default else frozenset())
