"""What Tandem's support does: pause a connection, resume it, have it read now, try again, send again. Each is audited
under the person's name, and told to the workspace's people as support's doing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import EventKind
from accounting.models import Connection, Operation
from accounting.port.documents import Kind
from accounting.sync import checks, manual, outbox
from accounting.sync.asked import tell_asked
from accounting.sync.history import tell
from accounting.sync.state import may_call
from workspaces.audit import log_action
from workspaces.models import User

RETRIED = "Tried again by Tandem's support."
SENT = "Sent to Xero by Tandem's support."


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


@transaction.atomic
def retry(*, operations: QuerySet[Operation], by: User) -> int:
    """Try what failed of these operations of one workspace again. Returns how many there were."""
    connections = Connection.objects.filter(pk__in=operations.order_by().values("connection"))
    _audit(list(connections), "retried", "Had what failed tried again.", by)
    return manual.retry(operations, by=None, words=RETRIED, event=EventKind.SUPPORT)


@transaction.atomic
def send_again(*, operations: Sequence[Operation], by: User) -> None:
    """Send the records of these operations again, whatever changed in them."""
    for each in operations:
        if each.local_id is not None:
            outbox.record(workspace_id=each.workspace_id, kind=Kind(each.kind), local_id=each.local_id)
    _audit([each.connection for each in operations], "requeued", "Had records sent again.", by)
    tell_asked(operations, SENT, by=None, event=EventKind.SUPPORT)


def _audit(connections: Iterable[Connection], done: str, told: str, by: User) -> None:
    for connection in set(connections):
        log_action(target=connection, action=f"connection.{done}", summary=told, by=by)


def _note(connection: Connection, done: str, told: str, by: User) -> None:
    log_action(target=connection, action=f"connection.{done}", summary=told, by=by)
    tell(connection, EventKind.SUPPORT, told)
