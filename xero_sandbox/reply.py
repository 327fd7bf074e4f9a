"""An answer before it becomes Flask's: plain enough to be kept, replayed, shortened or thrown away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, request

from xero_sandbox.wire import to_json

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """`fate` is what the connection does with it: "" send, "drop" close without a byte, "cut" close half-way."""

    status: int
    body: bytes = b""
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)
    fate: str = ""

    def with_headers(self, headers: dict[str, str]) -> Reply:
        return replace(self, headers={**self.headers, **headers})

    def to_flask(self) -> Response:
        response = Response(self.body, status=self.status)
        response.headers.pop("Content-Type", None)
        if self.content_type:
            response.headers["Content-Type"] = self.content_type
        response.headers.update(self.headers)
        if self.fate:
            request.environ["sandbox.fate"] = self.fate
        return response


def json_reply(status: int, value: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(status, to_json(value), headers=headers or {})


def text_reply(status: int, text: str) -> Reply:
    return Reply(status, text.encode(), "text/plain; charset=utf-8")


def html_reply(status: int, html: str = "") -> Reply:
    return Reply(status, html.encode(), "text/html; charset=utf-8")
