"""Contacts. Fields left out keep their value; an address and a phone are replaced as a whole (Xero docs: Contacts)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar, cast

from accounting.port.documents import ContactDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.base import Call, Codec
from accounting.providers.xero.shapes import Many, Number, Shape, Text, amount, called, many, names_of, shaped
from accounting.providers.xero.wire import Json, Told

T = TypeVar("T", bound=Told)


class Plain(Shape):
    """What is one text there and here, by our names."""

    name: Text = called("Name")
    reference: Text = called("AccountNumber")
    first_name: Text = called("FirstName")
    last_name: Text = called("LastName")
    email: Text = called("EmailAddress")
    tax_number: Text = called("TaxNumber")


class Place(Shape):
    """What is ours of an address, by our names."""

    address_line: Text = called("AddressLine1")
    city: Text = called("City")
    region: Text = called("Region")
    postal_code: Text = called("PostalCode")
    country: Text = called("Country")


class Address(Place):
    """One of a contact's addresses as Xero writes it."""

    AddressType: Text = None


class Phone(Shape):
    """One of a contact's telephone numbers as Xero writes it, in parts."""

    PhoneType: Text = None
    PhoneCountryCode: Text = None
    PhoneAreaCode: Text = None
    PhoneNumber: Text = None


class Side(Shape):
    """What stands open on one side of a contact."""

    Outstanding: Number = None


class Balances(Shape):
    """What a contact owes, and is owed."""

    AccountsReceivable: Side | None = None


class Contact(Plain):
    """A contact as Xero writes it."""

    ContactID: Text = None
    UpdatedDateUTC: Text = None
    Addresses: Many[Address] = None
    Phones: Many[Phone] = None
    ContactStatus: Text = None
    MergedToContactID: Text = None
    IsCustomer: Any = None
    IsSupplier: Any = None
    Balances: Balances | None = None


PLAIN, ADDRESS = names_of(Plain), names_of(Place)
PHONE = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")

_QUOTED = set('"\\')


class ContactCodec(Codec):
    kind = "customer"
    envelope = "Contacts"
    id_field = "ContactID"
    shape = Contact
    category = "CONTACT"
    scope = "accounting.contacts"
    deep_link = "/Contacts/View/{id}"
    writers = {
        "create": "create_contacts",
        "update": "update_or_create_contacts",
        "remove": "update_or_create_contacts",
    }
    lister = "get_contacts"
    untold = frozenset({*ADDRESS, "outstanding"})
    list_options = {"include_archived": "true"}

    def encode(self, element: Outgoing) -> Json:
        doc = cast(ContactDoc, element.document)
        is_new = not element.remote_id
        body: Json = {
            key: getattr(doc, name) for name, key in PLAIN.items() if is_new or name in element.changed
        }
        if is_new or "phone" in element.changed:
            body["Phones"] = [
                _encode_phone(doc.phone, _phone_of(wire.objects(element.source, "Phones")) or {})
            ]
        if is_new or element.changed & ADDRESS.keys():
            body["Addresses"] = [_encode_address(doc, element)]
        return body

    def remove(self, element: Outgoing) -> Json:
        """Archives it: Xero has no other removal."""
        return {"ContactStatus": "ARCHIVED"}

    def decode(self, source: Told) -> ContactDoc:
        told = shaped(source, Contact)
        address = _address_of(many(told.Addresses, Address)) or Address()
        phone = _phone_of(many(told.Phones, Phone)) or Phone()
        return ContactDoc(
            **{name: wire.text(told, name) for name in PLAIN},
            **{name: wire.text(address, name) for name in ADDRESS},
            phone=" ".join(filter(None, (wire.text(phone, key) for key in PHONE))),
            archived=told.ContactStatus == "ARCHIVED",
            merged_into=told.MergedToContactID or "",
            outstanding=_outstanding(told),
            only_supplies=bool(told.IsSupplier) and not told.IsCustomer,
        )

    def reading(self, remote_ids: Sequence[str]) -> Sequence[Call]:
        return [self.listing(i_ds=list(remote_ids))]

    def look_up(self, elements: Sequence[Outgoing]) -> Sequence[Call]:
        """By account number, in one call. How a quotation mark is written in a filter is not documented, so such
        references are searched for by the contact's name, and compared here (Xero docs: "Filtering")."""
        docs = [cast(ContactDoc, element.document) for element in elements]
        plain = [doc.reference for doc in docs if not _QUOTED & set(doc.reference)]
        clause = " OR ".join(f'AccountNumber=="{reference}"' for reference in plain)
        calls = [self.listing(where=clause)] if plain else []
        return calls + [self.listing(search_term=doc.name) for doc in docs if _QUOTED & set(doc.reference)]


def _outstanding(told: Contact) -> Decimal:
    """Nothing where Xero leaves it out, as it does of one with nothing open."""
    receivable = (told.Balances or Balances()).AccountsReceivable or Side()
    return amount(receivable.Outstanding)


def _encode_address(doc: ContactDoc, element: Outgoing) -> Json:
    """The address printed on invoices, its other parts as they are in Xero: what is left out of it would be lost."""
    there = _address_of(wire.objects(element.source, "Addresses")) or {}
    names = ADDRESS if not there else element.changed & ADDRESS.keys()
    return {**there, "AddressType": "POBOX", **{ADDRESS[name]: getattr(doc, name) for name in names}}


def _encode_phone(phone: str, there: Json) -> Json:
    """The number in the parts it has in Xero, as far as it still begins with them."""
    parts = dict.fromkeys(PHONE, "")
    rest = phone.strip()
    for key in PHONE[:2]:
        prefix = wire.text(there, key)
        if prefix and rest.startswith(f"{prefix} "):
            parts[key], rest = prefix, rest[len(prefix) :].strip()
    return {**there, "PhoneType": "DEFAULT", **parts, "PhoneNumber": rest}


def _address_of(addresses: Iterable[T]) -> T | None:
    """POBOX is the address printed on invoices (Xero docs: Contacts, "Address types")."""
    return next((item for item in addresses if wire.text(item, "AddressType") == "POBOX"), None)


def _phone_of(phones: Iterable[T]) -> T | None:
    return next((item for item in phones if wire.text(item, "PhoneType") == "DEFAULT"), None)
