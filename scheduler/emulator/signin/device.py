"""Device codes: a device shows one, a person enters it elsewhere, the device polls (v2-oauth2-device-code.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from scheduler.emulator.signin import pages
from scheduler.emulator.signin.clients import known_app
from scheduler.emulator.signin.desk import Desk, DeviceCode, SignedIn, Visit, tokens_of
from scheduler.emulator.signin.people import account, require_consent_power, unconsented_of
from scheduler.emulator.signin.refusals import (
    SignInRefused,
    invalid_client,
    invalid_grant,
    json_response,
    missing,
)
from scheduler.emulator.signin.scopes import wanted

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
_LENGTH = 9


def device_code(visit: Visit) -> Response:
    """A code for a device, and where to enter it. There is no verification_uri_complete, as at Entra ID.

    Raises:
        SignInRefused: the app is unknown or not public, or the scope is none.
    """
    registry, options = visit.registry, visit.registry.options
    app = known_app(registry, visit.form.get("client_id", ""))
    if not app.public:
        text = "The client application must be marked as mobile: public client flows are not allowed."
        raise invalid_client(7000218, text)
    scope = visit.form.get("scope", "")
    wanted(registry, scope, visit.request)
    code = visit.desk.tokens.seal("device", {"number": visit.desk.number()})
    ends = visit.now + timedelta(seconds=options.device_code_seconds)
    made = DeviceCode(app.client_id, _user_code(visit.desk), scope, ends)
    visit.desk.devices[code] = made
    where = f"{visit.request.host_url}{visit.tenant}/oauth2/deviceauth"
    return json_response({
        "user_code": made.user_code,
        "device_code": code,
        "verification_uri": where,
        "expires_in": options.device_code_seconds,
        "interval": options.device_interval_seconds,
        "message": f"To sign in, use a web browser to open the page {where} and enter the code {made.user_code} "
        "to authenticate.",
    })  # fmt: skip


def verification(visit: Visit) -> Response:
    """The page where a person enters a code.

    Raises:
        SignInRefused: as a page.
    """
    form = visit.form
    if not form.get("user_code") or not form.get("account"):
        return pages.device_page(visit.request.values.get("user_code", ""))
    try:
        decided(visit, form["user_code"], form["account"], accept=form.get("decision") != "decline")
    except SignInRefused as refusal:
        raise refusal.shown(pages.refusal_page) from None
    return pages.message_page("You're all set", "You may now close this page and go back to your device.")


def decided(visit: Visit, user_code: str, name: str, *, accept: bool) -> DeviceCode:
    """Note what somebody answered to the code of a device.

    Raises:
        SignInRefused: 70018 for a code that is none, 70019 for an expired one; or the account or its consent is
            refused, and the device goes on waiting.
    """
    registry = visit.registry
    typed = user_code.strip().upper()
    found = next(
        (code for code in visit.desk.devices.values() if (code.user_code, code.state) == (typed, "pending")),
        None,
    )
    if found is None:
        raise invalid_grant(70018, "Invalid verification code: check what was entered.")
    if found.ends <= visit.now:
        raise invalid_grant(70019, "Verification code expired: have the user retry.")
    if not accept:
        found.state = "declined"
        return found
    mailbox, person = account(registry, name)
    app = known_app(registry, found.client_id)
    asked = unconsented_of(registry, app, wanted(registry, found.scope, visit.request), mailbox.address)
    if asked:
        require_consent_power(registry, app, asked, person)
        registry.consent(app, asked, mailbox.address)
    found.state, found.person = "accepted", mailbox.address
    found.second_factor = person.sign_in == "mfa_required"
    return found


def polled(visit: Visit) -> dict[str, Any]:
    """Tokens, once somebody accepted.

    Raises:
        SignInRefused: authorization_pending, slow_down, authorization_declined, expired_token,
            bad_verification_code, or the app is not the one that asked for the code.
    """
    registry = visit.registry
    app = known_app(registry, visit.form.get("client_id", ""))
    sent = visit.form.get("device_code") or visit.form.get("code", "")
    if not sent:
        raise missing("device_code")
    code = visit.desk.devices.get(sent)
    if code is None or code.client_id != app.client_id:
        raise _refused("bad_verification_code", 70020, "The value of 'device_code' is not valid.")
    match code.state:
        case "declined":
            raise _refused(
                "authorization_declined", 65004, "The end user declined the authorization request."
            )
        case "redeemed":
            raise invalid_grant(54005, "The device code was already redeemed.")
        case "pending":
            raise _pending(visit, code)
        case "accepted":
            pass
    if code.ends <= visit.now:
        raise _expired()
    code.state = "redeemed"
    wish = wanted(registry, code.scope, visit.request)
    mailbox, _ = account(registry, code.person)
    who = SignedIn(app, mailbox, code.second_factor)
    return tokens_of(visit, who, wish, refreshable="offline_access" in wish.openid)


def _pending(visit: Visit, code: DeviceCode) -> SignInRefused:
    if code.ends <= visit.now:
        return _expired()
    options = visit.registry.options
    before, code.polled = code.polled, visit.now
    early = before is not None and visit.now - before < timedelta(seconds=options.device_interval_seconds)
    if early and options.slow_down:
        return _refused("slow_down", 70016, "The device polls faster than the interval it was given.")
    return _refused("authorization_pending", 70016, "OAuth 2.0 device flow error. Authorization is pending.")


def _expired() -> SignInRefused:
    return _refused(
        "expired_token", 70020, "The provided value for 'device_code' is not valid: it has expired."
    )


def _refused(error: str, number: int, text: str) -> SignInRefused:
    return SignInRefused(400, error, number, text)


def _user_code(desk: Desk) -> str:
    digest = int(desk.registry.world.ids.next_uuid("user code").replace("-", ""), 16)
    return "".join(_LETTERS[digest // len(_LETTERS) ** place % len(_LETTERS)] for place in range(_LENGTH))
