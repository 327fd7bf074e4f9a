"""Webhook events: what changed, in what order, signed how (Xero docs, "Webhooks")."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xero_sandbox.books import Change
from xero_sandbox.clock import Clock
from xero_sandbox.config import WebhookConfig
from xero_sandbox.credit_documents import CreditDocument, CreditNote
from xero_sandbox.documents import Contact, Invoice
from xero_sandbox.store import Store

CATEGORIES = {
    Contact: ("CONTACT", "Contacts"),
    Invoice: ("INVOICE", "Invoices"),
    CreditNote: ("CREDITNOTE", "CreditNotes"),
}
FORGED = "wrong signature"
_COUNTER = "webhook-sequence"


@dataclass(slots=True)
class Tricks:
    """How deliveries misbehave. Counters (`drop`, `wrong_signature`) run down by one per delivery."""

    copies: int = 0
    shuffle: bool = False
    delay_seconds: float = 0.0
    drop: int = 0
    wrong_signature: int = 0


@dataclass(slots=True)
class Delivery:
    """One POST to the app, and what came of it."""

    number: int
    at: datetime
    body: bytes
    signature: str
    events: int
    kind: str = "events"
    attempts: int = 0
    status: str = "waiting"
    answer: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json; charset=utf-8", "x-xero-signature": self.signature}


@dataclass
class WebhookHub:
    """Collects events as books change and packs them into signed deliveries."""

    store: Store
    clock: Clock
    config: WebhookConfig
    tricks: Tricks = field(default_factory=Tricks)

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self._random = random.Random(7)
        self.reset()
        self.store.listeners.append(self.on_changes)

    def reset(self) -> None:
        """Forget events and deliveries; the key stays as configured."""
        with self.changed:
            self.key = self.config.key
            self.tricks = Tricks()
            self.pending: deque[dict[str, Any]] = deque(maxlen=200_000)
            self.deliveries: deque[Delivery] = deque(maxlen=500)
            self._captured: list[Delivery] = []
            self._number = 0
            self.paused = False

    def on_changes(self, tenant_id: str | None, changes: list[Change]) -> None:
        """One event for each contact or document that a call changed, if anybody is connected to hear it."""
        if tenant_id is None or not self.store.is_connected(tenant_id):
            return
        seen: dict[str, tuple[Any, str]] = {}
        for table, record_id, old in changes:
            record = table.get(record_id)
            if type(record) in CATEGORIES:
                seen.setdefault(record_id, (record, "UPDATE" if old else "CREATE"))
        if seen:
            self._queue([self._event(tenant_id, pk, *what) for pk, what in seen.items()])

    def _event(self, tenant_id: str, record_id: str, record: Any, word: str) -> dict[str, Any]:
        """The instant is that of the change, to the millisecond as in the record's own UpdatedDateUTC."""
        category, resource = CATEGORIES[type(record)]
        moment: datetime = record.updated
        event = {
            "resourceUrl": f"https://api.xero.com/api.xro/2.0/{resource}/{record_id}",
            "resourceId": record_id,
            "eventDateUtc": moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}",
            "eventType": word,
            "eventCategory": category,
            "tenantId": tenant_id,
            "tenantType": "ORGANISATION",
        }
        return event | _data(record)

    def _queue(self, events: list[dict[str, Any]]) -> None:
        with self.changed:
            self.pending.extend(events)
            self.changed.notify_all()

    def pack(self) -> list[Delivery]:
        """Take a batch of waiting events and make deliveries of it: none, one, or as many copies as asked."""
        events = self._take_batch()
        if not events:
            return []
        first = self._advance_counter(len(events))
        payload = {
            "events": events,
            "firstEventSequence": first,
            "lastEventSequence": first + len(events) - 1,
        }
        if self.tricks.drop > 0:
            self.tricks.drop -= 1
            self._remember(self.make(payload)).status = "dropped"
            return []
        delivery = self._remember(self.make(payload))
        copies = [self._remember(self._copy(delivery)) for _ in range(self.tricks.copies)]
        return [*self._forged(payload), delivery, *copies]

    def _forged(self, payload: dict[str, Any]) -> list[Delivery]:
        """Before the true delivery, one that anybody could have sent."""
        if self.tricks.wrong_signature <= 0:
            return []
        self.tricks.wrong_signature -= 1
        return [self._remember(self.make(payload, FORGED, good=False))]

    def _take_batch(self) -> list[dict[str, Any]]:
        with self.changed:
            if self.tricks.shuffle:
                self._random.shuffle(self.pending)
            count = min(len(self.pending), self.config.batch_size)
            return [self.pending.popleft() for _ in range(count)]

    def make(self, payload: dict[str, Any], kind: str = "events", *, good: bool = True) -> Delivery:
        """A signed delivery of `payload`, with entropy; `good=False` signs it wrongly."""
        body = json.dumps({**payload, "entropy": secrets.token_urlsafe(15)}).encode()
        signature = sign(self.key if good else self.key + "-wrong", body)
        self._number += 1
        return Delivery(self._number, self.clock.now(), body, signature, len(payload["events"]), kind)

    def _copy(self, delivery: Delivery) -> Delivery:
        self._number += 1
        return Delivery(self._number, delivery.at, delivery.body, delivery.signature, delivery.events, "copy")

    def _remember(self, delivery: Delivery) -> Delivery:
        with self.changed:
            self.deliveries.append(delivery)
        return delivery

    def remember(self, delivery: Delivery) -> Delivery:
        """List a delivery on the webhooks page."""
        return self._remember(delivery)

    @property
    def captured(self) -> list[Delivery]:
        """Every delivery so far, packed now: for tests that post them themselves (no URL configured)."""
        while self.pending:
            packed = self.pack()
            for delivery in packed:
                delivery.status = "captured"
            self._captured += packed
        return list(self._captured)

    def _advance_counter(self, by: int) -> int:
        with self.store.lock:
            first = int(self.store.secret(_COUNTER, lambda: "0")) + 1
            self.store.keep_secret(_COUNTER, str(first + by - 1))
        return first


def _data(record: Any) -> dict[str, Any]:
    """Newer categories tell of what type and status a record is; invoices and contacts say nothing of themselves."""
    if not isinstance(record, CreditDocument):
        return {}
    return {"data": {"Type": record.type, "Status": record.status}}


def sign(key: str, body: bytes) -> str:
    """base64(HMAC-SHA256(key as UTF-8 text, raw body)) (Xero docs, "Webhooks: signature")."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
