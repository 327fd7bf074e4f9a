"""A workspace's connection to one remote organisation."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounting.enums import ConnectionState, Cutoff, Limit, Provider
from accounting.models.grant import Grant
from core.crypto import EncryptedTextField
from plans.enums import Feature
from plans.queries import lost_since
from workspaces.keys import workspace_key
from workspaces.models import WorkspaceOwned

LAST_DAY = dt.date.max - dt.timedelta(days=1)


class Connection(WorkspaceOwned):
    """The authorised pair of workspace and organisation. It stays when disconnected, so links and settings survive."""

    LEFT_HERE = "Disconnected in Tandem."
    DAY_RESERVE = 100
    """Calls of a day that are left to people."""
    PAUSED = "Tandem's support paused the connection."
    COUNT_LIVES = dt.timedelta(hours=1)
    """How long a count of the day's calls is believed: after it, one call asks anew, or a day that is over would never
    begin again."""

    provider = models.CharField(max_length=20, choices=Provider.choices, default=Provider.XERO)
    grant = models.ForeignKey(
        Grant, null=True, blank=True, on_delete=models.SET_NULL, related_name="connections"
    )
    tenant_id = models.CharField(max_length=64, help_text="The organisation's id at the provider.")
    remote_connection_id = models.CharField(max_length=64, blank=True, help_text="What a disconnect names.")
    tenant_name = models.CharField(max_length=255)
    country = models.CharField(max_length=2, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    short_code = models.CharField(max_length=20, blank=True)
    period_lock_date = models.DateField(null=True, blank=True)
    year_lock_date = models.DateField(null=True, blank=True)
    passes_period_lock = models.BooleanField(
        default=False, db_default=False, help_text="Whoever connected may book before the period lock date."
    )
    may_approve = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Plan and role of whoever connected let invoices be approved.",
    )
    currencies = models.JSONField(default=list, blank=True)
    broken = models.JSONField(
        default=list, db_default=[], blank=True, help_text="Choices that hold no more, a sentence each."
    )
    state = models.CharField(max_length=20, choices=ConnectionState.choices, default=ConnectionState.ACTIVE)
    state_reason = models.CharField(max_length=300, blank=True)
    cutoff = models.CharField(max_length=8, choices=Cutoff.choices, blank=True, db_default="")
    connected_at = models.DateTimeField()
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_success_at = models.DateTimeField(null=True, blank=True)
    reference_data_at = models.DateTimeField(null=True, blank=True)
    lists_asked_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker was last asked to read the lists."
    )
    resume_at = models.DateTimeField(null=True, blank=True, help_text="No call before this instant.")
    resume_reason = models.CharField(max_length=200, blank=True)
    resume_limit = models.CharField(
        max_length=8, choices=Limit.choices, blank=True, help_text="The limit it rests for, if it is one."
    )
    paused_at = models.DateTimeField(null=True, blank=True, help_text="No call until a person resumes it.")
    paused_by = models.CharField(
        max_length=254,
        blank=True,
        db_default="",
        help_text="Whose doing that is, by name: it outlives the person.",
    )
    minute_remaining = models.IntegerField(null=True, blank=True)
    day_remaining = models.IntegerField(null=True, blank=True)
    quota_seen_at = models.DateTimeField(null=True, blank=True)
    cursors = models.JSONField(
        default=dict, blank=True, help_text="Kind -> the instant its changes are applied up to."
    )
    statement_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When the next agreement statement is made. Empty: soon."
    )
    check_due_at = models.DateTimeField(
        null=True, blank=True, help_text="When what changed there is read next. Empty: now."
    )
    missed_at = models.DateTimeField(
        null=True, blank=True, help_text="Of the first change there that no delivery told of so far."
    )
    silent_since = models.DateTimeField(
        null=True, blank=True, help_text="When the last delivery came, while they are overdue."
    )
    woken_at = models.DateTimeField(null=True, blank=True, help_text="A wake-up is under way since.")
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["tenant_name"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "provider"], name="one_connection_per_provider"),
            models.UniqueConstraint(
                fields=["provider", "tenant_id"],
                condition=~Q(state=ConnectionState.DISCONNECTED),
                name="organisation_connected_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ConnectionState.values), name="connection_state_known"
            ),
            models.CheckConstraint(
                condition=Q(cutoff="")
                | Q(cutoff=Cutoff.REMOVED, state=ConnectionState.DISCONNECTED)
                | Q(
                    cutoff__in=[Cutoff.ACCESS, Cutoff.SCOPE, Cutoff.ROLE, Cutoff.CLOSED],
                    state=ConnectionState.NEEDS_REAUTH,
                ),
                name="connection_cutoff_fits_state",
            ),
            models.CheckConstraint(condition=Q(resume_limit__in=Limit.values), name="connection_limit_known"),
            models.CheckConstraint(
                condition=Q(provider__in=Provider.values), name="connection_provider_known"
            ),
            models.CheckConstraint(
                condition=Q(lease_token=None, lease_until=None)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="connection_lease_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(silent_since=None) | Q(missed_at__isnull=False),
                name="connection_silence_missed_something",
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None, paused_by="") | (Q(paused_at__isnull=False) & ~Q(paused_by="")),
                name="connection_pause_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=ConnectionState.ACTIVE) | Q(grant__isnull=False),
                name="connection_active_has_grant",
            ),
            workspace_key("connection"),
        ]

    def __str__(self) -> str:
        return self.tenant_name

    @property
    def is_active(self) -> bool:
        return self.state == ConnectionState.ACTIVE

    @property
    def first_open_day(self) -> dt.date:
        """The first day that no lock date covers; with none of them, the first of the calendar. The end of year binds
        everybody; the period does not bind advisers (Xero docs: Organisation)."""
        period = None if self.passes_period_lock else self.period_lock_date
        locks = [locked for locked in (period, self.year_lock_date) if locked]
        return min(max(locks), LAST_DAY) + dt.timedelta(days=1) if locks else dt.date.min

    def is_locked_on(self, day: dt.date) -> bool:
        """Whether a lock date, as last read, covers this day: Xero then takes and changes nothing dated so."""
        return day < self.first_open_day

    @property
    def day_left(self) -> int | None:
        """How many calls of this day are left, as far as is known now: a count that was read long ago is none."""
        if self.day_remaining is None:
            return None
        fresh = Connection.objects.filter(pk=self.pk, quota_seen_at__gt=Now() - self.COUNT_LIVES)
        return fresh.values_list("day_remaining", flat=True).first()

    @property
    def is_paused(self) -> bool:
        """Whether Tandem's support stopped it: unlike a rest it has no end, a person must lift it."""
        return self.paused_at is not None

    @property
    def unplanned_since(self) -> dt.datetime | None:
        """Since when the workspace's plan has no integrations: then no call is made. None while it has. One query."""
        return lost_since(self.workspace_id, Feature.INTEGRATIONS)

    @property
    def is_stopped(self) -> bool:
        """Whether somebody else must act before a call is made: Tandem's support, or who pays for the plan."""
        return self.is_paused or self.unplanned_since is not None

    @property
    def was_left_here(self) -> bool:
        """Whether it was disconnected by one of its own people, who then need not be told."""
        return self.state == ConnectionState.DISCONNECTED and self.state_reason == self.LEFT_HERE


class ConnectAttempt(WorkspaceOwned):
    """A connect begun in the browser: single use, ten minutes, bound to user, workspace and session."""

    state_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    verifier = EncryptedTextField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    grant = models.ForeignKey(Grant, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    tenants = models.JSONField(default=list, blank=True, help_text="The organisations to choose from.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(used_at__isnull=False), name="attempt_finished_was_used"
            )
        ]

    def __str__(self) -> str:
        return f"Connect attempt {self.pk}"
