"""Microsoft's national clouds: which sign-in service and which Graph belong together.

learn.microsoft.com/graph/deployments and learn.microsoft.com/entra/identity-platform/authentication-national-cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CloudName = Literal["global", "usgov", "usgov-dod", "china"]


@dataclass(frozen=True, slots=True)
class Cloud:
    """The https roots of a cloud."""

    authority: str
    graph_url: str


CLOUDS: Mapping[CloudName, Cloud] = {
    "global": Cloud("https://login.microsoftonline.com", "https://graph.microsoft.com/v1.0"),
    "usgov": Cloud("https://login.microsoftonline.us", "https://graph.microsoft.us/v1.0"),
    "usgov-dod": Cloud("https://login.microsoftonline.us", "https://dod-graph.microsoft.us/v1.0"),
    "china": Cloud("https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn/v1.0"),
}
