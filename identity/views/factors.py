"""The second factor: an authenticator app, and codes for the day it is lost."""

from __future__ import annotations

import base64

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import decrypt, encrypt
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from identity.forms import NewFactorForm
from identity.queries import recovery_codes_of
from identity.services import make_recovery_codes, turn_off_second_factor, turn_on_second_factor
from workspaces.proof import has_second_factor, proof_required

OFFERED = "identity.offered_secret"
FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Whether it is on, and how many recovery codes are left."""
    codes = recovery_codes_of(request.user)
    left = len(codes.get_unused_codes()) if codes else 0
    return render(request, "identity/factors.html", {"is_on": has_second_factor(request.user), "left": left})


@require_http_methods(FORM_METHODS)
@login_required
@proof_required
def turn_on(request: HttpRequest) -> HttpResponse:
    """Give the app its secret; its first code turns it on."""
    if has_second_factor(request.user):
        return redirect("identity:factors")
    secret = _offered_secret(request)
    form = NewFactorForm(request.POST or None, secret=secret)
    if request.method == "POST" and form.is_valid():
        try:
            return _turned_on(request, secret)
        except ValidationError as refusal:
            form.add_error("code", refusal)
    url = get_adapter().build_totp_url(request.user, secret)
    facts = {"form": form, "secret": secret, "picture": _picture(url)}
    return render(request, "identity/factor_on.html", facts, status=422 if form.errors else 200)


def _turned_on(request: HttpRequest, secret: str) -> HttpResponse:
    turn_on_second_factor(secret=secret, by=request.user)
    del request.session[OFFERED]
    record_authentication(request, request.user, "mfa", type="totp")  # the code that turned it on is a proof
    messages.success(
        request, "Two-factor sign-in is on. Keep these codes where you find them without your phone."
    )
    return redirect("identity:codes")


def _offered_secret(request: HttpRequest) -> str:
    """The same until it is used, or the code of a picture that was scanned would be wrong; ciphertext at rest."""
    if OFFERED not in request.session:
        request.session[OFFERED] = encrypt(generate_totp_secret())
    return str(decrypt(request.session[OFFERED]))


def _picture(url: str) -> str:
    svg = get_adapter().build_totp_svg(url)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


@require_http_methods(FORM_METHODS)
@login_required
@proof_required
def turn_off(request: HttpRequest) -> HttpResponse:
    """Ask, then let the password alone do again."""
    if not has_second_factor(request.user):
        return redirect("identity:factors")
    if request.method == "POST":
        turn_off_second_factor(by=request.user)
        messages.success(request, "Two-factor sign-in is off. Your password alone opens your account.")
        return redirect("identity:factors")
    return render(request, "identity/factor_off.html")


@require_safe
@login_required
@proof_required
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes that are still good."""
    found = recovery_codes_of(request.user)
    if found is None:
        return redirect("identity:factors")
    return render(request, "identity/codes.html", {"codes": found.get_unused_codes()})


@require_safe
@login_required
@proof_required
def download_codes(request: HttpRequest) -> HttpResponse:
    """The same as a file."""
    found = recovery_codes_of(request.user)
    if found is None:
        return redirect("identity:factors")
    text = "\n".join(
        ["Tandem recovery codes. Each is good for one sign-in.", "", *found.get_unused_codes(), ""]
    )
    headers = {"Content-Disposition": 'attachment; filename="tandem-recovery-codes.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@require_http_methods(FORM_METHODS)
@login_required
@proof_required
def new_codes(request: HttpRequest) -> HttpResponse:
    """Ask, then make a new set in the place of the old."""
    if not has_second_factor(request.user):
        return redirect("identity:factors")
    if request.method == "POST":
        make_recovery_codes(by=request.user)
        messages.success(request, "These are your new codes. The old ones no longer work.")
        return redirect("identity:codes")
    return render(request, "identity/codes_new.html")
