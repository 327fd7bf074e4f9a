"""The little that may change on a document somebody has paid (Xero docs, "Invoices: updating paid invoices")."""

from __future__ import annotations

from dataclasses import replace

from xero_sandbox.documents import ZERO, Document, Line
from xero_sandbox.errors import Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages
from xero_sandbox.rules.lines import LineRules, track
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.document_contact import resolve_contact
from xero_sandbox.writes.headers import free_field_errors, merge_free_fields
from xero_sandbox.writes.kinds import D, DocumentKind
from xero_sandbox.writes.line_sets import match_line, rules_for


def edit_paid(kind: DocumentKind[D], existing: D, sent: Fields, writing: Writing) -> tuple[D, list[str]]:
    """Reference, due date, number, link and contact; per line, with its id, description, account and tracking."""
    errors = _frozen_header_errors(existing, sent)
    contact = resolve_contact(sent, writing, errors, current=existing.contact_id)
    document = merge_free_fields(existing, sent)
    rules = rules_for(document, writing)
    document = replace(
        document,
        contact_id=contact.id if contact else existing.contact_id,
        lines=_edit_lines(existing, sent, rules),
    )
    errors += [*free_field_errors(kind, document, writing.books), *rules.errors]
    if errors:
        raise Rejected(*dict.fromkeys(errors))
    return writing.books.put(document), rules.warnings


def _frozen_header_errors(existing: Document, sent: Fields) -> list[str]:
    moved = (
        sent.day("Date") not in (None, existing.date),
        sent.text("LineAmountTypes") not in (None, existing.line_amount_types),
        sent.text("CurrencyCode") not in (None, existing.currency_code),
        sent.number("CurrencyRate") not in (None, existing.currency_rate),
    )
    return [messages.HAS_PAYMENTS] if any(moved) else []


def _edit_lines(existing: Document, sent: Fields, rules: LineRules) -> tuple[Line, ...]:
    items = sent.children("LineItems")
    if items is None:
        return existing.lines
    if any(not item.text("LineItemID") for item in items):
        rules.errors.append(messages.LINE_ID_NEEDED)
        return existing.lines
    known = {line.id: line for line in existing.lines}
    named = {item.text("LineItemID") or "": item for item in items}
    if len(named) < len(known):
        rules.errors.append(messages.HAS_PAYMENTS)
    edited = {
        line.id: _edit_line(line, item, rules) for item in items if (line := match_line(item, known, rules))
    }
    return tuple(edited.get(line.id, line) for line in existing.lines)


def _edit_line(line: Line, item: Fields, rules: LineRules) -> Line:
    """Words and account follow. Other amounts are refused; but on a bill Xero answers 200 and
    silently keeps the old figures, which integrators found out the hard way."""
    if rules.document_type != "ACCPAY" and _moves_money(line, item):
        rules.errors.append(messages.HAS_PAYMENTS)
    description = item.text("Description")
    line = replace(line, description=line.description if description is None else description)
    line = track(line, item, rules)
    code, identity = item.text("AccountCode"), item.text("AccountID")
    if code in (None, "", line.account_code) and identity in (None, "", line.account_id):
        return line
    account = rules.account_by_code(code) if code else rules.account_by_id(identity or "")
    if account is None or account.status != "ACTIVE" or not account.takes_lines:
        rules.errors.append(messages.account_invalid(code or identity or ""))
        return line
    return replace(line, account_code=account.code, account_id=account.id)


def _moves_money(line: Line, item: Fields) -> bool:
    """A discount that is sent as nought where there is none moves nothing."""
    return (
        item.number("Quantity") not in (None, line.quantity)
        or item.number("UnitAmount") not in (None, line.unit_amount)
        or item.number("LineAmount") not in (None, line.line_amount)
        or item.number("DiscountRate") not in (None, line.discount_rate or ZERO)
        or item.number("DiscountAmount") not in (None, line.discount_amount or ZERO)
        or item.number("TaxAmount") not in (None, line.tax_amount)
        or item.text("TaxType") not in (None, line.tax_type)
    )
