"""The two walls between workspaces, raised and lowered together.

Inside `scope(workspace)` the ORM shows only that workspace's rows (django-scopes) and so does the
database (row-level security, through a session variable). Without a scope the ORM raises and the
database returns nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import django_scopes
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from workspaces.models import Workspace
from workspaces.walls import walled
from workspaces.zones import zone_named


@contextmanager
def scope(workspace: Workspace) -> Iterator[None]:
    """Everything inside sees and writes the rows of this workspace only, tells times in its zone, and its log lines
    name it."""
    with _inside(str(workspace.pk)), timezone.override(workspace.zone):
        yield


@contextmanager
def scope_by_id(workspace_id: UUID | str) -> Iterator[None]:
    """Like `scope`, for callers that hold only the id (tasks). Coming from elsewhere, it reads the zone."""
    known = str(workspace_id)
    zone = timezone.get_current_timezone() if current_workspace_id() == known else _zone_of(known)
    with _inside(known), timezone.override(zone):
        yield


def _zone_of(workspace_id: str) -> dt.tzinfo:
    rows = Workspace.objects.filter(pk=workspace_id)
    return zone_named(rows.values_list("time_zone", flat=True).first() or "")


@contextmanager
def _inside(known: str) -> Iterator[None]:
    with django_scopes.scope(workspace=known), walled(known, ""), bound_contextvars(workspace=known):
        yield


@contextmanager
def all_workspaces(reason: str) -> Iterator[None]:
    """Work across workspaces: sweeps, the administrators' pages, the arrival of webhooks. State the reason."""
    if not reason:
        raise ValueError("all_workspaces() needs a reason")
    with django_scopes.scopes_disabled(), walled("", reason):
        yield


def current_workspace_id() -> str | None:
    """The id of the workspace in scope, if one is."""
    value = django_scopes.get_scope().get("workspace")
    return str(value) if value else None
