"""The lines of a document. They are written all or none: one left out would be deleted, one without its id recreated
(Xero docs: Invoices, "Updating")."""

from __future__ import annotations

from collections.abc import Iterable

from accounting.port.documents import LineDoc
from accounting.providers.xero import wire
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


def encode_new(line: LineDoc, *, taxed: bool) -> Json:
    """A line that is not there yet. One that is only text has no amounts: zeros would make it a line that is sold."""
    body: Json = {"LineItemID": line.remote_id} if line.remote_id else {}
    body["Description"] = line.description
    if line.quantity is None and line.unit_amount is None:
        return body
    body |= {key: wire.number(getattr(line, name) or wire.ZERO) for name, key in NUMBERS.items()}
    body |= _discount(line)
    if line.account_code:
        body["AccountCode"] = line.account_code
    if line.tax_code and taxed:
        body["TaxType"] = line.tax_code
    return body


def encode_all(
    lines: Iterable[LineDoc],
    agreed: Iterable[LineDoc],
    there: Iterable[Source],
    *,
    taxed: bool,
    keeps_tax: bool,
) -> list[Json]:
    """All lines of a document that is there: each as it stands in Xero, with what changed here since it was agreed.

    `keeps_tax` is False when tax has to be computed again on every line. Lines that are sent though they say what was
    agreed are sent for their tax: somebody chose ours."""
    known = {line.remote_id: line for line in agreed if line.remote_id}
    standing = {wire.text(line, "LineItemID"): line for line in there}
    wanted = list(lines)
    says_the_same = all(
        line.remote_id in known and not _edits(line, known[line.remote_id]) for line in wanted
    )
    return [
        _encode_change(
            line, known[line.remote_id], standing[line.remote_id], taxed=taxed,
            keeps_tax=keeps_tax and not (says_the_same and line.tax_amount != known[line.remote_id].tax_amount),
        )
        if line.remote_id in known and line.remote_id in standing
        else encode_new(line, taxed=taxed)
        for line in wanted
    ]  # fmt: skip


def _edits(line: LineDoc, agreed: LineDoc) -> set[str]:
    """What was changed here since it was agreed."""
    return {name for name in (*PLAIN, *PRICED_BY) if getattr(line, name) != getattr(agreed, name)}


def _encode_change(line: LineDoc, agreed: LineDoc, there: Source, *, taxed: bool, keeps_tax: bool) -> Json:
    body: Json = {key: there[key] for key in RETURNED if there.get(key) is not None}
    if not body.get("AccountCode") and there.get("AccountID"):
        body["AccountID"] = there["AccountID"]
    changed = _edits(line, agreed)
    body |= {PLAIN[name]: getattr(line, name) for name in changed & PLAIN.keys()}
    body |= {NUMBERS[name]: wire.number(getattr(line, name)) for name in changed & NUMBERS.keys()}
    if changed & set(DISCOUNT):
        body = {key: value for key, value in body.items() if not key.startswith("Discount")} | _discount(line)
    if "account_code" in changed:
        body.pop("AccountID", None)
    if changed & PRICED_BY or not keeps_tax:
        body.pop("TaxAmount", None)
    if not taxed:
        body.pop("TaxType", None)
    return body


def _discount(line: LineDoc) -> Json:
    if line.discount_amount is not None:
        return {"DiscountAmount": wire.number(line.discount_amount)}
    return {"DiscountRate": wire.number(line.discount_percent)}


def decode(source: Source) -> LineDoc:
    """One line. Xero leaves out what a line that is only text does not have. Raises Unreadable."""
    quantity, price = (wire.decimal_or_none(source, key) for key in NUMBERS.values())
    is_text = quantity is None and price is None
    return LineDoc(
        description=wire.text(source, "Description"),
        quantity=quantity if is_text else wire.decimal(source, "Quantity", "1"),
        unit_amount=price if is_text else wire.decimal(source, "UnitAmount"),
        discount_percent=wire.decimal(source, "DiscountRate"),
        discount_amount=wire.decimal_or_none(source, "DiscountAmount"),
        tax_code=wire.text(source, "TaxType"),
        account_code=wire.text(source, "AccountCode"),
        line_amount=wire.decimal(source, "LineAmount"),
        tax_amount=wire.decimal(source, "TaxAmount"),
        remote_id=wire.text(source, "LineItemID"),
    )
