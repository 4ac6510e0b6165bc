"""Which addresses a token may travel to: one scheme, host, port and path prefix."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from scheduler.errors import InputError


@dataclass(frozen=True, slots=True)
class Origin:
    """The one place requests go to.

    A prefix comparison of text would accept `https://graph.microsoft.com.evil.example`, so the parts are
    compared one by one.

    Args:
        root: scheme, host and port, and any path before the version; no slash at the end.
        prefix: the path under which everything asked for must lie, such as `/v1.0`.
    """

    root: str
    prefix: str

    @property
    def base(self) -> str:
        """What a path is appended to."""
        parts = urlsplit(self.root)
        return f"{parts.scheme}://{parts.netloc}{self.prefix}"

    def resolve(self, path_or_url: str) -> str | None:
        """The full address of a path, or of a link when it stays inside; None when it leads elsewhere."""
        url = f"{self.base}{path_or_url}" if path_or_url.startswith("/") else path_or_url
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            return None
        try:
            parts = urlsplit(url)
            same = _door(parts) == _door(urlsplit(self.root))
        except ValueError:
            return None
        if not same or "@" in parts.netloc or parts.fragment:
            return None
        inside = parts.path == self.prefix or parts.path.startswith(f"{self.prefix}/")
        climbs = any(unquote(segment) in {".", ".."} for segment in parts.path.split("/"))
        return url if inside and not climbs else None


def graph_origin(graph_url: str) -> Origin:
    """The origin of a Graph root such as `https://graph.microsoft.com`; `/v1.0` is added where it is missing.

    Raises:
        InputError: not a plain https address.
    """
    parts = _plain_https("graph_url", graph_url)
    path = parts.path.rstrip("/").removesuffix("/v1.0")
    return Origin(f"https://{parts.netloc}{path}", f"{path}/v1.0")


def https_root(field: str, url: str) -> str:
    """An https address without a slash at its end.

    Raises:
        InputError: not a plain https address; `field` names the setting.
    """
    parts = _plain_https(field, url)
    return f"https://{parts.netloc}{parts.path.rstrip('/')}"


def _plain_https(field: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and bool(parts.hostname) and _door(parts)[2] > 0
    except ValueError:
        plain = False
    if not plain or parts.query or parts.fragment or "@" in parts.netloc:
        raise InputError(field, f"{url!r} is not a plain https address", "write it as https://host[:port]")
    return parts


def _door(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or 443
