"""The time zones of the IANA database, as they are stored and as people find them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel import Locale
from django.core.exceptions import ValidationError
from django.utils import timezone

UTC = zoneinfo.ZoneInfo("UTC")
SUGGESTIONS = 8


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone to choose. `pk` is its IANA name."""

    pk: str
    country: str = ""

    def __str__(self) -> str:
        place = self.pk.rpartition("/")[2].replace("_", " ")
        return f"{place} ({self.country})" if self.country else place

    @property
    def region(self) -> str:
        return self.pk.partition("/")[0]

    @property
    def words(self) -> str:
        """What it can be found by."""
        return f"{self.pk} {self} {self.offset}".replace("_", " ").casefold()

    @property
    def offset(self) -> str:
        """How far its clocks are from UTC now."""
        ahead = timezone.now().astimezone(zone_named(self.pk)).utcoffset() or dt.timedelta()
        minutes = ahead // dt.timedelta(minutes=1)
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


@cache
def known_zones() -> frozenset[str]:
    """The names of all zones, older names too."""
    return frozenset(zoneinfo.available_timezones())


@cache
def zones_of_places() -> dict[str, Zone]:
    """The zones that people choose from, by name: UTC, and those of the places in the IANA table."""
    lines = files("tzdata.zoneinfo").joinpath("zone.tab").read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    countries = Locale("en").territories
    places = {name: Zone(name, countries.get(code, "")) for code, _, name, *_ in rows}
    return {"UTC": Zone("UTC")} | dict(sorted(places.items()))


@cache
def _newer_names() -> dict[str, str]:
    """Older names and what they are called now, where that is a place's zone: Asia/Calcutta is Asia/Kolkata."""
    lines = files("tzdata.zoneinfo").joinpath("tzdata.zi").read_text().splitlines()
    links = {old: new for _, new, old in (line.split() for line in lines if line.startswith("L "))}
    return {old: new for old, new in links.items() if new in zones_of_places()} | {"Etc/UTC": "UTC"}


def named_today(name: str) -> str:
    """The name the zone goes by today: browsers, and the lists of others, know older ones."""
    return name if name in zones_of_places() else _newer_names().get(name, name)


def get_zone(name: str) -> Zone | None:
    """The zone of this IANA name, or None."""
    return zones_of_places().get(name) or (Zone(name) if name in known_zones() else None)


def find_zones(text: str, *, most: int = SUGGESTIONS) -> list[Zone]:
    """The zones of places whose name, country, region or offset the text may mean, the best first, at most so many."""
    wanted = text.casefold().replace("_", " ").split()
    found = [zone for zone in zones_of_places().values() if all(word in zone.words for word in wanted)]
    best = sorted(found, key=lambda zone: (not str(zone).casefold().startswith(text.casefold()), str(zone)))
    return best[:most] if wanted else []


def say_zone(name: str) -> str:
    """The zone in words: "Auckland (New Zealand)". Without a name it is UTC."""
    return str(get_zone(named_today(name)) or name or "UTC")


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
