"""Where somebody is signed in, and ending it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from identity import services
from identity.queries import sign_ins_of


@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Every browser in which the person is signed in, this one marked."""
    facts = {"sign_ins": list(sign_ins_of(request.user)), "here": request.session.session_key}
    return render(request, "identity/sessions.html", facts)


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign out one of one's own browsers."""
    services.end_sign_in(sign_in=get_object_or_404(sign_ins_of(request.user), pk=pk), by=request.user)
    messages.success(request, "Signed out there.")
    return redirect("identity:sessions")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    """Stay signed in here and nowhere else."""
    services.end_sign_ins(by=request.user, keep=request.session.session_key)
    messages.success(request, "You are signed in here and nowhere else.")
    return redirect("identity:sessions")
