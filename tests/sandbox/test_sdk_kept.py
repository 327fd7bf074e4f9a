"""What Xero keeps of a record when part of it is written, and what it refuses, as the official SDK sees the sandbox."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from xero_python.accounting import (
    AccountingApi,
    Address,
    Bill,
    Contact,
    ContactPerson,
    Contacts,
    CurrencyCode,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    LineItemTracking,
    PaymentTerm,
    PaymentTermType,
    Phone,
)
from xero_python.exceptions import AccountingBadRequestException

from tests.sandbox.sdk import make_contact, make_invoice, pay


def _line(**fields: Any) -> LineItem:
    given = {
        "description": "Roses",
        "quantity": Decimal(2),
        "unit_amount": Decimal(50),
        "account_code": "200",
    }
    return LineItem(**{**given, **fields})


def _same(made: LineItem, **fields: Any) -> LineItem:
    """The line by its id, with what of it is to change."""
    return LineItem(line_item_id=made.line_item_id, **fields)


def _write(xero: AccountingApi, tenant: str, made: Invoice, **fields: Any) -> Invoice:
    changed = Invoices(invoices=[Invoice(**fields)])
    xero.update_invoice(tenant, made.invoice_id, changed, unitdp=4, _request_timeout=5)
    return _read(xero, tenant, made)


def _read(xero: AccountingApi, tenant: str, made: Invoice) -> Invoice:
    return xero.get_invoice(tenant, made.invoice_id, unitdp=4, _request_timeout=5).invoices[0]


def _write_contact(xero: AccountingApi, tenant: str, made: Contact, **fields: Any) -> Contact:
    xero.update_contact(tenant, made.contact_id, Contacts(contacts=[Contact(**fields)]), _request_timeout=5)
    return xero.get_contact(tenant, made.contact_id, _request_timeout=5).contacts[0]


@pytest.fixture
def contact(xero: AccountingApi, tenant: str) -> Contact:
    return make_contact(xero, tenant)


@pytest.fixture
def invoice(xero: AccountingApi, tenant: str, contact: Contact) -> Invoice:
    """One line: 3 x 9.9975."""
    return make_invoice(xero, tenant, contact)


def test_discount_given_as_an_amount_lowers_the_line_by_it(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.1, 4.2: DiscountRate or DiscountAmount allowed on ACCREC."""
    [line] = _write(xero, tenant, invoice, line_items=[_line(discount_amount=Decimal("7.5"))]).line_items
    assert (line.discount_amount, line.discount_rate, line.line_amount) == (
        Decimal("7.5"),
        None,
        Decimal("92.5"),
    )


