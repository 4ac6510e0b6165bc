"""Rooms of the places list (resources/room); samples and schema disagree about several keys."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from scheduler.graph.wire.base import Label, Wire, whole


def _whole_or_none(value: Any) -> int | None:
    number = whole(value)
    return number if type(number) is int else None


def _true_or_false(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


class RoomRow(Wire):
    """A room; every property but the address may be missing, because admins rarely fill them in."""

    display_name: Label = ""
    email_address: Label = ""
    capacity: Annotated[int | None, BeforeValidator(_whole_or_none)] = None
    building: Label = ""
    floor_number: Annotated[int | None, BeforeValidator(_whole_or_none)] = None
    booking_type: Label = ""
    is_wheel_chair_accessible: Annotated[bool | None, BeforeValidator(_true_or_false)] = None
    tags: Annotated[list[str], BeforeValidator(_texts)] = Field(default_factory=list)
    audio_device_name: Label = ""
    video_device_name: Label = ""
    display_device_name: Label = ""
    display_device: Label = ""
