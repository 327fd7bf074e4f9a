"""Settings > Billing."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from plans.queries import bill_of
from workspaces.permissions import super_user_required


@require_safe
@super_user_required
def billing(request: HttpRequest) -> HttpResponse:
    """What the workspace is on, what it uses, and all plans side by side."""
    facts = {"bill": bill_of(request.workspace), "support": settings.SUPPORT_EMAIL}
    return render(request, "plans/billing.html", facts)
