"""How far an invoice has come here and there, and which side follows the other (ADR 22)."""

from __future__ import annotations

from typing import cast

from accounting.port.documents import InvoiceDoc, State
from accounting.resources.rules import Rules
from invoices.enums import EDITABLE, InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice, submit_invoice

SENT_AS: dict[str, State] = {
    InvoiceStatus.DRAFT: "draft",
    InvoiceStatus.AWAITING_APPROVAL: "submitted",
    InvoiceStatus.APPROVED: "authorised",
    InvoiceStatus.SENT: "authorised",
}
STATES = {
    "draft": "a draft", "submitted": "awaiting approval", "authorised": "awaiting payment",
    "paid": "paid", "voided": "voided",
}  # fmt: skip
APPROVED_THERE = ("authorised", "paid")


def is_held(record: Invoice, standing: str, rules: Rules) -> bool:
    """A draft stays here until it is approved; where it keeps step, only if it was approved there: Xero takes no step
    back from that (Xero docs: Invoices, "Status codes")."""
    if record.status not in EDITABLE:
        return False
    return standing in APPROVED_THERE if rules.invoices_keep_step else True


def state_of(record: Invoice, rules: Rules, *, is_new: bool) -> State | None:
    """How it stands here; where the status there is the bookkeeper's, the chosen one for a new invoice and none from
    then on."""
    if record.status == InvoiceStatus.VOIDED:
        return "voided"
    if rules.invoices_keep_step:
        return SENT_AS[record.status]
    return cast(State, rules.invoice_status) if is_new else None


def follow(record: Invoice, doc: InvoiceDoc, rules: Rules) -> Invoice:
    """Move ours to where theirs stands, alive. Where the status there is the bookkeeper's, their approving is followed,
    and whatever they change of what was approved here before."""
    if doc.state in APPROVED_THERE or (record.issued_at and not rules.invoices_keep_step):
        return approve_invoice(invoice=record, by=None)
    if SENT_AS.get(record.status) == doc.state:
        return record
    if record.status != InvoiceStatus.VOIDED and not rules.invoices_keep_step:
        return record
    record = reopen_invoice(invoice=record, by=None)
    return submit_invoice(invoice=record, by=None) if doc.state == "submitted" else record
