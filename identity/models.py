"""What Tandem remembers of how people prove who they are, beside their password and their second factor."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SignIn(models.Model):
    """A browser in which somebody is signed in; gone once its session is."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user}: {self.browser}"


class AddressChange(models.Model):
    """A new e-mail address that waits for its owner to open the link; at most one for each person.

    Of the link only a hash is kept: whoever reads this table can confirm nothing.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="address_change"
    )
    address = models.EmailField()
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="address_change_ends"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.address}"
