"""Invoices, their lines, and the totals both sides must agree on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import QuerySet

from accounting.enums import Kind, LinkState
from accounting.models import Link, TaxMapping
from accounting.port.documents import InvoiceDoc, LineDoc, RemoteRecord
from accounting.port.errors import Misconfigured, Permanent
from accounting.port.snapshots import load
from accounting.resources.base import Desk, Intent, Need
from catalogue.models import TaxRate
from catalogue.services import ensure_tax_rate
from core.money import ZERO
from core.templatetags.display import money
from customers.models import Customer
from invoices.enums import EDITABLE, ISSUED, InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from invoices.queries import locked_invoices
from invoices.services import approve_invoice, take_credit, update_invoice, void_invoice
from lines.totals import LineInput, LineTotals, Sums

ENDED = ("voided", "deleted")
PARTS = ("lines__tax_rate", "payments")


class InvoiceResource:
    """An invoice goes out once it is approved; drafts stay here. A voided one is removed there."""

    kind = Kind.INVOICE
    fields_synced = frozenset(
        {
            "number",
            "reference",
            "customer",
            "issue_date",
            "due_date",
            "currency",
            "amounts",
            "status",
            "net",
            "tax",
            "total",
        }
    )

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Invoice]:
        rows = Invoice.objects.filter(pk__in=list(local_ids)).select_related("customer")
        return {row.pk: row for row in rows.prefetch_related(*PARTS)}

    def lock(self, local_id: UUID) -> Invoice | None:
        return next(iter(locked_invoices().filter(pk=local_id).prefetch_related(*PARTS)), None)

    def intent(self, record: Invoice, link: Link | None) -> Intent:
        if record.status in EDITABLE:
            return "hold"
        if record.status != InvoiceStatus.VOIDED:
            return "upsert"
        return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"

    def candidates(self) -> QuerySet[Invoice]:
        return Invoice.objects.filter(status__in=ISSUED)

    def held_back(self, record: Invoice) -> str:
        return "Held here until it is approved again." if record.status in EDITABLE else ""

    def needs(self, record: Invoice) -> Iterable[tuple[Kind, UUID]]:
        yield Kind.CUSTOMER, record.customer_id
        for payment in record.payments.all():
            yield Kind.PAYMENT, payment.pk

    def first_need(self, record: Invoice, intent: Intent, desk: Desk) -> Need | None:
        """The customer before the invoice; the removal of its payments before its own."""
        if intent == "upsert" and not desk.remote_id(Kind.CUSTOMER, record.customer_id):
            return Need(Kind.CUSTOMER, record.customer_id, record.customer.name)
        if intent == "remove":
            for payment in record.payments.all():
                if payment.is_reversed and desk.remote_id(Kind.PAYMENT, payment.pk):
                    return Need(Kind.PAYMENT, payment.pk, f"the reversal of {payment}", arrives=False)
        return None

    def to_document(self, record: Invoice, desk: Desk) -> InvoiceDoc:
        link = desk.link(Kind.INVOICE, record.pk)
        base = cast(InvoiceDoc, load("invoice", link.base)) if link and link.base else None
        return InvoiceDoc(
            number=record.number,
            reference=record.reference,
            contact_id=desk.remote_id(Kind.CUSTOMER, record.customer_id),
            issue_date=record.issue_date,
            due_date=record.due_date,
            currency=record.currency,
            amounts=record.amounts,  # type: ignore[arg-type]
            lines=self._lines(record, desk, base, is_warned=bool(link and link.note)),
            state=self._state(record, desk, base),
            net=record.net,
            tax=record.tax,
            total=record.total,
            amount_credited=record.credited,
            rate=_kept_rate(record, desk, base),
        )

    def _state(self, record: Invoice, desk: Desk, base: InvoiceDoc | None) -> Any:
        """A new invoice gets the chosen status; afterwards the bookkeeper's own status is left alone."""
        if record.status == InvoiceStatus.VOIDED:
            return "voided"
        if base is not None:
            return None
        if not desk.invoice_status:
            raise Misconfigured("Choose the status for new invoices in Settings > Accounting.")
        return desk.invoice_status

    def _lines(
        self, record: Invoice, desk: Desk, base: InvoiceDoc | None, *, is_warned: bool
    ) -> tuple[LineDoc, ...]:
        agreed = {line.ref: line for line in base.lines} if base else {}
        return tuple(
            _line(line, record, desk, agreed.get(str(line.pk)), is_warned=is_warned)
            for line in record.lines.all()
        )

    def apply_remote(self, record: Invoice, theirs: RemoteRecord, desk: Desk) -> Invoice:
        doc = cast(InvoiceDoc, theirs.document)
        if doc.state in ENDED:
            return void_invoice(invoice=record, by=None)
        if not record.is_issued:
            record = approve_invoice(invoice=record, by=None)
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
            lines=[_line_input(line, doc, record, desk) for line in doc.lines],
            sums=Sums(net=doc.total - doc.tax, tax=doc.tax, total=doc.total),
        )

    def take_facts(self, record: Invoice, theirs: RemoteRecord) -> str:
        """Credit applied there: from credit notes, overpayments and prepayments."""
        credit = theirs.document.credit
        if credit == record.credited:
            return ""
        take_credit(invoice=record, amount=credit)
        if not credit:
            return "The credit was taken off in Xero."
        return f"Credit applied in Xero: {money(credit, record.currency)}."

    def label(self, record: Invoice) -> str:
        return f"invoice {record.number}"


