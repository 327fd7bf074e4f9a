"""Small helpers for pages that move in parts."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

STOP_POLLING = 286


def is_partial(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page rather than the page."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def render_part(
    request: HttpRequest, template: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render the page, or only its partial `part` when htmx asks for one."""
    name = f"{template}#{part}" if is_partial(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])  # or the browser shows the part as the page on going back
    return response


def trigger(response: HttpResponse, **events: Any) -> HttpResponse:
    """Have the browser fire the named events when the response arrives (htmx: HX-Trigger)."""
    response["HX-Trigger"] = json.dumps(events)
    return response


def redirect(url: str) -> HttpResponse:
    """Send the whole page to `url` in answer to an htmx request."""
    return HttpResponse(status=204, headers={"HX-Redirect": url})
