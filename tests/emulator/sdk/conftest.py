"""The emulator over HTTPS with the demo tenant, and Microsoft's own client pointed at it."""

from __future__ import annotations

import asyncio
import importlib
import json
import ssl
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from azure.identity import ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory

from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.demo import demo_tenant
from scheduler.emulator.server import Server, serve

with warnings.catch_warnings():
    # msgraph-sdk 1.65 imports and defines classes that it or kiota-abstractions 1.16 calls deprecated.
    warnings.filterwarnings("ignore", "GetQueryParameters is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", "This class is deprecated. Please use the generic", DeprecationWarning)
    for name in (
        "subscriptions.subscriptions_request_builder",
        "users.item.calendar.calendar_view.calendar_view_request_builder",
        "users.item.calendar.calendar_view.delta.delta_request_builder",
    ):
        importlib.import_module(f"msgraph.generated.{name}")

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.fixture(scope="session")
def emulator() -> Emulator:
    """The demo organization on a clock that stands still until a test advances it."""
    return Emulator(demo_tenant(MONDAY), clock=Clock(MONDAY))


@pytest.fixture(scope="session")
def server(emulator: Emulator) -> Iterator[Server]:
    """One HTTPS server for the whole run; the tests use days of their own instead of a fresh tenant each."""
    with serve(emulator) as running:
        yield running


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.Runner]:
    """The one event loop that the SDK's connections live in."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def wire() -> list[Any]:
    """The JSON bodies the SDK was answered, oldest first."""
    return []


@pytest.fixture(scope="session")
def graph_client(server: Server, loop: asyncio.Runner, wire: list[Any]) -> Iterator[GraphServiceClient]:
    """The SDK with its own middleware and sign-in, told no more than the addresses and the CA to trust."""
    to = server.connection
    transport = httpx.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=to["ca_file"]))
    http = httpx.AsyncClient(base_url=to["graph_url"], transport=transport, timeout=30)

    async def keep(response: httpx.Response) -> None:
        wire.append(json.loads(await response.aread() or "null"))

    http.event_hooks["response"] = [keep]
    with ClientSecretCredential(
        to["tenant_id"],
        to["client_id"],
        to["client_secret"],
        authority=to["authority"],
        disable_instance_discovery=True,
        connection_verify=to["ca_file"],
    ) as credential:
        root = urlsplit(to["graph_url"])
        sign_in = AzureIdentityAuthenticationProvider(
            credential,
            scopes=[f"https://{root.netloc}/.default"],
            allowed_hosts=[root.hostname or ""],
        )
        http = GraphClientFactory.create_with_default_middleware(client=http, options=options)
        yield GraphServiceClient(request_adapter=GraphRequestAdapter(sign_in, http))
        loop.run(http.aclose())
        # The SDK's middleware wraps the transport and does not pass the closing on.
        loop.run(transport.aclose())
