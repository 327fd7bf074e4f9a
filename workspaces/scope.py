"""The two walls between workspaces, raised and lowered together.

Inside `scope(workspace)` the ORM shows only that workspace's rows (django-scopes) and so does the
database (row-level security, through a session variable). Without a scope the ORM raises and the
database returns nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from uuid import UUID

import django_scopes
from django.apps import apps
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from core.append_only import AppendOnly
from core.changes import ObservedManager
from core.rls import EnableRowSecurity
from workspaces.zones import zone_named

if TYPE_CHECKING:
    from workspaces.models import Workspace

OWNER_SETTING = "tandem.workspace"
BYPASS_SETTING = "tandem.all_workspaces"
ERASE_SETTING = "tandem.erase"

_wall: ContextVar[tuple[str, str]] = ContextVar("wall", default=("", ""))


def _raise_wall(owner: str, bypass: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT set_config('{OWNER_SETTING}', %s, false), set_config('{BYPASS_SETTING}', %s, false)",
            [owner, bypass],
        )


def _on_new_connection(sender: object, connection: Any, **kwargs: Any) -> None:
    owner, bypass = _wall.get()
    if owner or bypass:
        _raise_wall(owner, bypass)


connection_created.connect(_on_new_connection, dispatch_uid="workspaces.scope")


@contextmanager
def _walled(owner: str, bypass: str) -> Iterator[None]:
    before = _wall.get()
    if before == (owner, bypass):  # it stands already: a wake-up after a save asks the database nothing more
        yield
        return
    token = _wall.set((owner, bypass))
    try:
        if connection.connection is not None:
            _raise_wall(owner, bypass)
        yield
    finally:
        _wall.reset(token)
        _lower_wall(*before)


def _lower_wall(owner: str, bypass: str) -> None:
    """Put the session back. In a transaction that is rolling back, the rollback itself does it."""
    if connection.connection is None or connection.needs_rollback or not connection.is_usable():
        return
    _raise_wall(owner, bypass)


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
    rows = apps.get_model("workspaces", "Workspace").objects.filter(pk=workspace_id)
    return zone_named(rows.values_list("time_zone", flat=True).first() or "")


@contextmanager
def _inside(known: str) -> Iterator[None]:
    with django_scopes.scope(workspace=known), _walled(known, ""), bound_contextvars(workspace=known):
        yield


@contextmanager
def all_workspaces(reason: str) -> Iterator[None]:
    """Work across workspaces: sweeps, the administrators' pages, the arrival of webhooks. State the reason."""
    if not reason:
        raise ValueError("all_workspaces() needs a reason")
    with django_scopes.scopes_disabled(), _walled("", reason):
        yield


def scoped_manager() -> Any:
    """The manager of every model that belongs to a workspace: no scope, no rows."""
    return django_scopes.ScopedManager(workspace="workspace")


def observed_manager() -> Any:
    """Like `scoped_manager`, for models whose changes are captured: their bulk writes are announced too."""
    return django_scopes.ScopedManager(workspace="workspace", _manager_class=ObservedManager)


def workspace_row_security(model_name: str) -> EnableRowSecurity:
    """Migration operation: the database's wall on a model with a `workspace_id` column."""
    return EnableRowSecurity(model_name, "workspace_id", OWNER_SETTING, BYPASS_SETTING)


def only_additions(model_name: str) -> AppendOnly:
    """Migration operation: rows of the model stay as they were written, until the whole workspace is erased."""
    return AppendOnly(model_name, ERASE_SETTING)


def current_workspace_id() -> str | None:
    """The id of the workspace in scope, if one is."""
    value = django_scopes.get_scope().get("workspace")
    return str(value) if value else None
