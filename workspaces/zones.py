"""The time zones of the IANA database, as they are stored and as people find them."""

from __future__ import annotations

import zoneinfo
from functools import cache

from django.core.exceptions import ValidationError

UTC = zoneinfo.ZoneInfo("UTC")


@cache
def known_zones() -> frozenset[str]:
    """The names of all zones, older names too."""
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(name: str) -> None:
    """Raise ValidationError unless the IANA database knows this zone."""
    if name not in known_zones():
        raise ValidationError(f"{name} is no time zone. One such as Pacific/Auckland is wanted.")


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """The zone of this name; UTC without a name, and when this machine's list no longer knows it: no page may fail
    for that."""
    try:
        return zoneinfo.ZoneInfo(name) if name else UTC
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return UTC
