"""What connecting would do, worked out before anything is written: which of our records is which of theirs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounting.enums import DryRunState, Kind, Mark, Verdict
from accounting.models.connection import Connection
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned


class DryRun(WorkspaceOwned):
    """One comparison of what was never sent with what the organisation has. It reads, then a person decides, then what
    was decided is done; the next one begins anew. What is to be created goes on being sent once the run is done; as
    long as it is paused nothing of that goes either.

    `read_at` is the organisation's own time when the reading began: what changed there later comes back to a person.
    """

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, related_name="dry_run", db_constraint=False
    )
    state = models.CharField(max_length=10, choices=DryRunState.choices, default=DryRunState.READING)
    keeps_ours = models.BooleanField(
        default=False, help_text="Ours is sent where a linked pair differs; else theirs is taken."
    )
    calls = models.PositiveIntegerField(default=0, help_text="How many calls the reading took.")
    seen = models.JSONField(default=dict, blank=True, help_text="Kind -> how many records are there.")
    problem = models.CharField(max_length=300, blank=True, help_text="Why the reading waits.")
    read_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text="Nothing of it goes on until a person resumes it."
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DryRunState.values), name="dry_run_state_known"),
            models.CheckConstraint(
                condition=Q(state=DryRunState.READING) | Q(read_at__isnull=False),
                name="dry_run_ready_was_read",
            ),
            models.CheckConstraint(
                condition=Q(paused_at=None)
                | Q(state__in=(DryRunState.LINKING, DryRunState.DONE, DryRunState.STOPPING)),
                name="dry_run_paused_on_its_way",
            ),
            models.CheckConstraint(
                condition=~Q(state=DryRunState.STOPPING) | Q(paused_at__isnull=False),
                name="dry_run_sends_nothing_while_it_stops",
            ),
            workspace_key("dry_run"),
            *same_workspace("dry_run", "connection"),
        ]

    def __str__(self) -> str:
        return f"Dry run of {self.connection_id}"


class Decision(WorkspaceOwned):
    """What is to become of one of our records: linked to that one of theirs, created there, left out; or a person has
    to say. `why` is by what the two were found, `there` theirs as it was read.

    `problem` is why it cannot be linked, or what happened since; `obstacle` why it could not be created as it stands;
    `waits_for` the decision about what has to be there before it.
    """

    dry_run = models.ForeignKey(
        DryRun, on_delete=models.CASCADE, related_name="decisions", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField()
    name = models.CharField(max_length=300)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    remote_id = models.CharField(max_length=128, blank=True)
    there = models.JSONField(default=dict, blank=True)
    there_told = models.CharField(max_length=300, blank=True)
    remote_version = models.DateTimeField(null=True, blank=True)
    local_version = models.DateTimeField()
    why = models.CharField(max_length=12, choices=Mark.choices, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    obstacle = models.CharField(max_length=300, blank=True, db_default="")
    waits_for = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    """All decisions of a run go together, so nothing is done when one goes."""
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_done = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dry_run", "kind", "local_id"], name="one_decision_per_record"),
            models.UniqueConstraint(
                fields=["dry_run", "kind", "remote_id"],
                condition=Q(verdict=Verdict.LINK),
                name="never_two_of_ours_to_one",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="decision_kind_known"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="decision_verdict_known"),
            models.CheckConstraint(condition=Q(why__in=["", *Mark.values]), name="decision_why_known"),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.LINK) | ~Q(remote_id=""), name="decision_to_link_names_theirs"
            ),
            workspace_key("decision"),
            *same_workspace("decision", "dry_run", "waits_for"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.kind} {self.local_id}"
