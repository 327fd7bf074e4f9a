"""Reads about how people prove who they are."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Now

from identity.models import AddressChange, SignIn
from workspaces.models import User


def sign_ins_of(user: User) -> QuerySet[SignIn]:
    """Where the person is signed in, the latest first; without those whose session has ended."""
    alive = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    return SignIn.objects.filter(user=user, session_key__in=alive)


def waiting_change_of(user: User) -> AddressChange | None:
    """The new address that the person has yet to confirm, if it still can be."""
    return AddressChange.objects.filter(user=user, expires_at__gt=Now()).first()


def change_by_token_hash(token_hash: str) -> AddressChange | None:
    """The change that the link with this token confirms, with its person; None once it is used or too old."""
    waiting = AddressChange.objects.filter(token_hash=token_hash, expires_at__gt=Now())
    return waiting.select_related("user").first()


def recovery_codes_of(user: User) -> RecoveryCodes | None:
    """The person's recovery codes, if they have any."""
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return RecoveryCodes(codes) if codes else None
