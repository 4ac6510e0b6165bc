"""The emulator over HTTPS, and the runner a command line starts."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from scheduler.emulator import Clock, Emulator, Fault, serve


def signed_in(connection: dict[str, str]) -> httpx.Client:
    """A client that trusts the server and holds a token."""
    trust = ssl.create_default_context(cafile=connection["ca_file"])
    http = httpx.Client(verify=trust, base_url=connection["graph_url"])
    root = connection["graph_url"].removesuffix("/v1.0")
    token = http.post(
        f"{connection['authority']}/{connection['tenant_id']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": connection["client_id"],
            "client_secret": connection["client_secret"],
            "scope": f"{root}/.default",
        },
    ).json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    return http


def test_https(make_tenant: Any) -> None:
    """Over TLS a client signs in and reads; a dropped reply is a closed connection; stopping is quick."""
    tenant = make_tenant(clock="2026-03-02T06:00:00Z")
    emulator = Emulator(tenant, clock=Clock(tenant.clock))
    with serve(emulator) as server, closing(signed_in(server.connection)) as http:
        calendar = http.get("users/ana@contoso.example/calendar")
        assert "Ana Silva" == calendar.json()["owner"]["name"]
        assert "Mon, 02 Mar 2026 06:00:00 GMT" == calendar.headers["Date"]
        emulator.faults.add(Fault(operation="getDefaultCalendar", kind="drop_reply"))
        with pytest.raises(httpx.TransportError):
            http.get("users/ana@contoso.example/calendar")
        assert 200 == http.get("users/ana@contoso.example/calendar").status_code
        began = time.monotonic()
    assert time.monotonic() - began < 3


def test_runner(make_tenant: Any, tmp_path: Path) -> None:
    """The runner prints where it is as one line of JSON, serves, and ends on SIGTERM."""
    file = tmp_path / "tenant.json"
    file.write_text(make_tenant().model_dump_json(), encoding="utf-8")
    code = f"from scheduler.emulator import run; run({str(file)!r}, 0, '2026-03-02T06:00:00Z')"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        with closing(signed_in(json.loads(process.stdout.readline()))) as http:
            assert 200 == http.get("places/microsoft.graph.room").status_code
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(timeout=10)
    finally:
        process.kill()
        process.communicate()
