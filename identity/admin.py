"""Who may open the administrators' pages, and what they see of people's second factors: that there is one."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin import SearchedAdmin
from workspaces.proof import ask_for_proof, has_second_factor, is_proven_by

PROOF_LASTS = {True: dt.timedelta(minutes=30), False: dt.timedelta(minutes=60)}
"""How long a code opens the pages, by whether they are only read: who opened a form in time can still save it."""
FACTOR_NEEDED = "The administration opens only with two-factor sign-in. Turn it on here first."


def _may_enter(request: HttpRequest) -> bool:
    """Administrators who proved themselves with their second factor, in this session and not long ago."""
    if not (request.user.is_active and request.user.is_staff):
        return False
    lasts = PROOF_LASTS[request.method in ("GET", "HEAD")]
    return has_second_factor(request.user) and is_proven_by(request, method="mfa", within=lasts)


def _sign_in(request: HttpRequest, extra_context: object = None) -> HttpResponse:
    """Django's own form knows no limit of guesses and no second factor: administrators sign in like everybody."""
    back = request.GET.get("next", "")
    back = back if back.startswith("/admin/") else "/admin/"
    if not request.user.is_authenticated:
        return redirect_to_login(back)
    if not request.user.is_staff:
        raise PermissionDenied
    if _may_enter(request):
        return redirect(back)
    if not has_second_factor(request.user):
        messages.warning(request, FACTOR_NEEDED)
        return redirect("identity:factors")
    return ask_for_proof(request, back=back)


admin.site.has_permission = _may_enter  # type: ignore[method-assign]
admin.site.login = _sign_in  # type: ignore[method-assign,assignment]
admin.site.unregister([Authenticator, EmailAddress])


@admin.register(Authenticator)
class SecondFactorAdmin(SearchedAdmin):
    """Seen without its secret. Taken away from somebody who lost their phone and their codes, and nothing else."""

    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type", "created_at"]
    search_fields = ["user__email", "user__name"]
    list_select_related = ["user"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return False
