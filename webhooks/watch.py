"""Whether deliveries still come: what the regular check found is held against what was heard of the same organisation,
and against how long its deliveries usually take."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from accounting.enums import ConnectionState
from accounting.models import Connection
from accounting.signals import last_heard
from accounting.sync import silence
from core.clock import database_now
from webhooks.models import Event
from workspaces.scope import all_workspaces, scope_by_id

LEAST, MOST = dt.timedelta(minutes=30), dt.timedelta(hours=6)
REMEMBERED = 50
"""Deliveries from which it is learnt how long they take."""
SLACK = 3


def look() -> None:
    """Begin the alarm where a delivery is overdue, and end it where one came. Asks only about connections whose regular
    check found something."""
    with all_workspaces("deliveries may stop in any workspace"):
        missing = Connection.objects.filter(missed_at__isnull=False, state=ConnectionState.ACTIVE)
        found = list(missing.order_by().values_list("workspace_id", "pk"))
    for workspace_id, connection_id in found:
        with scope_by_id(workspace_id):
            _look_at(connection_id)


def _look_at(connection_id: UUID) -> None:
    connection = Connection.objects.filter(pk=connection_id, missed_at__isnull=False).first()
    if connection is None:
        return
    heard, missed = last_heard(connection.tenant_id), connection.missed_at
    assert missed is not None
    if heard is None or heard > missed:
        silence.end(connection)
    elif database_now() - missed > patience(connection.tenant_id):
        silence.begin(connection, heard=heard)


def patience(tenant_id: str) -> dt.timedelta:
    """How long a delivery is waited for before it is missed: three times as long as nine of ten of this organisation's
    last ones took from the change there, but half an hour at least and six hours at most."""
    told = Event.objects.filter(tenant_id=tenant_id, happened_at__isnull=False).order_by("-id")
    waits = sorted(came - left for left, came in told.values_list("happened_at", "created_at")[:REMEMBERED])
    usual = waits[len(waits) * 9 // 10] if waits else dt.timedelta()
    return min(max(usual * SLACK, LEAST), MOST)
