"""Subscriptions to the events of a calendar (api/subscription-post-subscriptions.md).

An app sees its own subscriptions only. `/users/{x}/events` is the default calendar; another one is named by its id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from scheduler.emulator import zones
from scheduler.emulator.access import READ, access_denied, reach_mailbox
from scheduler.emulator.envelope import Answer, GraphFailure, bad_request, item_not_found
from scheduler.emulator.notifications import Subscription
from scheduler.emulator.service import Call, Deferred, Operation
from scheduler.emulator.state import Mailbox

LONGEST_MINUTES = 10_070
SHORTEST_MINUTES = 45
_LONGEST_STATE = 128
_CHANGES = frozenset({"created", "updated", "deleted"})
_RESOURCE = re.compile(
    r"/?(?:me|users(?:/|\(')(?P<user>[^/']+)(?:'\))?)"
    r"(?:/calendar|/calendars(?:/|\(')(?P<calendar_id>[^/']+)(?:'\))?)?/events/?",
    re.IGNORECASE,
)
_WRITABLE = frozenset({
    *("changeType", "notificationUrl", "lifecycleNotificationUrl", "resource", "expirationDateTime"),
    *("clientState", "latestSupportedTlsVersion", "includeResourceData", "notificationQueryOptions"),
    *("encryptionCertificate", "encryptionCertificateId", "notificationUrlAppId"),
})  # fmt: skip
_TLS = frozenset({"v1_0", "v1_1", "v1_2", "v1_3"})


def _wire(call: Call, subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.subscription_id,
        "resource": subscription.resource,
        "applicationId": subscription.client_id,
        "changeType": ",".join(subscription.change_types),
        "clientState": subscription.client_state,
        "notificationUrl": subscription.url,
        "notificationQueryOptions": None,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": zones.stamp(subscription.expires),
        "creatorId": call.world.ids.named_uuid("creator", subscription.client_id),
        "includeResourceData": None,
        "latestSupportedTlsVersion": subscription.tls,
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }


def _entity(call: Call, subscription: Subscription, status: int = 200) -> Answer:
    location = f"{call.root}/subscriptions('{subscription.subscription_id}')"
    headers = {"Location": location} if status == 201 else {}
    context = call.context("subscriptions/$entity")
    return Answer(status, {"@odata.context": context, **_wire(call, subscription)}, headers)


def create_subscription(call: Call) -> Deferred:
    """201 after both addresses have shaken hands.

    Raises:
        GraphFailure: 400 for a body that cannot be, ExtensionError for too long a life, ValidationError without
            handshake; 403 or 404 as reading the events would.
    """
    body = call.body()
    unknown = [name for name in body if name not in _WRITABLE and not name.startswith("@")]
    if unknown:
        message = f"The property '{unknown[0]}' does not exist on type 'microsoft.graph.subscription'."
        raise bad_request("BadRequest", message)
    mailbox, calendar_id = _resource(call, _text(body, "resource"))
    lifecycle_url = None if body.get("lifecycleNotificationUrl") is None else "lifecycleNotificationUrl"
    subscription = Subscription(
        subscription_id=call.world.ids.next_uuid("subscription"),
        client_id=call.caller.app.client_id,
        mailbox=mailbox,
        calendar_id=calendar_id,
        resource=_text(body, "resource"),
        change_types=_changes(_text(body, "changeType")),
        url=_address(call, body, "notificationUrl"),
        lifecycle_url=lifecycle_url and _address(call, body, lifecycle_url),
        client_state=_client_state(body),
        expires=_expiry(call, body),
        immutable=call.preferences.immutable,
        tls=_tls(body),
    )
    if body.get("includeResourceData"):
        raise bad_request("InvalidRequest", "The emulator sends no resource data with notifications.")
    _refuse_duplicate(call, subscription)

    def finish() -> Answer:
        for url in {subscription.url: None, subscription.lifecycle_url: None}:
            if url is not None:
                call.hub.validate(url, call.now)
        call.hub.add(subscription, call.now)
        return _entity(call, subscription, 201)

    return Deferred(finish)


def list_subscriptions(call: Call) -> Answer:
    """The subscriptions of the app."""
    own = [_wire(call, found) for found in call.hub.subscriptions.values() if _is_own(call, found)]
    return call.collection("subscriptions", own, call.query("top", "skip"), size=100)


def get_subscription(call: Call) -> Answer:
    """One subscription."""
    return _entity(call, _own(call))


def update_subscription(call: Call) -> Answer | Deferred:
    """200 with a new end or another address; an address has to shake hands again."""
    subscription, body = _own(call), call.body()
    refused = [
        name for name in body if name not in {"expirationDateTime", "notificationUrl"} and "@" not in name
    ]
    if refused:
        raise bad_request("InvalidRequest", f"'{refused[0]}' of a subscription cannot be changed.")
    expires = _expiry(call, body) if "expirationDateTime" in body else subscription.expires
    url = _address(call, body, "notificationUrl") if "notificationUrl" in body else subscription.url

    def finish() -> Answer:
        if url != subscription.url:
            call.hub.validate(url, call.now)
        subscription.url, subscription.expires = url, expires
        if "expirationDateTime" in body:
            call.hub.renewed(subscription, call.now)
        return _entity(call, subscription)

    return Deferred(finish) if url != subscription.url else finish()


def reauthorize_subscription(call: Call) -> Answer:
    """204: notifications go on, and what was lost meanwhile is told as missed."""
    call.hub.renewed(_own(call), call.now)
    return Answer(204)


def delete_subscription(call: Call) -> Answer:
    """204."""
    call.hub.remove(_own(call).subscription_id)
    return Answer(204)


def _is_own(call: Call, subscription: Subscription) -> bool:
    return subscription.client_id == call.caller.app.client_id


def _own(call: Call) -> Subscription:
    found = call.hub.subscriptions.get(call.path["subscription_id"])
    if found is None or not _is_own(call, found):
        raise GraphFailure(404, "ResourceNotFound", "The object was not found.")
    return found


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise bad_request("InvalidRequest", f"A subscription needs '{name}', which is text.")
    return value


def _resource(call: Call, resource: str) -> tuple[Mailbox, str]:
    match = _RESOURCE.fullmatch(unquote(resource))
    if match is None:
        raise bad_request("InvalidRequest", f"The resource '{resource}' cannot be subscribed to here.")
    mailbox = reach_mailbox(call.world, call.caller, match["user"] or call.caller.oneself(), READ)
    if call.caller.delegated and not call.caller.is_owner(mailbox):
        raise access_denied()
    calendar_id = match["calendar_id"] or mailbox.default.calendar_id
    if calendar_id not in mailbox.calendars:
        raise item_not_found()
    return mailbox, calendar_id


def _changes(text: str) -> tuple[str, ...]:
    kinds = tuple(part.strip().lower() for part in text.split(","))
    if not set(kinds) <= _CHANGES:
        raise bad_request("InvalidRequest", f"The changeType '{text}' is not supported for events.")
    return kinds


def _address(call: Call, body: Mapping[str, Any], name: str) -> str:
    url = _text(body, name)
    if not call.hub.receivers.lawful(url):
        raise bad_request("InvalidRequest", f"The {name} has to be an absolute https address.")
    return url


def _client_state(body: Mapping[str, Any]) -> str | None:
    state = body.get("clientState")
    if state is not None and (not isinstance(state, str) or len(state) > _LONGEST_STATE):
        raise bad_request("InvalidRequest", f"The clientState has at most {_LONGEST_STATE} characters.")
    return state


def _tls(body: Mapping[str, Any]) -> str:
    version = body.get("latestSupportedTlsVersion") or "v1_2"
    if version not in _TLS:
        raise bad_request("InvalidRequest", f"The TLS version '{version}' does not exist.")
    return str(version)


def _expiry(call: Call, body: Mapping[str, Any]) -> datetime:
    text = _text(body, "expirationDateTime")
    try:
        expires = zones.instant(zones.parse(text), "UTC")
    except ValueError as error:
        raise bad_request("InvalidRequest", f"The expirationDateTime '{text}' cannot be read.") from error
    if expires <= call.now:
        raise bad_request("InvalidRequest", "The expirationDateTime has to be in the future.")
    if expires > call.now + timedelta(minutes=LONGEST_MINUTES):
        message = f"Subscription expiration can only be {LONGEST_MINUTES} minutes in the future."
        raise bad_request("ExtensionError", message)
    return max(expires, call.now + timedelta(minutes=SHORTEST_MINUTES))


def _refuse_duplicate(call: Call, wanted: Subscription) -> None:
    if call.world.tenant.options.duplicate_subscription_status != 409:
        return
    for found in call.hub.subscriptions.values():
        if _is_own(call, found) and (found.resource, found.change_types) == (
            wanted.resource,
            wanted.change_types,
        ):
            raise GraphFailure(409, "Conflict", f"Subscription {found.subscription_id} is just like it.")


_ONE = "/subscriptions/<subscription_id>"
OPERATIONS = (
    Operation("createSubscription", "POST", "/subscriptions", create_subscription, READ, "outlook"),
    Operation("listSubscriptions", "GET", "/subscriptions", list_subscriptions, READ, "outlook"),
    Operation("getSubscription", "GET", _ONE, get_subscription, READ, "outlook"),
    Operation("updateSubscription", "PATCH", _ONE, update_subscription, READ, "outlook"),
    Operation("deleteSubscription", "DELETE", _ONE, delete_subscription, READ, "outlook"),
    Operation(
        "reauthorizeSubscription", "POST", f"{_ONE}/reauthorize", reauthorize_subscription, READ, "outlook"
    ),
)
