"""Time passes on both sides: the sandbox's clock goes forward, and what the database remembers grows older."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from accounting.models import Batch, Connection, Grant, Operation
from accounting.providers.xero import limits
from xero_sandbox.handle import Controls


def pass_time(sandbox: Controls, seconds: float) -> None:
    """So many seconds go by; the minute's calls are forgotten."""
    step = dt.timedelta(seconds=seconds)
    sandbox.advance(seconds)
    Batch.objects.update(first_sent_at=F("first_sent_at") - step)
    # Rows without an instant stay as they are: time must not leave a dead version of each row of a long outbox.
    Operation.objects.filter(not_before__isnull=False).update(not_before=F("not_before") - step)
    Connection.objects.update(resume_at=F("resume_at") - step, lease_until=F("lease_until") - step)
    Grant.objects.update(
        expires_at=F("expires_at") - step,
        refreshed_at=F("refreshed_at") - step,
        failed_at=F("failed_at") - step,
    )
    if seconds >= 60:
        limits.reset("memory://")
