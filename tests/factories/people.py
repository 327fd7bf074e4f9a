"""People who are signed in: with what they proved, and how long ago."""

from __future__ import annotations

import time
from datetime import timedelta

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client

from workspaces.models import User
from workspaces.proof import has_second_factor

JUST_NOW = timedelta(0)
LONG_AGO = timedelta(days=1)


def signed_in(user: AbstractBaseUser, *, proved: timedelta = JUST_NOW, **options: bool) -> Client:
    """A browser of theirs; they proved, so long ago, that it is they: with their second factor if they have one."""
    client = Client(**options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    method = "mfa" if has_second_factor(user) else "password"
    session = client.session
    at = time.time() - proved.total_seconds()
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": method, "at": at}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client


def with_second_factor(user: User) -> str:
    """Turn it on; the authenticator app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret: str) -> str:
    """What the authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def make_administrator(email: str = "admin@example.com") -> User:
    """Somebody who may open the administrators' pages."""
    user = User.objects.create_superuser(email, "a long password", name="Administrator")
    with_second_factor(user)
    return user
