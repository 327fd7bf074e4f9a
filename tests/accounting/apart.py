"""Every kind of conflict, made by a person here and by the bookkeeper; and what both sides say once it is settled."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounting.enums import ConflictState, Kind
from accounting.models import Conflict, Connection, Link
from accounting.port.documents import Document
from accounting.port.snapshots import Snapshot
from accounting.providers.registry import get_books
from accounting.resources.desk import open_desk
from accounting.resources.registry import get_resource
from accounting.sync import links
from accounting.sync.compare import comparable
from accounting.sync.pull import request_pull
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import reopen_invoice, update_invoice, void_invoice
from lines.totals import LineInput
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line

Sync = Callable[[], None]


@dataclasses.dataclass
class Apart:
    """One record, linked, that is to be changed on both sides."""

    connection: Connection
    bookkeeper: Bookkeeper
    sync: Sync
    record: Any
    kind: Kind

    @property
    def link(self) -> Link:
        return Link.objects.get(kind=self.kind, local_id=self.record.pk)

    def hear(self) -> None:
        """A worker reads what the bookkeeper did."""
        with transaction.atomic():
            request_pull(self.connection, self.kind, self.link.remote_id)
        self.sync()

    def open(self, ours: Callable[[Apart], object], theirs: Callable[[Apart], object]) -> Conflict:
        """Changed there, then here, then heard of."""
        theirs(self)
        ours(self)
        self.hear()
        return Conflict.objects.get(state=ConflictState.OPEN)

    def rework(self, change: Callable[[list[LineInput]], Sequence[LineInput]], **head: Any) -> None:
        """Reopened, changed and approved again."""
        was = [line.as_input() for line in self.record.lines.order_by("position")]
        reopen_invoice(invoice=self.record, by=None)
        update_invoice(invoice=self.record, lines=change(was), by=None, approve=True, **head)

    def edit_lines(self, change: Callable[[list[dict[str, Any]]], Sequence[dict[str, Any]]]) -> None:
        """Lines on Xero's page: as they stand there, without what it computes."""
        kept = ("LineItemID", "Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")
        lines = self.bookkeeper.invoice(self.link.remote_id)["LineItems"]
        rows = [{key: line[key] for key in kept if key in line} for line in lines]
        self.bookkeeper.change_invoice(self.link.remote_id, LineItems=change(rows))

    def here(self) -> Snapshot:
        """What ours says, in the remote side's terms."""
        desk, resource = open_desk(self.connection), get_resource(self.kind)
        record = resource.load([self.record.pk])[self.record.pk]
        return said(links.document_of(self.link, record, desk))

    def there(self) -> Snapshot:
        """What theirs says, read anew."""
        connection = Connection.objects.select_related("grant").get(pk=self.connection.pk)
        assert connection.grant is not None
        books = get_books(connection, connection.grant.access_token)
        return said(books.fetch(self.kind, [self.link.remote_id]).records[0].document)


def said(document: Document) -> Snapshot:
    """What both sides must agree on; how it stands there is the bookkeeper's own."""
    return {name: value for name, value in comparable(document).items() if name != "status"}


def _change_of(name: str, value: Any) -> Callable[[list[LineInput]], list[LineInput]]:
    return lambda lines: [dataclasses.replace(lines[0], **{name: value}), *lines[1:]]


def _first(**values: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    return lambda rows: [{**rows[0], **values}, *rows[1:]]


def _due(apart: Apart) -> None:
    update_invoice(invoice=apart.record, due_date=dt.date(2026, 4, 1), by=None)


def _head(**fields: Any) -> Callable[[Apart], object]:
    return lambda apart: apart.bookkeeper.change_invoice(apart.link.remote_id, **fields)


def _rework(
    change: Callable[[list[LineInput]], Sequence[LineInput]], **head: Any
) -> Callable[[Apart], object]:
    return lambda apart: apart.rework(change, **head)


def _lines(change: Callable[[list[dict[str, Any]]], Sequence[dict[str, Any]]]) -> Callable[[Apart], object]:
    return lambda apart: apart.edit_lines(change)


def _added(apart: Apart) -> None:
    rate = apart.record.lines.order_by("position")[0].tax_rate
    apart.rework(lambda lines: [*lines, make_line("Courier", unit_amount="7.35", tax_rate=rate)])


NEW_THERE = {
    "Description": "Parking",
    "Quantity": 3,
    "UnitAmount": 4.55,
    "AccountCode": "200",
    "TaxType": "OUTPUT2",
}
Change = Callable[[Apart], object]
KINDS: dict[str, tuple[Change, Change]] = {
    "total": (_rework(_change_of("unit_amount", Decimal("150.10"))), _lines(_first(UnitAmount=165.35))),
    "tax": (_due, _lines(_first(TaxAmount=14.99))),
    "dates": (_due, _head(DueDate="2026-05-01")),
    "line count": (_added, _lines(lambda rows: [*rows, NEW_THERE])),
    "line deleted": (_rework(_change_of("quantity", Decimal(3))), _lines(lambda rows: rows[1:])),
    "line content": (_rework(_change_of("quantity", Decimal("12.5"))), _lines(_first(UnitAmount=165.35))),
    "two at once": (
        _rework(_change_of("description", "Ours"), due_date=dt.date(2026, 4, 1)),
        lambda apart: (
            apart.edit_lines(_first(UnitAmount=33.335)),
            _head(DueDate="2026-05-01", Reference="theirs")(apart),
        ),
    ),
}  # fmt: skip
"""By the kind's name what is done here and what there, to an invoice of two lines."""


def _void_here(apart: Apart) -> None:
    void_invoice(invoice=apart.record, by=None)


ENDED: dict[str, tuple[Change, Change]] = {
    "voided there": (_due, _head(Status="VOIDED")),
    "voided here": (_void_here, _head(DueDate="2026-05-01")),
}
"""One side has removed it: there is nothing to put together."""


def _ours_of(apart: Apart) -> None:
    update_customer(customer=apart.record, by=None, city="Ours", phone="021 1")


def _theirs_of(apart: Apart) -> None:
    there = [{"AddressType": "POBOX", "City": "Theirs"}]
    apart.bookkeeper.change_contact(apart.link.remote_id, Addresses=there, TaxNumber="99-1")


CONTACT: tuple[Change, Change] = (_ours_of, _theirs_of)


def linked_invoice(connection: Connection, bookkeeper: Bookkeeper, sync: Sync, rate: Any) -> Apart:
    lines = [make_line("Design", tax_rate=rate), make_line("Print", unit_amount="19.99", tax_rate=rate)]
    made = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED, lines=lines)
    sync()
    return Apart(connection, bookkeeper, sync, Invoice.objects.get(pk=made.pk), Kind.INVOICE)


def linked_customer(connection: Connection, bookkeeper: Bookkeeper, sync: Sync, customer: Customer) -> Apart:
    sync()
    return Apart(connection, bookkeeper, sync, customer, Kind.CUSTOMER)
