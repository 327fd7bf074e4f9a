"""The frame around every answer, and the two ways a batch reports its errors (Xero docs, "Requests and responses")."""

from __future__ import annotations

import uuid
from typing import Any

from xero_sandbox.clock import Clock
from xero_sandbox.errors import Unreadable
from xero_sandbox.wire import ms_stamp


def envelope(
    clock: Clock, app_name: str, plural: str, items: list[Any], paging: dict[str, int] | None
) -> dict[str, Any]:
    """Id, status and the items; `pagination` only where pages were asked for."""
    frame: dict[str, Any] = {
        "Id": str(uuid.uuid4()),
        "Status": "OK",
        "ProviderName": app_name,
        "DateTimeUTC": ms_stamp(clock.now()).replace("+0000", ""),
    }
    if paging is not None:
        frame["pagination"] = paging
    frame[plural] = items
    return frame


def validation_failure(elements: list[dict[str, Any]]) -> dict[str, Any]:
    """The 400 of a batch of which nothing was saved."""
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": elements,
    }


def unreadable(error: Unreadable) -> dict[str, Any]:
    """The 400 of a call that could not be read: there are no Elements in it."""
    return {"ErrorNumber": error.number, "Type": error.kind, "Message": error.message}


def messages(sentences: list[str]) -> list[dict[str, str]]:
    return [{"Message": sentence} for sentence in sentences]
