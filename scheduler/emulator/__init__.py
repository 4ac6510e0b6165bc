"""An independent Microsoft Graph and token endpoint that runs on a desk.

It shares no code with the rest of the package, so it can be wrong in its own way only. In process it is
driven through `Emulator.wsgi`, at the base addresses `IN_PROCESS_GRAPH` and `IN_PROCESS_AUTHORITY`; over
HTTPS through `serve` or the endless `run`.
"""

from scheduler.emulator.app import Emulator
from scheduler.emulator.clock import Clock
from scheduler.emulator.faults import Fault, ReplyDropped
from scheduler.emulator.server import IN_PROCESS_AUTHORITY, IN_PROCESS_GRAPH, Server, run, serve
from scheduler.emulator.tenant import Tenant, TenantFileError, load_tenant

__all__ = [
    "IN_PROCESS_AUTHORITY",
    "IN_PROCESS_GRAPH",
    "Clock",
    "Emulator",
    "Fault",
    "ReplyDropped",
    "Server",
    "Tenant",
    "TenantFileError",
    "load_tenant",
    "run",
    "serve",
]