def _line(
    line: InvoiceLine, invoice: Invoice, desk: Desk, agreed: LineDoc | None, *, is_warned: bool
) -> LineDoc:
    """An agreed line keeps its account, and its tax code while its rate fits; a new line gets the chosen ones."""
    return LineDoc(
        description=line.description,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_percent=line.discount_percent,
        discount_amount=line.discount_amount,
        tax_code=_tax_code(line, invoice, desk, agreed),
        account_code=_account_code(line, desk, agreed, is_warned=is_warned),
        line_amount=line.line_amount,
        tax_amount=line.tax_amount,
        ref=str(line.pk),
        remote_id=agreed.remote_id if agreed else "",
    )


def _account_code(line: InvoiceLine, desk: Desk, agreed: LineDoc | None, *, is_warned: bool) -> str:
    """An agreed line keeps its account, which may be none. Where Xero warned that it left ours out, the chosen one is
    named again: it is known by its id, and its code may be another today."""
    if line.is_text:
        return agreed.account_code if agreed else ""
    if agreed and (agreed.account_code or not is_warned):
        return agreed.account_code
    return desk.require_revenue_account().code


def _tax_code(line: InvoiceLine, invoice: Invoice, desk: Desk, agreed: LineDoc | None) -> str:
    if line.is_text:
        return agreed.tax_code if agreed else ""
    if invoice.amounts == "no_tax":
        return agreed.tax_code if agreed else "NONE"
    if line.tax_rate_id is None:
        raise Misconfigured(f"Choose a tax rate for the line “{line.description[:40]}”.")
    if agreed and desk.tax_percents.get(agreed.tax_code) == line.tax_percent:
        return agreed.tax_code
    code = desk.tax_codes.get(line.tax_rate_id)
    if not code:
        raise Misconfigured(
            f"Match the tax rate “{line.tax_rate}” to one of Xero's in Settings > Accounting."
        )
    return code


def _kept_rate(record: Invoice, desk: Desk, base: InvoiceDoc | None) -> Decimal | None:
    """Lines sent without the rate would reset the rate of a foreign invoice (Xero docs: Invoices, "CurrencyRate")."""
    if base is None or record.currency == desk.connection.currency:
        return None
    return base.rate


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


def _line_input(line: LineDoc, doc: InvoiceDoc, record: Invoice, desk: Desk) -> LineInput:
    known = next((own for own in record.lines.all() if str(own.pk) == line.ref), None)
    return LineInput(
        id=known.pk if known else None,
        description=line.description or "(no description)",
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        discount_percent=ZERO if line.discount_amount is not None else line.discount_percent,
        discount_amount=line.discount_amount,
        tax_rate=_tax_rate_of(line, doc, known, desk),
        service=known.service if known else None,
        given=LineTotals(line.line_amount, line.tax_amount),
    )


def _tax_rate_of(line: LineDoc, doc: InvoiceDoc, known: InvoiceLine | None, desk: Desk) -> TaxRate | None:
    """Our rate for Xero's code: the line's own while it still fits, else the matched one, else one made from
    the organisation's own list and matched to it."""
    if doc.amounts == "no_tax" or not line.tax_code:
        return None
    percent = desk.tax_percents.get(line.tax_code)
    if percent is None:
        raise Misconfigured(f"Xero's tax rate “{line.tax_code}” is not among those Tandem knows of.")
    if known and known.tax_rate and known.tax_rate.percent == percent:
        return known.tax_rate
    matched = [rate_id for rate_id, code in desk.tax_codes.items() if code == line.tax_code]
    if matched:
        return TaxRate.objects.get(pk=matched[0])
    return _match_new_rate(line.tax_code, percent, desk)


def _match_new_rate(code: str, percent: Decimal, desk: Desk) -> TaxRate:
    workspace = desk.connection.workspace
    rate = ensure_tax_rate(workspace=workspace, name=desk.tax_names.get(code, code), percent=percent, by=None)
    TaxMapping.objects.get_or_create(
        workspace=workspace, connection=desk.connection, tax_rate=rate, defaults={"code": code}
    )
    desk.tax_codes[rate.pk] = code
    return rate


def with_refs(theirs: InvoiceDoc, refs: list[str]) -> InvoiceDoc:
    """The document with our line ids put on its lines, in order."""
    padded = [*refs, *[""] * (len(theirs.lines) - len(refs))]
    lines = tuple(dataclasses.replace(line, ref=ref) for line, ref in zip(theirs.lines, padded, strict=False))
    return dataclasses.replace(theirs, lines=lines)
