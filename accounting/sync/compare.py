"""What two versions of a record have in common and where they differ. Pure.

Both documents are in the remote side's terms (its contact ids, tax codes, account codes), so they can
be compared field by field. What a side computes or keeps for itself (ids, payments, rates) is left out.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounting.port.documents import ContactDoc, Document, InvoiceDoc, LineDoc, PaymentDoc
from accounting.port.snapshots import dump

CONTACT_FIELDS = (
    "name", "reference", "first_name", "last_name", "email", "phone", "address_line",
    "city", "region", "postal_code", "country", "tax_number", "archived",
)  # fmt: skip
INVOICE_FIELDS = (
    "number", "reference", "contact_id", "issue_date", "due_date", "currency", "amounts",
    "net", "tax", "total",
)  # fmt: skip
LINE_FIELDS = ("description", "quantity", "unit_amount", "discount_percent", "tax_code", "account_code")
PAYMENT_FIELDS = ("amount", "date", "reference", "removed")

SIGNIFICANT = {"net", "tax", "total", "issue_date", "due_date", "lines", "voided"}
"""Fields of an invoice whose difference, after both sides changed, is a conflict (product 7). Others merge."""

ENDED = ("voided", "deleted")


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field in the three versions, as JSON-ready values; `base` is what both last agreed on."""

    field: str
    base: Any
    ours: Any
    theirs: Any


def comparable(document: Document) -> dict[str, Any]:
    """The fields that count, as JSON-ready values."""
    if isinstance(document, ContactDoc):
        return _pick(document, CONTACT_FIELDS)
    if isinstance(document, PaymentDoc):
        return _pick(document, PAYMENT_FIELDS)
    return {
        **_pick(document, INVOICE_FIELDS),
        "voided": document.state in ENDED,
        "lines": [_line(line) for line in document.lines],
    }


def _pick(document: Document, names: tuple[str, ...]) -> dict[str, Any]:
    snapshot = dump(document)
    return {name: snapshot[name] for name in names}


def _line(line: LineDoc) -> dict[str, Any]:
    snapshot = dump(line)
    return {name: snapshot[name] for name in LINE_FIELDS}


def fingerprint(document: Document) -> str:
    """A hash of the fields that count. The same document always gives the same one."""
    told = json.dumps(comparable(document), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def same(left: Document, right: Document) -> bool:
    """Whether the two agree in every field that counts."""
    return comparable(left) == comparable(right)


def three_way(base: Document, ours: Document, theirs: Document) -> list[FieldDiff]:
    """Every field in which ours and theirs differ now, with what both last agreed on."""
    old, mine, other = comparable(base), comparable(ours), comparable(theirs)
    return [
        FieldDiff(name, old.get(name), mine[name], other[name]) for name in mine if mine[name] != other[name]
    ]


def is_conflict(diffs: list[FieldDiff]) -> bool:
    """Whether, both sides having changed, a person must decide: a significant field differs, or both changed
    the same lesser one."""
    return any(diff.field in SIGNIFICANT or _both_changed(diff) for diff in diffs)


def _both_changed(diff: FieldDiff) -> bool:
    return bool(diff.ours != diff.base and diff.theirs != diff.base)


def changes(before: Document, after: Document) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of each field that differs: what a history tells."""
    old, new = comparable(before), comparable(after)
    return [(name, old.get(name), new[name]) for name in new if old.get(name) != new[name]]


def cents_apart(ours: InvoiceDoc, theirs: InvoiceDoc) -> Decimal:
    """How far the two totals are from each other, in the invoice's currency; 0 when they agree to the cent."""
    return abs(ours.total - theirs.total)
