"""`slotwright connect` and `slotwright rotate-keys`: who may connect, who did, and with which keys it is kept."""

from __future__ import annotations

import json
import webbrowser

import click

from scheduler.app.connect import accounts, forget, insist_people_sign_in, sign_in
from scheduler.cli.context import Context, output, pass_context, progress
from scheduler.cli.tables import line
from scheduler.connection.accounts import Account
from scheduler.graph.signin.connecting import WAIT_SECONDS, Hints, SignedIn
from scheduler.planning.sentences import count as counted
from scheduler.store.sealing import Seal, add_key, drop_keys, keys_in
from scheduler.wiring import Slotwright, connections_in, key_file, open_store, system_clock, system_user


@click.command()
@click.option("--enable", "switch", flag_value="on", help="Let people of the tenant connect.")
@click.option("--disable", "switch", flag_value="off", help="Let nobody connect, and forget who did.")
@click.option("--as", "address", metavar="ADDRESS", help="Who signs in; else login_hint or the organizer.")
@click.option("--device-code", is_flag=True, help="Sign in at another machine, by entering a code there.")
@click.option("--no-browser", is_flag=True, help="Print the sign-in address instead of opening a browser.")
@click.option("--list", "listed", is_flag=True, help="List who is signed in, with what they consented to.")
@click.option(
    "--forget",
    "forgotten",
    metavar="ADDRESS",
    help="Forget the sign-in of this address; `all` forgets everybody's.",
)
@click.option(
    "--wait",
    "wait_seconds",
    metavar="S",
    type=click.FloatRange(min=1),
    default=WAIT_SECONDS,
    show_default=True,
    help="Seconds to wait for the person.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@pass_context
def connect(
    context: Context,
    *,
    switch: str | None,
    address: str | None,
    device_code: bool,
    no_browser: bool,
    listed: bool,
    forgotten: str | None,
    wait_seconds: float,
    as_json: bool,
) -> None:
    """Connect calendars in the name of people, where each consents for themselves (consent = "user").

    An administrator first types `slotwright connect --enable`. Then each recruiter, and the scheduling user, types
    `slotwright connect`, signs in and accepts. Kept sign-ins are encrypted; `slotwright rotate-keys` exchanges the key.
    """
    if sum((switch is not None, forgotten is not None, listed)) > 1:
        raise click.UsageError("Give one of --enable, --disable, --forget and --list.")
    with context.slotwright("connecting", untested=True) as slotwright:
        if switch is not None:
            _switch(slotwright, enabled=switch == "on")
        elif forgotten is not None:
            forget(slotwright.connections, forgotten)
        elif not listed:
            _sign_in(
                slotwright, address, device_code=device_code, no_browser=no_browser, wait_seconds=wait_seconds
            )
        _show(accounts(slotwright.connections), as_json=as_json)


def _switch(slotwright: Slotwright, *, enabled: bool) -> None:
    insist_people_sign_in(slotwright.settings)
    who = slotwright.settings.audit_identity or system_user()
    slotwright.connections.switch(slotwright.settings.tenant_id, enabled=enabled, who=who)
    if not enabled:
        slotwright.connections.forget()
    said = "may connect now" if enabled else "may not connect any more; every sign-in is forgotten"
    line(progress(), f"People of tenant {slotwright.settings.tenant_id} {said}.")


def _sign_in(
    slotwright: Slotwright, address: str | None, *, device_code: bool, no_browser: bool, wait_seconds: float
) -> None:
    settings, console = slotwright.settings, progress()
    expected = (address or settings.login_hint or settings.organizer).strip().lower()
    hints = Hints(login=expected, domain=settings.domain_hint, home_realm=settings.home_realm)

    def with_code() -> SignedIn:
        return slotwright.graph.sign_in_by_code(
            show=lambda uri, code: line(console, f"Open {uri} anywhere and enter the code {code}"),
            wait_seconds=wait_seconds,
        )

    def with_browser() -> SignedIn:
        return slotwright.graph.sign_in_by_browser(
            redirect_uri=settings.used_redirect_uri, hints=hints, show=show, wait_seconds=wait_seconds
        )

    def show(uri: str) -> None:
        if no_browser or not webbrowser.open(uri):
            line(console, f"Open in a browser on this machine: {uri}")
        else:
            line(console, "A browser was opened; sign in there.")

    sign_in(slotwright.connections, settings, with_code if device_code else with_browser, expected=expected)


def _show(found: tuple[Account, ...], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([account.model_dump(mode="json") for account in found], indent=2))
        return
    console = output()
    for account in found:
        line(console, f"{account.address}  signed in; consented to {', '.join(_short(account.scopes))}")
    if not found:
        line(console, "Nobody is signed in.")


def _short(scopes: tuple[str, ...]) -> list[str]:
    """The permissions of Graph, without the address of Graph and without OpenID's own."""
    names = (scope.rsplit("/", 1)[-1] for scope in scopes)
    return [name for name in names if "." in name]


@click.command("rotate-keys")
@pass_context
def rotate_keys(context: Context) -> None:
    """Seal every kept sign-in with a new key.

    With a key file the new key is put into it first and one old key is kept, so that whoever runs meanwhile goes on
    working. With SLOTWRIGHT_TOKEN_KEYS put the new key first there, on every machine, then type this; the old one can
    be taken out afterwards. Typing it again, or after it was cut short, does no harm.
    """
    settings = context.settings()
    given = keys_in(settings.token_keys.get_secret_value())
    with open_store(settings) as store:
        connections = connections_in(store, settings, clock=system_clock)
        if given:
            count = connections.renew_seals(lambda: Seal(given))
        else:
            path = key_file(settings)
            count = connections.renew_seals(lambda: Seal(add_key(path)))
            connections.while_keys_rest(lambda: drop_keys(path))
    line(
        output(),
        f"{counted(count, 'kept sign-in')} {'is' if count == 1 else 'are'} sealed with the first key now.",
    )
