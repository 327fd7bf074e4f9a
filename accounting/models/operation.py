"""The outbox: what is still to be done, and the writes that are on their way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounting.enums import (
    FLYING_STATES,
    WAITING_STATES,
    BatchState,
    Blocker,
    Change,
    ErrorClass,
    Kind,
    Lane,
    OpState,
    Priority,
)
from accounting.models.connection import Connection
from accounting.models.problem import Problem
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned
from workspaces.walls import scoped_manager


def held(prefix: str = "") -> Q:
    """What waits for a person to put its cause right; `prefix` is the way to the operations ("operations__")."""
    failed = Q(**{f"{prefix}state": OpState.FAILED})
    return failed | Q(**{f"{prefix}state": OpState.BLOCKED, f"{prefix}blocker": Blocker.SETUP})


def unpaused() -> Q:
    """What no person has paused: all but what a run sends that was paused on its way."""
    return Q(priority__lt=Priority.BACKFILL) | Q(connection__dry_run__paused_at=None)


class Batch(WorkspaceOwned):
    """One write, stored before it is sent, byte for byte with its key.

    No answer: the same bytes and key again within five minutes. Later, or after an error answer: look
    first, then write with a new key (Xero docs: Idempotency).
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="batches", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    verb = models.CharField(max_length=10)
    method = models.CharField(max_length=6)
    path = models.CharField(max_length=400)
    body = models.TextField()
    idempotency_key = models.CharField(max_length=128, unique=True)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.FROZEN)
    items = models.JSONField(
        help_text="In order: operation, our id, their id, document, fields written, text."
    )
    sends = models.PositiveSmallIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="batch_kind_known"),
            models.CheckConstraint(
                condition=Q(verb__in=["create", "update", "remove"]), name="batch_verb_known"
            ),
            models.CheckConstraint(
                condition=Q(state=BatchState.FROZEN, first_sent_at=None)
                | (~Q(state=BatchState.FROZEN) & Q(first_sent_at__isnull=False)),
                name="batch_sent_has_a_time",
            ),
            workspace_key("batch"),
            *same_workspace("batch", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {len(self.items)} {self.kind}"


class Operation(models.Model):
    """One unit of work: push a record, or pull one. It names the record and never carries its content.

    At most one waits per record: a second edit merges into it. An edit while one is in flight opens the
    next. What is sent is the difference from what both sides agreed on, so that an operation may come to nothing; what
    a removal needs when our record is gone stands in its link.

    Every save of an invoice writes here, so there are no indexes but those a question needs; and none on workspace
    or connection alone: Postgres takes the two for independent, joins them, and walks through the whole queue.
    """

    id = models.BigAutoField(primary_key=True)
    workspace = models.ForeignKey(
        "workspaces.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    connection = models.ForeignKey(
        Connection,
        on_delete=models.CASCADE,
        related_name="operations",
        db_index=False,
        db_constraint=False,
    )
    lane = models.CharField(max_length=4, choices=Lane.choices)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField(null=True, blank=True)
    remote_id = models.CharField(max_length=128, blank=True)
    change = models.CharField(max_length=6, choices=Change.choices, default=Change.UPSERT)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.USER)
    state = models.CharField(max_length=10, choices=OpState.choices, default=OpState.PENDING)
    seq = models.PositiveIntegerField(default=1, help_text="Counts the edits merged into it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    blocker = models.CharField(max_length=12, choices=Blocker.choices, blank=True)
    blocked_on = models.UUIDField(null=True, blank=True, help_text="Our record whose step it waits for.")
    error_class = models.CharField(max_length=14, choices=ErrorClass.choices, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="For the user.")
    error_detail = models.TextField(blank=True, help_text="The remote side's own words.")
    error_reference = models.CharField(
        max_length=100,
        blank=True,
        db_default="",
        help_text="By which the remote side's support finds its answer.",
    )
    batch = models.ForeignKey(
        Batch,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="operations",
        db_constraint=False,
    )
    problem = models.ForeignKey(
        Problem,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="operations",
        db_index=False,
        db_constraint=False,
        help_text="Why it needed a person, until it is through or fails otherwise.",
    )
    event_at = models.DateTimeField(
        null=True, blank=True, help_text="When the change was made there (pulls)."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = scoped_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["connection", "lane", "kind", "priority", "id"],
                condition=Q(state=OpState.PENDING),
                name="operation_due",
            ),
            models.Index(fields=["connection", "state"], name="operation_by_state"),
            models.Index(fields=["local_id"], name="operation_by_record"),
            models.Index(fields=["workspace"], condition=held(), name="operation_held_here"),
            models.Index(fields=["problem"], condition=Q(problem__isnull=False), name="operation_by_problem"),
            models.Index(
                fields=["blocked_on"], condition=Q(state=OpState.BLOCKED), name="operation_blocked_on"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "local_id"],
                condition=Q(lane=Lane.PUSH, state__in=WAITING_STATES),
                name="one_waiting_push_per_record",
            ),
            models.UniqueConstraint(
                fields=["connection", "kind", "local_id"],
                condition=Q(lane=Lane.PUSH, state__in=FLYING_STATES),
                name="one_flying_push_per_record",
            ),
            models.UniqueConstraint(
                fields=["connection", "kind", "remote_id"],
                condition=Q(lane=Lane.PULL, state__in=WAITING_STATES),
                name="one_waiting_pull_per_record",
            ),
            models.CheckConstraint(condition=Q(state__in=OpState.values), name="operation_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="operation_kind_known"),
            models.CheckConstraint(condition=Q(change__in=Change.values), name="operation_change_known"),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="operation_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(lane=Lane.PUSH, local_id__isnull=False) | (Q(lane=Lane.PULL) & ~Q(remote_id="")),
                name="operation_names_its_record",
            ),
            models.CheckConstraint(
                condition=(Q(state=OpState.BLOCKED) & ~Q(blocker=""))
                | (~Q(state=OpState.BLOCKED) & Q(blocker="")),
                name="operation_blocked_says_why",
            ),
            models.CheckConstraint(condition=Q(blocker__in=Blocker.values), name="operation_blocker_known"),
            models.CheckConstraint(
                condition=Q(error_class__in=ErrorClass.values), name="operation_error_class_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=OpState.FAILED) | ~Q(error=""), name="operation_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=FLYING_STATES) | Q(batch__isnull=False),
                name="operation_flying_has_batch",
            ),
            *same_workspace("operation", "connection", "batch", "problem"),
        ]

    def __str__(self) -> str:
        return f"{self.lane} {self.change} {self.kind} {self.local_id or self.remote_id}"
