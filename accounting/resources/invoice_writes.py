"""Writing a document from Xero into an invoice of ours."""

from __future__ import annotations

from collections.abc import Sequence

from accounting.enums import Kind
from accounting.models import Link
from accounting.port.documents import InvoiceDoc
from accounting.port.errors import Permanent
from accounting.resources.desk import Desk
from customers.models import Customer
from invoices.models import Invoice
from invoices.services import update_invoice
from lines.totals import LineInput, Sums


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
    link = Link.objects.filter(
        connection=desk.connection, kind=Kind.CUSTOMER, remote_id=doc.contact_id
    ).first()
    if link is None:
        raise Permanent(
            "In Xero this invoice was moved to a contact that is no customer here.",
            in_the_way=record.customer_id,
        )
    return Customer.objects.get(pk=link.local_id)
