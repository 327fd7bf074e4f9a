"""Writing and editing a document by hand. What was typed comes back when Xero's rules refuse it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from xero_sandbox.books import Books
from xero_sandbox.documents import Invoice
from xero_sandbox.fields import Fields
from xero_sandbox.pages.formats import plain_number, price
from xero_sandbox.pages.frame import books_of, collecting, go, page, pages, this_sandbox
from xero_sandbox.pages.invoices import known_invoice
from xero_sandbox.writes.context import Writing
from xero_sandbox.writes.invoices import write_invoice

_HEADER = (
    ("type", "Type"),
    ("number", "InvoiceNumber"),
    ("reference", "Reference"),
    ("date", "Date"),
    ("due_date", "DueDate"),
    ("line_amount_types", "LineAmountTypes"),
    ("currency", "CurrencyCode"),
)
_COLUMNS = (
    ("line_id", "LineItemID"),
    ("line_description", "Description"),
    ("line_quantity", "Quantity"),
    ("line_unit", "UnitAmount"),
    ("line_account", "AccountID"),
    ("line_tax", "TaxType"),
)
_MAY_BE_BLANK = ("InvoiceNumber", "Reference", "Description")


@dataclass
class Typed:
    """A form as a person left it."""

    header: dict[str, str] = field(default_factory=dict)
    contact: str = ""
    lines: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def from_request(cls) -> Typed:
        columns = [request.form.getlist(name) for name, _ in _COLUMNS]
        rows = [
            dict(zip((name for name, _ in _COLUMNS), row, strict=False))
            for row in zip(*columns, strict=False)
        ]
        return cls(
            {name: request.form[name] for name, _ in _HEADER if name in request.form},
            request.form.get("contact", ""),
            [
                row
                for row in rows
                if any(row[name].strip() for name, _ in _COLUMNS[:4] if name != "line_quantity")
            ],
        )

    @classmethod
    def from_invoice(cls, invoice: Invoice) -> Typed:
        header = {
            "type": invoice.type,
            "number": invoice.number,
            "reference": invoice.reference,
            "date": invoice.date.isoformat(),
            "due_date": invoice.due_date.isoformat() if invoice.due_date else "",
            "line_amount_types": invoice.line_amount_types,
            "currency": invoice.currency_code,
        }
        lines = [
            {
                "line_id": line.id,
                "line_description": line.description,
                "line_quantity": plain_number(line.quantity),
                "line_unit": price(line.unit_amount),
                "line_account": line.account_id or "",
                "line_tax": line.tax_type or "",
            }
            for line in invoice.lines
        ]
        return cls(header, invoice.contact_id, lines)

    def sent(self, before: Invoice | None) -> dict[str, Any]:
        """The request the API would have had. On a paid document only what differs in its lines is sent."""
        header = {key: self.header.get(name) for name, key in _HEADER}
        body: dict[str, Any] = {key: value for key, value in header.items() if value or key in _MAY_BE_BLANK}
        if self.contact:
            body["Contact"] = {"ContactID": self.contact}
        if before is not None and before.currency_code == body.get("CurrencyCode"):
            body["CurrencyRate"] = str(before.currency_rate)
        body["LineItems"] = [_line(row) for row in self.lines]
        return body


def _line(row: dict[str, str]) -> dict[str, str]:
    values = {key: row.get(name, "").strip() for name, key in _COLUMNS}
    values["UnitAmount"] = values["UnitAmount"].replace(",", "")
    return {key: value for key, value in values.items() if value or key in _MAY_BE_BLANK}


@pages.route("/o/<slug>/invoices/new", methods=["GET", "POST"])
def new_invoice(slug: str) -> Response | tuple[str, int]:
    books = books_of(slug)
    today = books.clock.today(books.organisation.zone).isoformat()
    blank = Typed(
        {"date": today, "line_amount_types": "Exclusive", "currency": books.organisation.base_currency}
    )
    return _edit(slug, books, None, blank)


@pages.route("/o/<slug>/invoices/<invoice_id>/edit", methods=["GET", "POST"])
def edit_invoice(slug: str, invoice_id: str) -> Response | tuple[str, int]:
    books = books_of(slug)
    before = known_invoice(books, invoice_id)
    return _edit(slug, books, before, Typed.from_invoice(before))


def _edit(slug: str, books: Books, before: Invoice | None, typed: Typed) -> Response | tuple[str, int]:
    errors: list[str] = []
    if request.method == "POST":
        typed = Typed.from_request()
        with this_sandbox().lock, collecting(errors):
            writing = Writing(
                books, target_id=before.id if before else None, create_only=before is None, decimals=4
            )
            after, _ = write_invoice(Fields(typed.sent(before)), writing)
            return go("invoice", "Saved.", slug=slug, invoice_id=after.id)
    return _form(slug, books, before, typed, errors)


def _form(
    slug: str, books: Books, before: Invoice | None, typed: Typed, errors: list[str]
) -> tuple[str, int]:
    with this_sandbox().lock:
        return page(
            "invoice_edit.html",
            slug,
            code=422 if errors else 200,
            invoice=before,
            typed=typed,
            errors=errors,
            paid=before is not None and before.is_settled_in_part,
            contacts=_choices_of_contacts(books, typed.contact),
            accounts=[account for account in books.accounts.all() if account.takes_lines],
            tax_rates=[rate for rate in books.tax_rates.all() if rate.status == "ACTIVE"],
        )


def _choices_of_contacts(books: Books, chosen: str) -> list[Any]:
    """Active contacts by name, and the present one even if it was archived since."""
    fitting = [item for item in books.contacts.all() if item.status == "ACTIVE" or item.id == chosen]
    return sorted(fitting, key=lambda contact: contact.name.casefold())
