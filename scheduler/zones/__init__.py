"""The one door between wall clocks and UTC minutes."""

from scheduler.zones.custom import Change, RuleZone, rule_zone
from scheduler.zones.hours import DayBlock, WeeklyHours, expand
from scheduler.zones.local import Exact, Fold, Gap, Resolution, Zone, earlier, later, resolve, steady, wall_at
from scheduler.zones.names import NamedZone, UnknownZone, find_zone, windows_name, zone_data_version
from scheduler.zones.text import (
    GraphTime,
    WallParts,
    format_wall,
    iso_utc,
    parse_graph,
    parse_time_of_day,
    parse_utc,
    parse_wall,
    wall_of_date,
    wall_parts,
    weekday_name,
)

__all__ = [
    "Change",
    "DayBlock",
    "Exact",
    "Fold",
    "Gap",
    "GraphTime",
    "NamedZone",
    "Resolution",
    "RuleZone",
    "UnknownZone",
    "WallParts",
    "WeeklyHours",
    "Zone",
    "earlier",
    "expand",
    "find_zone",
    "format_wall",
    "iso_utc",
    "later",
    "parse_graph",
    "parse_time_of_day",
    "parse_utc",
    "parse_wall",
    "resolve",
    "rule_zone",
    "steady",
    "wall_at",
    "wall_of_date",
    "wall_parts",
    "weekday_name",
    "windows_name",
    "zone_data_version",
]
