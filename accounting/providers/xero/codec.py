"""Documents to Xero's JSON and back, both ways. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from accounting.port.documents import (
    Amounts,
    ContactDoc,
    Document,
    InvoiceDoc,
    InvoiceState,
    Kind,
    LineDoc,
    Outgoing,
    PaymentDoc,
    RemoteRecord,
    Verb,
)
from accounting.providers.xero import wire
from accounting.providers.xero.wire import Json, Unreadable

AMOUNTS: Mapping[str, str] = {"exclusive": "Exclusive", "inclusive": "Inclusive", "no_tax": "NoTax"}
AMOUNTS_BACK = {theirs: ours for ours, theirs in AMOUNTS.items()}
STATES = ("draft", "submitted", "authorised", "paid", "voided", "deleted")
ENVELOPE: Mapping[Kind, str] = {"customer": "Contacts", "invoice": "Invoices", "payment": "Payments"}
ID_FIELD: Mapping[Kind, str] = {"customer": "ContactID", "invoice": "InvoiceID", "payment": "PaymentID"}
NO_ID = "00000000-0000-0000-0000-000000000000"

# To Xero


def encode(kind: Kind, verb: Verb, element: Outgoing) -> Json:
    """The JSON of one element of a write."""
    body = _REMOVERS[kind](element) if verb == "remove" else _ENCODERS[kind](element)
    if element.remote_id:
        body[ID_FIELD[kind]] = element.remote_id
    return body


def _encode_contact(element: Outgoing) -> Json:
    doc = cast(ContactDoc, element.document)
    return {
        "Name": doc.name,
        "AccountNumber": doc.reference,
        "FirstName": doc.first_name,
        "LastName": doc.last_name,
        "EmailAddress": doc.email,
        "TaxNumber": doc.tax_number,
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": doc.phone}],
        "Addresses": [_encode_address(doc)],
    }


def _encode_address(doc: ContactDoc) -> Json:
    """POBOX is the address printed on invoices (Xero docs: Contacts, "Address types")."""
    return {
        "AddressType": "POBOX",
        "AddressLine1": doc.address_line,
        "City": doc.city,
        "Region": doc.region,
        "PostalCode": doc.postal_code,
        "Country": doc.country,
    }


def _encode_invoice(element: Outgoing) -> Json:
    """Every line is sent with its id: a line left out would be deleted, one without an id recreated, and lines
    without a rate would reset the rate of a foreign document (Xero docs: Invoices, "Updating")."""
    doc = cast(InvoiceDoc, element.document)
    body: Json = {
        "Type": "ACCREC",
        "Contact": {"ContactID": doc.contact_id},
        "InvoiceNumber": doc.number,
        "Reference": doc.reference,
        "Date": doc.issue_date.isoformat(),
        "CurrencyCode": doc.currency,
        "LineAmountTypes": AMOUNTS[doc.amounts],
        "LineItems": [_encode_line(line, doc.amounts) for line in doc.lines],
    }
    if doc.due_date:
        body["DueDate"] = doc.due_date.isoformat()
    if doc.state:
        body["Status"] = doc.state.upper()
    if doc.rate is not None:
        body["CurrencyRate"] = wire.number(doc.rate)
    if doc.url:
        body["Url"] = doc.url
    return body


def _encode_line(line: LineDoc, amounts: Amounts) -> Json:
    body: Json = {
        "Description": line.description,
        "Quantity": wire.number(line.quantity),
        "UnitAmount": wire.number(line.unit_amount),
        "DiscountRate": wire.number(line.discount_percent),
    }
    if line.remote_id:
        body["LineItemID"] = line.remote_id
    if line.account_code:
        body["AccountCode"] = line.account_code
    if line.tax_code and amounts != "no_tax":
        body["TaxType"] = line.tax_code
    return body


def _encode_payment(element: Outgoing) -> Json:
    doc = cast(PaymentDoc, element.document)
    return {
        "Invoice": {"InvoiceID": doc.invoice_id},
        "Account": {"AccountID": doc.account_id},
        "Date": doc.date.isoformat(),
        "Amount": wire.number(doc.amount),
        "Reference": doc.reference,
    }


def _remove_invoice(element: Outgoing) -> Json:
    """Drafts are deleted, approved invoices voided: the wrong word is refused (Xero docs: Invoices, "Status codes")."""
    state = cast(InvoiceDoc, element.document).state
    return {"Status": "DELETED" if state in ("draft", "submitted") else "VOIDED"}


_ENCODERS: Mapping[Kind, Callable[[Outgoing], Json]] = {
    "customer": _encode_contact,
    "invoice": _encode_invoice,
    "payment": _encode_payment,
}
_REMOVERS: Mapping[Kind, Callable[[Outgoing], Json]] = {
    "customer": lambda element: {"ContactStatus": "ARCHIVED"},
    "invoice": _remove_invoice,
    "payment": lambda element: {"Status": "DELETED"},
}

# From Xero


def decode(kind: Kind, source: Json) -> RemoteRecord:
    """One record of a reply. Raises Unreadable when it does not have the shape we know."""
    remote_id = wire.text(source, ID_FIELD[kind])
    if not remote_id or remote_id == NO_ID:
        raise Unreadable(f"no {ID_FIELD[kind]}")
    document = _DECODERS[kind](source)
    return RemoteRecord(kind, remote_id, wire.instant(source, "UpdatedDateUTC"), document)


def _decode_contact(source: Json) -> ContactDoc:
    address = _of_type(wire.objects(source, "Addresses"), "AddressType", "POBOX")
    phone = _of_type(wire.objects(source, "Phones"), "PhoneType", "DEFAULT")
    return ContactDoc(
        reference=wire.text(source, "AccountNumber"),
        name=wire.text(source, "Name"),
        first_name=wire.text(source, "FirstName"),
        last_name=wire.text(source, "LastName"),
        email=wire.text(source, "EmailAddress"),
        phone=_phone(phone),
        address_line=wire.text(address, "AddressLine1"),
        city=wire.text(address, "City"),
        region=wire.text(address, "Region"),
        postal_code=wire.text(address, "PostalCode"),
        country=wire.text(address, "Country"),
        tax_number=wire.text(source, "TaxNumber"),
        archived=wire.text(source, "ContactStatus") == "ARCHIVED",
        merged_into=wire.text(source, "MergedToContactID"),
    )


def _of_type(items: list[Json], key: str, wanted: str) -> Json:
    return next((item for item in items if wire.text(item, key) == wanted), {})


def _phone(source: Json) -> str:
    parts = (wire.text(source, key) for key in ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber"))
    return " ".join(part for part in parts if part)


def _decode_invoice(source: Json) -> InvoiceDoc:
    contact = source.get("Contact") or {}
    return InvoiceDoc(
        number=wire.text(source, "InvoiceNumber"),
        reference=wire.text(source, "Reference"),
        contact_id=wire.text(contact, "ContactID"),
        issue_date=wire.date(source, "Date"),
        due_date=wire.date_or_none(source, "DueDate"),
        currency=wire.text(source, "CurrencyCode"),
        amounts=_amounts(source),
        lines=tuple(_decode_line(line) for line in wire.objects(source, "LineItems")),
        state=_state(source),
        net=wire.decimal(source, "SubTotal"),
        tax=wire.decimal(source, "TotalTax"),
        total=wire.decimal(source, "Total"),
        amount_paid=wire.decimal(source, "AmountPaid"),
        amount_credited=wire.decimal(source, "AmountCredited"),
        rate=wire.decimal(source, "CurrencyRate", "1"),
        payments=_decode_embedded_payments(source),
        is_sale=wire.text(source, "Type") in ("ACCREC", ""),
    )


def _amounts(source: Json) -> Amounts:
    word = wire.text(source, "LineAmountTypes") or "Exclusive"
    if word not in AMOUNTS_BACK:
        raise Unreadable(f"LineAmountTypes {word!r}")
    return cast(Amounts, AMOUNTS_BACK[word])


def _state(source: Json) -> InvoiceState:
    word = wire.text(source, "Status").lower()
    if word not in STATES:
        raise Unreadable(f"Status {word!r}")
    return cast(InvoiceState, word)


def _decode_line(source: Json) -> LineDoc:
    return LineDoc(
        description=wire.text(source, "Description"),
        quantity=wire.decimal(source, "Quantity"),
        unit_amount=wire.decimal(source, "UnitAmount"),
        discount_percent=wire.decimal(source, "DiscountRate"),
        tax_code=wire.text(source, "TaxType"),
        account_code=wire.text(source, "AccountCode"),
        line_amount=wire.decimal(source, "LineAmount"),
        tax_amount=wire.decimal(source, "TaxAmount"),
        remote_id=wire.text(source, "LineItemID"),
    )


def _decode_embedded_payments(source: Json) -> tuple[PaymentDoc, ...]:
    """Live payments only: Xero leaves deleted ones out of the invoice (Xero docs: Invoices, "Payments")."""
    invoice_id = wire.text(source, "InvoiceID")
    return tuple(
        _decode_payment({**item, "Invoice": {"InvoiceID": invoice_id}})
        for item in wire.objects(source, "Payments")
    )


def _decode_payment(source: Json) -> PaymentDoc:
    return PaymentDoc(
        invoice_id=wire.text(source.get("Invoice") or {}, "InvoiceID"),
        amount=wire.decimal(source, "Amount"),
        date=wire.date(source, "Date"),
        reference=wire.text(source, "Reference"),
        account_id=wire.text(source.get("Account") or {}, "AccountID"),
        removed=wire.text(source, "Status") == "DELETED",
        remote_id=wire.text(source, "PaymentID"),
    )


_DECODERS: Mapping[Kind, Callable[[Json], Document]] = {
    "customer": _decode_contact,
    "invoice": _decode_invoice,
    "payment": _decode_payment,
}


def messages(element: Json, key: str) -> tuple[str, ...]:
    """The texts of `ValidationErrors` or `Warnings` of one element."""
    return tuple(wire.text(item, "Message") for item in wire.objects(element, key) if item.get("Message"))


def is_error(element: Json) -> bool:
    """Whether this element was refused. What it echoes is what was asked, never what is (Xero docs: Errors)."""
    return wire.text(element, "StatusAttributeString") == "ERROR" or bool(
        element.get("HasErrors") or element.get("HasValidationErrors") or element.get("ValidationErrors")
    )
