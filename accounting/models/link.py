"""Which of our records is which of theirs, and what both last agreed on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounting.enums import Kind, LinkState
from accounting.models.connection import Connection
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned


class Link(WorkspaceOwned):
    """The pair (our id, their id). No foreign key to our record: the link outlives it as a tombstone.

    `base` is the document both sides last agreed on, as the remote side returned it; `otherwise` holds the fields that
    ours said in other words at that moment; `recoded` the tax codes in it that a person exchanged since, each for
    another; `remote_version` is the remote time of change it was read with; up to `echo_until`, changes reported there
    are known to be our own.

    Where theirs was merged into a record that another of ours is linked to, the link stays and names that `successor`:
    what refers to ours refers to it there, and its own fields are kept in step no more. `came_from` are the ids it
    followed merges from, until it meets a record that stands for itself.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="links", db_constraint=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    local_id = models.UUIDField()
    remote_id = models.CharField(max_length=128)
    state = models.CharField(max_length=12, choices=LinkState.choices, default=LinkState.ACTIVE)
    remote_version = models.DateTimeField()
    echo_until = models.DateTimeField(null=True, blank=True)
    base = models.JSONField(default=dict)
    otherwise = models.JSONField(default=dict, blank=True)
    recoded = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Codes of its lines that go to Xero as others."
    )
    agreed_at = models.DateTimeField(null=True, blank=True)
    listed_at = models.DateTimeField(
        null=True, blank=True, help_text="The full proof that last found theirs."
    )
    lost_at = models.DateTimeField(
        null=True, blank=True, help_text="The full proof that found theirs no more."
    )
    successor = models.CharField(max_length=64, blank=True, db_default="")
    came_from = models.JSONField(default=list, db_default=[], blank=True)
    note = models.CharField(
        max_length=300, blank=True, help_text="What Xero changed or warned of, for the user."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "local_id"], name="record_linked_once"),
            models.UniqueConstraint(
                fields=["connection", "kind", "remote_id"], name="remote_record_linked_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="link_kind_known"),
            models.CheckConstraint(condition=Q(state__in=LinkState.values), name="link_state_known"),
            models.CheckConstraint(condition=~Q(remote_id=""), name="link_has_remote_id"),
            models.CheckConstraint(
                condition=Q(state=LinkState.MERGED) ^ Q(successor=""), name="link_merged_names_its_successor"
            ),
            workspace_key("link"),
            *same_workspace("link", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.local_id} = {self.remote_id}"
