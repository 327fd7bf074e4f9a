"""Xero's names of time zones (its OpenAPI: TimeZone) in IANA's words.

They are Windows' names in capitals, without blanks, dots and hyphens: "W. Europe Standard Time" is
WEUROPESTANDARDTIME, "UTC-02" is UTC02. Unicode keeps the table of those, and Babel carries it.
"""

from __future__ import annotations

from functools import cache

from babel.core import get_global

_UNWRITTEN = str.maketrans("", "", " .-")
_RETIRED = {"KAMCHATKASTANDARDTIME": "Asia/Kamchatka", "MIDATLANTICSTANDARDTIME": "Etc/GMT+2"}
"""Names that Windows has given up and Xero has not."""


@cache
def _table() -> dict[str, str]:
    zones = get_global("windows_zone_mapping")
    return _RETIRED | {name.translate(_UNWRITTEN).upper(): zone for name, zone in zones.items()}


def iana_name(timezone: str) -> str:
    """The IANA name of the zone that Xero calls `timezone`; "" for one that nobody knows."""
    return _table().get(timezone, "")
