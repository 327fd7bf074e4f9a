"""The lines of a document. They are written all or none: one left out would be deleted, one without its id recreated
(Xero docs: Invoices, "Updating")."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from accounting.port.documents import LineDoc, Tracked
from accounting.providers.xero import wire
from accounting.providers.xero.shapes import Number, Shape, Text, amount, amount_or_none
from accounting.providers.xero.wire import Json, Source

PLAIN = {"description": "Description", "account_code": "AccountCode", "tax_code": "TaxType"}
NUMBERS = {"quantity": "Quantity", "unit_amount": "UnitAmount"}
DISCOUNT = ("discount_percent", "discount_amount")
PRICED_BY = {*NUMBERS, *DISCOUNT, "tax_code"}
"""What a line's tax follows from. While none of it changes, the tax somebody put in by hand stays."""

RETURNED = (
    "LineItemID", "Description", "Quantity", "UnitAmount", "DiscountRate", "DiscountAmount", "ItemCode",
    "AccountCode", "TaxType", "TaxAmount", "Tracking",
)  # fmt: skip
"""What is sent back of a line as it is there; the rest Xero computes or knows by the line's id."""

ONE = Decimal(1)


class Line(Shape, omit_defaults=True):
    """A line as Xero writes it, and as a new one is written: what it does not say is left out."""

    Description: Text = None
    UnitAmount: Number = None
    TaxType: Text = None
    TaxAmount: Number = None
    LineAmount: Number = None
    AccountCode: Text = None
    Quantity: Number = None
    DiscountRate: Number = None
    DiscountAmount: Number = None
    LineItemID: Text = None


class NewLine(Line):
    """A line that is not there yet, with what it is tracked by: of one that is there, nobody here asks."""

    Tracking: list[Json] | None = None


def encode_new(line: LineDoc, *, taxed: bool) -> Line:
    """A line that is not there yet. One that is only text has no amounts: zeros would make it a line that is sold."""
    if line.quantity is None and line.unit_amount is None:
        return Line(LineItemID=line.remote_id or None, Description=line.description)
    return NewLine(
        LineItemID=line.remote_id or None,
        Description=line.description,
        Quantity=line.quantity or wire.ZERO,
        UnitAmount=line.unit_amount or wire.ZERO,
        DiscountRate=line.discount_percent if line.discount_amount is None else None,
        DiscountAmount=line.discount_amount,
        AccountCode=line.account_code or None,
        TaxType=line.tax_code or None if taxed else None,
        Tracking=[_tracking(each) for each in line.tracking] or None,
    )


def _tracking(tracked: Tracked) -> Json:
    return {"TrackingCategoryID": tracked.category_id, "TrackingOptionID": tracked.option_id}


@dataclass(frozen=True, slots=True)
class Taxing:
    """How the lines of a document that is there are to be taxed: whether they are at all, and of which of them Xero
    computes the tax again though nothing that it follows from was changed: of every line (`anew`), or of those whose
    tax is another there than here (`ours`: somebody chose our side)."""

    taxed: bool = True
    anew: bool = False
    ours: bool = False

    def keeps(self, line: LineDoc, agreed: LineDoc) -> bool:
        """Whether the tax stays as it stands in Xero, put in by hand or not."""
        if self.anew or _edits(line, agreed) & PRICED_BY:
            return False
        return not self.ours or line.tax_amount == agreed.tax_amount


def encode_all(
    lines: Iterable[LineDoc], agreed: Iterable[LineDoc], there: Iterable[Source], taxing: Taxing
) -> list[Json | Line]:
    """All lines of a document that is there: each as it stands in Xero, with what changed here since it was agreed."""
    known = {line.remote_id: line for line in agreed if line.remote_id}
    standing = {wire.text(line, "LineItemID"): line for line in there}
    return [
        _encode_change(line, known[line.remote_id], standing[line.remote_id], taxing)
        if line.remote_id in known and line.remote_id in standing
        else encode_new(line, taxed=taxing.taxed)
        for line in lines
    ]


def _edits(line: LineDoc, agreed: LineDoc) -> set[str]:
    """What was changed here since it was agreed."""
    return {name for name in (*PLAIN, *PRICED_BY) if getattr(line, name) != getattr(agreed, name)}


def _encode_change(line: LineDoc, agreed: LineDoc, there: Source, taxing: Taxing) -> Json:
    body: Json = {key: there[key] for key in RETURNED if there.get(key) is not None}
    if not body.get("AccountCode") and there.get("AccountID"):
        body["AccountID"] = there["AccountID"]
    changed = _edits(line, agreed)
    body |= {PLAIN[name]: getattr(line, name) for name in changed & PLAIN.keys()}
    body |= {NUMBERS[name]: getattr(line, name) for name in changed & NUMBERS.keys()}
    if changed & set(DISCOUNT):
        body = {key: value for key, value in body.items() if not key.startswith("Discount")} | _discount(line)
    if "account_code" in changed:
        body.pop("AccountID", None)
    if not taxing.keeps(line, agreed):
        body.pop("TaxAmount", None)
    if not taxing.taxed:
        body.pop("TaxType", None)
    return body


def _discount(line: LineDoc) -> Json:
    if line.discount_amount is not None:
        return {"DiscountAmount": line.discount_amount}
    return {"DiscountRate": line.discount_percent}


def decode(line: Line) -> LineDoc:
    """One line. Xero leaves out what a line that is only text does not have. Raises Unreadable."""
    is_text = line.Quantity is None and line.UnitAmount is None
    return LineDoc(
        description=line.Description or "",
        quantity=None if is_text else amount(line.Quantity, ONE),
        unit_amount=None if is_text else amount(line.UnitAmount),
        discount_percent=amount(line.DiscountRate),
        discount_amount=amount_or_none(line.DiscountAmount),
        tax_code=line.TaxType or "",
        account_code=line.AccountCode or "",
        line_amount=amount(line.LineAmount),
        tax_amount=amount(line.TaxAmount),
        remote_id=line.LineItemID or "",
    )
