"""The adapter to Microsoft Graph; the only place that speaks HTTP.

`connect` makes a `Graph`, whose methods take and give the domain's own values. Errors are in
scheduler.graph.errors. Everything sent goes through scheduler.graph.gate.
"""

from scheduler.graph.client import Graph, connect
from scheduler.graph.pacing import Patience
from scheduler.graph.transport import Limits

__all__ = ["Graph", "Limits", "Patience", "connect"]
