"""Taking a delivery in: verify, store, answer. Nothing else happens while Xero waits (it allows five seconds)."""

from __future__ import annotations

from django.db import transaction

from accounting.providers.registry import get_authoriser
from webhooks import wakeup
from webhooks.models import Delivery


class BadSignature(Exception):
    """None of our keys signed these bytes."""


@transaction.atomic
def receive(*, body: bytes, signature: str) -> Delivery:
    """Store a genuine delivery as it came. Raises BadSignature, before anything is written, for any other."""
    if not get_authoriser().verify_webhook(body, signature):
        raise BadSignature
    delivery = Delivery.objects.create(body=body)
    wakeup.kick()
    return delivery
