from __future__ import annotations

import pytest

from tests.sandbox.conftest import Api, Desk, line
from xero_sandbox.currencies import day_rate

NIL = "00000000-0000-0000-0000-000000000000"
HAS_PAYMENTS = "This document cannot be edited as it has a payment or credit note allocated to it."


def path(invoice: dict) -> str:
    return f"Invoices/{invoice['InvoiceID']}"


def lines_of(invoice: dict) -> list[dict]:
    return invoice["LineItems"]


def test_fields_left_out_keep_their_value(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(Reference="PO 1", Url="https://app.example/1")

    after = api.one("POST", path(invoice), {"DueDate": "2026-12-24"})

    assert (after["Reference"], after["Url"], after["Total"]) == ("PO 1", "https://app.example/1", 115)
    assert after["DueDateString"] == "2026-12-24T00:00:00"
    assert lines_of(after)[0]["LineItemID"] == lines_of(invoice)[0]["LineItemID"]


def test_empty_text_clears_a_reference(desk: Desk, api: Api) -> None:
    assert api.one("POST", path(desk.invoice(Reference="x")), {"Reference": ""})["Reference"] == ""


def test_line_with_its_id_is_edited_in_place(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    [before] = lines_of(invoice)

    sent = {"LineItems": [{"LineItemID": before["LineItemID"], "Quantity": 2}]}
    [after] = lines_of(api.one("POST", path(invoice), sent))

    assert (after["LineItemID"], after["Description"]) == (before["LineItemID"], "Roses")
    assert (after["LineAmount"], after["TaxAmount"]) == (200, 30)


def test_line_not_sent_is_deleted_and_line_without_id_is_new(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(LineItems=[line(Description="A"), line(Description="B")])
    kept = lines_of(invoice)[1]["LineItemID"]

    sent = {"LineItems": [{"LineItemID": kept}, line(Description="C")]}
    after = lines_of(api.one("POST", path(invoice), sent))

    assert [item["Description"] for item in after] == ["B", "C"]
    assert after[0]["LineItemID"] == kept
    assert after[1]["LineItemID"] not in {item["LineItemID"] for item in lines_of(invoice)}


def test_lines_without_ids_are_all_made_anew(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()

    [after] = lines_of(api.one("POST", path(invoice), {"LineItems": [line()]}))

    assert after["LineItemID"] != lines_of(invoice)[0]["LineItemID"]


def test_line_id_of_another_document_is_refused(desk: Desk, api: Api) -> None:
    other = lines_of(desk.invoice())[0]["LineItemID"]

    [said] = api.refusal("POST", path(desk.invoice()), {"LineItems": [line(LineItemID=other)]})

    assert "does not belong to this document" in said


def test_approved_unpaid_document_can_be_edited_wholly(desk: Desk, api: Api) -> None:
    contact = desk.contact()
    invoice = desk.invoice()

    changed = {
        "Contact": {"ContactID": contact["ContactID"]},
        "Date": "2026-11-09",
        "InvoiceNumber": "NEW-7",
        "LineAmountTypes": "Inclusive",
    }
    after = api.one("POST", path(invoice), changed)

    assert after["Contact"]["Name"] == "Ann Archer"
    assert (after["InvoiceNumber"], after["DateString"][:10]) == ("NEW-7", "2026-11-09")
    assert (after["Total"], after["TotalTax"]) == (100, 13.04)


def test_number_cannot_be_changed_to_a_taken_one(desk: Desk, api: Api) -> None:
    desk.invoice(InvoiceNumber="A-1")

    assert api.refusal("POST", path(desk.invoice()), {"InvoiceNumber": "A-1"}) == [
        "Invoice # must be unique."
    ]


def test_type_cannot_change(desk: Desk, api: Api) -> None:
    assert api.refusal("POST", path(desk.invoice()), {"Type": "ACCPAY"})


def test_unknown_id_is_404(desk: Desk, api: Api) -> None:
    assert api.post(f"Invoices/{NIL}", {"Reference": "x"}).status_code == 404
    assert api.post("Invoices", {"InvoiceID": NIL, "Reference": "x"}).status_code == 404


def test_refused_edit_changes_nothing(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()

    api.refusal("POST", path(invoice), {"Reference": "x", "LineItems": [line(AccountCode="ZZZ")]})

    assert desk.fresh(invoice)["UpdatedDateUTC"] == invoice["UpdatedDateUTC"]


def test_lines_without_a_rate_reset_a_foreign_document_to_the_days_rate(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(CurrencyCode="USD", CurrencyRate=0.7)

    kept = api.one("POST", path(invoice), {"Reference": "only words"})
    reset = api.one("POST", path(invoice), {"LineItems": [line()]})
    resent = api.one("POST", path(invoice), {"LineItems": [line()], "CurrencyRate": 0.7})

    assert (kept["CurrencyRate"], resent["CurrencyRate"]) == (0.7, 0.7)
    assert reset["CurrencyRate"] == float(day_rate("NZD", "USD"))


def test_paid_document_takes_words_dates_and_contact(desk: Desk, api: Api) -> None:
    contact = desk.contact()
    invoice = desk.invoice()
    desk.pay(invoice, 40)
    changed = {
        "Reference": "after",
        "DueDate": "2027-01-31",
        "InvoiceNumber": "P-1",
        "Contact": {"ContactID": contact["ContactID"]},
        "LineItems": [
            {"LineItemID": lines_of(invoice)[0]["LineItemID"], "Description": "Tulips", "AccountCode": "260"}
        ],
    }

    after = api.one("POST", path(invoice), changed)

    assert (after["Reference"], after["InvoiceNumber"], after["Contact"]["Name"]) == (
        "after",
        "P-1",
        "Ann Archer",
    )
    assert after["DueDateString"] == "2027-01-31T00:00:00"
    assert (lines_of(after)[0]["Description"], lines_of(after)[0]["AccountCode"]) == ("Tulips", "260")
    assert (after["Total"], after["AmountPaid"], after["AmountDue"]) == (115, 40, 75)


@pytest.mark.parametrize(
    "changed",
    [
        {"Date": "2026-11-02"},
        {"LineAmountTypes": "Inclusive"},
        {"CurrencyCode": "USD"},
    ],
)
def test_paid_document_refuses_other_header_changes(desk: Desk, api: Api, changed: dict) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 40)

    assert api.refusal("POST", path(invoice), changed) == [HAS_PAYMENTS]


def test_paid_document_accepts_its_own_values_again(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 40)
    fresh = desk.fresh(invoice)

    assert api.one("POST", path(invoice), fresh)["Total"] == 115


def test_paid_document_needs_line_ids(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 40)

    said = api.refusal("POST", path(invoice), {"LineItems": [line()]})

    assert said == ["To update fields on a paid invoice line item, you must supply a LineItemID"]


def test_paid_invoice_refuses_other_amounts_and_fewer_lines(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(LineItems=[line(), line()])
    desk.pay(invoice, 40)
    first, second = (item["LineItemID"] for item in lines_of(invoice))
    dearer = [{"LineItemID": first, "UnitAmount": 1}, {"LineItemID": second}]

    assert api.refusal("POST", path(invoice), {"LineItems": dearer}) == [HAS_PAYMENTS]
    assert api.refusal("POST", path(invoice), {"LineItems": [{"LineItemID": first}]}) == [HAS_PAYMENTS]


def test_paid_bill_drops_other_amounts_silently(desk: Desk, api: Api) -> None:
    bill = desk.invoice(Type="ACCPAY", LineItems=[line(AccountCode="400")])
    desk.pay(bill, 40)

    sent = {"LineItems": [{"LineItemID": lines_of(bill)[0]["LineItemID"], "UnitAmount": 1}]}
    after = api.one("POST", path(bill), sent)

    assert (after["HasErrors"], after["Total"]) == (False, 115)
