"""Creating and changing invoices, bills and credit notes (Xero docs, "Invoices", "Credit notes")."""

from __future__ import annotations

import uuid
from dataclasses import replace

from xero_sandbox.books import Books, name_key
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import locks, messages, transitions
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.document_contact import resolve_contact
from xero_sandbox.writes.headers import header_errors, merge_header
from xero_sandbox.writes.kinds import D, DocumentKind
from xero_sandbox.writes.line_sets import merge_lines, rules_for, total_up
from xero_sandbox.writes.paid_edits import edit_paid


def write_document(kind: DocumentKind[D], sent: Fields, writing: Writing) -> tuple[D, list[str]]:
    """Create (PUT) or find and edit (POST) one document; answers it and Xero's warnings."""
    writing.check_veto(kind.veto, sent)
    existing = find_document(kind, sent, writing)
    if existing is None:
        return _create(kind, sent, writing)
    return _update(kind, existing, sent, writing)


def find_document(kind: DocumentKind[D], sent: Fields, writing: Writing) -> D | None:
    """By id; else, for POST, by the number where it is ours. A supplier's number never matches."""
    identity = writing.target_id or sent.text(kind.id_field)
    if identity:
        if writing.create_only and not writing.target_id:
            raise Rejected(messages.ID_ON_CREATE)
        return document_by_key(kind, writing.books, identity)
    number = sent.text(kind.record.number_field)
    if writing.create_only or not number or sent.text("Type") == kind.theirs:
        return None
    return next(iter(kind.table(writing.books).find("live_number", name_key(number))), None)


def document_by_key(kind: DocumentKind[D], books: Books, key: str) -> D:
    """By id, else by the number of a live document of ours; 404 otherwise."""
    found = kind.table(books).get(key.lower())
    found = found or next(iter(kind.table(books).find("live_number", name_key(key))), None)
    if found is None:
        raise NotFound()
    return found


def _create(kind: DocumentKind[D], sent: Fields, writing: Writing) -> tuple[D, list[str]]:
    wanted = sent.text("Type")
    if wanted not in (kind.ours, kind.theirs):
        raise Rejected(messages.type_unknown(kind.ours, kind.theirs))
    status = sent.text("Status") or "DRAFT"
    errors = transitions.new_status_errors(status, kind.record.noun)
    contact = resolve_contact(sent, writing, errors)
    if errors:
        raise Rejected(*errors)
    blank = kind.record(
        id=str(uuid.uuid4()),
        type=wanted,
        status=status,
        contact_id=contact.id if contact else "",
        date=writing.today,
        currency_code=writing.books.organisation.base_currency,
        created_by=writing.client_id,
    )
    return _save(kind, blank, sent, writing)


def _update(kind: DocumentKind[D], existing: D, sent: Fields, writing: Writing) -> tuple[D, list[str]]:
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
        return edit_paid(kind, existing, sent, writing)
    contact = resolve_contact(sent, writing, errors, current=existing.contact_id)
    if errors:
        raise Rejected(*errors)
    status = wanted or existing.status
    draft = replace(existing, status=status, contact_id=contact.id if contact else existing.contact_id)
    return _save(kind, draft, sent, writing)


def _save(kind: DocumentKind[D], draft: D, sent: Fields, writing: Writing) -> tuple[D, list[str]]:
    """Header, lines, totals and every rule over the whole; then the books."""
    draft = merge_header(draft, sent, writing)
    rules = rules_for(draft, writing)
    draft = total_up(replace(draft, lines=merge_lines(draft, sent, rules)))
    errors = [*header_errors(kind, draft, writing.books), *rules.errors, *_whole_errors(kind, draft)]
    if errors:
        raise Rejected(*dict.fromkeys(errors))
    draft = give_number(kind, draft, writing.books)
    settled = transitions.settled_status(draft)
    paid_on = writing.today if settled == "PAID" else None
    return writing.books.put(replace(draft, status=settled, fully_paid_on=paid_on)), rules.warnings


def _whole_errors(kind: DocumentKind[D], draft: D) -> list[str]:
    """What only the finished document can show."""
    errors = []
    approved = draft.is_approved
    if approved and kind.needs_due_date and draft.due_date is None:
        errors.append(messages.DUE_DATE_NEEDED)
    if (approved or draft.status == "SUBMITTED") and not draft.lines:
        errors.append(messages.LINES_NEEDED)
    if approved and draft.total < 0:
        errors.append(messages.NEGATIVE_TOTAL)
    return errors


def give_number(kind: DocumentKind[D], draft: D, books: Books) -> D:
    """A document of ours without a number gets the organisation's next one."""
    if draft.number or draft.type != kind.ours:
        return draft
    table, prefix = kind.table(books), kind.prefix(books)
    while table.find("live_number", name_key(f"{prefix}{books.number_hints[table.name]:04d}")):
        books.number_hints[table.name] += 1
    return replace(draft, number=f"{prefix}{books.number_hints[table.name]:04d}")
