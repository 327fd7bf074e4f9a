"""Which status may follow which (Xero docs, "Invoices: status codes")."""

from __future__ import annotations

from xero_sandbox.documents import Document
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


def new_status_errors(wanted: str, noun: str) -> list[str]:
    return [] if wanted in NEW else [messages.wrong_new_status(noun)]


def status_errors(document: Document, wanted: str | None) -> list[str]:
    """What is wrong with moving `document` to `wanted` (None: it keeps its status but is edited)."""
    wanted = wanted or document.status
    if document.is_settled_in_part and wanted != document.status and not document.is_dead:
        return [messages.payments_hold(wanted, document.noun)]
    if document.status == "PAID" and wanted == "AUTHORISED":
        return []  # paid because its total was nought: the system may move it back
    return [] if wanted in _ALLOWED[document.status] else [messages.wrong_status(document.noun)]


def settled_status(document: Document) -> str:
    """AUTHORISED or PAID by what is left to settle; an approved total of nought is paid at once."""
    if not document.is_approved:
        return document.status
    return "PAID" if document.open_amount <= 0 else "AUTHORISED"
