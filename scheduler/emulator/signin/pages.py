"""The few pages a person meets while signing in: plain forms that post back what they were asked with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from werkzeug.wrappers import Response

from scheduler.emulator.envelope import Stamp
from scheduler.emulator.signin.refusals import SignInRefused

ANSWERS = frozenset({"account", "decision", "organization", "user_code"})
"""The fields of the forms, as opposed to the parameters they carry along."""
_DECIDE = (
    '<button name="decision" value="accept">Accept</button>'
    '<button name="decision" value="decline">Cancel</button>'
)
"""Accept comes first, because it is what the return key presses."""


def account_page(title: str, carried: Mapping[str, str], hint: str) -> Response:
    """Asks who is signing in."""
    field = f'<label>Account <input name="account" value="{escape(hint)}"></label>'
    return _form(title, carried, field, "<button>Next</button>")


def device_page(code: str = "") -> Response:
    """Asks for the code a device shows, and who enters it."""
    fields = (
        f'<label>Code <input name="user_code" value="{escape(code)}"></label>'
        '<label>Account <input name="account"></label>'
    )
    return _form("Enter the code shown on your device", {}, fields, _DECIDE)


def consent_page(
    app_name: str, carried: Mapping[str, str], scopes: Collection[str], *, admin: bool
) -> Response:
    """Asks whether an app may have what it wants, from an administrator for everybody if so ticked."""
    items = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(scopes))
    everybody = (
        '<label><input type="checkbox" name="organization" value="true">'
        " Consent on behalf of your organization</label>"
        if admin
        else ""
    )
    fields = f"<ul>{items}</ul>{everybody}"
    return _form(f"Permissions requested: {app_name}", carried, fields, _DECIDE)


def message_page(title: str, text: str, status: int = 200) -> Response:
    """Says something."""
    return _page(title, f"<p>{escape(text)}</p>", status)


def refusal_page(refusal: SignInRefused, stamp: Stamp) -> Response:
    """A refusal that must not go back to the app, because the address to go to is not to be trusted."""
    return message_page(
        "Sorry, but we're having trouble signing you in.", refusal.description(stamp), refusal.status
    )


def returned(redirect_uri: str, mode: str, values: Mapping[str, str]) -> Response:
    """Back to the app: in the query, the fragment, or by a form that posts itself.

    Args:
        mode: response_mode: `query`, `fragment` or `form_post`.
    """
    if mode == "form_post":
        inputs = _hidden(values)
        body = (
            f'<form method="post" action="{escape(redirect_uri)}">{inputs}<button>Continue</button></form>'
            "<script>document.forms[0].submit()</script>"
        )
        return _page("Working", body)
    joint = "#" if mode == "fragment" else "&" if urlsplit(redirect_uri).query else "?"
    return Response(
        b"", 302, {"Location": f"{redirect_uri}{joint}{urlencode(values)}", "Cache-Control": "no-store"}
    )


def _form(title: str, carried: Mapping[str, str], fields: str, buttons: str) -> Response:
    return _page(title, f'<form method="post">{_hidden(carried)}{fields}{buttons}</form>')


def _hidden(values: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in values.items()
    )


def _page(title: str, body: str, status: int = 200) -> Response:
    text = f"<!doctype html><title>{escape(title)}</title><h1>{escape(title)}</h1>{body}"
    return Response(text, status, {"Cache-Control": "no-store"}, content_type="text/html; charset=utf-8")
