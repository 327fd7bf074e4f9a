"""Who one is: name, e-mail address, password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.address import client_address
from identity.forms import AddressForm, NameForm, PasswordForm
from identity.queries import change_by_token_hash, waiting_change_of
from identity.services import (
    begin_address_change,
    cancel_address_change,
    change_name,
    change_password,
    confirm_address_change,
    hash_token,
    remember_sign_in,
)
from workspaces.proof import proof_required

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """The name others see, and the way to everything else."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        change_name(name=form.cleaned_data["name"], by=request.user)
        messages.success(request, "Saved.")
        return redirect("identity:profile")
    facts = {"form": form, "waiting": waiting_change_of(request.user)}
    return render(request, "identity/profile.html", facts, status=422 if form.errors else 200)


@sensitive_post_parameters("password")
@require_http_methods(FORM_METHODS)
@login_required
@proof_required(asks_password=True)
def address(request: HttpRequest) -> HttpResponse:
    """Ask for another e-mail address."""
    form = AddressForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            begin_address_change(address=form.cleaned_data["address"], by=request.user)
            return redirect("identity:profile")
        except ValidationError as refusal:
            form.add_error("address", refusal)
    return render(request, "identity/address.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@login_required
def cancel_address(request: HttpRequest) -> HttpResponse:
    """Keep the address; the link that was sent dies."""
    cancel_address_change(by=request.user)
    messages.success(request, "The change was cancelled. Your address stays as it is.")
    return redirect("identity:profile")


@require_http_methods(FORM_METHODS)
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the mail leads; the button confirms, since programs that read mail open links too."""
    facts = {"change": change_by_token_hash(hash_token(token)), "refusal": ""}
    if request.method == "POST":
        try:
            user = confirm_address_change(token=token, keep=_own_session(request))
            messages.success(
                request, f"Your e-mail address is {user.email} now. Sign in with it from now on."
            )
            return redirect("identity:profile")
        except ValidationError as refusal:
            facts = {"change": None, "refusal": refusal.message}
    return render(request, "identity/address_confirm.html", facts, status=200 if facts["change"] else 410)


def _own_session(request: HttpRequest) -> str | None:
    return request.session.session_key if request.user.is_authenticated else None


@sensitive_post_parameters("current", "new", "again")
@require_http_methods(FORM_METHODS)
@login_required
@proof_required(asks_password=True)
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other browser is signed out."""
    form = PasswordForm(request.POST or None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        return render(request, "identity/password.html", {"form": form}, status=422 if form.errors else 200)
    change_password(password=form.cleaned_data["new"], by=request.user)
    _stay_signed_in(request)
    messages.success(request, "Your password is changed. Everywhere else you are signed out.")
    return redirect("identity:profile")


def _stay_signed_in(request: HttpRequest) -> None:
    """This browser's session ended with the others; it goes on under a new key."""
    update_session_auth_hash(request, request.user)
    remember_sign_in(
        session_key=request.session.session_key,
        address=client_address(request) or None,
        browser=request.META.get("HTTP_USER_AGENT", ""),
        by=request.user,
    )
