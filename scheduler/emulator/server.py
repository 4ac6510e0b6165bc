"""The emulator over HTTPS on this machine, with a certificate authority of its own made at the start."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server as WSGIServer

from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.registration import App
from scheduler.emulator.tenant import Tenant, load_tenant

IN_PROCESS_GRAPH = "https://graph.emulated.test/v1.0"
IN_PROCESS_AUTHORITY = "https://login.emulated.test"
_THREADS = 16
_TICK_SECONDS = 0.2


class Server:
    """A served emulator; leaving the context stops it.

    Attributes:
        connection: what a client needs: graph_url (with version), authority (without tenant), tenant_id,
            client_id, client_secret and secret_expires of the tenant's first app, ca_file to trust, and the profile
            that the app's rights make.
    """

    def __init__(self, emulator: Emulator, port: int) -> None:
        self.emulator = emulator
        self._folder = tempfile.TemporaryDirectory(prefix="slotwright-emulator-")
        folder = Path(self._folder.name)
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        ca_file, chain, key = folder / "ca.pem", folder / "server.pem", folder / "server.key"
        authority.cert_pem.write_to_path(str(ca_file))
        certificate.private_key_pem.write_to_path(str(key))
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(str(chain), append=True)
        self._server = WSGIServer(
            ("127.0.0.1", port), emulator.wsgi, numthreads=_THREADS, timeout=10, shutdown_timeout=1
        )
        self._server.ssl_adapter = BuiltinSSLAdapter(str(chain), str(key))
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name="emulator", daemon=True)
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="emulator clock", daemon=True)
        root = f"https://localhost:{self._server.bind_addr[1]}"
        app = emulator.tenant.apps[0]
        self.connection: dict[str, str] = {
            "connection": "advanced",
            "graph_url": f"{root}/v1.0",
            "authority": root,
            "tenant_id": emulator.tenant.id,
            "client_id": app.client_id,
            "client_secret": app.secret,
            "ca_file": str(ca_file),
            **_rights(app),
        }

    def __enter__(self) -> Self:
        self._thread.start()
        if self.emulator.clock.running:
            self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.stop()
        self._thread.join(timeout=5)
        if self._ticker.is_alive():
            self._ticker.join(timeout=5)
        self._folder.cleanup()

    def _tick(self) -> None:
        while not self._ended.wait(_TICK_SECONDS):
            self.emulator.catch_up()


def _rights(app: App) -> dict[str, str]:
    """Who consented, to how much, and until when the secret is good; what goes without saying is left out."""
    ends = {"secret_expires": app.secret_expires.date().isoformat()} if app.secret_expires else {}
    if not app.grants and (app.consents or app.required_scopes):
        return {"consent": "user", **ends}
    writes = [grant.over for grant in app.grants if grant.role == "Calendars.ReadWrite"]
    profile = "full" if "all" in writes else "scoped" if writes else "read-only"
    return {"profile": profile, **ends}


def serve(emulator: Emulator, port: int = 0) -> Server:
    """A server for the emulator on 127.0.0.1 and localhost, to be entered as a context.

    Args:
        emulator: whose `wsgi` is served.
        port: 0 takes any free port; `Server.connection` tells which.

    Raises:
        OSError: the port is taken.
    """
    return Server(emulator, port)


def run(tenant: Path | str | Tenant, port: int = 0, clock_iso: str | None = None) -> None:
    """Serve a tenant until SIGINT or SIGTERM; the first line on stdout is `Server.connection` as JSON.

    Args:
        tenant: a tenant or the path of its file.
        port: 0 takes any free port.
        clock_iso: where the running clock starts, with an offset; else the tenant's `clock`, else now.

    Raises:
        TenantFileError: the tenant file cannot be used.
        ValueError: `clock_iso` is no instant.
        OSError: the file cannot be read or the port is taken.
    """
    loaded = tenant if isinstance(tenant, Tenant) else load_tenant(tenant)
    start = loaded.clock or datetime.now(UTC)
    if clock_iso is not None:
        start = datetime.fromisoformat(clock_iso)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serve(Emulator(loaded, clock=Clock(start, running=True)), port) as server:
        sys.stdout.write(json.dumps(server.connection) + "\n")
        sys.stdout.flush()
        stop.wait()
