"""Payments that Xero shows on an invoice, brought here: new, changed, gone."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from accounting.enums import FLYING_STATES, WAITING_STATES, EventKind, Kind, Lane, LinkState
from accounting.models import Connection, Link, Operation
from accounting.port.documents import InvoiceDoc, PaymentDoc, RemoteRecord
from accounting.port.snapshots import dump
from accounting.resources.base import Desk
from accounting.sync import links
from accounting.sync.history import tell
from core.templatetags.display import money
from payments.models import Payment
from payments.queries import payments_of
from payments.services import record_payment, reverse_payment, update_payment_from_remote


def apply_payments(connection: Connection, invoice: Any, theirs: RemoteRecord, desk: Desk) -> None:
    """Make our payments of this invoice what Xero shows. Called inside the invoice's apply, as Xero."""
    remote = {doc.remote_id: doc for doc in cast(InvoiceDoc, theirs.document).payments}
    ours = {payment.pk: payment for payment in payments_of(invoice)}
    known = _payment_links(connection, ours, remote)
    _reverse_gone(connection, ours, known, remote)
    for doc in remote.values():
        link = next((row for row in known if row.remote_id == doc.remote_id), None)
        if link is None:
            _take_new(connection, invoice, ours, known, doc, theirs)
        elif link.state == LinkState.ACTIVE:
            _take_change(ours.get(link.local_id), link, doc)


def _payment_links(
    connection: Connection, ours: dict[UUID, Payment], remote: dict[str, PaymentDoc]
) -> list[Link]:
    mine = Link.objects.filter(connection=connection, kind=Kind.PAYMENT)
    return list(mine.filter(local_id__in=ours) | mine.filter(remote_id__in=remote))


def _reverse_gone(
    connection: Connection, ours: dict[UUID, Payment], known: list[Link], remote: dict[str, PaymentDoc]
) -> None:
    """A linked payment that Xero no longer shows on the invoice was deleted there."""
    for link in known:
        payment = ours.get(link.local_id)
        if link.state != LinkState.ACTIVE or link.remote_id in remote or payment is None:
            continue
        if not payment.is_reversed:
            reverse_payment(payment=payment, by=None)
            told = f"The payment of {_amount(payment)} was deleted in Xero."
            _tell(connection, payment, told, link.remote_id)
        links.end(link)


def _take_new(
    connection: Connection,
    invoice: Any,
    ours: dict[UUID, Payment],
    known: list[Link],
    doc: PaymentDoc,
    theirs: RemoteRecord,
) -> None:
    """A payment we do not know: the same one recorded here and not yet sent is linked, not doubled; else it is new."""
    payment = _waiting_twin(connection, ours, known, doc)
    if payment is None:
        payment = record_payment(
            invoice=invoice, amount=doc.amount, date=doc.date, reference=doc.reference, by=None
        )
        ours[payment.pk] = payment
        _tell(connection, payment, f"Payment of {_amount(payment)} recorded in Xero.", doc.remote_id)
    else:
        payment = update_payment_from_remote(
            payment=payment, amount=doc.amount, date=doc.date, reference=doc.reference
        )
        _tell(connection, payment, "The same payment was found in Xero and linked.", doc.remote_id)
    record = RemoteRecord("payment", doc.remote_id, theirs.version, doc)
    known.append(links.agree(connection, local_id=payment.pk, ours=_document(payment, doc), theirs=record))


def _waiting_twin(
    connection: Connection, ours: dict[UUID, Payment], known: list[Link], doc: PaymentDoc
) -> Payment | None:
    """The same amount of the same day, or of another day where there is no room for both."""
    linked = {link.local_id for link in known}
    crowded = _is_more_than_due(ours, doc)
    for payment in ours.values():
        if payment.pk in linked or payment.is_reversed or payment.amount != doc.amount:
            continue
        if payment.date != doc.date and not crowded:
            continue
        mine = Operation.objects.filter(connection=connection, lane=Lane.PUSH, local_id=payment.pk)
        if not mine.filter(state__in=FLYING_STATES).exists():
            mine.filter(state__in=WAITING_STATES).delete()
            return payment
    return None


def _is_more_than_due(ours: dict[UUID, Payment], doc: PaymentDoc) -> bool:
    """Whether what we have and this one would come to more than the invoice: then one of them is told twice."""
    alive = [payment for payment in ours.values() if not payment.is_reversed]
    if not alive:
        return False
    invoice = alive[0].invoice
    return sum((payment.amount for payment in alive), doc.amount) > invoice.total - invoice.credited


def _take_change(payment: Payment | None, link: Link, doc: PaymentDoc) -> None:
    if payment is None or payment.is_reversed:
        return
    if (payment.amount, payment.date, payment.reference) != (doc.amount, doc.date, doc.reference):
        update_payment_from_remote(payment=payment, amount=doc.amount, date=doc.date, reference=doc.reference)
        Link.objects.filter(pk=link.pk).update(base=dump(doc))


def _document(payment: Payment, doc: PaymentDoc) -> PaymentDoc:
    return PaymentDoc(doc.invoice_id, payment.amount, payment.date, payment.reference, doc.account_id)


def _amount(payment: Payment) -> str:
    return money(payment.amount, payment.invoice.currency)


def _tell(connection: Connection, payment: Payment, message: str, remote_id: str) -> None:
    tell(
        connection,
        EventKind.RECEIVED,
        message,
        kind=Kind.INVOICE,
        local_id=payment.invoice_id,
        remote_id=remote_id,
    )
