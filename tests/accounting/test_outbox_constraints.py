"""What the database itself refuses in the outbox, whoever writes it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounting.enums import BatchState, Kind, Lane, OpState
from accounting.models import Batch, Connection, Operation
from tests.factories.accounting import make_batch, make_connection
from workspaces.models import Workspace


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def _add(connection: Connection, **fields: Any) -> Operation:
    fields = {"lane": Lane.PUSH, "kind": Kind.INVOICE, "local_id": uuid4(), **fields}
    return Operation.objects.create(workspace=connection.workspace, connection=connection, **fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"local_id": None}, "operation_names_its_record"),
        ({"lane": Lane.PULL, "local_id": None}, "operation_names_its_record"),
        ({"state": OpState.BLOCKED}, "operation_blocked_says_why"),
        ({"blocker": "setup"}, "operation_blocked_says_why"),
        ({"state": OpState.FAILED}, "operation_failed_says_why"),
        ({"state": OpState.IN_FLIGHT}, "operation_flying_has_batch"),
        ({"state": OpState.UNCERTAIN}, "operation_flying_has_batch"),
    ],
)
def test_operation_that_makes_no_sense_is_refused(
    connection: Connection, fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _add(connection, **fields)


@pytest.mark.parametrize(
    ("first", "second", "constraint"),
    [
        (OpState.PENDING, OpState.PENDING, "one_waiting_push_per_record"),
        (OpState.IN_FLIGHT, OpState.IN_FLIGHT, "one_flying_push_per_record"),
    ],
)
def test_second_push_of_a_record_in_the_same_place_is_refused(
    connection: Connection, first: str, second: str, constraint: str
) -> None:
    local_id, batch = uuid4(), make_batch(connection)
    _add(connection, local_id=local_id, state=first, batch=batch)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        _add(connection, local_id=local_id, state=second, batch=batch)


def test_second_pull_of_a_record_is_refused(connection: Connection) -> None:
    _add(connection, lane=Lane.PULL, local_id=None, remote_id="r")

    with pytest.raises(IntegrityError, match="one_waiting_pull_per_record"), transaction.atomic():
        _add(connection, lane=Lane.PULL, local_id=None, remote_id="r")


def test_batch_whose_operations_fly_cannot_go(connection: Connection) -> None:
    batch = make_batch(connection)
    _add(connection, state=OpState.IN_FLIGHT, batch=batch)

    with pytest.raises(IntegrityError, match="operation_flying_has_batch"), transaction.atomic():
        batch.delete()


@pytest.mark.parametrize("state", [BatchState.SENT, BatchState.UNCERTAIN])
def test_batch_that_was_sent_says_when(connection: Connection, state: str) -> None:
    batch = make_batch(connection)

    with pytest.raises(IntegrityError, match="batch_sent_has_a_time"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(state=state)
