"""When agreement statements are made: for each connection in the night of its workspace, and not all of them at once.

The instant stands in the connection's row, as that of the regular check does. Whoever asks moves it on by an hour, in
which a lost message is asked for again; the statement itself moves it to the next night.
"""

from __future__ import annotations

import datetime as dt
import math
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import ConnectionState, Reading
from accounting.models import Connection, Statement
from accounting.sync import proof
from accounting.sync import statement as statements
from core.clock import database_now
from core.transactions import after_commit
from workspaces.days import start_of, today
from workspaces.scope import all_workspaces

HOUR = dt.timedelta(hours=3)
"""After midnight, where the workspace is."""
LOOKS = 60
"""How often in an hour somebody looks what is due: so those of one zone are spread over an hour."""
AGAIN = dt.timedelta(hours=1)
PROOF_LIVES = dt.timedelta(days=7)


@transaction.atomic
def ask_for_due() -> int:
    """Have the statements made that are due, those first that wait longest, and no more than a look's share of all.
    Returns how many. They make no call, so a connection that rests has its own too."""
    with all_workspaces("statements are due in every workspace"):
        ours = Connection.objects.filter(state=ConnectionState.ACTIVE)
        share = math.ceil(ours.count() / LOOKS) + 1
        due = ours.filter(Q(statement_due_at=None) | Q(statement_due_at__lte=Now()))
        first = due.order_by(F("statement_due_at").asc(nulls_first=True)).select_for_update(
            skip_locked=True, of=("self",)
        )
        asked = list(first.values_list("workspace_id", "pk")[:share])
        Connection.objects.filter(pk__in=[pk for _, pk in asked]).update(statement_due_at=Now() + AGAIN)
    after_commit(lambda: _send(asked))
    return len(asked)


def _send(asked: list[tuple[UUID, UUID]]) -> None:
    for workspace_id, connection_id in asked:
        wakeup.send(wakeup.STATEMENT, workspace_id=workspace_id, connection_id=connection_id)


def make_due(connection_id: UUID) -> Statement | None:
    """Make this connection's statement now; None when it is connected no more."""
    connection = Connection.objects.select_related("workspace").filter(pk=connection_id).first()
    if connection is None or not connection.is_active:
        return None
    made = statements.make(connection=connection)
    if _proof_is_due(connection):
        proof.begin(connection=connection)
    Connection.objects.filter(pk=connection_id).update(statement_due_at=next_night(connection))
    return made


def _proof_is_due(connection: Connection) -> bool:
    """Whether everything was read again a week ago or longer, or the connection is as old and it never was."""
    full = Statement.objects.filter(connection=connection, reading=Reading.FULL)
    since = full.aggregate(at=Max("as_of"))["at"] or connection.connected_at
    return bool(database_now() - since >= PROOF_LIVES)


def next_night(connection: Connection) -> dt.datetime:
    """The instant of the coming night at which the next one is due."""
    tomorrow = today(connection.workspace) + dt.timedelta(days=1)
    return start_of(tomorrow, connection.workspace) + HOUR


def ask_now(connection: Connection) -> None:
    """A person wants one now."""
    after_commit(lambda: _send([(connection.workspace_id, connection.pk)]))
