"""An independent Microsoft Graph and token endpoint that runs on a desk.

It shares no code with the rest of the package, so it can be wrong in its own way only. In process it is
driven through `Emulator.wsgi`, at the base addresses `IN_PROCESS_GRAPH` and `IN_PROCESS_AUTHORITY`; over
HTTPS through `serve` or the endless `run`. `GET /emulator/` lists the operations and the controls.

It differs from the real service in these points: application permissions only, so no delegated tokens, client
assertions or consent pages; no $batch, delta, subscriptions or findMeetingTimes; no limit of 10,000 requests in ten
minutes; recurrences are daily, weekly or absolute monthly, and one occurrence cannot be changed alone (501); unknown
event properties are refused, to catch typos; tokens are signed with a key of its own that is not published; deleting a
calendar tells nobody; calendarPermissions lists the organization's default entry only.

Where the documentation is silent it chose: a transactionId stays used after its event is deleted; a missing time zone
is UTC; a status of `unknown` shows as digit 4; the addresses in `schedules` are not limited by the app's mailbox scope.
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
