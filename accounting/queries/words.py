"""Fields and values of documents, as people say them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounting.models import Link, RemoteAccount, RemoteTaxRate
from accounting.port.documents import Fact, LineDoc, Ref, Shown, facts_of, shape_of
from accounting.resources.registry import get_resource
from core.templatetags.display import day, money, quantity, unit_price
from lines.enums import LineAmounts

SETTINGS = {
    "invoice_status": "When invoices go to Xero", "revenue_account": "Revenue account",
    "payment_account": "Payment account", "tax_rate": "Default tax rate",
    "locked_period": "When a date lies in a locked period", "start_date": "Start of the sync",
    "sent_there": "In Xero, invoices that Tandem approves are",
    "match_by": "What a customer and its contact must share",
    "unmatched": "A customer that is found nowhere in Xero", "payments_way": "Which way payments go",
}  # fmt: skip
STANDINGS = {"draft": "Draft", "submitted": "Awaiting approval", "authorised": "Awaiting payment"}
LINE = facts_of(LineDoc)


@dataclass(frozen=True, slots=True)
class Names:
    """What codes and ids of the organisation are called."""

    accounts: dict[str, str] = field(default_factory=dict)
    rates: dict[str, str] = field(default_factory=dict)
    records: dict[Ref, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed, in words."""

    label: str
    before: str
    after: str


def load_names(connection_id: UUID, refs: Iterable[Ref] = ()) -> Names:
    """The organisation's accounts and tax rates in two queries, and ours behind these remote records, in two a kind."""
    accounts = RemoteAccount.objects.filter(connection_id=connection_id)
    rates = RemoteTaxRate.objects.filter(connection_id=connection_id)
    return Names(
        accounts={row.code: str(row) for row in accounts if row.code},
        rates={row.code: row.name for row in rates},
        records=_records(connection_id, refs),
    )


def _records(connection_id: UUID, refs: Iterable[Ref]) -> dict[Ref, str]:
    by_kind: dict[str, list[str]] = {}
    for kind, remote_id in refs:
        by_kind.setdefault(kind, []).append(remote_id)
    found = {}
    for kind, remote_ids in by_kind.items():
        links = Link.objects.filter(connection_id=connection_id, kind=kind, remote_id__in=remote_ids)
        known = dict(links.values_list("local_id", "remote_id"))
        found.update({Ref(kind, known[row.local_id]): row.name for row in get_resource(kind).named(known)})
    return found


def fact_of(kind: str, name: str) -> Fact:
    """What a field of this kind is. What is no field of a document (a setting, a field of an older release) is plain
    text."""
    if not kind:
        return Fact(_plain_label(name), name=name)
    shape = shape_of(kind)
    told_there = {fact.name: fact for fact in (*shape.told_there, shape.settled_fact) if fact}
    return facts_of(shape).get(name) or told_there.get(name) or Fact(_plain_label(name), name=name)


def _plain_label(name: str) -> str:
    return SETTINGS.get(name) or (name if " " in name else name.replace("_", " ").capitalize())


def say(fact: Fact, value: Any, names: Names, currency: str = "") -> str:
    """A field's value in words; empty for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if fact.refers:
        return names.records.get(Ref(fact.refers, value)) or get_resource(fact.refers).words.stranger
    return _SAY[fact.shown](value, names, currency)


def _say_share(value: Any) -> str:
    return f"{quantity(value)}%" if quantity(value) != "0" else "None"


_SAY: Mapping[Shown, Callable[[Any, Names, str], str]] = {
    Shown.TEXT: lambda value, names, currency: str(value),
    Shown.MONEY: lambda value, names, currency: money(value, currency),
    Shown.PRICE: lambda value, names, currency: unit_price(value),
    Shown.QUANTITY: lambda value, names, currency: quantity(value),
    Shown.PERCENT: lambda value, names, currency: _say_share(value),
    Shown.DATE: lambda value, names, currency: day(dt.date.fromisoformat(value)),
    Shown.AMOUNTS: lambda value, names, currency: str(dict(LineAmounts.choices).get(value, value)),
    Shown.TAX: lambda value, names, currency: names.rates.get(value, "No tax" if value == "NONE" else value),
    Shown.ACCOUNT: lambda value, names, currency: names.accounts.get(value, value),
    Shown.STANDING: lambda value, names, currency: STANDINGS.get(value, value),
    Shown.RECORD: lambda value, names, currency: str(value),
}


def say_line(line: dict[str, Any] | None, names: Names, currency: str = "") -> str:
    """A whole line in one sentence; empty where there is none."""
    if not line:
        return ""
    rate = say(LINE["tax_code"], line.get("tax_code"), names)
    return ", ".join(
        filter(None, (str(line.get("description", "")), _say_price(line, names, currency), rate))
    )


def _say_price(line: dict[str, Any], names: Names, currency: str) -> str:
    """Quantity times price, less the discount; empty for a line that is only text."""
    if line.get("quantity") is None and line.get("unit_amount") is None:
        return ""

    def told(name: str) -> str:
        return say(LINE[name], line.get(name), names, currency)

    price, discount = (
        f"{told('quantity')} × {told('unit_amount')}",
        told("discount_amount") or told("discount_percent"),
    )
    return price if discount in ("", "None") else f"{price} less {discount}"


def say_changes(kind: str, changes: Iterable[Any], names: Names) -> list[Change]:
    """A history's [field, before, after] triples of a record of this kind in words; lines one by one."""
    told: list[Change] = []
    for name, before, after in changes:
        fact = fact_of(kind, name)
        if fact.shown == Shown.LINES:
            told += _line_changes(before or [], after or [], names)
        else:
            told.append(Change(fact.label, say(fact, before, names), say(fact, after, names)))
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
            f"{title}, {fact.label.lower()}", say(fact, old.get(key), names), say(fact, new.get(key), names)
        )
        for key, fact in LINE.items()
        if old.get(key) != new.get(key)
    ]


def refs_in(kind: str, changes: Iterable[Any]) -> set[Ref]:
    """The remote records that these triples of a record of this kind name."""
    named = ((fact_of(kind, name), values) for name, *values in changes)
    return {Ref(fact.refers, value) for fact, values in named if fact.refers for value in values if value}
