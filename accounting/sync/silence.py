"""When Xero announces changes no more: the regular check finds what changed there, and no delivery tells of it.

Silence alone is no fault: where nothing changes there is nothing to announce. The regular check notes the first change
that it found and nobody announced; the room above compares it with what was heard (`webhooks.watch`) and says here when
the deliveries stopped, and when they came again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.port.exchange import RemoteRecord
from accounting.providers.registry import is_announced
from accounting.signals import last_heard
from accounting.sync import lease, outages


def note_found(connection: Connection, kind: Kind, found: Sequence[RemoteRecord]) -> None:
    """The regular check found these changes. The first that came after the last delivery, and after connecting, was not
    announced so far: it is remembered, once. Whoever was never told of anything misses nothing."""
    if not found or connection.missed_at is not None or not is_announced(connection, kind):
        return
    heard = last_heard(connection.tenant_id)
    if heard is None:
        return
    since = max(heard, connection.connected_at)
    missed = [record.version for record in found if record.version > since]
    if missed:
        connection.missed_at = min(missed)
        lease.row_of(connection).filter(missed_at=None).update(missed_at=connection.missed_at)


@transaction.atomic
def begin(connection: Connection, *, heard: dt.datetime) -> None:
    """Nothing was delivered since `heard`, for longer than usual: say so on the card, and once by mail."""
    mine = Connection.objects.filter(pk=connection.pk, missed_at=connection.missed_at, silent_since=None)
    if mine.update(silent_since=heard):
        outages.tell_silent(connection)


@transaction.atomic
def end(connection: Connection) -> None:
    """Something was delivered after what was missed. Who was told of a silence is told that it is over."""
    mine = Connection.objects.filter(pk=connection.pk, missed_at=connection.missed_at)
    was_told = mine.filter(silent_since__isnull=False).exists()
    if mine.update(missed_at=None, silent_since=None) and was_told:
        outages.tell_heard_again(connection)
