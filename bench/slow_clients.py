"""What slow clients do to a web server, each held against each: `python -m bench.slow_clients`.

Loopback only; every server and connection ends with its round. Servers that are not on this machine are left out.
The figures stand in docs/adr/0016-the-web-server-reads-first.md.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.production import answers, free_port, process

APPLICATION = "bench.slow_clients:application"
PATIENCE = 3.0
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nslow"
DEAF = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
PAGE, LARGE = b"x" * 20_000, b"x" * 8_000_000
NGINX = """\
daemon off; pid {home}/pid; error_log /dev/null; worker_processes 1;
events {{ worker_connections 4096; }}
http {{ access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; client_max_body_size 1m;
  fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{behind}; }} }} }}
"""


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A page that costs a little, like most; /large has more than a socket's buffers hold."""
    environ["wsgi.input"].read()
    page = LARGE if environ["PATH_INFO"] == "/large" else PAGE
    sum(range(100_000))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(page)))])
    return [page]


# -- the servers


@contextmanager
def served(*command: str) -> Iterator[int]:
    port = free_port()
    line = [word.format(port=port) for word in command]
    with process([sys.executable, "-m", *line], dict(os.environ), lambda: answers(port)):
        yield port


def gunicorn() -> Any:
    options = ["--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    return served("gunicorn", APPLICATION, "--bind", "127.0.0.1:{port}", *options)


def tandem() -> Any:
    """What this product runs on."""
    return served("gunicorn", "--config", "python:core.serving", APPLICATION, "--bind", "127.0.0.1:{port}")


def granian() -> Any:
    options = ["--interface", "wsgi", "--workers", "2", "--blocking-threads", "8", "--no-log"]
    return served("granian", *options, "--host", "127.0.0.1", "--port", "{port}", APPLICATION)


def waitress() -> Any:
    options = ["--threads=16", "--connection-limit=4000", "--asyncore-use-poll"]
    return served("waitress", "--listen=127.0.0.1:{port}", *options, APPLICATION)


@contextmanager
def nginx() -> Iterator[int]:
    """In front of gunicorn, buffering requests and answers as it does unless told otherwise."""
    with gunicorn() as behind, tempfile.TemporaryDirectory(prefix="tandem-nginx-") as home:
        port, told = free_port(), Path(home) / "nginx.conf"
        os.chmod(home, 0o777)  # noqa: S103  (its workers are somebody else; gone with the round)
        told.write_text(NGINX.format(home=home, port=port, behind=behind))
        with process(["nginx", "-c", str(told)], dict(os.environ), lambda: answers(port), cwd=Path("/tmp")):
            yield port


def servers() -> dict[str, Callable[[], Any]]:
    found = {name.__name__: name for name in (gunicorn, granian, waitress) if _has(name.__name__)}
    return {"tandem": tandem, **found, **({"nginx + gunicorn": nginx} if shutil.which("nginx") else {})}


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


# -- the trouble


@contextmanager
def held(port: int, words: bytes, number: int) -> Iterator[None]:
    """So many connections that have said this much and say no more, and read nothing."""
    with ExitStack() as stack:
        for _ in range(number):
            with suppress(OSError):
                client = stack.enter_context(closing(socket.socket()))
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.settimeout(PATIENCE)
                client.connect(("127.0.0.1", port))
                client.sendall(words)
        time.sleep(0.5)
        yield


def asked(port: int, patience: float = PATIENCE) -> float | None:
    """Seconds until somebody else's request is answered; None when it is not."""
    client, began = http.client.HTTPConnection("127.0.0.1", port, timeout=patience), time.monotonic()
    with closing(client), suppress(OSError, http.client.HTTPException):
        client.request("GET", "/")
        client.getresponse().read()
        return time.monotonic() - began
    return None


def rate(port: int, seconds: float = 3.0, clients: int = 16) -> float:
    """Answers a second to clients that keep their connection."""
    counted, until = [], time.monotonic() + seconds

    def ask() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with closing(client), suppress(OSError, http.client.HTTPException):
            while time.monotonic() < until:
                client.request("GET", "/")
                client.getresponse().read()
                counted.append(1)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(counted) / seconds


def resident(port: int) -> float:
    """Megabytes of whoever listens there is not asked: this process' children, all of them."""
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if f"SLOW_ROUND={os.getpid()}".encode() in stat.read_bytes():
                pages += int((stat.parent / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


ROUNDS = [
    ("head", HEAD, 17),
    ("head", HEAD, 900),
    ("body", BODY, 17),
    ("body", BODY, 900),
    ("deaf", DEAF, 17),
]


def main() -> None:
    os.environ["SLOW_ROUND"] = str(os.getpid())
    for name, start in servers().items():
        with start() as port:
            print(f"{name}: {rate(port):.0f} answers/s, {resident(port):.0f} MB", flush=True)
        for what, words, number in ROUNDS:
            with start() as port:
                asked(port)
                with held(port, words, number):
                    took = asked(port)
                    told = "not answered" if took is None else f"{took * 1000:.0f} ms"
                    print(f"  {number} slow {what}: {told}, {resident(port):.0f} MB", flush=True)


if __name__ == "__main__":
    main()
