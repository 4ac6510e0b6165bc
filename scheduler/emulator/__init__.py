"""An independent Microsoft Graph and token endpoint that runs on a desk.

It shares no code with the rest of the package, so it can be wrong in its own way only. In process it is
driven through `Emulator.wsgi`, at the base addresses `IN_PROCESS_GRAPH` and `IN_PROCESS_AUTHORITY`; over
HTTPS through `serve` or the endless `run`. `GET /emulator/` lists the operations and the controls.

It differs from the real service in these points: the sign-in pages ask for no password and remember nobody; access
tokens are signed with a key of its own that is not published, id_tokens with one that is; the limits of requests in ten
minutes and in ten seconds hold only where the tenant sets them; subscriptions are to events only, carry no resource
data, and a slow receiver is asked again but not punished; recurrences are daily, weekly or absolute monthly, and one
occurrence cannot be changed alone (501); unknown event properties are refused, to catch typos; deleting a calendar
tells nobody; calendarPermissions cannot be changed by Graph. docs/emulator.md has the table of operations.

Where the documentation is silent it chose: a transactionId stays used after its event is deleted; a missing time zone
is UTC; a status of `unknown` shows as digit 4; the addresses in `schedules` are not limited by the app's mailbox scope;
who was shut out of a calendar is told `ErrorNoFreeBusyAccess` by getSchedule; a calendar shared as `freeBusy` is opened
by getSchedule only; private events of others are named "Private Appointment"; calendarPermissions of others is 400; a
former refresh token goes on working beside the one that replaced it; the resource `/users/{x}/events` of a subscription
is the default calendar; a receiver is tried again after one, two, four minutes and so on; an event that left the window
of change tracking is told once more where it is.
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
