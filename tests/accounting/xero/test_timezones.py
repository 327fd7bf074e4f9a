"""Xero's names of time zones, all of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from accounting.providers.xero.timezones import iana_name
from workspaces.zones import known_zones

_ROOT = Path(__file__).resolve().parents[3]
OPENAPI = Path(os.environ.get("XERO_OPENAPI_DIR", _ROOT.parent / "shared" / "xero-openapi"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("NEWZEALANDSTANDARDTIME", "Pacific/Auckland"),
        ("AUSEASTERNSTANDARDTIME", "Australia/Sydney"),
        ("GMTSTANDARDTIME", "Europe/London"),
        ("PACIFICSTANDARDTIME", "America/Los_Angeles"),
        ("CENTRALSTANDARDTIME(MEXICO)", "America/Mexico_City"),
        ("WEUROPESTANDARDTIME", "Europe/Berlin"),
        ("RUSSIATIMEZONE3", "Europe/Samara"),
        ("UTC+12", "Etc/GMT-12"),
        ("UTC02", "Etc/GMT+2"),
        ("UTC", "Etc/UTC"),
        ("KAMCHATKASTANDARDTIME", "Asia/Kamchatka"),
        ("MOONSTANDARDTIME", ""),
        ("", ""),
    ],
)
def test_zone_has_its_iana_name(theirs: str, ours: str) -> None:
    assert iana_name(theirs) == ours


def test_every_zone_of_the_specification_is_known() -> None:
    specification = OPENAPI / "xero_accounting.yaml"
    if not specification.exists():
        pytest.skip("needs Xero's OpenAPI files in XERO_OPENAPI_DIR")
    listed = re.search(r"\n    TimeZone:\n.*?enum:\n((?: +- \S+\n)+)", specification.read_text(), re.DOTALL)
    names = re.findall(r"- \"?([^\s\"]+)", listed[1])
    assert len(names) > 100
    assert {name: iana_name(name) for name in names if iana_name(name) not in known_zones()} == {}
