"""Calls to the sandbox without a socket: the same WSGI application, a hundred times the histories a minute.

What a lost connection is on the wire is the same exception of `requests` here, so the engine cannot tell.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from waitress.channel import ClientDisconnected
from werkzeug.test import EnvironBuilder, run_wsgi_app

from xero_sandbox.config import LimitsConfig, SandboxConfig
from xero_sandbox.handle import Controls
from xero_sandbox.sandbox import Sandbox
from xero_sandbox.server import create_app

URL = "http://localhost:9100"


class DirectSandbox(Controls):
    """A sandbox in this thread. `session` speaks to it, whatever the host."""

    url = URL

    def __init__(self) -> None:
        super().__init__(Sandbox(SandboxConfig(limits=LimitsConfig(minute=100_000, day=1_000_000))))
        self.sandbox.sleep = lambda seconds: None  # type: ignore[method-assign]
        self.app = create_app(sandbox=self.sandbox).wsgi_app

    def session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", _Adapter(self.app))
        return session


class _Adapter(BaseAdapter):
    def __init__(self, app: Any) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        address = urlsplit(str(request.url))
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        environ = EnvironBuilder(
            path=address.path,
            query_string=address.query,
            method=request.method or "GET",
            headers=dict(request.headers),
            data=body,
        ).get_environ()
        environ["REQUEST_URI"] = environ["RAW_URI"] = f"{address.path}?{address.query}".rstrip("?")
        try:
            chunks, status, headers = run_wsgi_app(self._app, environ, buffered=True)
            content = b"".join(chunks)
        except ClientDisconnected as error:
            raise requests.ConnectionError("the sandbox closed the connection") from error
        return _response(request, status, headers, content)

    def close(self) -> None:
        """Nothing is open."""


def _response(
    request: requests.PreparedRequest, status: str, headers: Any, content: bytes
) -> requests.Response:
    response = requests.Response()
    code, _, response.reason = status.partition(" ")
    response.status_code = int(code)
    response.headers = CaseInsensitiveDict(headers.items())
    response._content = content
    response.url = str(request.url)
    response.request = request
    return response
