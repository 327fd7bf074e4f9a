"""Invoices, their lines, and the totals both sides must agree on."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import cast
from uuid import UUID

from django.db.models import F, QuerySet
from msgspec.structs import replace

from accounting.enums import Choice, Kind, LinkState, Mark, Taken
from accounting.models import Connection, Link
from accounting.port.documents import InvoiceDoc, LineDoc
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import load
from accounting.resources.base import Intent, Resource
from accounting.resources.desk import Desk
from accounting.resources.invoice_mending import InvoiceMending
from accounting.resources.invoice_objections import lacking_in_draft, objections_to, refused_as_known
from accounting.resources.invoice_refusals import refused_over
from accounting.resources.invoice_steps import APPROVED_THERE, SENT_AS, STATES, follow, is_held, state_of
from accounting.resources.invoice_writes import admit_document, sums_of, write_document
from accounting.resources.lines import line_document, line_input, picked_inputs
from accounting.resources.needs import Need
from accounting.resources.periods import parked_until_open
from accounting.resources.rules import Rules
from accounting.resources.words import Named, Words
from core.refusals import Refused
from core.templatetags.display import day, money
from invoices.enums import EDITABLE, ISSUED, InvoiceStatus
from invoices.models import Invoice
from invoices.queries import locked_invoices
from invoices.services import take_credit, void_invoice
from lines.signals import Objection
from lines.totals import Sums, compute_totals

HEADER = ("number", "reference", "issue_date", "due_date", "currency", "amounts")
PARTS = ("lines__tax_rate", "payments")


class InvoiceResource(InvoiceMending, Resource):
    """An invoice goes out from its first draft on, with its status; or once it is approved, as the rule says. A voided
    one is removed there."""

    kind = Kind.INVOICE
    words = Words(
        name="invoice",
        title="Invoice",
        removed="Voided",
        removed_there="Voided in Xero.",
        never_sent="Goes to Xero once it is approved.",
        taken="Another invoice in Xero has this number. Give this one another number, or link them.",
    )
    choices = frozenset(
        {Choice.LISTS, Choice.REVENUE_ACCOUNT, Choice.TAX_RATES, Choice.TRACKING, Choice.PLAN}
    )
    parents = {"customer": Kind.CUSTOMER}
    day_field = "issue_date"
    fields_synced = frozenset({*HEADER, "customer", "status", "net", "tax", "total"})

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Invoice]:
        rows = Invoice.objects.filter(pk__in=list(local_ids)).select_related("customer")
        return {row.pk: row for row in rows.prefetch_related(*PARTS)}

    def lock(self, local_id: UUID) -> Invoice | None:
        return next(iter(locked_invoices().filter(pk=local_id).prefetch_related(*PARTS)), None)

    def intent(self, record: Invoice, link: Link | None, rules: Rules) -> Intent:
        if record.status == InvoiceStatus.VOIDED:
            return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"
        standing = link.base.get(InvoiceDoc.standing_field, "") if link else ""
        return "hold" if is_held(record, standing, rules) else "upsert"

    def candidates(self, rules: Rules) -> QuerySet[Invoice]:
        return Invoice.objects.filter(status__in=SENT_AS if rules.invoices_keep_step else ISSUED)

    def worth(self) -> QuerySet[Invoice]:
        return Invoice.objects.annotate(worth=F("total"), worth_in=F("currency"))

    def lacking(self, record: Invoice, desk: Desk) -> str:
        """Approval has asked for all this; a draft may not be there yet."""
        return lacking_in_draft(record, desk.connection) if record.status in EDITABLE else ""

    def refused(self, record: Invoice, desk: Desk) -> str:
        return refused_as_known(record, desk)

    def parked(self, record: Invoice, link: Link | None, desk: Desk) -> str:
        """The day it has there counts too: Xero changes nothing that is dated in a locked period."""
        there = cast(InvoiceDoc, load("invoice", link.base)) if link and link.base else None
        return parked_until_open(desk, record.issue_date, there.issue_date if there else None)

    def standing_is_theirs(self, rules: Rules) -> bool:
        return not rules.invoices_keep_step

    def moved_by(self, rules: Rules, connection: Connection) -> Iterable[UUID]:
        if not rules.invoices_keep_step:
            return ()
        open_there = {f"base__{InvoiceDoc.standing_field}__in": ("draft", "submitted")}
        linked = Link.objects.filter(connection=connection, kind=Kind.INVOICE, **open_there)
        return linked.values_list("local_id", flat=True)

    def held_back(self, record: Invoice, standing: str, rules: Rules) -> str:
        if record.status == InvoiceStatus.VOIDED or not is_held(record, standing, rules):
            return ""
        again = " again" if record.issued_at else ""
        return f"Held here until it is approved{again}."

    def refuses(self, record: Invoice, wanted: InvoiceDoc, theirs: InvoiceDoc, desk: Desk) -> str:
        return refused_over(record, wanted, theirs, desk)

    def say_went_on(self, document: InvoiceDoc) -> str:
        step = "approved" if document.state in APPROVED_THERE else "submitted"
        return (
            f"Invoice {document.number} was deleted here, and {step} in Xero meanwhile. "
            "Void or delete it there, then try again."
        )

    def say_removed(self, document: InvoiceDoc) -> str:
        return "Deleted in Xero." if document.state == "deleted" else self.words.removed_there

    def kept_here(self, record: Invoice, rules: Rules) -> str:
        is_void = record.status == InvoiceStatus.VOIDED
        return "It was never in Xero, and it is voided here." if is_void else self.words.never_sent

    def needs(self, record: Invoice) -> Iterable[tuple[Kind, UUID]]:
        yield Kind.CUSTOMER, record.customer_id
        for payment in record.payments.all():
            yield Kind.PAYMENT, payment.pk

    def ties(self, record: Invoice, document: InvoiceDoc) -> Iterable[tuple[Kind, UUID, str]]:
        yield Kind.CUSTOMER, record.customer_id, document.contact_id

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
        base = _agreed(link)
        return InvoiceDoc(
            number=record.number,
            reference=record.reference,
            contact_id=desk.remote_id(Kind.CUSTOMER, record.customer_id),
            issue_date=record.issue_date,
            due_date=record.due_date,
            currency=record.currency,
            amounts=record.amounts,  # type: ignore[arg-type]
            lines=self._lines(record, desk, base, link),
            state=state_of(record, desk.rules, is_new=base is None),
            net=record.net,
            tax=record.tax,
            total=record.total,
            amount_credited=record.credited,
            marks_sent=desk.rules.marks_sent,
            rate=_kept_rate(record, desk, base),
        )

    def _lines(
        self, record: Invoice, desk: Desk, base: InvoiceDoc | None, link: Link | None
    ) -> tuple[LineDoc, ...]:
        agreed = _recoded(_by_ref(base), link)
        is_warned = bool(link and link.note)
        return tuple(
            line_document(line, record, desk, agreed.get(str(line.pk)), is_warned=is_warned)
            for line in record.lines.all()
        )

    def admit(self, theirs: RemoteRecord, desk: Desk) -> Invoice:
        return admit_document(cast(InvoiceDoc, theirs.document), desk)

    def apply_remote(self, record: Invoice, theirs: RemoteRecord, desk: Desk) -> Invoice:
        doc = cast(InvoiceDoc, theirs.document)
        if doc.is_gone:
            return void_invoice(invoice=record, by=None)
        record = follow(record, doc, desk.rules)
        agreed = _by_ref(_agreed(desk.link(Kind.INVOICE, record.pk)))
        lines = [line_input(line, doc, record, desk, agreed.get(line.ref)) for line in doc.lines]
        return write_document(record, doc, desk, lines, sums_of(doc))

    def apply_picked(self, record: Invoice, picked: InvoiceDoc, theirs: RemoteRecord, desk: Desk) -> Invoice:
        if not picked.lines:
            raise Refused("An invoice needs at least one line. Keep one of them.")
        record = follow(record, picked, desk.rules)
        lines = picked_inputs(picked, cast(InvoiceDoc, theirs.document), record, desk)
        come_to = compute_totals(lines, picked.amounts)
        if come_to.total < 0:
            raise Refused("The result comes to less than zero, which Xero does not take.")
        sums = Sums(net=come_to.net, tax=come_to.tax, total=come_to.total)
        return write_document(record, picked, desk, lines, sums)

    def take_facts(self, record: Invoice, theirs: RemoteRecord) -> str:
        """Credit applied there: from credit notes, overpayments and prepayments."""
        credit = theirs.document.credit
        if credit == record.credited:
            return ""
        take_credit(invoice=record, amount=credit)
        if not credit:
            return "The credit was taken off in Xero."
        return f"Credit applied in Xero: {money(credit, record.currency)}."

    def settled_there(self, record: Invoice, desk: Desk) -> Decimal:
        linked = (row for row in record.payments.all() if desk.remote_id(Kind.PAYMENT, row.pk))
        return sum((row.amount for row in linked), Decimal(0))

    def label(self, record: Invoice) -> str:
        return f"invoice {record.number}"

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        for pk, number in Invoice.objects.filter(pk__in=list(local_ids)).values_list("pk", "number"):
            yield Named(pk, f"Invoice {number}", "invoices:detail", pk)

    def names(self, record: Invoice) -> Iterable[tuple[Taken, str]]:
        return ((Taken.NUMBER, record.number),)

    def names_there(self, document: InvoiceDoc) -> Iterable[tuple[Taken, str]]:
        """A deleted one frees its number."""
        if document.is_sale and document.state != "deleted":
            yield Taken.NUMBER, document.number

    def marks(self, record: Invoice) -> Iterable[tuple[Mark, str]]:
        return ((Mark.NUMBER, record.number),)

    def marks_there(self, document: InvoiceDoc) -> Iterable[tuple[Mark, str]]:
        return ((Mark.NUMBER, document.number),) if document.is_sale and not document.is_gone else ()

    def may_be(self, record: Invoice, document: InvoiceDoc) -> bool:
        same_day = record.issue_date == document.issue_date
        return same_day and (record.currency, record.total) == (document.currency, document.total)

    def describe(self, document: InvoiceDoc) -> Iterable[str]:
        yield document.number
        yield money(document.total, document.currency)
        yield day(document.issue_date)
        yield STATES.get(document.standing, "")

    def objections(self, record: Invoice, connection: Connection) -> list[Objection]:
        return [*objections_to(record, connection)]

    def page_to_reopen(self, record: Invoice) -> str:
        return "invoices:reopen" if record.is_issued and not record.amount_paid else ""


def _agreed(link: Link | None) -> InvoiceDoc | None:
    return cast(InvoiceDoc, load("invoice", link.base)) if link and link.base else None


def _by_ref(base: InvoiceDoc | None) -> dict[str, LineDoc]:
    """The agreed lines by our ids."""
    return {line.ref: line for line in base.lines} if base else {}


def _recoded(agreed: dict[str, LineDoc], link: Link | None) -> dict[str, LineDoc]:
    """With the tax codes that a person exchanged for those that were refused."""
    if link is None or not link.recoded:
        return agreed
    codes = link.recoded
    return {
        ref: replace(line, tax_code=codes.get(line.tax_code, line.tax_code)) for ref, line in agreed.items()
    }


def _kept_rate(record: Invoice, desk: Desk, base: InvoiceDoc | None) -> Decimal | None:
    """Lines sent without the rate would reset the rate of a foreign invoice (Xero docs: Invoices, "CurrencyRate")."""
    if base is None or record.currency == desk.connection.currency:
        return None
    return base.rate
