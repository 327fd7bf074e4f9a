"""Do both sides agree? Every difference must be explained to somebody: a conflict, or an operation with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from accounting.enums import Blocker, ConflictState, Kind, Lane, LinkState, OpState
from accounting.models import Batch, Conflict, Connection, Link, Newcomer, Operation
from accounting.port.documents import InvoiceDoc
from accounting.port.errors import Misconfigured
from accounting.port.exchange import RemoteRecord
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.registry import CODECS
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import RESOURCES
from accounting.sync.compare import comparable
from accounting.sync.links import base_of
from accounting.sync.newcomers import DECIDED
from customers.models import Customer
from invoices.models import Invoice
from payments.models import Payment
from xero_sandbox.handle import Controls
from xero_sandbox.wire import to_json

MODELS: dict[Kind, Any] = {Kind.CUSTOMER: Customer, Kind.INVOICE: Invoice, Kind.PAYMENT: Payment}
TOTALS = ("net", "tax", "total")


@dataclass
class Books:
    """One organisation of the sandbox, read through our own codec."""

    records: dict[str, dict[str, RemoteRecord]] = field(default_factory=dict)

    @classmethod
    def read(cls, sandbox: Controls, organisation: str | None = None) -> Books:
        dumped = wire.parse(to_json(sandbox.dump(organisation)))
        books = cls()
        for kind, codec in CODECS.items():
            decoded = [codec.record(element) for element in codec.elements(dumped)]
            books.records[kind] = {record.remote_id: record for record in decoded}
        return books


class Audit:
    """One connection held against the sandbox's books."""

    def __init__(self, connection: Connection, books: Books) -> None:
        self.connection = connection
        self.books = books
        self.desk: Desk = open_desk(connection)
        self.links = {(row.kind, row.local_id): row for row in Link.objects.filter(connection=connection)}
        self.operations = list(Operation.objects.filter(connection=connection))
        self.conflicts = {
            (row.kind, row.local_id)
            for row in Conflict.objects.filter(connection=connection, state=ConflictState.OPEN)
        }

    # -- everything has come to rest

    def unrest(self) -> list[str]:
        """What is neither done nor in front of a person."""
        found = [f"batch {row}, {row.state}" for row in Batch.objects.filter(connection=self.connection)]
        undone = Newcomer.objects.filter(connection=self.connection, verdict__in=DECIDED)
        found += [f"decided, not done: {row} {row.told}" for row in undone]
        for operation in self.operations:
            if not self._is_explained(operation, set()):
                found.append(f"{operation} is {operation.state} {operation.blocker}: {operation.error!r}")
        return found

    def _is_explained(self, operation: Operation, seen: set[int]) -> bool:
        """Failed with words, or held by a conflict or a setting, or waiting for something that is."""
        if operation.pk in seen or not operation.error:
            return False
        if operation.state == OpState.FAILED:
            return True
        if operation.state != OpState.BLOCKED:
            return False
        if operation.blocker == Blocker.CONFLICT:
            return (operation.kind, operation.local_id) in self.conflicts
        if operation.blocker in (Blocker.SETUP, Blocker.INCOMPLETE):
            return True
        if operation.blocker == Blocker.APPROVAL:
            return self._is_unapproved(operation.blocked_on)
        return any(
            self._is_explained(other, seen | {operation.pk})
            for other in self.operations
            if other.lane == Lane.PUSH and other.local_id == operation.blocked_on
        )

    def _is_unapproved(self, invoice_id: UUID | None) -> bool:
        """Whether it is a draft there, or may be for all that is known as long as nobody decided about it."""
        assert invoice_id is not None
        link = self.links[Kind.INVOICE, invoice_id]
        theirs = self.books.records[Kind.INVOICE][link.remote_id].document
        return theirs.standing in ("draft", "submitted") or self.told(Kind.INVOICE, invoice_id)

    def told(self, kind: str, local_id: UUID) -> bool:
        """Whether a person is told that something is the matter with this record."""
        if (kind, local_id) in self.conflicts:
            return True
        if kind == Kind.PAYMENT and self.told(Kind.INVOICE, Payment.objects.get(pk=local_id).invoice_id):
            return True  # it comes with its invoice
        link = self.links.get((kind, local_id))
        remote_id = link.remote_id if link else "-"
        return any(
            (op.lane == Lane.PUSH and op.kind == kind and op.local_id == local_id)
            or (op.lane == Lane.PULL and op.remote_id == remote_id)
            for op in self.operations
        )

    # -- equal, field by field

    def differences(self) -> list[str]:
        """Silent differences: nobody is told of them."""
        found: list[str] = []
        for kind, model in MODELS.items():
            for record in model.objects.all():
                if not self.told(kind, record.pk):
                    found += [f"{kind} {record}: {words}" for words in self._differs(kind, record)]
        return found + self._left_there() + self._payments_apart() + self._credit_apart() + self._doubled()

    def _left_there(self) -> list[str]:
        """Drafts that were deleted here and still stand there."""
        here = set(Invoice.objects.values_list("pk", flat=True))
        deleted = [link for (kind, pk), link in self.links.items() if kind == Kind.INVOICE and pk not in here]
        return [
            f"invoice {link.remote_id} was deleted here and stands there"
            for link in deleted
            if not self.books.records[Kind.INVOICE][link.remote_id].document.is_gone
            and not self.told(Kind.INVOICE, link.local_id)
        ]

    def _differs(self, kind: Kind, record: Any) -> list[str]:
        resource = RESOURCES[kind]
        link = self.links.get((kind, record.pk))
        intent = resource.intent(resource.load([record.pk])[record.pk], link, self.desk.rules)
        if link is None:
            return [] if intent == "hold" else ["never reached Xero, and nobody is told"]
        theirs = self.books.records[kind].get(link.remote_id)
        if theirs is None:
            return ["is linked to something that is not there"]
        if link.state == LinkState.MERGED:
            return [] if theirs.document.survivor else ["is said to be merged, and is not"]
        if kind == Kind.INVOICE and record.is_editable and intent == "hold":
            return []  # being edited here: it goes out when it is approved
        return self._fields_apart(kind, record, link, theirs)

    def _fields_apart(self, kind: Kind, record: Any, link: Link, theirs: RemoteRecord) -> list[str]:
        resource = RESOURCES[kind]
        record = resource.load([record.pk])[record.pk]
        self.desk.links[kind, record.pk] = link
        for need_kind, local_id in resource.needs(record):
            self.desk.load_links(need_kind, [local_id])
        try:
            ours = comparable(resource.to_document(record, self.desk))
        except Misconfigured as error:
            return [error.message]
        there = comparable(theirs.document.known_by(base_of(link)))
        if any(ours.get(word) and there.get(word) for word in ("voided", "archived", "removed")):
            return []  # ended on both sides
        apart = [name for name in ours if ours[name] != there[name]]
        if kind == Kind.INVOICE and "apart from ours" in link.note:
            apart = [name for name in apart if name not in TOTALS]
        if kind == Kind.INVOICE and link.state != LinkState.TOMBSTONED:
            apart += [] if ours["contact_id"] else ["contact"]
        return [f"{name}: {ours[name]!r} here, {there[name]!r} there" for name in apart]

    def _payments_apart(self) -> list[str]:
        found = []
        for invoice in Invoice.objects.prefetch_related("payments"):
            link = self.links.get((Kind.INVOICE, invoice.pk))
            theirs = self.books.records["invoice"].get(link.remote_id) if link else None
            if theirs is None or self._payment_told(invoice):
                continue
            doc = cast(InvoiceDoc, theirs.document)
            ours = Counter(
                (row.amount, row.date, row.reference) for row in invoice.payments.all() if not row.is_reversed
            )
            there = Counter((row.amount, row.date, row.reference) for row in doc.payments)
            if ours != there:
                found.append(f"payments of {invoice}: {dict(ours)} here, {dict(there)} there")
        return found

    def _credit_apart(self) -> list[str]:
        """Credit comes with its invoice, whatever stands between the two: only what is unread may differ."""
        found = []
        for invoice in Invoice.objects.all():
            link = self.links.get((Kind.INVOICE, invoice.pk))
            theirs = self.books.records["invoice"].get(link.remote_id) if link else None
            if theirs is None or self._pull_failed(link):
                continue
            if invoice.credited != theirs.document.credit:
                found.append(f"credit of {invoice}: {invoice.credited} here, {theirs.document.credit} there")
        return found

    def _pull_failed(self, link: Link | None) -> bool:
        return any(op.lane == Lane.PULL and link and op.remote_id == link.remote_id for op in self.operations)

    def _payment_told(self, invoice: Invoice) -> bool:
        return self.told(Kind.INVOICE, invoice.pk) or any(
            self.told(Kind.PAYMENT, payment.pk) for payment in invoice.payments.all()
        )

    def _doubled(self) -> list[str]:
        """Every reference was given once; so it may be found once only, on either side."""
        there: Counter[str] = Counter()
        for record in self.books.records["payment"].values():
            doc: Any = record.document
            there[f"payment {doc.reference} in Xero"] += not doc.removed
        for record in self.books.records["customer"].values():
            contact: Any = record.document
            there[f"contact {contact.reference} in Xero"] += bool(contact.reference) and not contact.survivor
        for record in self.books.records["invoice"].values():
            invoice: Any = record.document
            there[f"invoice {invoice.number} in Xero"] += invoice.state != "deleted"
        for payment in Payment.objects.filter(reversed_at=None):
            there[f"payment {payment.reference} here"] += 1
        return [f"{name}: {count} times" for name, count in there.items() if count > 1]
