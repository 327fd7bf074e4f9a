"""Creating and changing invoices and bills (Xero docs, "Invoices")."""

from __future__ import annotations

import uuid
from dataclasses import replace

from xero_sandbox.books import Books, name_key
from xero_sandbox.documents import Invoice
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import locks, messages, money, transitions
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.document_contact import resolve_contact
from xero_sandbox.writes.headers import header_errors, merge_header
from xero_sandbox.writes.line_sets import merge_lines, rules_for
from xero_sandbox.writes.paid_edits import edit_paid


def write_invoice(sent: Fields, writing: Writing) -> tuple[Invoice, list[str]]:
    """Create (PUT) or find and edit (POST) one document; answers it and Xero's warnings."""
    writing.check_veto("INVOICE", sent)
    existing = find_invoice(sent, writing)
    if existing is None:
        return _create(sent, writing)
    return _update(existing, sent, writing)


def find_invoice(sent: Fields, writing: Writing) -> Invoice | None:
    """By id; else, for POST, by the number of a sales invoice. A bill's number never matches."""
    identity = writing.target_id or sent.text("InvoiceID")
    if identity:
        if writing.create_only and not writing.target_id:
            raise Rejected(messages.ID_ON_CREATE)
        return invoice_by_key(writing.books, identity)
    number = sent.text("InvoiceNumber")
    if writing.create_only or not number or sent.text("Type") == "ACCPAY":
        return None
    return next(iter(writing.books.invoices.find("live_number", name_key(number))), None)


def invoice_by_key(books: Books, key: str) -> Invoice:
    """By id, else by the number of a live sales invoice; 404 otherwise."""
    found = books.invoices.get(key.lower())
    found = found or next(iter(books.invoices.find("live_number", name_key(key))), None)
    if found is None:
        raise NotFound()
    return found


def _create(sent: Fields, writing: Writing) -> tuple[Invoice, list[str]]:
    kind = sent.text("Type")
    if kind not in ("ACCREC", "ACCPAY"):
        raise Rejected(messages.TYPE_UNKNOWN)
    status = sent.text("Status") or "DRAFT"
    errors = transitions.new_status_errors(status)
    contact = resolve_contact(sent, writing, errors)
    if errors:
        raise Rejected(*errors)
    blank = Invoice(
        id=str(uuid.uuid4()),
        type=kind,
        status=status,
        contact_id=contact.id if contact else "",
        date=writing.today,
        currency_code=writing.books.organisation.base_currency,
        created_by=writing.client_id,
    )
    return _save(blank, sent, writing)


def _update(existing: Invoice, sent: Fields, writing: Writing) -> tuple[Invoice, list[str]]:
    wanted = sent.text("Status")
    errors = transitions.status_errors(existing, wanted)
    errors = errors or locks.edit_errors(writing.books.organisation, existing.date)
    if sent.text("Type") not in (None, existing.type):
        errors.append(messages.TYPE_FIXED)
    if errors:
        raise Rejected(*errors)
    if wanted in ("VOIDED", "DELETED"):
        return writing.books.put(replace(existing, status=wanted)), []
    if existing.is_settled_in_part:
        return edit_paid(existing, sent, writing)
    contact = resolve_contact(sent, writing, errors, current=existing.contact_id)
    if errors:
        raise Rejected(*errors)
    status = wanted or existing.status
    draft = replace(existing, status=status, contact_id=contact.id if contact else existing.contact_id)
    return _save(draft, sent, writing)


def _save(draft: Invoice, sent: Fields, writing: Writing) -> tuple[Invoice, list[str]]:
    """Header, lines, totals and every rule over the whole; then the books."""
    draft = merge_header(draft, sent, writing)
    rules = rules_for(draft, writing)
    draft = replace(draft, lines=merge_lines(draft, sent, rules))
    draft = total_up(draft)
    errors = [*header_errors(draft, writing.books), *rules.errors, *_whole_errors(draft)]
    if errors:
        raise Rejected(*dict.fromkeys(errors))
    draft = _number(draft, writing.books)
    settled = transitions.settled_status(draft)
    paid_on = writing.today if settled == "PAID" else None
    return writing.books.put(replace(draft, status=settled, fully_paid_on=paid_on)), rules.warnings


def total_up(invoice: Invoice) -> Invoice:
    totals = money.add_up(invoice.lines, invoice.line_amount_types)
    return replace(
        invoice,
        sub_total=totals.sub_total,
        total_tax=totals.total_tax,
        total=totals.total,
        total_discount=totals.total_discount,
    )


def _whole_errors(draft: Invoice) -> list[str]:
    """What only the finished document can show."""
    errors = []
    approved = draft.is_approved
    if approved and draft.due_date is None:
        errors.append(messages.DUE_DATE_NEEDED)
    if (approved or draft.status == "SUBMITTED") and not draft.lines:
        errors.append(messages.LINES_NEEDED)
    if approved and draft.total < 0:
        errors.append(messages.NEGATIVE_TOTAL)
    return errors


def _number(draft: Invoice, books: Books) -> Invoice:
    """A sales invoice without a number gets the organisation's next one."""
    if draft.number or draft.type != "ACCREC":
        return draft
    prefix = books.organisation.invoice_prefix
    while books.invoices.find("live_number", name_key(f"{prefix}{books.number_hint:04d}")):
        books.number_hint += 1
    return replace(draft, number=f"{prefix}{books.number_hint:04d}")
