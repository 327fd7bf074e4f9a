"""How requests are told in the log."""

from __future__ import annotations

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

from core.address import client_address


class RequestLogMiddleware(RequestMiddleware):
    """Tells method and path. What was searched for is customer data, and stays out of the log."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """The address that limits count, not one that somebody wrote into a header."""
        structlog.contextvars.bind_contextvars(ip=client_address(request))
