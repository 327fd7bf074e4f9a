"""One worker at a time inside one organisation. The database's clock decides, so no machine's clock can.

The lease is renewed before each call and inside each transaction that writes what a call brought. There the renewed row
stays locked until the commit: nobody takes over in between, and a worker whose lease is gone writes nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounting.models import Connection

LEASE = dt.timedelta(seconds=150)
"""Longer than the longest silence between two renewals: waiting while another worker renews the access that several
connections share, then renewing it oneself (two calls of 5 s to connect and 60 s to read), and noting the answer."""

_held: ContextVar[dict[uuid.UUID, uuid.UUID]] = ContextVar("leases held", default={})  # noqa: B039  (never changed)


class LeaseLost(RuntimeError):
    """Another worker took over because this one was silent for too long, or the connection was moved to another
    organisation. The worker must stop at once."""


@contextmanager
def held(connection_id: uuid.UUID) -> Iterator[uuid.UUID | None]:
    """Hold the connection's lease; yields its token, or None when another worker holds it.

    Wake-ups that came meanwhile found the lease taken and came to nothing, so the next one is free to be sent.
    """
    token = uuid.uuid4()
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    mine = Connection.objects.filter(free, pk=connection_id)
    if not mine.update(lease_token=token, lease_until=Now() + LEASE, woken_at=None):
        yield None
        return
    known = _held.set({**_held.get(), connection_id: token})
    try:
        yield token
    finally:
        _held.reset(known)
        Connection.objects.filter(pk=connection_id, lease_token=token).update(
            lease_token=None, lease_until=None, woken_at=None
        )


def renew(connection: Connection, **noted: object) -> None:
    """Keep the lease for another while, and note these values of the connection with it; inside a transaction, nobody
    else gets it before the commit.

    Raises LeaseLost when it is no longer ours, or when the connection no longer leads to the organisation that
    `connection` was read with. Without a lease (a person's own click) there is none to lose.
    """
    is_held = connection.pk in _held.get()
    values = {**noted, "lease_until": Now() + LEASE} if is_held else noted
    if values and not row_of(connection).update(**values) and is_held:
        raise LeaseLost(f"the lease of connection {connection.pk} is gone")


def renewed_where(connection: Connection, *conditions: Q, **facts: object) -> bool:
    """Keep the lease, in one statement, where the connection's row still says this. False where it does not, or where
    there is no lease of ours."""
    if connection.pk not in _held.get():
        return False
    return bool(row_of(connection).filter(*conditions, **facts).update(lease_until=Now() + LEASE))


def row_of(connection: Connection) -> QuerySet[Connection]:
    """The connection's row, to be written to. None for a worker that lost its lease: what it saw is of yesterday."""
    rows = Connection.objects.filter(pk=connection.pk, tenant_id=connection.tenant_id)
    token = _held.get().get(connection.pk)
    return rows.filter(lease_token=token) if token else rows


def take_away(connection: Connection) -> None:
    """End whatever lease there is, in the transaction under way: its holder writes nothing more."""
    Connection.objects.filter(pk=connection.pk).update(lease_token=None, lease_until=None)
