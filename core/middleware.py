"""What is wrong with a request before any page looks at it."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from core.address import client_address, trusted_word

Handler = Callable[[HttpRequest], HttpResponse]


class ProxyMiddleware:
    """What our own proxies say replaces what the connection says; what anybody else wrote into their headers goes.

    Stands first: whether the request came over HTTPS and from where is read by all that follow.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        scheme, address = trusted_word(request, "HTTP_X_FORWARDED_PROTO"), client_address(request)
        for header in [
            name for name in request.META if name.startswith(("HTTP_X_FORWARDED_", "HTTP_FORWARDED"))
        ]:
            del request.META[header]
        if scheme:
            request.META["HTTP_X_FORWARDED_PROTO"] = scheme
        request.META["REMOTE_ADDR"] = address
        return self.get_response(request)


class NullCharacterMiddleware:
    """An address with a null character is refused (400): Postgres keeps none, so a query with one would break.

    Forms need no such help: Django's text fields refuse the character with a sentence.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("null character in the address")
        return self.get_response(request)
