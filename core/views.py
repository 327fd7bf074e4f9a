"""The living page of the design system."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.samples import panel


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Every component in every state, in both themes. For administrators, and for everybody while developing."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    if "toasts" in request.GET:
        _show_toasts(request)
    return render(request, "design/page.html", {"panels": [panel("light"), panel("dark")]})


def _show_toasts(request: HttpRequest) -> None:
    messages.info(request, "Your session lasts until you close the browser.")
    messages.success(request, "Invoice INV-0042 was saved.")
    messages.warning(request, "The token of this connection has to be refreshed soon.")
    messages.error(request, "Tandem cannot be reached. What you typed is still here.")
