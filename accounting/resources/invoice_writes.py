"""Writing a document from Xero into an invoice of ours."""

from __future__ import annotations

from collections.abc import Sequence

from accounting.enums import Kind
from accounting.models import Link
from accounting.port.documents import InvoiceDoc
from accounting.port.errors import Permanent
from accounting.resources.desk import Desk
from accounting.resources.lines import line_input
from core.refusals import Refused
from customers.models import Customer
from invoices.models import Invoice
from invoices.services import create_invoice, update_invoice
from lines.totals import LineInput, Sums


def sums_of(doc: InvoiceDoc) -> Sums:
    """What the remote side computed: the net is what its total leaves without the tax."""
    return Sums(net=doc.total - doc.tax, tax=doc.tax, total=doc.total)


def admit_document(doc: InvoiceDoc, desk: Desk) -> Invoice:
    """A new draft of ours that says what the document says; how far it has come is followed afterwards. Raises Refused
    while its contact is linked to no customer, and what `create_invoice` raises."""
    customer = _customer_there(doc, desk)
    if customer is None:
        raise Refused("First decide about the contact that it belongs to.")
    record = create_invoice(
        workspace=desk.connection.workspace, customer=customer, lines=[], by=None, number=doc.number,
        issue_date=doc.issue_date, due_date=doc.due_date or doc.issue_date,
        currency=doc.currency, amounts=doc.amounts,
    )  # fmt: skip
    lines = [line_input(line, doc, record, desk, None) for line in doc.lines]
    return write_document(record, doc, desk, lines, sums_of(doc))


def write_document(
    record: Invoice, doc: InvoiceDoc, desk: Desk, lines: Sequence[LineInput], sums: Sums
) -> Invoice:
    """Ours says what the document says, with these lines and sums. Raises Permanent where it was moved to a contact
    that is no customer here."""
    return update_invoice(
        invoice=record,
        by=None,
        customer=_customer_of(doc, record, desk),
        number=doc.number,
        reference=doc.reference,
        issue_date=doc.issue_date,
        due_date=doc.due_date or doc.issue_date,
        currency=doc.currency,
        amounts=doc.amounts,
        lines=lines,
        sums=sums,
    )


def _customer_of(doc: InvoiceDoc, record: Invoice, desk: Desk) -> Customer | None:
    if doc.contact_id == desk.remote_id(Kind.CUSTOMER, record.customer_id):
        return None
    customer = _customer_there(doc, desk)
    if customer is None:
        raise Permanent(
            "In Xero this invoice was moved to a contact that is no customer here.",
            in_the_way=record.customer_id,
        )
    return customer


def _customer_there(doc: InvoiceDoc, desk: Desk) -> Customer | None:
    """The customer that is linked to the contact theirs belongs to."""
    mine = Link.objects.filter(connection=desk.connection, kind=Kind.CUSTOMER)
    link = mine.filter(remote_id=doc.contact_id).first()
    return Customer.objects.get(pk=link.local_id) if link else None
