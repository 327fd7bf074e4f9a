"""The record of who did what. Written inside the transaction of the action it tells of."""

from __future__ import annotations

from workspaces.models import AuditEntry, User, WorkspaceOwned


def log_action(*, target: WorkspaceOwned, action: str, summary: str, by: User | None) -> AuditEntry:
    """Remember that `by` (None: Xero) did `action` ("invoice.approved") to `target`, told in one sentence."""
    return AuditEntry.objects.create(
        workspace_id=target.workspace_id,
        actor=by,
        action=action,
        target_kind=target._meta.model_name,
        target_id=target.pk,
        summary=summary[:300],
    )
