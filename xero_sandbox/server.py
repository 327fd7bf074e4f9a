"""The web server: Flask behind waitress, in this process or in a thread of a test."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, render_template
from waitress import wasyncore
from waitress.channel import ClientDisconnected
from waitress.server import create_server
from werkzeug.exceptions import HTTPException, NotFound

from xero_sandbox import errors
from xero_sandbox.api.connections import connections
from xero_sandbox.api.gateway import api
from xero_sandbox.config import SandboxConfig
from xero_sandbox.control import control
from xero_sandbox.handle import Handle
from xero_sandbox.oauth import oauth
from xero_sandbox.pages import register_pages
from xero_sandbox.pages.frame import for_machines
from xero_sandbox.sandbox import Sandbox

THREADS = 24
_SENTENCES = {
    403: "This form was sent from another site, so nothing was done. Open the page here and try again.",
    404: "There is nothing at this address. It may have been removed, or the sandbox was reset.",
    500: "The sandbox itself has failed. Its log says why.",
}
_LARGEST_REQUEST = 10 * 1024 * 1024


def create_app(config: SandboxConfig | None = None, sandbox: Sandbox | None = None) -> Flask:
    """The sandbox as a WSGI application; its state is `app.extensions["sandbox"]`."""
    sandbox = sandbox or Sandbox(config or SandboxConfig())
    app = Flask(__name__, template_folder="pages/templates", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    app.extensions["sandbox"] = sandbox
    app.secret_key = sandbox.store.secret("page-key")
    for blueprint in (oauth, connections, api, control):
        app.register_blueprint(blueprint)
    register_pages(app)
    app.register_error_handler(HTTPException, _plain_error)
    app.register_error_handler(errors.NotFound, lambda error: _plain_error(NotFound()))
    app.wsgi_app = Fates(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _plain_error(error: HTTPException) -> Any:
    """Unknown addresses of the API answer as Xero does, HTML with nothing in it; people get a sentence."""
    code = error.code or 500
    if for_machines():
        return "", code, {"Content-Type": "text/html; charset=utf-8"}
    return render_template("error.html", sentence=_SENTENCES.get(code, error.name)), code


class Fates:
    """Lets a reply be lost on its way: closing the connection is a thing only the server can do."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started: list[Any] = []

        def remember(*args: Any) -> Callable[[bytes], None]:
            started[:] = args
            return lambda data: None

        body = self._app(environ, remember)
        fate = environ.get("sandbox.fate")
        if fate == "drop":
            raise ClientDisconnected
        start_response(*started)
        return _half(body) if fate == "cut" else body


def _half(body: Iterable[bytes]) -> Iterator[bytes]:
    """Less than Content-Length promised; then the connection closes."""
    whole = b"".join(body)
    yield whole[: len(whole) // 2]
    raise ClientDisconnected


class Server:
    """A waitress server that can be stopped from another thread. TCP_NODELAY is waitress' own default."""

    def __init__(self, app: Flask, host: str, port: int, threads: int = THREADS) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        self._server = create_server(
            app,
            map=self._map,
            host=host,
            port=port,
            threads=threads,
            ident="Xero sandbox",
            clear_untrusted_proxy_headers=True,
        )
        self._stopping = threading.Event()
        self.port = int(self._server.effective_port)

    def run(self) -> None:
        """Serve until `stop`, or until this thread is interrupted."""
        try:
            while not self._stopping.is_set():
                wasyncore.loop(timeout=0.5, map=self._map, count=1)
        finally:
            for channel in list(self._map.values()):
                channel.close()
            self._server.task_dispatcher.shutdown(timeout=2)

    def stop(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):  # it looked by itself just now, and has closed what wakes it
            self._server.pull_trigger()


def serve(app: Flask, host: str, port: int, ready: Callable[[int], None] = lambda port: None) -> None:
    """Serve in this thread until interrupted; `ready` is told the port once the address is taken."""
    sandbox: Sandbox = app.extensions["sandbox"]
    server = Server(app, host, port)
    sandbox.start()
    ready(server.port)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        logging.getLogger(__name__).info("stopping")
    finally:
        sandbox.stop()


def start_in_thread(config: SandboxConfig | None = None, port: int = 0) -> Handle:
    """A sandbox for tests on a free port of this machine; use the handle as a context manager or call `stop`."""
    sandbox = Sandbox(config or SandboxConfig())
    server = Server(create_app(sandbox=sandbox), "127.0.0.1", port)
    thread = threading.Thread(target=server.run, name="xero-sandbox", daemon=True)
    thread.start()
    sandbox.start()
    return Handle(sandbox, f"http://localhost:{server.port}", server.stop, thread)
