"""The emulator over HTTPS with the demo tenant, and Microsoft's own client pointed at it."""

from __future__ import annotations

import asyncio
import importlib
import ssl
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest
from azure.identity import ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphServiceClient
from msgraph.graph_request_adapter import GraphRequestAdapter, options
from msgraph_core import GraphClientFactory

from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.demo import demo_tenant
from scheduler.emulator.server import Server, serve

with warnings.catch_warnings():
    # kiota-abstractions 1.16 warns while it defines a class that msgraph-sdk 1.65 itself imports everywhere.
    warnings.filterwarnings("ignore", "GetQueryParameters is deprecated", DeprecationWarning)
    importlib.import_module("kiota_abstractions.default_query_parameters")

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
def graph_client(server: Server, loop: asyncio.Runner) -> Iterator[GraphServiceClient]:
    """The SDK with its own middleware and sign-in, told no more than the addresses and the CA to trust."""
    to = server.connection
    http = httpx.AsyncClient(
        base_url=to["graph_url"], verify=ssl.create_default_context(cafile=to["ca_file"]), timeout=30
    )
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
