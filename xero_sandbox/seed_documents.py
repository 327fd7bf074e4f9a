"""A few documents for an organisation that should not look empty."""

from __future__ import annotations

from datetime import date, timedelta

from xero_sandbox.books import Books
from xero_sandbox.documents import Contact
from xero_sandbox.fields import Fields
from xero_sandbox.store import Store
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.credit_notes import write_credit_note
from xero_sandbox.writes.invoices import write_invoice
from xero_sandbox.writes.payments import write_payment

# days ago, status, quantity, unit amount, words, share already paid
_SALES = (
    (40, "AUTHORISED", "12", "18.50", "Table arrangements", "222.00"),
    (21, "AUTHORISED", "1", "640.00", "Spring installation", None),
    (9, "AUTHORISED", "3", "85.00", "Weekly flowers", "100.00"),
    (3, "DRAFT", "2", "140.00", "Event consultation", None),
)


def seed_documents(store: Store) -> None:
    """Sales invoices in several states and a credit note for every organisation, made by the ordinary rules.

    Their numbers are the bookkeeper's own, so that an app's first INV-0001 finds its number free.
    """
    for books in store.books.values():
        contacts = list(books.contacts.all())
        for number, row in enumerate(_SALES):
            _add_sale(books, contacts[number % len(contacts)], f"SALE-{1001 + number}", *row)
        _add_credit(books, contacts[0])


def _add_credit(books: Books, contact: Contact) -> None:
    writing = Writing(books)
    line = {"Description": "Vase returned", "Quantity": "1", "UnitAmount": "23.00", "AccountCode": "200"}
    sent = {
        "Type": "ACCRECCREDIT",
        "CreditNoteNumber": "CREDIT-1001",
        "Status": "AUTHORISED",
        "Contact": {"ContactID": contact.id},
        "Date": (writing.today - timedelta(days=5)).isoformat(),
        "LineAmountTypes": "Inclusive",
        "LineItems": [line],
    }
    write_credit_note(Fields(sent), writing)


def _add_sale(
    books: Books,
    contact: Contact,
    invoice_number: str,
    days: int,
    status: str,
    quantity: str,
    unit: str,
    words: str,
    paid: str | None,
) -> None:
    writing = Writing(books)
    issued: date = writing.today - timedelta(days=days)
    line = {"Description": words, "Quantity": quantity, "UnitAmount": unit, "AccountCode": "200"}
    sent = {
        "Type": "ACCREC",
        "InvoiceNumber": invoice_number,
        "Status": status,
        "Contact": {"ContactID": contact.id},
        "Date": issued.isoformat(),
        "LineAmountTypes": "Inclusive",
        "DueDate": (issued + timedelta(days=14)).isoformat(),
        "LineItems": [line],
    }
    invoice, _ = write_invoice(Fields(sent), writing)
    if paid:
        payment = {"Invoice": {"InvoiceID": invoice.id}, "Account": {"Code": "090"}, "Amount": paid}
        write_payment(Fields({**payment, "Date": issued.isoformat()}), writing)
