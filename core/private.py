"""What a browser keeps of somebody's pages: nothing, and after signing out not even what scripts put aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
FORGET = '"cache", "storage"'
"""Not "cookies": that would reach those of other sites under the same domain; ours end with the session."""


class PrivatePagesMiddleware:
    """No page is kept by a browser or a proxy, unless its view says otherwise. Whoever presses Back after somebody
    signed out sees nothing of theirs; the answer to signing out has the browser forget what it kept."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        if getattr(request, "_signed_out", False):
            response.headers["Clear-Site-Data"] = FORGET
        return response


def _note(sender: object, request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None:
        request._signed_out = True  # type: ignore[attr-defined]


user_logged_out.connect(_note, dispatch_uid="core.private")
