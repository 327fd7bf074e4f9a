"""An answer that points elsewhere: whoever can make Xero's address answer so would be handed our tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from accounting.providers.xero.client import call, new_session


class _Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody on to /thief, and notes who went there with what."""

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization")))
        self.send_response(int(self.headers["X-Status"]))
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/thief")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PUT = do_GET

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_redirect_of_an_answer_is_not_followed(server: ThreadingHTTPServer, method: str, status: int) -> None:
    headers = {"Authorization": "Bearer secret", "X-Status": str(status)}

    with new_session() as session:
        reply = call(session, method, f"http://127.0.0.1:{server.server_port}/Invoices", headers=headers)

    assert reply.status == status
    assert server.asked == [(method, "/Invoices", "Bearer secret")]
