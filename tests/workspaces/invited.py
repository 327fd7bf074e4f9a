"""An invitation and what its pages answer."""

from __future__ import annotations

from django.urls import reverse

from workspaces.models import AuditEntry, Workspace
from workspaces.scope import scope


def url_of(workspace: Workspace, name: str, *args: object) -> str:
    return reverse(f"workspaces:{name}", args=[workspace.slug, *args])


def path_of(link: str) -> str:
    return link.removeprefix("http://localhost:8000")


def actions_of(workspace: Workspace) -> list[str]:
    with scope(workspace):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
