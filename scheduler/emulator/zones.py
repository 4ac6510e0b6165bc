"""The emulator's own door between wall clock and instant: Windows and IANA names through zoneinfo.

Instants are timezone-aware datetimes in UTC; wall-clock readings are naive datetimes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win, win_tz

_WINDOWS = {name.casefold(): iana for name, iana in win_tz.items()}
_FRACTION = re.compile(r"(\.\d{1,6})\d*")


def is_known(name: str) -> bool:
    """Whether the service would accept the name: a Windows zone or an IANA zone that CLDR maps to one."""
    return bool(name) and (name.casefold() in _WINDOWS or name in tz_win)


def zone(name: str) -> ZoneInfo:
    """The zone of a known name; the empty name is UTC.

    Raises:
        KeyError: the name is not known.
    """
    if not name:
        return ZoneInfo("UTC")
    iana = _WINDOWS.get(name.casefold())
    if iana is None:
        if name not in tz_win:
            raise KeyError(name)
        iana = name
    return ZoneInfo(iana)


def instant(wall: datetime, zone_name: str) -> datetime:
    """The instant of a wall-clock reading; a repeated hour is its first pass, an offset overrides the zone.

    Raises:
        KeyError: the zone is not known.
    """
    aware = wall if wall.tzinfo is not None else wall.replace(tzinfo=zone(zone_name))
    return aware.astimezone(UTC)


def wall(moment: datetime, zone_name: str) -> datetime:
    """The wall-clock reading of an instant in a zone."""
    return moment.astimezone(zone(zone_name)).replace(tzinfo=None)


def parse(text: str) -> datetime:
    """Read a wire date-time of up to seven fractional digits, with or without an offset.

    Raises:
        ValueError: the text is no date-time.
    """
    return datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip(), count=1))


def wire(moment: datetime, zone_name: str) -> str:
    """An instant as dateTimeTimeZone writes it: wall clock of the zone, seven digits, no offset."""
    return floating(wall(moment, zone_name))


def floating(reading: datetime) -> str:
    """A wall-clock reading with seven fractional digits and no offset."""
    return reading.strftime("%Y-%m-%dT%H:%M:%S.") + f"{reading.microsecond:06d}0"


def stamp(moment: datetime) -> str:
    """An instant as Edm.DateTimeOffset in UTC."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond:06d}Z" if moment.microsecond else f"{text}Z"
