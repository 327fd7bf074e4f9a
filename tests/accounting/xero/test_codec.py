"""Documents to Xero's JSON and back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounting.port.documents import ContactDoc, InvoiceDoc, LineDoc, PaymentDoc
from accounting.port.exchange import Outgoing
from accounting.port.snapshots import dump, load
from accounting.providers.xero import answers, wire
from accounting.providers.xero.kinds.base import NO_ID
from accounting.providers.xero.kinds.lines import Taxing, encode_all
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.wire import Unreadable

INVOICE: dict[str, Any] = {
    "Type": "ACCREC",
    "InvoiceID": "ed255415-0000-0000-0000-000000000001",
    "InvoiceNumber": "INV-7",
    "Contact": {"ContactID": "c1", "Name": "Ana"},
    "DateString": "2019-03-11T00:00:00",
    "Date": "/Date(1552262400000+0000)/",
    "DueDate": "/Date(1552348800000+0000)/",
    "Status": "AUTHORISED",
    "LineAmountTypes": "Exclusive",
    "LineItems": [
        {"Description": "Tires", "UnitAmount": 20.0, "Quantity": 2.0, "LineAmount": 40.0, "LineItemID": "l1"}
    ],
    "SubTotal": 40.0,
    "Total": 40.00,
    "UpdatedDateUTC": "/Date(1552327126117+0000)/",
    "CurrencyCode": "NZD",
    "Payments": [{"PaymentID": "p1", "Date": "/Date(1552262400000+0000)/", "Amount": 10.5}],
    "SomethingNew": {"a": [1, 2]},
}


def test_dates_are_calendar_dates() -> None:
    doc = codec_of("invoice").record(INVOICE).document
    assert isinstance(doc, InvoiceDoc)
    assert (doc.issue_date, doc.due_date) == (dt.date(2019, 3, 11), dt.date(2019, 3, 12))


def test_version_is_an_aware_instant() -> None:
    assert codec_of("invoice").record(INVOICE).version == dt.datetime(
        2019, 3, 11, 17, 58, 46, 117000, tzinfo=dt.UTC
    )


def test_embedded_payments_know_their_invoice() -> None:
    doc = codec_of("invoice").record(INVOICE).document
    assert isinstance(doc, InvoiceDoc)
    assert [(row.remote_id, row.invoice_id, row.amount) for row in doc.payments] == [
        ("p1", INVOICE["InvoiceID"], Decimal("10.5"))
    ]


@pytest.mark.parametrize("lists", [None, [], {}])
def test_absent_null_and_empty_lists_are_the_same(lists: object) -> None:
    doc = codec_of("invoice").record({**INVOICE, "LineItems": lists, "Payments": lists}).document
    assert isinstance(doc, InvoiceDoc)
    assert (doc.lines, doc.payments) == ((), ())


@pytest.mark.parametrize(
    "broken",
    [
        {"Status": "TELEPORTED"},
        {"LineAmountTypes": "Sometimes"},
        {"InvoiceID": NO_ID},
        {"InvoiceID": None},
        {"Date": None, "DateString": None},
        {"Total": "many"},
        {"Total": "NaN"},
        {"AmountPaid": "-Infinity"},
        {"CurrencyRate": float("nan")},
        {"LineItems": [{"Quantity": "NaN", "UnitAmount": 1}]},
        {"LineItems": [{"Quantity": 1, "UnitAmount": "sNaN"}]},
        {"LineItems": [{"Description": "Text", "DiscountAmount": "Infinity"}]},
        {"Payments": [{"PaymentID": "p1", "Date": "2019-03-11", "Amount": "nan"}]},
        {"Payments": {"PaymentID": "p1"}},
        {"UpdatedDateUTC": "yesterday"},
    ],
)
def test_unknown_shape_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        codec_of("invoice").record({**INVOICE, **broken})


GARBLED = ("", "?", 7, True, ["?"], [None], [[]])
"""What no list of objects is."""


@pytest.mark.parametrize("garbled", GARBLED, ids=repr)
@pytest.mark.parametrize(
    ("kind", "field"),
    [("invoice", "LineItems"), ("invoice", "Payments"), ("customer", "Addresses"), ("customer", "Phones")],
)
def test_list_that_is_none_is_unreadable_and_never_taken_for_an_empty_one(
    kind: str, field: str, garbled: Any
) -> None:
    """Else ours would be emptied."""
    contact = {"ContactID": "c1", "Name": "Ana", "UpdatedDateUTC": "2019-03-11T00:00:00"}
    whole = INVOICE if kind == "invoice" else contact
    with pytest.raises(Unreadable, match=field):
        codec_of(kind).record({**whole, field: garbled})


def test_invoice_of_a_summary_has_no_lines() -> None:
    summary = {key: value for key, value in INVOICE.items() if key not in ("LineItems", "Payments")}
    doc = codec_of("invoice").record(summary).document
    assert isinstance(doc, InvoiceDoc)
    assert (doc.lines, doc.payments, doc.total) == ((), (), Decimal(40))


def test_lone_line_is_a_line() -> None:
    doc = codec_of("invoice").record({**INVOICE, "LineItems": INVOICE["LineItems"][0]}).document
    assert isinstance(doc, InvoiceDoc)
    assert [line.description for line in doc.lines] == ["Tires"]


def test_create_sends_no_ids_and_every_line() -> None:
    line = LineDoc(
        description="Design", quantity=Decimal("1.5"), unit_amount=Decimal("33.3333"), tax_code="OUTPUT2",
        account_code="200",
    )  # fmt: skip
    doc = InvoiceDoc(
        number="INV-1",
        contact_id="c1",
        issue_date=dt.date(2026, 11, 20),
        due_date=dt.date(2026, 12, 4),
        currency="NZD",
        amounts="exclusive",
        lines=(line,),
        state="authorised",
    )
    body = wire.parse(wire.dump(codec_of("invoice").element("create", Outgoing(doc))))
    assert body["LineItems"] == [
        {
            "Description": "Design",
            "Quantity": Decimal("1.5"),
            "UnitAmount": Decimal("33.3333"),
            "DiscountRate": 0,
            "AccountCode": "200",
            "TaxType": "OUTPUT2",
        }
    ]
    assert (body["Status"], body["Contact"], "InvoiceID" in body) == (
        "AUTHORISED",
        {"ContactID": "c1"},
        False,
    )


@pytest.mark.parametrize(
    ("state", "word"), [("draft", "DELETED"), ("submitted", "DELETED"), ("authorised", "VOIDED")]
)
def test_removal_uses_the_word_the_status_needs(state: Any, word: str) -> None:
    doc = InvoiceDoc(
        number="INV-1", contact_id="c1", issue_date=dt.date(2026, 1, 1), due_date=None, currency="NZD",
        amounts="exclusive", state=state,
    )  # fmt: skip
    assert codec_of("invoice").element("remove", Outgoing(doc, "i1")) == {"Status": word, "InvoiceID": "i1"}


@given(st.decimals(min_value="-9999999999.9999", max_value="9999999999.9999", places=4))
def test_amounts_keep_every_digit_on_the_wire(amount: Decimal) -> None:
    assert wire.parse(wire.dump({"a": amount}))["a"] == amount


def test_amount_longer_than_a_float_is_sent_with_every_digit() -> None:
    assert wire.dump({"a": Decimal("12345678901234.56785")}) == '{"a":12345678901234.56785}'


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_not_sent(amount: str) -> None:
    with pytest.raises(ValueError, match="number that is none"):
        wire.dump({"a": [amount, {"b": Decimal(amount)}]})


def test_word_that_would_be_no_number_is_sent_as_a_word() -> None:
    assert wire.dump({"Name": "NaN"}) == '{"Name":"NaN"}'


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "-Infinity", "much", [], {}])
def test_what_is_no_number_is_not_read(amount: Any) -> None:
    with pytest.raises(Unreadable, match="Rate is not a number"):
        wire.decimal({"Rate": amount}, "Rate")


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("customer", ContactDoc(reference="C-1", name="Zoë & Søn", archived=True)),
        (
            "payment",
            PaymentDoc(
                invoice_id="i1",
                amount=Decimal("32.06"),
                date=dt.date(2026, 11, 20),
                reference="ref",
                account_id="a1",
            ),
        ),
        ("invoice", codec_of("invoice").record(INVOICE).document),
    ],
)
def test_snapshot_brings_the_document_back(kind: str, document: Any) -> None:
    assert load(kind, dump(document)) == document


def test_reason_inside_a_nested_element_is_read() -> None:
    element = {
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": "A validation exception occurred"}],
        "Contact": {"ValidationErrors": [{"Message": "Archived contacts cannot be used."}]},
        "LineItems": [{"ValidationErrors": [{"Message": "Account code '9' is not valid."}]}],
    }
    assert answers.messages(element, "ValidationErrors") == (
        "A validation exception occurred",
        "Archived contacts cannot be used.",
        "Account code '9' is not valid.",
    )


def test_tax_put_right_there_goes_only_where_it_follows_from_what_changed_or_ours_was_chosen() -> None:
    kept = LineDoc(
        description="Design", quantity=Decimal(1), unit_amount=Decimal(100), tax_code="OUTPUT2",
        tax_amount=Decimal(15), remote_id="a",
    )  # fmt: skip
    other = replace(kept, description="Courier", remote_id="b")
    agreed = [replace(kept, tax_amount=Decimal("15.01")), other]
    there = [
        {"LineItemID": "a", "TaxAmount": Decimal("15.01")},
        {"LineItemID": "b", "TaxAmount": Decimal(15)},
    ]
    more = replace(other, quantity=Decimal(2))

    def taxes(lines: list[LineDoc], taxing: Taxing) -> list[Any]:
        return [line.get("TaxAmount") for line in encode_all(lines, agreed, there, taxing)]

    assert taxes([kept, more], Taxing()) == [Decimal("15.01"), None]
    assert taxes([other, kept], Taxing()) == [Decimal(15), Decimal("15.01")]
    assert taxes([kept, other], Taxing(ours=True)) == [None, Decimal(15)]
    assert taxes([kept, more], Taxing(ours=True)) == [None, None]
    assert taxes([kept, other], Taxing(anew=True)) == [None, None]


def _approval(marks: bool, agreed: Any = None, **outgoing: Any) -> dict[str, Any]:
    doc = codec_of("invoice").record(INVOICE).document
    assert isinstance(doc, InvoiceDoc)
    standing = replace(doc, state=agreed) if agreed else None
    return codec_of("invoice").encode(Outgoing(replace(doc, marks_sent=marks), agreed=standing, **outgoing))


@pytest.mark.parametrize(
    ("marks", "agreed", "outgoing", "is_marked"),
    [
        (True, None, {}, True),
        (False, None, {}, False),
        (True, "submitted", {"remote_id": "i1", "changed": frozenset({"status"})}, True),
        (True, "submitted", {"remote_id": "i1", "changed": frozenset({"reference"})}, False),
        (True, "authorised", {"remote_id": "i1", "changed": frozenset({"status"})}, False),
        (False, "submitted", {"remote_id": "i1", "changed": frozenset({"status"})}, False),
    ],
)
def test_invoice_is_marked_as_sent_by_the_write_that_approves_it(
    marks: bool, agreed: Any, outgoing: dict[str, Any], is_marked: bool
) -> None:
    assert ("SentToContact" in _approval(marks, agreed, **outgoing)) is is_marked
