"""Why something needs a person: one row a cause, for as long as anything is held up by it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accounting.models.connection import Connection
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned


class Problem(WorkspaceOwned):
    """What failed for the same reason has one of these: `key` says why, and `subject` what is at fault.

    It is open while an operation names it, so what is tried again and fails again keeps its age; it is closed once none
    does any more. `words` and `detail` are those of the last failure: ours, and the remote side's own, whole.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="problems", db_constraint=False
    )
    key = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=500)
    detail = models.TextField(blank=True)
    error_class = models.CharField(max_length=14)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="When people were mailed about it.")
    told_early_at = models.DateTimeField(
        null=True, blank=True, help_text="When those were who are mailed everything at once."
    )
    digested_at = models.DateTimeField(null=True, blank=True, help_text="When it was told with others.")
    is_threaded = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Somebody was mailed about it alone, and waits to hear its end.",
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "key", "subject"],
                condition=Q(closed_at=None),
                name="one_open_problem_per_cause",
            ),
            models.CheckConstraint(condition=~Q(key="") & ~Q(words=""), name="problem_says_why"),
            models.CheckConstraint(
                condition=Q(last_seen_at__gte=F("first_seen_at")), name="problem_seen_in_order"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("first_seen_at")),
                name="problem_closed_after_it_was_seen",
            ),
            models.CheckConstraint(
                condition=~Q(is_threaded=True, told_at=None, told_early_at=None),
                name="problem_thread_has_begun",
            ),
            workspace_key("problem"),
            *same_workspace("problem", "connection"),
        ]

        indexes = [
            models.Index(
                fields=["workspace"],
                condition=Q(is_threaded=True, closed_at__isnull=False),
                name="problem_end_to_be_told",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.subject}".strip()
