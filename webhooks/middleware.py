"""A delivery goes straight to its view: past sessions, forms, messages and sign-in, which are there for people."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import cast

import structlog
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from structlog.contextvars import bound_contextvars

from core.address import client_address

Handler = Callable[[HttpRequest], HttpResponse]

PREFIX = "/webhooks/"

log = structlog.get_logger(__name__)


class DirectMiddleware:
    """Stands behind what every request must pass (the proxy's word, the size, HTTPS), and before all that only a
    person's request needs. An address of ours that is no view goes on, to the page that says so.

    One line tells of each delivery, taken, refused or failed; its `request_id` is that of the work it wakes.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            view, _, named = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        return _deliver(request, partial(view, **named))


def _deliver(request: HttpRequest, view: Handler) -> HttpResponse:
    with bound_contextvars(request_id=str(uuid.uuid4()), ip=client_address(request)):
        response = cast("Handler", convert_exception_to_response(view))(request)
        response.headers["Content-Length"] = str(len(response.content))  # without it, a server sends pieces
        log.info("delivery", code=response.status_code, path=request.path)
        return response
