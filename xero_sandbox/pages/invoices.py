"""Invoices and bills: the list, the document, and what a bookkeeper does to it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from flask import Response, abort, request

from xero_sandbox.books import Books
from xero_sandbox.documents import Account, Invoice
from xero_sandbox.errors import NotFound
from xero_sandbox.fields import Fields
from xero_sandbox.pages.formats import STATUS_WORDS
from xero_sandbox.pages.frame import attempt, books_of, go, page, pages, this_sandbox
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.credits import apply_credit, remove_credit
from xero_sandbox.writes.invoices import invoice_by_key, write_invoice
from xero_sandbox.writes.payments import delete_payment, write_payment

PAGE_SIZE = 25
_APPROVE = ("AUTHORISED", "Approve", "primary")
_DELETE, _VOID = ("DELETED", "Delete", "danger"), ("VOIDED", "Void", "danger")
_MOVES = {
    "DRAFT": [_APPROVE, ("SUBMITTED", "Submit", ""), _DELETE],
    "SUBMITTED": [_APPROVE, ("DRAFT", "Back to draft", ""), _DELETE],
    "AUTHORISED": [_VOID],
    "PAID": [_VOID],
}
_DONE = {
    "SUBMITTED": "Submitted for approval.",
    "AUTHORISED": "Approved.",
    "DRAFT": "Back to draft.",
    "VOIDED": "Voided.",
    "DELETED": "Deleted.",
}


@pages.get("/o/<slug>/invoices/")
def invoices(slug: str) -> tuple[str, int]:
    with this_sandbox().lock:
        books = books_of(slug)
        status, term = request.args.get("status", ""), request.args.get("q", "").strip()
        number = max(1, request.args.get("page", 1, type=int))
        found = [invoice for invoice in books.invoices.newest_first() if _fits(invoice, books, status, term)]
        shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        return page(
            "invoices.html",
            slug,
            rows=[(invoice, books.contacts.get(invoice.contact_id)) for invoice in shown],
            statuses={"": "All", **STATUS_WORDS, "OVERDUE": "Overdue"},
            status=status,
            term=term,
            number=number,
            count=len(found),
            last=max(1, -(-len(found) // PAGE_SIZE)),
            empty=len(books.invoices) == 0,
        )


def _fits(invoice: Invoice, books: Books, status: str, term: str) -> bool:
    return _has_status(invoice, books, status) and _has_term(invoice, books, term.casefold())


def _has_status(invoice: Invoice, books: Books, status: str) -> bool:
    if status == "OVERDUE":
        today = books.clock.today(books.organisation.zone)
        return invoice.status == "AUTHORISED" and invoice.due_date is not None and invoice.due_date < today
    return not status or invoice.status == status


def _has_term(invoice: Invoice, books: Books, term: str) -> bool:
    contact = books.contacts.get(invoice.contact_id)
    texts = (invoice.number, invoice.reference, contact.name if contact else "")
    return not term or any(term in text.casefold() for text in texts)


def known_invoice(books: Books, invoice_id: str) -> Invoice:
    try:
        return invoice_by_key(books, invoice_id)
    except NotFound:
        abort(404)


@pages.get("/o/<slug>/invoices/<invoice_id>/")
def invoice(slug: str, invoice_id: str) -> tuple[str, int]:
    with this_sandbox().lock:
        books = books_of(slug)
        found = known_invoice(books, invoice_id)
        payments = books.payments.find("invoice", found.id)
        return page(
            "invoice.html",
            slug,
            invoice=found,
            contact=books.contacts.get(found.contact_id),
            accounts={account.id: account for account in books.accounts.all()},
            payments=[(payment, books.accounts.get(payment.account_id)) for payment in payments],
            payable=_payable(books),
            today=books.clock.today(books.organisation.zone),
            moves=_moves(found),
        )


def _payable(books: Books) -> list[Account]:
    """Where money may come in: banks first."""
    fitting = [item for item in books.accounts.all() if item.takes_payments and item.status == "ACTIVE"]
    return sorted(fitting, key=lambda item: (item.type != "BANK", item.code or "~", item.name))


def _moves(invoice: Invoice) -> list[tuple[str, str, str]]:
    """The buttons a document offers: status, words, look."""
    return _MOVES.get(invoice.status, [])


def _change(slug: str, act: Callable[[Writing], object], done: str, invoice_id: str) -> Response:
    books = books_of(slug)
    known_invoice(books, invoice_id)
    attempt(lambda: act(Writing(books, target_id=None, decimals=4)), done)
    return go("invoice", slug=slug, invoice_id=invoice_id)


@pages.post("/o/<slug>/invoices/<invoice_id>/status")
def move_invoice(slug: str, invoice_id: str) -> Response:
    status = request.form.get("status", "")
    sent = Fields({"InvoiceID": invoice_id, "Status": status})
    return _change(
        slug, lambda writing: write_invoice(sent, writing), _DONE.get(status, "Saved."), invoice_id
    )


@pages.post("/o/<slug>/invoices/<invoice_id>/payments")
def pay_invoice(slug: str, invoice_id: str) -> Response:
    sent = Fields(
        {
            "Invoice": {"InvoiceID": invoice_id},
            "Account": {"AccountID": request.form.get("account", "")},
            "Date": request.form.get("date") or None,
            "Amount": request.form.get("amount", "").replace(",", "") or None,
            "Reference": request.form.get("reference") or None,
        }
    )
    return _change(slug, lambda writing: write_payment(sent, writing), "Payment recorded.", invoice_id)


@pages.post("/o/<slug>/invoices/<invoice_id>/payments/<payment_id>/delete")
def unpay_invoice(slug: str, invoice_id: str, payment_id: str) -> Response:
    if books_of(slug).payments.get(payment_id) is None:
        abort(404)

    def act(writing: Writing) -> object:
        return delete_payment(writing.books, payment_id, Fields({"Status": "DELETED"}))

    return _change(slug, act, "Payment removed.", invoice_id)


@pages.post("/o/<slug>/invoices/<invoice_id>/credits")
def credit_invoice(slug: str, invoice_id: str) -> Response:
    typed = request.form.get("amount", "").replace(",", "")

    def act(writing: Writing) -> object:
        return apply_credit(writing.books, known_invoice(writing.books, invoice_id), _amount(typed))

    return _change(slug, act, "Credit applied.", invoice_id)


def _amount(typed: str) -> Decimal:
    """What was typed, nought if it is no number: that is refused by the rules."""
    try:
        return Decimal(typed)
    except InvalidOperation:
        return Decimal(0)


@pages.post("/o/<slug>/invoices/<invoice_id>/credits/<credit_id>/remove")
def uncredit_invoice(slug: str, invoice_id: str, credit_id: str) -> Response:
    def act(writing: Writing) -> object:
        return remove_credit(writing.books, known_invoice(writing.books, invoice_id), credit_id)

    return _change(slug, act, "Credit removed.", invoice_id)
