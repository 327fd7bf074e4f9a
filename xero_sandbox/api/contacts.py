"""/Contacts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.listing import Filter, candidates, list_page
from xero_sandbox.api.where import Getter
from xero_sandbox.books import Books
from xero_sandbox.documents import ZERO, Contact, Invoice
from xero_sandbox.errors import NotFound
from xero_sandbox.wire import ms_stamp

_ADDRESS = (
    "AddressLine1",
    "AddressLine2",
    "AddressLine3",
    "AddressLine4",
    "City",
    "Region",
    "PostalCode",
    "Country",
)
_PHONE = ("PhoneNumber", "PhoneAreaCode", "PhoneCountryCode")
_SEARCHED = ("FirstName", "LastName", "CompanyNumber", "EmailAddress")
_HEAVY_DETAILS = ("SalesDefaultAccountCode", "PurchasesDefaultAccountCode", "PaymentTerms")
_FIELDS: dict[str, Getter] = {
    "contactid": lambda contact: contact.id,
    "name": lambda contact: contact.name,
    "contactnumber": lambda contact: contact.contact_number,
    "contactstatus": lambda contact: contact.status,
    "emailaddress": lambda contact: contact.details.get("EmailAddress"),
    "accountnumber": lambda contact: contact.details.get("AccountNumber"),
    "updateddateutc": lambda contact: contact.updated,
}


def list_contacts(call: Call, books: Books) -> tuple[list[dict[str, Any]], dict[str, int] | None]:
    summary = call.flag("summaryOnly")
    page = list_page(call, _records(call, books), _filters(call), _FIELDS, must_page=summary)
    if summary:
        return [_summary(contact) for contact in page.records], page.pagination
    shape = contact_json if page.is_paged else _light
    return [shape(contact, books) for contact in page.records], page.pagination


def get_contact(call: Call, books: Books, key: str) -> dict[str, Any]:
    """By id, else by ContactNumber."""
    contact = books.contacts.get(key.lower()) or next(iter(books.contacts.find("number", key)), None)
    if contact is None:
        raise NotFound()
    return contact_json(contact, books)


def written_contact(contact: Contact, call: Call, books: Books) -> dict[str, Any]:
    return contact_json(contact, books)


def contact_json(contact: Contact, books: Books) -> dict[str, Any]:
    """The whole contact: single GET and paged lists."""
    shape = _light(contact, books)
    shape["ContactPersons"] = list(contact.persons)
    shape |= {name: contact.details[name] for name in _HEAVY_DETAILS if contact.details.get(name)}
    if contact.merged_to:
        shape["MergedToContactID"] = contact.merged_to
    balances = _balances(books.invoices.find("contact", contact.id), books)
    return shape | ({"Balances": balances} if balances else {})


def _light(contact: Contact, books: Books) -> dict[str, Any]:
    """A list without pages: no persons, balances, defaults or merge pointer."""
    documents = books.invoices.find("contact", contact.id)
    return {
        **_summary(contact),
        "Addresses": _addresses(contact),
        "ContactGroups": [],
        "ContactPersons": [],
        "IsSupplier": any(document.type == "ACCPAY" for document in documents),
        "IsCustomer": any(document.type == "ACCREC" for document in documents),
        "HasAttachments": False,
    }


def _summary(contact: Contact) -> dict[str, Any]:
    """What summaryOnly leaves: no addresses, balances, groups, persons, defaults or roles."""
    shape: dict[str, Any] = {
        "ContactID": contact.id,
        "ContactStatus": contact.status,
        "Name": contact.name,
        "BankAccountDetails": "",
        "Phones": _phones(contact),
        "UpdatedDateUTC": ms_stamp(contact.updated),
        "HasValidationErrors": False,
    }
    if contact.contact_number:
        shape["ContactNumber"] = contact.contact_number
    details = {name: value for name, value in contact.details.items() if value and name not in _HEAVY_DETAILS}
    return shape | details


def _addresses(contact: Contact) -> list[dict[str, str]]:
    known = {entry["AddressType"]: entry for entry in contact.addresses}
    return [_entry("AddressType", kind, _ADDRESS, known.get(kind, {})) for kind in ("STREET", "POBOX")]


def _phones(contact: Contact) -> list[dict[str, str]]:
    known = {entry["PhoneType"]: entry for entry in contact.phones if "PhoneType" in entry}
    return [
        _entry("PhoneType", kind, _PHONE, known.get(kind, {})) for kind in ("DDI", "DEFAULT", "FAX", "MOBILE")
    ]


def _entry(name: str, kind: str, fields: tuple[str, ...], values: dict[str, str]) -> dict[str, str]:
    """Empty entries stand in every answer, with empty texts."""
    return {name: kind, **{field: values.get(field, "") for field in fields}, **values}


def _balances(documents: list[Invoice], books: Books) -> dict[str, dict[str, Decimal]]:
    today = books.clock.today(books.organisation.zone)
    unpaid = [document for document in documents if document.status == "AUTHORISED"]
    if not unpaid:
        return {}
    sides = {"AccountsReceivable": "ACCREC", "AccountsPayable": "ACCPAY"}
    return {
        side: {
            "Outstanding": sum((item.amount_due for item in unpaid if item.type == kind), ZERO),
            "Overdue": sum(
                (
                    item.amount_due
                    for item in unpaid
                    if item.type == kind and item.due_date and item.due_date < today
                ),
                ZERO,
            ),
        }
        for side, kind in sides.items()
    }


def _records(call: Call, books: Books) -> Iterable[Contact]:
    identities = call.words("IDs")
    if identities is None:
        return candidates(call, books.contacts)
    wanted = {identity.lower() for identity in identities}
    return (contact for contact in candidates(call, books.contacts) if contact.id in wanted)


def _filters(call: Call) -> list[Filter]:
    filters: list[Filter] = []
    if not call.flag("includeArchived"):
        filters.append(lambda contact: contact.status == "ACTIVE")
    term = (call.query.get("searchTerm") or "").casefold()
    if term:
        filters.append(lambda contact: any(term in text.casefold() for text in _texts(contact)))
    return filters


def _texts(contact: Contact) -> list[str]:
    return [
        contact.name,
        contact.contact_number or "",
        *(contact.details.get(name) or "" for name in _SEARCHED),
    ]
