"""Contacts: the list, one contact, archiving and merging."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request

from xero_sandbox.books import Books
from xero_sandbox.documents import Contact
from xero_sandbox.fields import Fields
from xero_sandbox.pages.frame import attempt, books_of, collecting, go, page, pages, this_sandbox
from xero_sandbox.writes.contacts import merge_contacts, write_contact
from xero_sandbox.writes.context import Writing

PAGE_SIZE = 25
_TEXTS = (
    ("name", "Name", "Name"),
    ("first_name", "FirstName", "First name"),
    ("last_name", "LastName", "Last name"),
    ("email", "EmailAddress", "Email"),
    ("number", "ContactNumber", "Contact code"),
    ("account_number", "AccountNumber", "Account number"),
    ("tax_number", "TaxNumber", "Tax number"),
)
_ADDRESS = (
    ("line1", "AddressLine1", "Postal address"),
    ("city", "City", "City"),
    ("region", "Region", "Region"),
    ("postal_code", "PostalCode", "Postal code"),
    ("country", "Country", "Country"),
)


@pages.get("/o/<slug>/contacts/")
def contacts(slug: str) -> tuple[str, int]:
    with this_sandbox().lock:
        books = books_of(slug)
        term, archived = request.args.get("q", "").strip().casefold(), request.args.get("archived") == "1"
        number = max(1, request.args.get("page", 1, type=int))
        fitting = (item for item in books.contacts.all() if _fits(item, term, archived))
        found = sorted(fitting, key=lambda item: item.name.casefold())
        return page(
            "contacts.html",
            slug,
            rows=[
                (item, _owed(books, item)) for item in found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
            ],
            term=request.args.get("q", ""),
            archived=archived,
            number=number,
            count=len(found),
            last=max(1, -(-len(found) // PAGE_SIZE)),
        )


def _fits(contact: Contact, term: str, archived: bool) -> bool:
    texts = (contact.name, contact.contact_number or "", contact.details.get("EmailAddress") or "")
    return (contact.status == "ACTIVE" or archived) and (
        not term or any(term in text.casefold() for text in texts)
    )


def _owed(books: Books, contact: Contact) -> Any:
    """What the contact owes, in the organisation's currency."""
    open_sales = [
        item
        for item in books.invoices.find("contact", contact.id)
        if item.type == "ACCREC" and item.status == "AUTHORISED"
    ]
    return sum(item.amount_due / item.currency_rate for item in open_sales)


@pages.route("/o/<slug>/contacts/new", methods=["GET", "POST"])
def new_contact(slug: str) -> Response | tuple[str, int]:
    return _edit(slug, None)


@pages.route("/o/<slug>/contacts/<contact_id>/", methods=["GET", "POST"])
def contact(slug: str, contact_id: str) -> Response | tuple[str, int]:
    return _edit(slug, _known(slug, contact_id))


def _known(slug: str, contact_id: str) -> Contact:
    found = books_of(slug).contacts.get(contact_id)
    if found is None:
        abort(404)
    return found


def _edit(slug: str, before: Contact | None) -> Response | tuple[str, int]:
    books, errors = books_of(slug), list[str]()
    values = _values(before)
    if request.method == "POST":
        values = {name: request.form.get(name, "") for name in values}
        with this_sandbox().lock, collecting(errors):
            writing = Writing(books, target_id=before.id if before else None, create_only=before is None)
            after, _ = write_contact(Fields(_sent(values)), writing)
            return go("contact", "Saved.", slug=slug, contact_id=after.id)
    return _form(slug, books, before, values, errors)


def _form(
    slug: str, books: Books, before: Contact | None, values: dict[str, str], errors: list[str]
) -> tuple[str, int]:
    with this_sandbox().lock:
        others = [item for item in books.contacts.all() if item.status == "ACTIVE" and item != before]
        return page(
            "contact.html",
            slug,
            code=422 if errors else 200,
            contact=before,
            values=values,
            errors=errors,
            texts=_TEXTS,
            address=_ADDRESS,
            others=sorted(others, key=lambda item: item.name.casefold()),
            winner=books.contacts.get(before.merged_to) if before and before.merged_to else None,
            invoices=books.invoices.find("contact", before.id) if before else [],
        )


def _values(contact: Contact | None) -> dict[str, str]:
    contact = contact or Contact("", "")
    details = {**contact.details, "Name": contact.name, "ContactNumber": contact.contact_number}
    entries = contact.addresses
    address = next((entry for entry in entries if entry.get("AddressType") == "POBOX"), {})
    values = {name: str(details.get(key) or "") for name, key, _ in _TEXTS}
    return values | {name: address.get(key, "") for name, key, _ in _ADDRESS}


def _sent(values: dict[str, str]) -> dict[str, Any]:
    address = {"AddressType": "POBOX", **{key: values[name] for name, key, _ in _ADDRESS}}
    return {**{key: values[name] for name, key, _ in _TEXTS}, "Addresses": [address]}


@pages.post("/o/<slug>/contacts/<contact_id>/archive")
def archive_contact(slug: str, contact_id: str) -> Response:
    _known(slug, contact_id)
    sent = Fields({"ContactID": contact_id, "ContactStatus": "ARCHIVED"})
    attempt(lambda: write_contact(sent, Writing(books_of(slug))), "Archived.")
    return go("contact", slug=slug, contact_id=contact_id)


@pages.post("/o/<slug>/contacts/<contact_id>/merge")
def merge_contact(slug: str, contact_id: str) -> Response:
    loser, winner = _known(slug, contact_id), _known(slug, request.form.get("winner", ""))
    attempt(lambda: merge_contacts(books_of(slug), loser, winner), f"Merged into {winner.name}.")
    return go("contact", slug=slug, contact_id=contact_id)
