"""The authorize endpoint: who are you, do you consent, and back with a code (v2-oauth2-auth-code-flow.md)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from scheduler.emulator.envelope import Stamp
from scheduler.emulator.registration import App
from scheduler.emulator.signin import pages
from scheduler.emulator.signin.clients import known_app
from scheduler.emulator.signin.desk import Visit
from scheduler.emulator.signin.people import account, require_consent_power, unconsented_of
from scheduler.emulator.signin.refusals import SignInRefused, invalid_request
from scheduler.emulator.signin.scopes import Wanted, wanted
from scheduler.emulator.state import Mailbox
from scheduler.emulator.tenant import Person

_MODES = frozenset({"query", "fragment", "form_post"})
_PROMPTS = frozenset({"", "none", "login", "consent", "select_account", "create"})
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """An authorization request that may be answered at its redirect_uri."""

    app: App
    redirect_uri: str
    mode: str
    state: str
    prompt: str
    hint: str


def authorize(visit: Visit) -> Response:
    """A page, or the way back to the app.

    Raises:
        SignInRefused: as a page for what must not be redirected (unknown app or address, refused account), else as
            a redirect with the OAuth error.
    """
    try:
        asked = _asked(visit)
        try:
            wish = _wish(visit, asked)
        except SignInRefused as refusal:
            raise refusal.shown(_back(asked)) from None
        return _signed_in(visit, asked, wish)
    except SignInRefused as refusal:
        raise refusal if refusal.has_form else refusal.shown(pages.refusal_page) from None


def redirect_allowed(app: App, redirect_uri: str) -> bool:
    """Whether an address is registered; on this machine any port is (reply-url.md)."""
    return any(_same(registered, redirect_uri) for registered in app.redirect_uris)


def mismatch(app: App, redirect_uri: str) -> SignInRefused:
    """The address is not registered."""
    text = (
        f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured "
        f"for the application '{app.client_id}'."
    )
    return invalid_request(50011, text)


def _same(registered: str, sent: str) -> bool:
    if registered == sent:
        return True
    ours, theirs = urlsplit(registered), urlsplit(sent)
    return (
        ours.scheme == theirs.scheme == "http"
        and ours.hostname in _LOOPBACK
        and ours.hostname == theirs.hostname
        and (ours.path or "/", ours.query) == (theirs.path or "/", theirs.query)
    )


def _asked(visit: Visit) -> _Asked:
    values = visit.request.values
    app = known_app(visit.registry, values.get("client_id", ""))
    only = app.redirect_uris[0] if len(app.redirect_uris) == 1 else ""
    redirect_uri = values.get("redirect_uri", only)
    if not redirect_allowed(app, redirect_uri):
        raise mismatch(app, redirect_uri)
    mode = values.get("response_mode", "query")
    shown = mode if mode in _MODES else "query"
    return _Asked(
        app,
        redirect_uri,
        shown,
        values.get("state", ""),
        values.get("prompt", ""),
        values.get("login_hint", ""),
    )


def _wish(visit: Visit, asked: _Asked) -> Wanted:
    values = visit.request.values
    if values.get("response_type") != "code":
        text = "The response_type is not enabled for the application; this endpoint has code."
        raise SignInRefused(400, "unsupported_response_type", 700054, text)
    if values.get("response_mode", "query") not in _MODES:
        raise invalid_request(
            70007, f"'{values['response_mode']}' is not a supported value of response_mode."
        )
    if asked.prompt not in _PROMPTS:
        raise invalid_request(90023, f"Invalid value for prompt: '{asked.prompt}'.")
    challenge = values.get("code_challenge", "")
    if not challenge and asked.app.public:
        raise invalid_request(
            9002325, "Proof Key for Code Exchange is required for authorization code redemption."
        )
    if challenge and (values.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge)):
        raise invalid_request(
            501491, "Invalid code_challenge: it has to be a SHA-256 digest, by the method S256."
        )
    return wanted(visit.registry, values.get("scope", ""), visit.request)


def _signed_in(visit: Visit, asked: _Asked, wish: Wanted) -> Response:
    form, options = visit.form, visit.registry.options
    name = form.get("account", "") or (asked.hint if options.automatic_sign_in else "")
    if not name:
        if asked.prompt == "none":
            text = "A silent sign-in request was sent but no user is signed in."
            raise SignInRefused(400, "login_required", 50058, text).shown(_back(asked))
        carried = {key: value for key, value in form.items() if key not in pages.ANSWERS}
        return pages.account_page(f"Sign in to {asked.app.name}", carried, asked.hint)
    mailbox, person = account(visit.registry, name)
    missing = unconsented_of(visit.registry, asked.app, wish, mailbox.address)
    if asked.prompt == "consent" and form.get("decision") != "accept":
        missing |= wish.needed(asked.app)
    if missing:
        page = _consent(visit, asked, missing, mailbox, person)
        if page is not None:
            return page
    return pages.returned(asked.redirect_uri, asked.mode, _code(visit, asked, mailbox, person))


def _consent(
    visit: Visit, asked: _Asked, missing: frozenset[str], mailbox: Mailbox, person: Person
) -> Response | None:
    """The page that asks, or None once it was answered with yes."""
    automatic = visit.registry.options.automatic_sign_in
    if asked.prompt == "none":
        text = f"The user or administrator has not consented to use the application '{asked.app.client_id}'."
        silent = SignInRefused(400, "interaction_required", 65001, text, suberror="consent_required")
        raise silent.shown(_back(asked))
    try:
        require_consent_power(visit.registry, asked.app, missing, person)
    except SignInRefused as refusal:
        raise refusal.shown(_back(asked) if automatic else pages.refusal_page) from None
    decision = visit.form.get("decision", "accept" if automatic else "")
    if decision == "decline":
        raise SignInRefused(400, "access_denied", 65004, "User declined to consent to access the app.").shown(
            _back(asked)
        )
    if decision != "accept":
        carried = {key: value for key, value in visit.form.items() if key not in pages.ANSWERS}
        carried["account"] = mailbox.address
        return pages.consent_page(asked.app.name, carried, missing, admin=person.admin)
    everybody = person.admin and visit.form.get("organization") == "true"
    visit.registry.consent(asked.app, missing, None if everybody else mailbox.address)
    return None


def _code(visit: Visit, asked: _Asked, mailbox: Mailbox, person: Person) -> dict[str, str]:
    values = visit.request.values
    content = {
        "client": asked.app.client_id,
        "person": mailbox.address,
        "scope": values.get("scope", ""),
        "redirect_uri": asked.redirect_uri,
        "challenge": values.get("code_challenge", ""),
        "nonce": values.get("nonce", ""),
        "at": visit.now.timestamp(),
        "number": visit.desk.number(),
        "second_factor": person.sign_in == "mfa_required",
    }
    answer = {"code": visit.desk.tokens.seal("code", content)}
    if asked.state:
        answer["state"] = asked.state
    return {**answer, "session_state": visit.registry.world.ids.named_uuid("session", mailbox.object_id)}


def _back(asked: _Asked) -> Callable[[SignInRefused, Stamp], Response]:
    def shown(refusal: SignInRefused, stamp: Stamp) -> Response:
        values = {"error": refusal.error, "error_description": refusal.description(stamp)}
        if refusal.suberror:
            values["suberror"] = refusal.suberror
        if refusal.number == 65004:
            values["error_subcode"] = "cancel"
        if asked.state:
            values["state"] = asked.state
        return pages.returned(asked.redirect_uri, asked.mode, values)

    return shown
