"""Which status may follow which (Xero docs, "Invoices: status codes")."""

from __future__ import annotations

from xero_sandbox.documents import Invoice
from xero_sandbox.rules import messages

NEW = ("DRAFT", "SUBMITTED", "AUTHORISED")
_OPEN = (*NEW, "DELETED")
_ALLOWED = {
    "DRAFT": _OPEN,
    "SUBMITTED": _OPEN,
    "AUTHORISED": ("AUTHORISED", "VOIDED"),
    "PAID": ("PAID", "VOIDED"),
    "VOIDED": (),
    "DELETED": (),
}


def new_status_errors(wanted: str) -> list[str]:
    return [] if wanted in NEW else [messages.WRONG_NEW_STATUS]


def status_errors(invoice: Invoice, wanted: str | None) -> list[str]:
    """What is wrong with moving `invoice` to `wanted` (None: it keeps its status but is edited)."""
    wanted = wanted or invoice.status
    if invoice.is_settled_in_part and wanted != invoice.status and not invoice.is_dead:
        return [messages.payments_hold(wanted)]
    if invoice.status == "PAID" and wanted == "AUTHORISED":
        return []  # paid because its total was nought: the system may move it back
    return [] if wanted in _ALLOWED[invoice.status] else [messages.WRONG_STATUS]


def settled_status(invoice: Invoice) -> str:
    """AUTHORISED or PAID by what is left to pay; an approved total of nought is paid at once."""
    if not invoice.is_approved:
        return invoice.status
    return "PAID" if invoice.amount_due <= 0 else "AUTHORISED"
