"""Credit notes as the official SDK makes, reads and applies them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from xero_python.accounting import (
    AccountingApi,
    Allocation,
    Allocations,
    Contact,
    CreditNote,
    CreditNotes,
    CurrencyCode,
    Invoice,
    LineAmountTypes,
    LineItem,
)

from tests.sandbox.sdk import make_contact, make_invoice


def _make_note(xero: AccountingApi, tenant: str, contact: Contact) -> CreditNote:
    sent = CreditNote(
        type="ACCRECCREDIT",
        contact=Contact(contact_id=contact.contact_id),
        date=date(2026, 11, 1),
        line_amount_types=LineAmountTypes.EXCLUSIVE,
        currency_code=CurrencyCode.NZD,
        status="AUTHORISED",
        line_items=[
            LineItem(description="Back", quantity=Decimal(1), unit_amount=Decimal(20), account_code="200")
        ],
    )
    made = xero.create_credit_notes(
        tenant,
        CreditNotes(credit_notes=[sent]),
        summarize_errors=False,
        idempotency_key="n-1",
        _request_timeout=5,
    )
    return made.credit_notes[0]


def test_note_is_made_applied_and_taken_off(xero: AccountingApi, tenant: str) -> None:
    contact = make_contact(xero, tenant)
    invoice, note = make_invoice(xero, tenant, contact), _make_note(xero, tenant, contact)
    part = Allocation(
        invoice=Invoice(invoice_id=invoice.invoice_id), amount=Decimal("4.49"), date=date(2026, 11, 2)
    )
    made = xero.create_credit_note_allocation(
        tenant,
        note.credit_note_id,
        Allocations(allocations=[part]),
        idempotency_key="a-1",
        _request_timeout=5,
    ).allocations[0]

    [read] = xero.get_credit_notes(tenant, page=1, _request_timeout=5).credit_notes
    assert (read.remaining_credit, read.allocations[0].allocation_id) == (
        Decimal("18.51"),
        made.allocation_id,
    )
    assert read.allocations[0].invoice.invoice_id == invoice.invoice_id

    with pytest.raises(
        ValueError, match="`amount`, must not be `None`"
    ):  # of Xero's own answer the SDK wants more
        xero.delete_credit_note_allocations(
            tenant, note.credit_note_id, made.allocation_id, _request_timeout=5
        )
    read = xero.get_credit_note(tenant, note.credit_note_id, _request_timeout=5).credit_notes[0]
    assert (read.remaining_credit, read.allocations) == (Decimal(23), [])
