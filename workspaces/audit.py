"""The record of who did what. Written inside the transaction of the action it tells of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.text import get_text_list

from core.changes import origin
from workspaces.enums import ActorKind
from workspaces.models import AuditEntry, User, Workspace, WorkspaceOwned
from workspaces.scope import scope

SUMMARY = 300
ROOM_AROUND = 60  # for the words before and after the changes
LONGEST_TOLD = 40


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
        summary=summary[:SUMMARY],
        **actor(by),
    )


def say_changes(row: Model, before: Mapping[str, Any]) -> str:
    """The fields of `before`, each with what it was and what it is on `row` now: "due date from 3 Mar 2026 to
    10 Mar 2026 and notes". Long texts are only named, and so is everything when an entry could not hold it."""
    names = {name: str(row._meta.get_field(name).verbose_name) for name in before}
    told = [label + _from_to(row, name, before[name]) for name, label in names.items()]
    words = str(get_text_list(told, "and"))
    return words if len(words) <= SUMMARY - ROOM_AROUND else str(get_text_list(list(names.values()), "and"))


def _from_to(row: Model, name: str, before: Any) -> str:
    was, now = _say(row, name, before), _say(row, name, getattr(row, name))
    if max(len(was), len(now)) > LONGEST_TOLD or "\n" in was + now:
        return ""
    return (f" from {was}" if was else "") + f" to {now or 'nothing'}"


def _say(row: Model, name: str, value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, dt.date):
        return f"{value:%-d %b %Y}"
    if isinstance(value, Decimal):
        whole, _, part = f"{value:,.4f}".partition(".")
        return f"{whole}.{part.rstrip('0').ljust(2, '0')}"
    choices = dict(row._meta.get_field(name).flatchoices)
    return str(choices.get(value, "" if value is None else value))


def log_workspace_action(workspace: Workspace, action: str, summary: str, by: User | None) -> None:
    """Remember what `by` did to the workspace itself: a membership has no wall of its own, the history has."""
    with scope(workspace):
        AuditEntry.objects.create(
            workspace=workspace,
            action=action,
            target_kind="workspace",
            target_id=workspace.pk,
            summary=summary[:SUMMARY],
            **actor(by),
        )
