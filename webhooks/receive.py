"""Taking a delivery in: verify, store, answer. Nothing else happens while Xero waits (it allows five seconds)."""

from __future__ import annotations

from accounting.providers.registry import get_authoriser
from core.transactions import without_health_check
from webhooks import wakeup
from webhooks.models import Delivery


class BadSignature(Exception):
    """None of our keys signed these bytes."""


def receive(*, body: bytes, signature: str) -> Delivery:
    """Store a genuine delivery as it came, in one statement, and wake a worker.

    Raises BadSignature for any other, before the database is touched.
    """
    if not get_authoriser().verify_webhook(body, signature):
        raise BadSignature
    # Stored twice, its events would still be taken in once.
    delivery = without_health_check(lambda: Delivery.objects.create(body=body))
    wakeup.kick()
    return delivery
