"""Fields and values of documents, as people say them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounting.enums import Kind
from accounting.models import Link, RemoteAccount, RemoteTaxRate
from core.templatetags.display import day, money, quantity, unit_price
from customers.models import Customer
from lines.enums import LineAmounts

LABELS = {
    "name": "Name", "reference": "Reference", "first_name": "First name", "last_name": "Last name",
    "email": "E-mail", "phone": "Phone", "address_line": "Address", "city": "City",
    "region": "Region", "postal_code": "Postal code", "country": "Country", "tax_number": "Tax number",
    "archived": "Archived", "number": "Number", "contact_id": "Customer", "issue_date": "Issue date",
    "due_date": "Due date", "currency": "Currency", "amounts": "Amounts are", "net": "Subtotal", "tax": "Tax",
    "total": "Total", "voided": "Voided", "lines": "Lines", "amount": "Amount", "date": "Date",
    "removed": "Reversed", "description": "Description", "quantity": "Quantity", "unit_amount": "Unit price",
    "discount_percent": "Discount", "discount_amount": "Discount", "tax_amount": "Tax",
    "tax_code": "Tax rate", "account_code": "Account", "line_amount": "Amount",
    "invoice_status": "Status of new invoices", "revenue_account": "Revenue account",
    "payment_account": "Payment account", "tax_rate": "Default tax rate",
}  # fmt: skip
LINE_FIELDS = (
    "description", "quantity", "unit_amount", "discount_percent", "discount_amount", "tax_code", "account_code",
    "line_amount", "tax_amount",
)  # fmt: skip
MONEY = {"net", "tax", "total", "amount", "line_amount", "tax_amount", "discount_amount"}
DATES = {"issue_date", "due_date", "date"}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes and ids of the organisation are called."""

    accounts: dict[str, str] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed, in words."""

    label: str
    before: str
    after: str


def load_names(connection_id: UUID, contact_ids: Iterable[str] = ()) -> Names:
    """The organisation's accounts and tax rates, and our customers behind these contacts, in four queries."""
    accounts = RemoteAccount.objects.filter(connection_id=connection_id)
    rates = RemoteTaxRate.objects.filter(connection_id=connection_id)
    return Names(
        accounts={row.code: str(row) for row in accounts if row.code},
        rates={row.code: row.name for row in rates},
        contacts=_contacts(connection_id, [remote_id for remote_id in contact_ids if remote_id]),
    )


def _contacts(connection_id: UUID, remote_ids: list[str]) -> dict[str, str]:
    if not remote_ids:
        return {}
    links = Link.objects.filter(connection_id=connection_id, kind=Kind.CUSTOMER, remote_id__in=remote_ids)
    known = dict(links.values_list("local_id", "remote_id"))
    names = Customer.objects.filter(pk__in=known).values_list("pk", "name")
    return {known[pk]: name for pk, name in names}


def label_of(name: str) -> str:
    """The field's name in words."""
    return LABELS.get(name) or (name if " " in name else name.replace("_", " ").capitalize())


def say(name: str, value: Any, names: Names, currency: str = "") -> str:
    """A field's value in words; empty for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if name in MONEY:
        return money(value, currency)
    if name in DATES:
        return day(dt.date.fromisoformat(value))
    return _say_plain(name, value, names)


def _say_plain(name: str, value: Any, names: Names) -> str:
    if name == "quantity":
        return quantity(value)
    if name == "unit_amount":
        return unit_price(value)
    if name == "discount_percent":
        return f"{quantity(value)} %" if quantity(value) != "0" else "None"
    if name == "amounts":
        return str(dict(LineAmounts.choices).get(value, value))
    return _say_code(name, str(value), names)


def _say_code(name: str, value: str, names: Names) -> str:
    if name == "tax_code":
        return names.rates.get(value, "No tax" if value == "NONE" else value)
    if name == "account_code":
        return names.accounts.get(value, value)
    if name == "contact_id":
        return names.contacts.get(value, "A contact that is no customer here")
    return value


def say_line(line: dict[str, Any] | None, names: Names, currency: str = "") -> str:
    """A whole line in one sentence; empty where there is none."""
    if not line:
        return ""
    rate = say("tax_code", line.get("tax_code"), names)
    return ", ".join(
        filter(None, (str(line.get("description", "")), _say_price(line, names, currency), rate))
    )


def _say_price(line: dict[str, Any], names: Names, currency: str) -> str:
    """Quantity times price, less the discount; empty for a line that is only text."""
    if line.get("quantity") is None and line.get("unit_amount") is None:
        return ""
    told = f"{say('quantity', line.get('quantity'), names)} × {say('unit_amount', line.get('unit_amount'), names)}"
    amount = say("discount_amount", line.get("discount_amount"), names, currency)
    discount = amount or say("discount_percent", line.get("discount_percent"), names)
    return told if discount in ("", "None") else f"{told} less {discount}"


def say_changes(changes: Iterable[Any], names: Names) -> list[Change]:
    """A history's [field, before, after] triples in words; lines one by one."""
    told: list[Change] = []
    for name, before, after in changes:
        if name == "lines":
            told += _line_changes(before or [], after or [], names)
        else:
            told.append(Change(label_of(name), say(name, before, names), say(name, after, names)))
    return told


def _line_changes(before: list[Any], after: list[Any], names: Names) -> list[Change]:
    told: list[Change] = []
    for index in range(max(len(before), len(after))):
        old = before[index] if index < len(before) else None
        new = after[index] if index < len(after) else None
        title = f"Line {index + 1}"
        if old and new:
            told += _field_changes(title, old, new, names)
        else:
            told.append(Change(title, say_line(old, names), say_line(new, names)))
    return told


def _field_changes(title: str, old: dict[str, Any], new: dict[str, Any], names: Names) -> list[Change]:
    return [
        Change(
            f"{title}, {label_of(key).lower()}", say(key, old.get(key), names), say(key, new.get(key), names)
        )
        for key in LINE_FIELDS
        if old.get(key) != new.get(key)
    ]


def contact_ids_in(changes: Iterable[Any]) -> set[str]:
    """The contacts that these triples name."""
    return {value for name, *values in changes if name == "contact_id" for value in values if value}
