"""One worker at a time inside one organisation. The database's clock decides, so no machine's clock can."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Q
from django.db.models.functions import Now

from accounting.models import Connection

LEASE = dt.timedelta(seconds=90)
"""Longer than the longest call (5 s to connect, 60 s to read): a living worker always renews in time."""


class LeaseLost(RuntimeError):
    """Another worker took over, because this one was silent for too long. It must stop at once."""


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
    try:
        yield token
    finally:
        Connection.objects.filter(pk=connection_id, lease_token=token).update(
            lease_token=None, lease_until=None, woken_at=None
        )


def renew(connection_id: uuid.UUID, token: uuid.UUID) -> None:
    """Keep the lease for another while. Raises LeaseLost when it is no longer ours."""
    mine = Connection.objects.filter(pk=connection_id, lease_token=token)
    if not mine.update(lease_until=Now() + LEASE):
        raise LeaseLost(f"the lease of connection {connection_id} is gone")
