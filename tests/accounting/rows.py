"""A connection and the rows of its sync, as a test needs them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from accounting.enums import FLYING_STATES, Change, Kind, Lane, OpState
from accounting.models import Connection, Operation
from accounting.queries.status import SyncStatus, status_for
from tests.factories.accounting import make_batch, make_connection
from workspaces.models import Workspace

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def push(connection: Connection, local_id: UUID, state: str = OpState.PENDING, **fields: Any) -> Operation:
    """An unfinished push of an invoice, in place of whatever was captured for it."""
    fields.setdefault("kind", Kind.INVOICE)
    Operation.objects.filter(local_id=local_id).delete()
    if state == OpState.FAILED:
        fields.setdefault("error", "Xero refused it.")
    if state in FLYING_STATES:
        fields["batch"] = make_batch(connection)
    if state == OpState.UNCERTAIN:
        fields.setdefault("error", "No answer.")
    return Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PUSH,
        local_id=local_id,
        state=state,
        change=Change.UPSERT,
        **fields,
    )


def status(local_id: UUID) -> SyncStatus:
    return status_for(Kind.INVOICE, [local_id])[local_id]
