"""What an access token says of itself.

The token is Graph's to validate; a client only looks, to tell people what was granted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from scheduler.graph.refusals import parse_json


def claims_of(token: str) -> Mapping[str, Any]:
    """The claims of a JWT; nothing for a token that is none."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        found = parse_json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
