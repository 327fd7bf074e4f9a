"""Writing a document from Xero into one of ours with lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from accounting.enums import Kind
from accounting.models import Link
from accounting.port.documents import LinedDocument
from accounting.port.errors import Permanent
from accounting.resources.desk import Desk
from accounting.resources.lined_steps import Services
from core.refusals import Refused
from customers.models import Customer
from lines.totals import LineInput, Sums


def sums_of(doc: LinedDocument) -> Sums:
    """What the remote side computed: the net is what its total leaves without the tax."""
    return Sums(net=doc.total - doc.tax, tax=doc.tax, total=doc.total)


def write_document(
    record: Any, doc: LinedDocument, desk: Desk, services: Services, lines: Sequence[LineInput], sums: Sums
) -> Any:
    """Ours says what the document says, with these lines and sums. Raises Permanent where it was moved to a contact
    that is no customer here."""
    due = {"due_date": doc.due_date or doc.issue_date} if hasattr(record, "due_date") else {}
    return services.do(
        services.update,
        record,
        customer=_customer_of(doc, record, desk, services.name),
        number=doc.number,
        reference=doc.reference,
        issue_date=doc.issue_date,
        currency=doc.currency,
        amounts=doc.amounts,
        lines=lines,
        sums=sums,
        **due,
    )


def _customer_of(doc: LinedDocument, record: Any, desk: Desk, name: str) -> Customer | None:
    if doc.contact_id == desk.remote_id(Kind.CUSTOMER, record.customer_id):
        return None
    customer = _customer_there(doc, desk)
    if customer is None:
        raise Permanent(
            f"In Xero this {name} was moved to a contact that is no customer here.",
            in_the_way=record.customer_id,
        )
    return customer


def customer_to_admit(doc: LinedDocument, desk: Desk) -> Customer:
    """Whose it is to be here. Raises Refused while its contact is linked to no customer."""
    customer = _customer_there(doc, desk)
    if customer is None:
        raise Refused("First decide about the contact that it belongs to.")
    return customer


def _customer_there(doc: LinedDocument, desk: Desk) -> Customer | None:
    """The customer that is linked to the contact theirs belongs to."""
    mine = Link.objects.filter(connection=desk.connection, kind=Kind.CUSTOMER)
    link = mine.filter(remote_id=doc.contact_id).first()
    return Customer.objects.get(pk=link.local_id) if link else None
