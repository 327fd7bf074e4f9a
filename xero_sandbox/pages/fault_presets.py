"""The buttons of the faults page: each fault by a name, and what will happen in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    key: str
    kind: str
    title: str
    happens: str
    options: dict[str, Any] = field(default_factory=dict)


_A_WRITE = {"applied": True, "method": "P*"}

GROUPS: dict[str, list[Preset]] = {
    "Limits": [
        Preset("minute", "rate_minute", "Minute limit reached", "The call is answered 429: wait 30 seconds."),
        Preset("day", "rate_day", "Day limit reached", "The call is answered 429: wait five hours."),
        Preset("app", "rate_app", "App limit reached", "The call is answered 429, and no wait is named."),
        Preset(
            "busy", "rate_concurrent", "Too many at once", "The call is answered 429: five are in flight."
        ),
    ],
    "Xero has trouble": [
        Preset("500", "error_500", "Internal error", "The call is answered 500 and nothing is saved."),
        Preset(
            "maintenance", "maintenance", "Maintenance", "The call is answered 503: offline for maintenance."
        ),
        Preset(
            "offline",
            "organisation_offline",
            "Organisation offline",
            "The call is answered 503 for one company.",
        ),
        Preset("slow", "slow", "Slow answer", "The call takes eight seconds.", {"seconds": 8.0}),
    ],
    "Answers get lost": [
        Preset(
            "lost",
            "drop",
            "Saved, then the line drops",
            "A write is saved; its answer never arrives.",
            _A_WRITE,
        ),
        Preset("cut-off", "drop", "The line drops first", "The call is cut off before anything is saved."),
        Preset(
            "late-500",
            "error_500",
            "Saved, then error 500",
            "A write is saved; its answer is an error.",
            _A_WRITE,
        ),
        Preset("truncate", "truncate", "Half an answer", "The answer ends in the middle of its data."),
        Preset("html", "html", "A web page instead", "The answer is an HTML error page in place of data."),
        Preset(
            "enum", "unknown_enum", "Unknown status", "One document of the answer has a status nobody knows."
        ),
    ],
    "Sign-in": [
        Preset(
            "grant",
            "invalid_grant",
            "Refresh refused",
            "The token refresh fails: the app must connect again.",
        ),
        Preset(
            "token-lost",
            "drop",
            "New tokens get lost",
            "The token refresh is done, but the new tokens never arrive.",
            {"path": "/connect/token", "applied": True},
        ),
    ],
}
PRESETS = {preset.key: preset for presets in GROUPS.values() for preset in presets}
