"""One remote user's permission for us to act: the token set, encrypted."""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounting.enums import GrantState, Provider
from core.crypto import EncryptedTextField

LIFE = dt.timedelta(days=60)
NEAR_ITS_END = LIFE - dt.timedelta(days=10)
"""Renewed after 20 days by itself: one that is as old as this was not renewed for a month."""


class Grant(models.Model):
    """A token set belongs to one remote user and opens every organisation that user connected, whichever
    workspaces they are connected to. So it belongs to no workspace, and is reached through a Connection only
    (Xero docs: OAuth 2.0, multi-tenant apps)."""

    provider = models.CharField(max_length=20, choices=Provider.choices, default=Provider.XERO)
    remote_user_id = models.CharField(max_length=64)
    access_token = EncryptedTextField()
    refresh_token = EncryptedTextField()
    expires_at = models.DateTimeField(help_text="When the access token ends.")
    refreshed_at = models.DateTimeField(help_text="The refresh token lives 60 days from here.")
    scopes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    state = models.CharField(max_length=10, choices=GrantState.choices, default=GrantState.ACTIVE)
    version = models.PositiveIntegerField(default=0, help_text="Counts token sets.")
    failed_at = models.DateTimeField(null=True, blank=True, help_text="When a refresh last failed.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "remote_user_id"], name="one_grant_per_remote_user"),
            models.CheckConstraint(condition=Q(state__in=GrantState.values), name="grant_state_known"),
            models.CheckConstraint(condition=Q(provider__in=Provider.values), name="grant_provider_known"),
        ]

    @property
    def wants_refresh(self) -> bool:
        """Whether a renewal failed, or is overdue: a person may press the button before access ends."""
        return self.failed_at is not None or timezone.now() - self.refreshed_at > NEAR_ITS_END

    @property
    def is_refused(self) -> bool:
        return self.state == GrantState.REFUSED

    def __str__(self) -> str:
        return f"Grant {self.pk}"
