"""Contacts. Fields left out keep their value; an address and a phone are replaced as a whole (Xero docs: Contacts)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from accounting.port.documents import ContactDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero import wire
from accounting.providers.xero.kinds.base import Call, Codec
from accounting.providers.xero.wire import Json, Source

PLAIN = {
    "name": "Name",
    "reference": "AccountNumber",
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "EmailAddress",
    "tax_number": "TaxNumber",
}
ADDRESS = {
    "address_line": "AddressLine1",
    "city": "City",
    "region": "Region",
    "postal_code": "PostalCode",
    "country": "Country",
}
PHONE = ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber")


_QUOTED = set('"\\')


class ContactCodec(Codec):
    kind = "customer"
    envelope = "Contacts"
    id_field = "ContactID"
    category = "CONTACT"
    scope = "accounting.contacts"
    deep_link = "/Contacts/View/{id}"
    writers = {
        "create": "create_contacts",
        "update": "update_or_create_contacts",
        "remove": "update_or_create_contacts",
    }
    lister = "get_contacts"
    list_options = {"include_archived": "true"}

    def encode(self, element: Outgoing) -> Json:
        doc = cast(ContactDoc, element.document)
        is_new = not element.remote_id
        body: Json = {
            key: getattr(doc, name) for name, key in PLAIN.items() if is_new or name in element.changed
        }
        if is_new or "phone" in element.changed:
            body["Phones"] = [_encode_phone(doc.phone, _phone_of(element.source))]
        if is_new or element.changed & ADDRESS.keys():
            body["Addresses"] = [_encode_address(doc, element)]
        return body

    def remove(self, element: Outgoing) -> Json:
        """Archives it: Xero has no other removal."""
        return {"ContactStatus": "ARCHIVED"}

    def decode(self, source: Json) -> ContactDoc:
        plain = {name: wire.text(source, key) for name, key in PLAIN.items()}
        address = _address_of(source)
        return ContactDoc(
            **plain,
            **{name: wire.text(address, key) for name, key in ADDRESS.items()},
            phone=" ".join(filter(None, (wire.text(_phone_of(source), key) for key in PHONE))),
            archived=wire.text(source, "ContactStatus") == "ARCHIVED",
            merged_into=wire.text(source, "MergedToContactID"),
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


def _encode_address(doc: ContactDoc, element: Outgoing) -> Json:
    """The address printed on invoices, its other parts as they are in Xero: what is left out of it would be lost."""
    there = _address_of(element.source)
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


def _address_of(source: Source) -> Json:
    """POBOX is the address printed on invoices (Xero docs: Contacts, "Address types")."""
    return _of_type(source, "Addresses", "AddressType", "POBOX")


def _phone_of(source: Source) -> Json:
    return _of_type(source, "Phones", "PhoneType", "DEFAULT")


def _of_type(source: Source, items: str, key: str, wanted: str) -> Json:
    return next((item for item in wire.objects(source, items) if wire.text(item, key) == wanted), {})
