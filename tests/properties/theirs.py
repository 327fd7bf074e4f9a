"""What a bookkeeper may put into a record on Xero's own pages: modelled here or not. Pure dice."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Any

Json = dict[str, Any]
Fresh = Callable[[str], str]
"""A text nobody used before, beginning with the one given."""

PRICED = ("UnitAmount", "Quantity", "DiscountAmount", "DiscountRate", "TaxType")
SENT_BACK = (
    "LineItemID", "Description", "Quantity", "UnitAmount", "DiscountRate", "DiscountAmount", "AccountCode",
    "TaxType", "TaxAmount", "Tracking",
)  # fmt: skip
REGIONS = ("North", "South")


def head(dice: random.Random, fresh: Fresh, day: dt.date) -> Json:
    """One field of an invoice's head."""
    later = (day + dt.timedelta(days=dice.randrange(30, 90))).isoformat()
    return dice.choice(
        (
            {"DueDate": later},
            {"Reference": fresh("their ref ")},
            {"InvoiceNumber": fresh("BK-")},
            {"Date": (day + dt.timedelta(days=dice.randrange(20))).isoformat()},
            {"Url": f"https://books.example/{fresh('i')}"},
            {"SentToContact": dice.random() < 0.5},
            {"BrandingThemeID": f"e1c2b3a4-0000-4000-8000-00000000000{dice.randrange(9)}"},
            {"ExpectedPaymentDate": later},
            {"LineAmountTypes": dice.choice(("Exclusive", "Inclusive"))},
        )
    )


def lines(dice: random.Random, fresh: Fresh, standing: Sequence[Json]) -> tuple[str, list[Json]]:
    """The whole set of lines after one move, and the move in words. Xero's own page sends back what it does not
    change."""
    rows = [{key: line[key] for key in SENT_BACK if key in line} for line in standing]
    move = dice.choice(("edit", "edit", "edit", "edit", "more", "less", "words", "order", "exchange"))
    if move == "edit":
        at = dice.randrange(len(rows))
        change = _line_change(dice, fresh, rows[at])
        rows[at] = _changed(rows[at], change)
        return f"{change} on line {at + 1}", rows
    if move == "more":
        rows.append(_own_line(fresh("Theirs ")))
    elif move == "words":
        rows.insert(dice.randrange(len(rows) + 1), {"Description": fresh("Note ")})
    elif move == "order":
        dice.shuffle(rows)
    elif move == "less" and len(rows) > 1:
        rows.pop(dice.randrange(len(rows)))
    elif move == "exchange":
        at = dice.randrange(len(rows))
        rows[at] = {key: value for key, value in rows[at].items() if key != "LineItemID"}
    return move, rows


def _own_line(description: str) -> Json:
    return {
        "Description": description,
        "Quantity": 1,
        "UnitAmount": 5.5,
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
    }


def _line_change(dice: random.Random, fresh: Fresh, line: Json) -> Json:
    """One field of a line; of one that is only text, its words."""
    if "UnitAmount" not in line:
        return {"Description": fresh("Other words ")}
    cent = dice.choice((-1, 1))
    return dice.choice(
        (
            {"UnitAmount": dice.choice((40, 55.5, 70.25))},
            {"Quantity": dice.choice((1, 2, 2.5))},
            {"Description": fresh("Their words ")},
            {"DiscountAmount": dice.choice((1, 2.5, 7.77))},
            {"DiscountRate": dice.choice((5, 12.5, 33.33))},
            {"TaxAmount": (round(line["TaxAmount"] * 100) + cent) / 100 if line["TaxAmount"] else 0},
            {"TaxType": dice.choice(("OUTPUT2", "ZERORATED"))},
            {"AccountCode": dice.choice(("200", "260"))},
            {"Tracking": [{"Name": "Region", "Option": dice.choice(REGIONS)}]},
        )
    )


def _changed(line: Json, change: Json) -> Json:
    """A price that changes has its tax computed anew; one kind of discount takes the place of the other."""
    gone = {"TaxAmount"} if change.keys() & set(PRICED) else set()
    gone |= (
        {"DiscountAmount", "DiscountRate"} if change.keys() & {"DiscountAmount", "DiscountRate"} else set()
    )
    return {key: value for key, value in line.items() if key not in gone} | change


def contact(dice: random.Random, fresh: Fresh) -> Json:
    """One change of a contact."""
    return dice.choice(
        (
            {"EmailAddress": f"{fresh('theirs')}@example.com"},
            {"Name": fresh("Their name ")},
            {"AccountNumber": fresh("ACC-")},
            {"FirstName": fresh("Ana "), "EmailAddress": f"{fresh('theirs')}@example.com"},
            {"ContactStatus": "ARCHIVED"},
            {"Addresses": [_address(dice, fresh, "POBOX")]},
            {"Addresses": [_address(dice, fresh, "POBOX"), _address(dice, fresh, "STREET")]},
            {"Phones": [_phone(dice, fresh, "DEFAULT")]},
            {"Phones": [_phone(dice, fresh, kind) for kind in ("MOBILE", "DEFAULT", "FAX")]},
            {"ContactPersons": [{"FirstName": fresh("Kim "), "LastName": "Lee", "IncludeInEmails": True}]},
            {"DefaultCurrency": dice.choice(("NZD", "AUD"))},
            {"PaymentTerms": {"Sales": {"Day": dice.randrange(1, 28), "Type": "DAYSAFTERBILLDATE"}}},
            {"CompanyNumber": fresh("C-"), "TaxNumber": fresh("T-")},
            {"SalesDefaultAccountCode": "260"},
        )
    )


def _address(dice: random.Random, fresh: Fresh, kind: str) -> Json:
    parts = {
        "AddressLine1": fresh("Quay "),
        "AddressLine2": fresh("Level "),
        "AddressLine3": fresh("Building "),
        "City": fresh("City "),
        "Region": fresh("Region "),
        "PostalCode": fresh("10"),
        "Country": dice.choice(("New Zealand", "Australia")),
        "AttentionTo": fresh("Attention "),
    }
    return {"AddressType": kind, **{key: value for key, value in parts.items() if dice.random() < 0.7}}


def _phone(dice: random.Random, fresh: Fresh, kind: str) -> Json:
    parts = {"PhoneCountryCode": "64", "PhoneAreaCode": dice.choice(("9", "09", "21"))}
    kept = {key: value for key, value in parts.items() if dice.random() < 0.7}
    return {"PhoneType": kind, **kept, "PhoneNumber": fresh("555 0")}
