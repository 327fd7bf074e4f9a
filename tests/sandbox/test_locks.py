from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.sandbox.conftest import Api, Desk
from xero_sandbox.handle import Handle


def lock(handle: Handle, **dates: date) -> None:
    books = handle.books()
    books.put(replace(books.organisation, **dates))


@pytest.mark.parametrize(
    ("field", "words"),
    [("period_lock_date", "period lock date"), ("end_of_year_lock_date", "end of year lock date")],
)
def test_new_document_in_a_locked_period_is_refused(desk: Desk, api: Api, field: str, words: str) -> None:
    lock(api.handle, **{field: date(2026, 10, 31)})

    said = api.refusal("PUT", "Invoices", desk.sent_invoice(Date="2026-10-31"))

    assert said == [f"The document date cannot be before the {words}, currently set at 31 Oct 2026"]
    assert desk.invoice(Date="2026-11-01")["Status"] == "AUTHORISED"


def test_document_dated_in_a_locked_period_cannot_be_touched(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    lock(api.handle, end_of_year_lock_date=date(2026, 11, 1))

    for body in ({"Reference": "x"}, {"Status": "VOIDED"}, {"Date": "2026-11-20"}):
        [said] = api.refusal("POST", f"Invoices/{invoice['InvoiceID']}", body)
        assert (
            said == "This document cannot be edited as it is currently dated before the end of year lock date"
        )


def test_document_cannot_be_moved_into_a_locked_period(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    lock(api.handle, period_lock_date=date(2026, 10, 31))

    [said] = api.refusal("POST", f"Invoices/{invoice['InvoiceID']}", {"Date": "2026-10-01"})

    assert "cannot be before the period lock date" in said


def test_lock_is_one_elements_error_when_errors_are_not_summarised(desk: Desk, api: Api) -> None:
    lock(api.handle, period_lock_date=date(2026, 10, 31))
    batch = {"Invoices": [desk.sent_invoice(Date="2026-10-01"), desk.sent_invoice()]}

    reply = api.put("Invoices?summarizeErrors=false", batch)

    assert [item["StatusAttributeString"] for item in reply.json()["Invoices"]] == ["ERROR", "OK"]


def test_payment_in_a_locked_period_is_refused_both_ways(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(Date="2026-11-10")
    payment = desk.pay(invoice, 10, Date="2026-11-12")
    lock(api.handle, period_lock_date=date(2026, 11, 12))

    [new] = api.refusal("PUT", "Payments", desk.sent_payment(invoice, 10, Date="2026-11-12"))
    [gone] = api.refusal("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})

    assert "cannot be before the period lock date" in new
    assert "dated before the period lock date" in gone


def test_lock_can_be_lifted(desk: Desk, api: Api) -> None:
    lock(api.handle, period_lock_date=date(2026, 12, 31))
    api.refusal("PUT", "Invoices", desk.sent_invoice())
    lock(api.handle, period_lock_date=None)  # type: ignore[arg-type]

    assert desk.invoice()["Status"] == "AUTHORISED"
