"""How signing in behaves here (django-allauth asks)."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from core.address import client_address
from core.crypto import cipher
from core.mail import link_to, send_after_commit
from identity import services, throttle
from workspaces.models import User
from workspaces.proof import has_second_factor

WRONG_CODE = (
    "This code is not right. Take the one your app shows now, or a recovery code that is still unused."
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail address and this password do not belong together.",
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: access is by invitation."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """What attempts are counted by."""
        return client_address(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person whose address and password these are. Raises ValidationError while guesses have to wait."""
        try:
            attempt = throttle.begin(account=credentials["email"], address=client_address(request))
        except throttle.TooEarly as early:
            raise ValidationError(str(early), code="too_early") from early
        user: User | None = super().authenticate(request, **credentials)
        if user:
            attempt.succeeded()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the person's password. Raises ValidationError while guesses have to wait."""
        return self.authenticate(allauth_context.request, email=user.email, password=password) == user

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """One way only: who has a second factor is asked for it, not for a password that may be known by now."""
        if not user.is_authenticated:
            return []
        page = "mfa_reauthenticate" if has_second_factor(user) else "account_reauthenticate"
        return [{"id": page, "description": "", "url": reverse(page)}]

    def set_password(self, user: User, password: str) -> None:
        """Of a reset: the mail's link is a proof of its own, so the wrong guesses that led to it are forgotten."""
        services.change_password(password=password, by=user)
        throttle.forgive(account=user.email, address=client_address(allauth_context.request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """ "account/email/password_reset_key" is our `mail/password_reset_key.txt`; links are of SITE_URL."""
        told = context | {"reset_page": link_to("account_reset_password")}
        send_after_commit(to=email, template=PurePath(template_prefix).name, context=told)

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.SITE_URL + path.replace("UID-KEY", quote(key)))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of second factors are ciphertext at rest, under the keys of FIELD_ENCRYPTION_KEYS."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()
