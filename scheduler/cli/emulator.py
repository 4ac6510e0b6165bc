"""`slotwright emulator`: a Microsoft Graph on this desk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from scheduler.emulator.demo import demo_tenant
from scheduler.emulator.server import run
from scheduler.emulator.tenant import Tenant, TenantFileError, load_tenant
from scheduler.errors import InputError, WorldError


@click.command()
@click.option(
    "--tenant",
    default="demo",
    metavar="demo|FILE",
    help="The built-in demo tenant, or a YAML or JSON tenant file.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; 0 takes a free one."
)
@click.option(
    "--clock",
    metavar="ISO",
    help="Instant at which the emulated clock starts, such as 2026-11-23T07:00Z; now if absent.",
)
def emulator(tenant: str, port: int, clock: str | None) -> None:
    """Serve Graph v1.0 and its token endpoint over HTTPS until interrupted.

    The first line on standard output is JSON with everything a Graph client needs. It is also a settings file:

        slotwright emulator > emulator.json &
        slotwright --settings emulator.json find ...
    """
    start = _instant(clock) if clock is not None else None
    described = _tenant(tenant, start or datetime.now(UTC))
    try:
        run(described, port, clock)
    except OSError as error:
        raise WorldError(
            f"The emulator cannot listen on port {port} ({error.strerror}); choose another --port."
        ) from error


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("--clock", f"{text!r} is not an instant", "write 2026-11-23T07:00Z") from None
    if instant.tzinfo is None:
        raise InputError("--clock", f"{text!r} has no offset", "write 2026-11-23T07:00Z") from None
    return instant


def _tenant(name: str, start: datetime) -> Tenant:
    if name == "demo":
        return demo_tenant(start)
    try:
        return load_tenant(Path(name))
    except TenantFileError as error:
        first, *others = str(error).rstrip(".").splitlines()
        more = f" (and {len(others)} more)" if others else ""
        raise InputError("--tenant", f"{first.rstrip('.')}{more}", "see `slotwright schema tenant`") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("--tenant", f"{name} cannot be read ({error})", "check the path") from None
