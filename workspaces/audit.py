"""The record of who did what. Written inside the transaction of the action it tells of."""

from __future__ import annotations

from typing import Any

from core.changes import origin
from workspaces.enums import ActorKind
from workspaces.models import AuditEntry, User, WorkspaceOwned


def actor(by: User | None) -> dict[str, Any]:
    """The columns that tell who acts: the person, or, when it is nobody, Xero while what it said is being applied,
    and otherwise Tandem itself."""
    if by is not None:
        return {"actor": by, "actor_kind": ActorKind.PERSON, "actor_name": str(by)}
    kind = ActorKind.XERO if origin() == "remote" else ActorKind.SYSTEM
    return {"actor": None, "actor_kind": kind, "actor_name": kind.label}


def log_action(*, target: WorkspaceOwned, action: str, summary: str, by: User | None) -> AuditEntry:
    """Remember that `by` (None: see `actor`) did `action` ("invoice.approved") to `target`, told in one sentence."""
    return AuditEntry.objects.create(
        workspace_id=target.workspace_id,
        action=action,
        target_kind=target._meta.model_name,
        target_id=target.pk,
        summary=summary[:300],
        **actor(by),
    )
