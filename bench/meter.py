"""Counts the bytes of every answer the adapter reads."""

from __future__ import annotations

from typing import Any, Self
from unittest import mock

import requests

from accounting.providers.xero import client


class Meter:
    """Inside it, `bytes` grows with every answer."""

    def __init__(self) -> None:
        self.bytes = 0

    def __enter__(self) -> Self:
        self._patch = mock.patch.object(client, "Reply", self._reply)
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()

    def _reply(self, response: requests.Response) -> Any:
        self.bytes += len(response.content)
        return _REPLY(response)


_REPLY = client.Reply
