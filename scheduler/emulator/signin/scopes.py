"""The scope parameter: which resource is asked for, and which of its permissions (scopes-oidc.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from werkzeug.wrappers import Request

from scheduler.emulator.registration import App, Scope
from scheduler.emulator.registry import Registry
from scheduler.emulator.signin.refusals import SignInRefused, invalid_request

GRAPH_HOSTS = ("https://graph.microsoft.com", "https://graph.emulated.test")
_GRAPH_ID = "00000003-0000-0000-c000-000000000000"
_OPENID = {name: name for name in ("openid", "profile", "email", "offline_access")}
_DELEGATED: dict[str, str] = {name.casefold(): name for name in get_args(Scope)}
_DEFAULT = ".default"
_ACCESS = "access_as_user"
_ADMIN_ONLY = frozenset({
    *("Directory.Read.All", "GroupMember.Read.All", "Organization.Read.All"),
    *("Place.Read.All", "Place.ReadWrite.All", "User.Read.All"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a scope parameter asks for.

    Args:
        resource: whose permissions; the audience of the access token.
        prefix: how the names were written, so that they can be answered likewise.
        names: delegated permissions of the resource, by name.
        default: whether all of the registration were asked for by `.default`.
        openid: scopes of OpenID Connect.
    """

    resource: str
    prefix: str
    names: frozenset[str]
    default: bool
    openid: frozenset[str]

    @property
    def is_graph(self) -> bool:
        """Whether the resource is Graph, not an app of the tenant."""
        return not self.resource.startswith("api://")

    def needed(self, app: App) -> frozenset[str]:
        """The permissions of Graph that have to be consented before a token is issued."""
        if not self.is_graph:
            return frozenset()
        return self.names | (frozenset(app.required_scopes) if self.default else frozenset())

    def granted(self, scopes: Iterable[str]) -> str:
        """The `scope` of an answer: what is in the token, then what OpenID gave; offline_access is never named."""
        written = [f"{self.prefix}{name}" for name in sorted(scopes)]
        default = [f"{self.prefix}{_DEFAULT}"] if self.default else []
        return " ".join([*written, *default, *sorted(self.openid - {"offline_access"})])


def application_audience(registry: Registry, scope: str, request: Request) -> str:
    """The audience of client credentials, which ask for everything granted: `{resource}/.default`.

    Raises:
        SignInRefused: 70011 for another form, 500011 for an unknown resource.
    """
    parts = scope.split()
    if len(parts) != 1 or not parts[0].endswith(f"/{_DEFAULT}"):
        raise _invalid(scope)
    return _resource(registry, parts[0].removesuffix(_DEFAULT).rstrip("/"), request)


def wanted(registry: Registry, scope: str, request: Request) -> Wanted:
    """A delegated scope parameter, read.

    Raises:
        SignInRefused: 70011 for an empty one or `.default` beside others, 28000 for two resources, 500011 for an
            unknown one, 650053 for a permission it does not have.
    """
    parts = scope.split()
    if not parts:
        raise _invalid(scope)
    openid = frozenset(_OPENID[part.lower()] for part in parts if part.lower() in _OPENID)
    asked = [_split(part) for part in parts if part.lower() not in _OPENID]
    prefixes = {prefix for prefix, _ in asked}
    resources = {_resource(registry, prefix.rstrip("/"), request) for prefix in prefixes}
    if len(resources) > 1:
        text = "Provided value for the input parameter scope is not valid because it contains more than one resource."
        raise invalid_request(28000, text)
    default = any(name == _DEFAULT for _, name in asked)
    if default and len(asked) > 1:
        raise _invalid(scope, " .default scope can't be combined with resource-specific scopes.")
    resource = next(iter(resources), GRAPH_HOSTS[0])
    names = frozenset(_known(resource, name) for _, name in asked if name != _DEFAULT)
    return Wanted(resource, next(iter(prefixes), ""), names, default, openid)


def needs_administrator(names: Iterable[str], *, read_basic: bool) -> frozenset[str]:
    """Those of the delegated permissions that only an administrator consents to.

    Args:
        read_basic: whether Calendars.ReadBasic is one.
    """
    only = _ADMIN_ONLY | {"Calendars.ReadBasic"} if read_basic else _ADMIN_ONLY
    return only.intersection(names)


def _split(part: str) -> tuple[str, str]:
    prefix, slash, name = part.rpartition("/")
    return prefix + slash, name


def _resource(registry: Registry, name: str, request: Request) -> str:
    if name in {"", *GRAPH_HOSTS, request.host_url.rstrip("/"), _GRAPH_ID}:
        return name or GRAPH_HOSTS[0]
    app = registry.app(name.removeprefix("api://"))
    if app is not None:
        return f"api://{app.client_id}"
    text = f"The resource principal named {name} was not found in the tenant."
    raise SignInRefused(400, "invalid_resource", 500011, text)


def _known(resource: str, name: str) -> str:
    names: dict[str, str] = {_ACCESS: _ACCESS} if resource.startswith("api://") else _DELEGATED
    known = names.get(name.casefold())
    if known is None:
        text = f"The application asked for scope '{name}' that doesn't exist on the resource '{resource}'."
        raise SignInRefused(400, "invalid_client", 650053, text)
    return known


def _invalid(scope: str, more: str = "") -> SignInRefused:
    text = f"The provided value for the input parameter 'scope' is not valid: {scope}.{more}"
    return SignInRefused(400, "invalid_scope", 70011, text)
