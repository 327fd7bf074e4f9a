"""What the two walls between workspaces are made of: the database's session variables, and what models and migrations
need to stand behind them. `workspaces.scope` raises and lowers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import django_scopes
from django.db import connection
from django.db.backends.signals import connection_created

from core.append_only import AppendOnly
from core.changes import ObservedManager
from core.rls import EnableRowSecurity

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


connection_created.connect(_on_new_connection, dispatch_uid="workspaces.walls")


@contextmanager
def walled(owner: str, bypass: str) -> Iterator[None]:
    """Inside, the database shows the rows of the workspace `owner`, or with a reason to `bypass` those of all."""
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
