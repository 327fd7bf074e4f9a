"""What this room asks the rooms above it (ADR 12). They answer; it knows nothing of them."""

from __future__ import annotations

import datetime as dt

from django.dispatch import Signal

asking_when_heard = Signal()
"""Sent with `sender` None and the `tenant_id` of an organisation. A receiver answers the instant of the last event that
was heard of it, or None."""


def last_heard(tenant_id: str) -> dt.datetime | None:
    """When the organisation's last event arrived; None when none has, as far as anybody remembers."""
    answers = [answer for _, answer in asking_when_heard.send(sender=None, tenant_id=tenant_id) if answer]
    return max(answers, default=None)
