"""What was made in the remote system and is linked to nothing here: listed until a person says what becomes of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import Kind, Verdict
from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned

REMEMBERED = (Verdict.CREATE, Verdict.SKIP)


class Newcomer(WorkspaceOwned):
    """One record of theirs that none of ours is linked to, as it was last read: to be decided, linked to that one of
    ours (`local_id`), made here, or left there. Once it is linked the row is gone.

    `owner_kind` and `owner_id` name the record of theirs that it belongs to, `worth` what it comes to in the currency
    `worth_in`; `problem` why what was decided could not be done.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="newcomers", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    remote_id = models.CharField(max_length=128)
    remote_version = models.DateTimeField()
    there = models.JSONField()
    told = models.CharField(max_length=300)
    owner_kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    owner_id = models.CharField(max_length=64, blank=True)
    worth = models.DecimalField(max_digits=19, decimal_places=4, null=True, blank=True)
    worth_in = models.CharField(max_length=3, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.ASK)
    local_id = models.UUIDField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "remote_id"], name="one_newcomer_per_remote_record"
            ),
            models.UniqueConstraint(
                fields=["connection", "kind", "local_id"],
                condition=Q(verdict=Verdict.LINK),
                name="never_two_newcomers_to_one",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="newcomer_kind_known"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="newcomer_verdict_known"),
            models.CheckConstraint(
                condition=Q(owner_kind__in=["", *Kind.values]), name="newcomer_owner_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(owner_kind="") ^ ~Q(owner_id=""), name="newcomer_owner_is_named_whole"
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.LINK) ^ Q(local_id=None), name="newcomer_to_link_names_ours"
            ),
            *same_workspace("newcomer", "connection"),
        ]
        indexes = [
            models.Index(fields=["connection", "owner_kind", "owner_id"], name="newcomer_by_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote_id} is not here"


class NewcomerRule(WorkspaceOwned):
    """What becomes of all that belongs to this record of theirs, from now on: it is made here, or left there."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="newcomer_rules", db_constraint=False
    )
    owner_kind = models.CharField(max_length=20, choices=Kind.choices)
    owner_id = models.CharField(max_length=64)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "owner_kind", "owner_id"], name="one_newcomer_rule_per_owner"
            ),
            models.CheckConstraint(
                condition=Q(owner_kind__in=Kind.values) & ~Q(owner_id=""),
                name="newcomer_rule_names_its_owner",
            ),
            models.CheckConstraint(condition=Q(verdict__in=REMEMBERED), name="newcomer_rule_decides"),
            *same_workspace("newcomer_rule", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} what belongs to {self.owner_kind} {self.owner_id}"