def test_discount_in_per_cent_lowers_the_line_by_its_share(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.2: LineAmount = Quantity x UnitAmount x (100 - DiscountRate) / 100."""
    [line] = _write(xero, tenant, invoice, line_items=[_line(discount_rate=Decimal("12.5"))]).line_items
    assert (line.discount_rate, line.discount_amount, line.line_amount) == (
        Decimal("12.5"),
        None,
        Decimal("87.5"),
    )


@pytest.mark.parametrize("name", ["discount_rate", "discount_amount"])
def test_bill_takes_no_discount(xero: AccountingApi, tenant: str, contact: Contact, name: str) -> None:
    """xero-facts 4.1: discounts are not supported on ACCPAY."""
    bill = Invoice(
        type="ACCPAY",
        contact=Contact(contact_id=contact.contact_id),
        line_items=[_line(account_code="400", **{name: Decimal(5)})],
    )
    with pytest.raises(AccountingBadRequestException) as caught:
        xero.create_invoices(tenant, Invoices(invoices=[bill]), _request_timeout=5)
    assert "Discounts" in caught.value.reason


@pytest.mark.parametrize(
    "fields",
    [{"discount_amount": Decimal("7.5")}, {"discount_rate": Decimal(5)}, {"tax_amount": Decimal("15.01")}],
    ids=["discount by amount", "discount in per cent", "tax by hand"],
)
def test_amounts_put_in_by_hand_stay_when_the_head_is_edited(
    xero: AccountingApi, tenant: str, invoice: Invoice, fields: dict[str, Any]
) -> None:
    """xero-facts 4.3: omitted top-level fields keep their value; 4.6: TaxAmount may be overridden per line."""
    before = _write(xero, tenant, invoice, line_items=[_line(**fields)])
    after = _write(xero, tenant, invoice, reference="PO 1", due_date=date(2026, 12, 24))
    assert after.reference == "PO 1"
    assert (after.line_items, after.total) == (before.line_items, before.total)


def test_tax_overridden_on_a_line_stands_in_the_totals(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.6: TaxAmount may be overridden per line, the tax of the lines is summed."""
    after = _write(xero, tenant, invoice, line_items=[_line(tax_amount=Decimal("15.01")), _line()])
    assert (after.total_tax, after.total) == (Decimal("30.01"), Decimal("230.01"))


def test_tax_above_the_amount_is_refused(xero: AccountingApi, tenant: str, invoice: Invoice) -> None:
    """xero-facts 4.6, 4.10: the bound of an override."""
    with pytest.raises(AccountingBadRequestException) as caught:
        _write(xero, tenant, invoice, line_items=[_line(tax_amount=Decimal("100.01"))])
    assert caught.value.reason == "TaxAmount cannot be greater than UnitAmount"


def test_line_of_text_has_words_and_no_figures(xero: AccountingApi, tenant: str, invoice: Invoice) -> None:
    """xero-facts 4.2: a description-only line is allowed."""
    after = _write(xero, tenant, invoice, line_items=[_line(), LineItem(description="Thank you")])
    text = after.line_items[1]
    assert (text.description, text.quantity, text.unit_amount, text.tax_amount) == (
        "Thank you",
        None,
        None,
        0,
    )
    assert after.total == Decimal(115)


def test_line_left_out_is_deleted_and_one_without_id_is_new(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.3: with LineItemID updated, without it new, not sent deleted."""
    first, second = _write(xero, tenant, invoice, line_items=[_line(), _line(description="Vase")]).line_items
    after = _write(xero, tenant, invoice, line_items=[_same(second), _line(description="Card")]).line_items
    assert [line.description for line in after] == ["Vase", "Card"]
    assert after[0] == second
    assert after[1].line_item_id not in (first.line_item_id, second.line_item_id)


def test_tracking_of_a_line_stays_until_it_is_sent(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.2: Tracking holds at most two; 4.3: a line with its id is updated."""
    region = LineItemTracking(name="Region", option="North")
    [line] = _write(xero, tenant, invoice, line_items=[_line(tracking=[region])]).line_items
    [after] = _write(xero, tenant, invoice, line_items=[_same(line, description="Tulips")]).line_items
    assert (after.description, after.tracking[0].option) == ("Tulips", "North")
    with pytest.raises(AccountingBadRequestException):
        _write(xero, tenant, invoice, line_items=[_same(line, tracking=[region] * 3)])


@pytest.mark.parametrize("option", ["Nowhere", "West Coast"])
def test_unknown_and_archived_tracking_options_are_refused(
    xero: AccountingApi, tenant: str, invoice: Invoice, option: str
) -> None:
    """xero-facts 4.2: options are not made by naming them, and an archived one is refused."""
    tracking = LineItemTracking(name="Region", option=option)
    with pytest.raises(AccountingBadRequestException, match=f"Tracking option '{option}' of"):
        _write(xero, tenant, invoice, line_items=[_line(tracking=[tracking])])


def test_paid_invoice_takes_words_account_and_tracking_of_a_line(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.5: per existing line Description, AccountCode, Tracking."""
    pay(xero, tenant, invoice, "10")
    [line] = invoice.line_items
    tracking = [LineItemTracking(name="Region", option="North")]
    [after] = _write(
        xero,
        tenant,
        invoice,
        line_items=[_same(line, description="Tulips", account_code="260", tracking=tracking)],
    ).line_items
    assert (after.description, after.account_code, after.tracking[0].option) == ("Tulips", "260", "North")


@pytest.mark.parametrize("name", ["discount_amount", "discount_rate", "tax_amount", "unit_amount"])
def test_paid_invoice_refuses_other_amounts_of_a_line(
    xero: AccountingApi, tenant: str, invoice: Invoice, name: str
) -> None:
    """xero-facts 4.5: other amount edits on paid documents are refused."""
    pay(xero, tenant, invoice, "10")
    with pytest.raises(AccountingBadRequestException) as caught:
        _write(xero, tenant, invoice, line_items=[_same(invoice.line_items[0], **{name: Decimal(1)})])
    assert "cannot be edited" in caught.value.reason


def test_head_keeps_what_is_not_sent(xero: AccountingApi, tenant: str, invoice: Invoice) -> None:
    """xero-facts 4.2, 4.3: Url, SentToContact, BrandingThemeID, ExpectedPaymentDate and the rest keep their value."""
    given = {
        "url": "https://books.example/1",
        "sent_to_contact": True,
        "branding_theme_id": "e1c2b3a4-0000-4000-8000-000000000001",
        "expected_payment_date": date(2026, 12, 24),
    }
    before = _write(xero, tenant, invoice, **given)
    after = _write(xero, tenant, invoice, reference="PO 1")
    assert (before.url, before.sent_to_contact, before.branding_theme_id, before.expected_payment_date) == (
        tuple(given.values())
    )
    assert {name for name, value in before.to_dict().items() if value != after.to_dict()[name]} == {
        "reference",
        "updated_date_utc",
    }


def test_amount_types_alone_have_the_tax_of_each_line_computed_anew(
    xero: AccountingApi, tenant: str, invoice: Invoice
) -> None:
    """xero-facts 4.6: Inclusive is line - line / (1 + rate)."""
    _write(xero, tenant, invoice, line_items=[_line(tax_amount=Decimal("15.01"))])
    after = _write(xero, tenant, invoice, line_amount_types=LineAmountTypes.INCLUSIVE)
    assert (after.total_tax, after.total) == (Decimal("13.04"), Decimal(100))


def test_address_that_is_sent_replaces_that_address_whole(
    xero: AccountingApi, tenant: str, contact: Contact
) -> None:
    """xero-facts 5.1: POBOX and STREET; what is not sent keeps its value."""
    postal = {"address_line1": "1 Quay", "address_line2": "Level 2", "attention_to": "Kim"}
    street = Address(address_type="STREET", address_line1="2 Road", city="Nelson")
    _write_contact(xero, tenant, contact, addresses=[Address(address_type="POBOX", **postal), street])
    sent = [Address(address_type="POBOX", address_line1="1 Quay", city="Picton")]
    after = {
        address.address_type: address
        for address in _write_contact(xero, tenant, contact, addresses=sent).addresses
    }
    assert (after["POBOX"].city, after["POBOX"].address_line1) == ("Picton", "1 Quay")
    assert not after["POBOX"].address_line2
    assert not after["POBOX"].attention_to
    assert (after["STREET"].address_line1, after["STREET"].city) == ("2 Road", "Nelson")


def test_phone_that_is_sent_replaces_that_phone_whole(
    xero: AccountingApi, tenant: str, contact: Contact
) -> None:
    """xero-facts 5.1: PhoneType DEFAULT, DDI, MOBILE, FAX; what is not sent keeps its value."""
    whole = {"phone_country_code": "64", "phone_area_code": "9", "phone_number": "5550100"}
    phones = [Phone(phone_type="DEFAULT", **whole), Phone(phone_type="MOBILE", phone_number="021 1")]
    _write_contact(xero, tenant, contact, phones=phones)
    sent = [Phone(phone_type="DEFAULT", phone_number="5550199")]
    after = {phone.phone_type: phone for phone in _write_contact(xero, tenant, contact, phones=sent).phones}
    assert after["DEFAULT"].phone_number == "5550199"
    assert not after["DEFAULT"].phone_area_code
    assert after["MOBILE"].phone_number == "021 1"


def test_contact_keeps_what_is_not_sent(xero: AccountingApi, tenant: str, contact: Contact) -> None:
    """xero-facts 5.1: omitted elements keep their value: persons, currency, terms, addresses, phones."""
    before = _write_contact(
        xero,
        tenant,
        contact,
        contact_persons=[ContactPerson(first_name="Kim", last_name="Lee", include_in_emails=True)],
        default_currency=CurrencyCode.NZD,
        payment_terms=PaymentTerm(sales=Bill(day=10, type=PaymentTermType.DAYSAFTERBILLMONTH)),
        addresses=[Address(address_type="STREET", address_line1="2 Road")],
        phones=[Phone(phone_type="FAX", phone_number="1")],
    )
    after = _write_contact(xero, tenant, contact, email_address="kim@archer.example")
    assert after.email_address == "kim@archer.example"
    assert after.payment_terms.sales.day == 10
    assert [person.first_name for person in after.contact_persons] == ["Kim"]
    assert {name for name, value in before.to_dict().items() if value != after.to_dict()[name]} == {
        "email_address",
        "updated_date_utc",
    }
