"""What may go now: the question a drain asks the outbox at every step, in one statement. It is answered by index, so
that the length of the queue does not matter, nor that of a neighbour's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db import connection as database
from django.db.models import Q
from django.db.models.functions import Now

from accounting.enums import Lane, OpState, Priority
from accounting.models import Batch, Connection, Operation
from accounting.port.documents import Kind
from accounting.queries.allowed import allowed_kinds
from accounting.resources.registry import push_order

# One look into the index for each lane, kind and priority. The pair is compared as one, so that the index is entered
# where the last look ended; the second condition closes the range. What a run sends does
# not go while a person has paused it.
_HEADS = """
SELECT place.lane, place.kind, place.priority, head.id, c.woken_at
  FROM accounting_connection c
 CROSS JOIN unnest(%(lanes)s::text[], %(kinds)s::text[], %(priorities)s::smallint[], %(starts)s::bigint[])
       AS place(lane, kind, priority, start)
 CROSS JOIN LATERAL (
       SELECT o.id FROM accounting_operation o
        WHERE o.workspace_id = %(workspace)s AND o.connection_id = %(connection)s AND o.state = 'pending'
          AND o.lane = place.lane AND o.kind = place.kind
          AND (o.priority, o.id) >= (place.priority, place.start) AND o.priority <= place.priority
          AND (o.lane = 'pull' OR o.not_before IS NULL OR o.not_before <= statement_timestamp())
        ORDER BY o.priority, o.id
        LIMIT 1) AS head
 WHERE c.id = %(connection)s
   AND (place.priority < %(last)s OR NOT EXISTS (
        SELECT FROM accounting_dryrun run WHERE run.connection_id = %(connection)s AND run.paused_at IS NOT NULL))
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The first operation that may go, of one lane, kind and priority."""

    lane: Lane
    kind: Kind
    priority: Priority
    first: int

    @property
    def urgency(self) -> tuple[int, bool, int]:
        """What a person waits for goes first; among equals pushes, in the order Xero needs."""
        return self.priority, self.lane == Lane.PULL, push_order().index(self.kind)


@dataclass(slots=True)
class Queue:
    """A connection's due work during one turn of a worker.

    It remembers how far it has come. Finished rows stay in the index for as long as an old snapshot (a report, a dump)
    might see them, and without a place to go on from every look would walk over all of them again. What becomes due
    behind that place is found by the next turn, or at once when its change woke somebody.
    """

    connection: Connection
    _starts: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _woken_at: dt.datetime | None = None

    def look(self) -> list[Head]:
        """The heads of everything that may go now, the most urgent first."""
        rows = self._ask()
        woken_at = rows[0][4] if rows else None
        if self._starts and woken_at != self._woken_at:
            self._starts.clear()
            rows = self._ask()
        self._woken_at = woken_at
        self._starts |= {(lane, kind, priority): first for lane, kind, priority, first, _ in rows}
        heads = [Head(Lane(row[0]), row[1], Priority(row[2]), row[3]) for row in rows]
        return sorted(heads, key=lambda head: head.urgency)

    def _ask(self) -> list[Any]:
        places = list(product(Lane, allowed_kinds(self.connection), Priority))
        wanted: dict[str, Any] = {
            "workspace": self.connection.workspace_id,
            "connection": self.connection.pk,
            "lanes": [str(lane) for lane, _, _ in places],
            "kinds": [str(kind) for _, kind, _ in places],
            "priorities": [int(priority) for _, _, priority in places],
            "last": int(Priority.BACKFILL),
            "starts": [self._starts.get(place, 0) for place in places],
        }
        with database.cursor() as cursor:
            cursor.execute(_HEADS, wanted)
            return list(cursor.fetchall())


def has_work(connection: Connection) -> bool:
    """Whether anything could be done for this connection now."""
    return bool(Queue(connection).look()) or Batch.objects.filter(connection=connection).exists()


def due_pushes(connection: Connection) -> Any:
    """Pushes that may go now. None of them has an earlier write in the air: a drain ends every stored write before
    it begins another, and the database refuses a second one of the same record."""
    waiting = Operation.objects.filter(connection=connection, lane=Lane.PUSH, state=OpState.PENDING)
    return waiting.filter(Q(not_before=None) | Q(not_before__lte=Now()))


def due_pulls(connection: Connection) -> Any:
    """Pulls that were asked for."""
    return Operation.objects.filter(connection=connection, lane=Lane.PULL, state=OpState.PENDING)


def take(rows: Any, heads: Sequence[Head], most: int) -> list[Operation]:
    """So many of these rows at most, from these heads on: one head's after the other's."""
    taken: list[Operation] = []
    for head in heads:
        if len(taken) < most:
            behind = rows.filter(kind=head.kind, priority=head.priority, pk__gte=head.first)
            taken += behind.order_by("priority", "pk")[: most - len(taken)]
    return taken
