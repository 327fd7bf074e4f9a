"""What a turn sees of its queue, and when it looks from the front again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from accounting.enums import Kind, Lane, Priority
from accounting.models import Connection, Operation
from accounting.sync.due import Queue, due_pushes, take
from core.testing import assert_queries
from tests.factories.accounting import make_connection
from workspaces.models import Workspace


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def _add(connection: Connection, kind: Kind = Kind.CUSTOMER, **fields: Any) -> Operation:
    fields = {"lane": Lane.PUSH, "local_id": uuid4(), **fields}
    return Operation.objects.create(
        workspace=connection.workspace, connection=connection, kind=kind, **fields
    )


def test_people_go_first_then_pushes_in_the_order_xero_needs(connection: Connection) -> None:
    _add(connection, Kind.CUSTOMER, priority=Priority.BACKFILL)
    _add(connection, Kind.PAYMENT)
    _add(connection, Kind.INVOICE, lane=Lane.PULL, local_id=None, remote_id="r")
    _add(connection, Kind.INVOICE)
    with assert_queries(1):
        heads = Queue(connection).look()
    assert [(head.lane, head.kind, head.priority) for head in heads] == [
        (Lane.PUSH, Kind.INVOICE, Priority.USER),
        (Lane.PUSH, Kind.PAYMENT, Priority.USER),
        (Lane.PULL, Kind.INVOICE, Priority.USER),
        (Lane.PUSH, Kind.CUSTOMER, Priority.BACKFILL),
    ]


def test_pause_that_is_not_over_is_not_due(connection: Connection) -> None:
    _add(connection)
    Operation.objects.update(not_before="2999-01-01T00:00:00Z")
    assert Queue(connection).look() == []


def test_turn_does_not_look_behind_where_it_has_come(connection: Connection) -> None:
    first, second = _add(connection), _add(connection)
    Operation.objects.filter(pk=first.pk).update(not_before="2999-01-01T00:00:00Z")
    queue = Queue(connection)
    assert [head.first for head in queue.look()] == [second.pk]
    Operation.objects.update(not_before=None)

    assert [head.first for head in queue.look()] == [second.pk]
    assert [head.first for head in Queue(connection).look()] == [first.pk], "the next turn sees it"


def test_wakeup_makes_the_turn_look_from_the_front(connection: Connection) -> None:
    waiting = _add(connection, priority=Priority.BACKFILL)
    person = _add(connection)
    queue = Queue(connection)
    queue.look()
    Operation.objects.filter(pk=waiting.pk).update(priority=Priority.USER)
    Connection.objects.update(woken_at=Now())

    assert [head.first for head in queue.look()] == [waiting.pk]
    with assert_queries(1):
        queue.look()
    assert person.pk > waiting.pk


def test_claim_goes_from_the_urgent_to_the_rest_and_no_further_than_asked(connection: Connection) -> None:
    rest = [_add(connection, priority=Priority.BACKFILL) for _ in range(3)]
    urgent = _add(connection)
    taken = take(due_pushes(connection), Queue(connection).look(), 3)
    assert [row.pk for row in taken] == [urgent.pk, rest[0].pk, rest[1].pk]
