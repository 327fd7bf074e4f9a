"""What the servers of test_serving serve: says how much of the body came, and takes its time at /slow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    said = f"{environ.get('CONTENT_LENGTH')} {len(body)} {environ.get('HTTP_X_FORWARDED_FOR')}".encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]
