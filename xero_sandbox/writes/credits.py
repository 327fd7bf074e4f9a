"""Credit on a document, as a person applies it in Xero's own pages: a credit note of that amount, allocated at once."""

from __future__ import annotations

import uuid
from decimal import Decimal

from xero_sandbox.books import Books
from xero_sandbox.credit_documents import CreditNote
from xero_sandbox.documents import ONE, Credit, Invoice, Line
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages, money
from xero_sandbox.writes.allocations import allocate, remove_allocation
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.credit_notes import credit_note_by_key
from xero_sandbox.writes.kinds import CREDIT_NOTES
from xero_sandbox.writes.line_sets import total_up
from xero_sandbox.writes.written_documents import give_number


def apply_credit(books: Books, invoice: Invoice, amount: Decimal) -> Credit:
    """Set this much of a new credit note against an approved document."""
    if invoice.status != "AUTHORISED":
        raise Rejected(messages.CREDIT_NOT_AUTHORISED)
    if not 0 < amount <= invoice.amount_due:
        raise Rejected(messages.CREDIT_TOO_LARGE)
    with books.atomic():
        note = books.put(_note_for(books, invoice, money.cents(amount)))
        sent = Fields({"Invoice": {"InvoiceID": invoice.id}, "Amount": amount})
        allocate(credit_note_by_key, sent, Writing(books, target_id=note.id))
    after = books.invoices.get(invoice.id)
    assert after is not None
    return after.credits[-1]


def remove_credit(books: Books, invoice: Invoice, credit_id: str) -> None:
    """Take the allocation back; the document is owed again, and the credit waits for another."""
    applied = [credit for credit in invoice.credits if credit.id == credit_id]
    if not applied:
        raise NotFound()
    with books.atomic():
        for credit in applied:
            document = books.credit(credit.id)
            assert document is not None
            remove_allocation(books, document, credit.allocation_id)


def _note_for(books: Books, invoice: Invoice, amount: Decimal) -> CreditNote:
    """One line on the invoice's first account, without tax, so that the amount is met to the cent. It is copied from
    the invoice, and so may name what was archived since."""
    placed = next((line for line in invoice.lines if line.account_id), None)
    line = Line(
        id=str(uuid.uuid4()),
        description=f"Credit for {invoice.number or 'a bill'}",
        quantity=ONE,
        unit_amount=amount,
        account_code=placed.account_code if placed else None,
        account_id=placed.account_id if placed else None,
        tax_type="NONE",
        line_amount=amount,
    )
    note = CreditNote(
        id=str(uuid.uuid4()),
        type=f"{invoice.type}CREDIT",
        status="AUTHORISED",
        contact_id=invoice.contact_id,
        date=books.clock.today(books.organisation.zone),
        currency_code=invoice.currency_code,
        currency_rate=invoice.currency_rate,
        line_amount_types="NoTax",
        lines=(line,),
    )
    return give_number(CREDIT_NOTES, total_up(note), books)
