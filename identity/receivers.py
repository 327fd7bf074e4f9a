"""Remembers each sign-in, whichever page it went through."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from core.address import client_address
from identity.services import remember_sign_in
from workspaces.models import User


def connect() -> None:
    """Listen to Django's own signal: every way in sends it."""
    user_logged_in.connect(_remember, dispatch_uid="identity.remember")


def _remember(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    if (
        request.session.session_key is None
    ):  # somebody else was signed in here: theirs is gone, this has no key yet
        request.session.save()
    remember_sign_in(
        session_key=request.session.session_key,
        address=client_address(request) or None,
        browser=request.META.get("HTTP_USER_AGENT", ""),
        by=user,
    )
