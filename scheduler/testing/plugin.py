"""Pytest fixtures: an emulated Microsoft 365 tenant, in process or over HTTPS.

Override `graph_tenant` in a test module or conftest to bring a tenant of your own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from scheduler.emulator.app import Emulator
    from scheduler.emulator.server import Server
    from scheduler.emulator.tenant import Tenant

# Imports stay inside the fixtures: pytest loads this plugin in every session of an environment that has Slotwright.


@pytest.fixture
def graph_tenant() -> Tenant:
    """The tenant that is emulated: `scheduler.testing.tenants.small_tenant()` unless overridden."""
    from scheduler.testing.tenants import small_tenant  # noqa: PLC0415

    return small_tenant()


@pytest.fixture
def graph_emulator(graph_tenant: Tenant) -> Emulator:
    """A fresh tenant in process: `.wsgi` answers, `.clock.advance(seconds)` lets time pass, `.faults` makes trouble."""
    from scheduler.emulator.app import Emulator  # noqa: PLC0415
    from scheduler.emulator.clock import Clock  # noqa: PLC0415
    from scheduler.testing.tenants import START  # noqa: PLC0415

    return Emulator(graph_tenant, clock=Clock(graph_tenant.clock or START))


@pytest.fixture
def graph_server(graph_emulator: Emulator) -> Iterator[Server]:
    """The same over HTTPS on a free port: `.connection` has what a Graph client needs, `.emulator` the controls."""
    from scheduler.emulator.server import serve  # noqa: PLC0415

    with serve(graph_emulator) as server:
        yield server
