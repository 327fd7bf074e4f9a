"""Creating, editing and archiving contacts (Xero docs, "Contacts")."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import Any

from xero_sandbox.books import Books, name_key
from xero_sandbox.documents import Contact
from xero_sandbox.errors import NotFound, Rejected
from xero_sandbox.fields import Fields
from xero_sandbox.rules import messages
from xero_sandbox.writes.context import Writing

_EMAIL = re.compile(r"^[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+$")
_WEBSITE = re.compile(r"^https?://[^\s/.]+(\.[^\s/.]+)+(/\S*)?$", re.IGNORECASE)
_TEXT_LIMITS = {
    "AccountNumber": 50,
    "CompanyNumber": 50,
    "TaxNumber": 50,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "BankAccountDetails": 255,
    "DefaultCurrency": 3,
    "AccountsReceivableTaxType": 50,
    "AccountsPayableTaxType": 50,
    "SalesDefaultAccountCode": 10,
    "PurchasesDefaultAccountCode": 10,
    "SalesDefaultLineAmountType": 20,
    "PurchasesDefaultLineAmountType": 20,
}
_ADDRESS_LIMITS = {
    **{f"AddressLine{number}": 500 for number in range(1, 5)},
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}
_PHONE_LIMITS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}


def write_contact(sent: Fields, writing: Writing) -> tuple[Contact, list[str]]:
    """Create (PUT), or match by ContactID, ContactNumber or Name and edit (POST)."""
    writing.check_veto("CONTACT", sent)
    existing = find_contact(sent, writing)
    if existing is not None and existing.status == "ARCHIVED":
        raise Rejected(messages.CONTACT_ARCHIVED)
    contact = _merge(existing, sent, writing)
    errors = _errors(contact, sent, writing.books)
    if errors:
        raise Rejected(*errors)
    return writing.books.put(contact), []


def find_contact(sent: Fields, writing: Writing) -> Contact | None:
    """Which contact an element means. An id nobody has makes the whole call 404, as seen on the wire."""
    identity = writing.target_id or sent.text("ContactID")
    if identity:
        if writing.create_only and not writing.target_id:
            raise Rejected(messages.ID_ON_CREATE)
        return contact_by_id(writing.books, identity)
    return None if writing.create_only else _by_number_or_name(sent, writing.books)


def contact_by_id(books: Books, identity: str) -> Contact:
    contact = books.contacts.get(identity.lower())
    if contact is None:
        raise NotFound()
    return contact


def _by_number_or_name(sent: Fields, books: Books) -> Contact | None:
    numbered = books.contacts.find("number", sent.text("ContactNumber") or None)
    if numbered:
        return numbered[0]
    key = name_key(sent.text("Name") or "")
    active = books.contacts.find("active_name", key)
    return next(iter(active or books.contacts.find("name", key)), None)


def _merge(existing: Contact | None, sent: Fields, writing: Writing) -> Contact:
    """The contact as it would stand: what was not sent keeps its value, lists that were sent replace."""
    contact = existing or Contact(str(uuid.uuid4()), "", created_by=writing.client_id)
    name, number = sent.text("Name"), sent.text("ContactNumber")
    return replace(
        contact,
        name=contact.name if name is None else name,
        status=sent.text("ContactStatus") or contact.status,
        contact_number=contact.contact_number if number is None else number or None,
        details=_details(contact.details, sent),
        addresses=_by_kind(contact.addresses, sent, "Addresses", "AddressType"),
        phones=_by_kind(contact.phones, sent, "Phones", "PhoneType"),
        persons=_persons(contact, sent),
    )


def _details(details: dict[str, Any], sent: Fields) -> dict[str, Any]:
    changed = {name: sent.text(name) for name in _TEXT_LIMITS if sent.has(name)}
    if sent.has("PaymentTerms"):
        changed["PaymentTerms"] = sent.data["PaymentTerms"]
    return {**details, **changed}


def _by_kind(
    old: tuple[dict[str, str], ...], sent: Fields, name: str, kind: str
) -> tuple[dict[str, str], ...]:
    """Addresses and phones are kept one of each type; a type that was not sent stays."""
    entries = sent.children(name)
    if entries is None:
        return old
    merged = {entry[kind]: entry for entry in old}
    for entry in entries:
        values = {key: entry.text(key) or "" for key in entry.data if entry.has(key)}
        merged[values.get(kind, "")] = values
    return tuple(merged.values())


def _persons(contact: Contact, sent: Fields) -> tuple[dict[str, Any], ...]:
    persons = sent.children("ContactPersons")
    return contact.persons if persons is None else tuple(person.data for person in persons)


def _errors(contact: Contact, sent: Fields, books: Books) -> list[str]:
    errors = [
        *_name_errors(contact, books),
        *_number_errors(contact, books),
        *_account_number_errors(contact, books),
    ]
    errors += [
        messages.too_long(name, limit)
        for name, limit in _TEXT_LIMITS.items()
        if len(contact.details.get(name) or "") > limit
    ]
    email = contact.details.get("EmailAddress")
    if email and not _EMAIL.match(email):
        errors.append(messages.EMAIL_INVALID)
    website = contact.details.get("Website")
    if website and not _WEBSITE.match(website):
        errors.append(messages.WEBSITE_INVALID)
    if contact.status not in ("ACTIVE", "ARCHIVED"):
        errors.append("The ContactStatus must be ACTIVE or ARCHIVED.")
    if len(contact.persons) > 5:
        errors.append(messages.TOO_MANY_PERSONS)
    return errors + _address_errors(contact)


def _name_errors(contact: Contact, books: Books) -> list[str]:
    name = contact.name
    if not name.strip():
        return [messages.NAME_NEEDED]
    errors = [messages.too_long("Name", 255)] if len(name) > 255 else []
    if "<" in name or ">" in name:
        errors.append(messages.NAME_BRACKETS)
    if name != name.strip() or "  " in name:
        errors.append(messages.NAME_SPACES)
    others = [other for other in books.contacts.find("active_name", name_key(name)) if other.id != contact.id]
    if others and contact.status == "ACTIVE":
        errors.append(messages.name_taken(name))
    return errors


def _number_errors(contact: Contact, books: Books) -> list[str]:
    number = contact.contact_number
    if not number:
        return []
    errors = [messages.too_long("ContactNumber", 50)] if len(number) > 50 else []
    if any(other.id != contact.id for other in books.contacts.find("number", number)):
        errors.append(messages.contact_number_taken(number))
    return errors


def _account_number_errors(contact: Contact, books: Books) -> list[str]:
    """Among those that are active; compared without regard to case."""
    number = contact.details.get("AccountNumber")
    if not number or contact.status != "ACTIVE":
        return []
    others = books.contacts.find("account_number", name_key(number))
    return [messages.ACCOUNT_NUMBER_TAKEN] if any(other.id != contact.id for other in others) else []


def _address_errors(contact: Contact) -> list[str]:
    errors = [
        messages.too_long(name, limits[name])
        for entries, limits in ((contact.addresses, _ADDRESS_LIMITS), (contact.phones, _PHONE_LIMITS))
        for entry in entries
        for name in limits
        if len(entry.get(name, "")) > limits[name]
    ]
    if any(not _is_country(entry.get("Country", "")) for entry in contact.addresses):
        errors.append(messages.COUNTRY_LETTERS)
    if any(entry.get("AddressType") not in ("POBOX", "STREET") for entry in contact.addresses):
        errors.append("The AddressType must be POBOX or STREET.")
    return errors


def _is_country(value: str) -> bool:
    return all(letter.isalpha() or letter in " -'.," for letter in value)


def merge_contacts(books: Books, loser: Contact, winner: Contact) -> None:
    """What a person does in Xero's own pages: documents move to the winner, the loser is archived and points at it."""
    with books.atomic():
        for document in books.documents_of(loser.id):
            books.put(replace(document, contact_id=winner.id))
        books.put(replace(loser, status="ARCHIVED", merged_to=winner.id))
        books.put(winner)
