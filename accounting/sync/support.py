"""What Tandem's support does to a connection: pause it, resume it, have it read now. Each is audited under the person's
name, and told to the workspace's people as support's doing."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import EventKind
from accounting.models import Connection
from accounting.sync import checks
from accounting.sync.history import tell
from accounting.sync.state import may_call
from workspaces.audit import log_action
from workspaces.models import User


@transaction.atomic
def pause(*, connection: Connection, by: User) -> bool:
    """Call the organisation no more until `resume`; everything waits and nothing is lost. A call that is under way
    ends. Returns False when it was paused already."""
    working = Connection.objects.filter(pk=connection.pk, paused_at=None)
    if not working.update(paused_at=Now(), paused_by=str(by)):
        return False
    _note(connection, "paused", "Paused by Tandem's support. What changes waits.", by)
    return True


@transaction.atomic
def resume(*, connection: Connection, by: User) -> bool:
    """Let it go on where it stopped. Returns False when it was not paused."""
    paused = Connection.objects.filter(pk=connection.pk, paused_at__isnull=False)
    if not paused.update(paused_at=None, paused_by=""):
        return False
    _note(connection, "resumed", "Resumed by Tandem's support.", by)
    wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
    checks.go_on(connection)
    return True


@transaction.atomic
def pull(*, connection: Connection, by: User) -> bool:
    """Have a worker read what changed there since the last look. Returns False when no call may be made now."""
    if not may_call(connection):
        return False
    _note(connection, "pulled", "Xero is read again, at the request of Tandem's support.", by)
    checks.go_on(connection)
    return True


def _note(connection: Connection, done: str, told: str, by: User) -> None:
    log_action(target=connection, action=f"connection.{done}", summary=told, by=by)
    tell(connection, EventKind.SUPPORT, told)
