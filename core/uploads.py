"""How much of a request's body is taken: one size for everything. A file is taken only by a page that asks for one.

In production the web server refuses by the same size before Django is asked (`core.serving`); here stands the same
wall for every other server. What comes in pieces without a length is read by the web server, never by a page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]

LARGEST_BODY = 1024 * 1024
TOO_LARGE = "This is larger than 1 MB, the most that can be sent at once. Nothing of it was kept."


class BodySizeMiddleware:
    """413 for a body that says it is too large, or does not say how large, before a byte of it is read."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _length(request) <= LARGEST_BODY:
            return self.get_response(request)
        words = TOO_LARGE if request.accepts("text/html") and "HTTP_ACCEPT" in request.META else ""
        return HttpResponse(words, status=413, content_type="text/plain; charset=utf-8")


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text[:16]) if text.isdecimal() else LARGEST_BODY + 1


def takes_file(view: Handler) -> Handler:
    """The view reads a file that comes with its form. It is kept in memory."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


class OnlyWhereWanted(MemoryFileUploadHandler):
    """Keeps a file in memory, never on the disk, and only for a view that `takes_file`: elsewhere it is dropped."""

    def handle_raw_input(self, *args: Any, **more: Any) -> None:
        super().handle_raw_input(*args, **more)
        found = self.request.resolver_match if self.request else None
        self.activated = self.activated and getattr(found and found.func, "takes_file", False)
