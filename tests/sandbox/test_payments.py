from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.conftest import Api, Desk, line

NIL = "00000000-0000-0000-0000-000000000000"


def account_id(api: Api, name: str) -> str:
    return next(row.id for row in api.handle.books().accounts.all() if row.name == name)


def refusal(desk: Desk, invoice: dict, amount: float = 10, **fields: object) -> list[str]:
    return desk.api.refusal("PUT", "Payments", desk.sent_payment(invoice, amount, **fields))


def delete(api: Api, payment: dict) -> dict:
    return api.one("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})


def test_part_payment_leaves_the_rest_due(desk: Desk) -> None:
    invoice = desk.invoice()

    payment = desk.pay(invoice, 40, Reference="cheque 9")

    assert (payment["PaymentType"], payment["Status"], payment["Amount"]) == (
        "ACCRECPAYMENT",
        "AUTHORISED",
        40,
    )
    assert (payment["Account"]["Code"], payment["Invoice"]["InvoiceID"]) == ("090", invoice["InvoiceID"])
    after = desk.fresh(invoice)
    assert (after["Status"], after["AmountPaid"], after["AmountDue"]) == ("AUTHORISED", 40, 75)
    [embedded] = after["Payments"]
    assert (embedded["PaymentID"], embedded["Amount"], embedded["Reference"]) == (
        payment["PaymentID"],
        40,
        "cheque 9",
    )
    assert not {"Account", "Status"} & set(embedded)


def test_full_payment_makes_the_invoice_paid(desk: Desk) -> None:
    invoice = desk.invoice()

    desk.pay(invoice, 115, Date="2026-11-07")

    after = desk.fresh(invoice)
    assert (after["Status"], after["AmountDue"]) == ("PAID", 0)
    assert after["FullyPaidOnDate"] == "/Date(1794009600000+0000)/"


def test_payment_moves_the_invoices_own_stamp(desk: Desk) -> None:
    invoice = desk.invoice()

    desk.pay(invoice, 40)

    assert desk.fresh(invoice)["UpdatedDateUTC"] > invoice["UpdatedDateUTC"]


def test_payment_by_post_and_by_invoice_number(desk: Desk, api: Api) -> None:
    desk.invoice(InvoiceNumber="A-1")

    payment = api.one("POST", "Payments", {"InvoiceNumber": "A-1", "Account": {"Code": "090"}, "Amount": 5})

    assert payment["Invoice"]["InvoiceNumber"] == "A-1"


def test_payment_on_a_bill_is_an_accpay_payment(desk: Desk) -> None:
    bill = desk.invoice(Type="ACCPAY", LineItems=[line(AccountCode="400")])

    assert desk.pay(bill, 115)["PaymentType"] == "ACCPAYPAYMENT"


def test_several_payments_on_one_invoice_in_one_call_stop_at_what_is_due(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    batch = {"Payments": [desk.sent_payment(invoice, amount) for amount in (100, 15, 1)]}

    items = api.put("Payments?summarizeErrors=false", batch).json()["Payments"]

    assert [item["StatusAttributeString"] for item in items] == ["OK", "OK", "ERROR"]
    assert items[2]["PaymentID"] == NIL


def test_more_than_is_due_is_refused(desk: Desk) -> None:
    said = refusal(desk, desk.invoice(), 115.01)

    assert said == ["Payment amount exceeds the amount outstanding on this document"]


def test_nought_or_less_is_refused(desk: Desk) -> None:
    for amount in (0, -5):
        assert refusal(desk, desk.invoice(), amount)


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED"])
def test_document_that_is_not_approved_is_refused(desk: Desk, status: str) -> None:
    assert refusal(desk, desk.invoice(Status=status)) == [
        "Payments can only be made against Authorised documents"
    ]


def test_paid_and_voided_documents_are_refused(desk: Desk, api: Api) -> None:
    paid, voided = desk.invoice(), desk.invoice()
    desk.pay(paid, 115)
    api.one("POST", f"Invoices/{voided['InvoiceID']}", {"Status": "VOIDED"})

    for invoice in (paid, voided):
        assert refusal(desk, invoice) == ["Payments can only be made against Authorised documents"]


def test_unknown_document_is_an_elements_error(api: Api) -> None:
    body = {"Invoice": {"InvoiceID": NIL}, "Account": {"Code": "090"}, "Amount": 5}

    said = api.refusal("PUT", "Payments", body)

    assert said == ["The document with the supplied id was not found for this endpoint."]


def test_accounts_that_take_payments(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()

    for name in ("Business Bank Account", "Savings Account", "Owner Drawings"):
        desk.pay(invoice, 5, Account={"AccountID": account_id(api, name)})


@pytest.mark.parametrize(
    ("account", "message"),
    [
        ({"Code": "200"}, "must be a bank account or have payments enabled"),
        ({"Code": "nope"}, "was not found"),
        (None, "was not found"),
        ({"Code": "092"}, "currency"),
    ],
)
def test_accounts_that_do_not_take_payments(desk: Desk, account: dict | None, message: str) -> None:
    invoice = desk.invoice(CurrencyCode="AUD") if account == {"Code": "092"} else desk.invoice()

    [said] = refusal(desk, invoice, Account=account)

    assert message in said


def test_archived_account_is_refused(desk: Desk, api: Api) -> None:
    books = api.handle.books()
    bank = next(row for row in books.accounts.all() if row.code == "090")
    books.put(replace(bank, status="ARCHIVED"))

    [said] = refusal(desk, desk.invoice())

    assert "archived" in said


def test_foreign_payment_is_converted_for_the_bank(desk: Desk) -> None:
    invoice = desk.invoice(CurrencyCode="USD", CurrencyRate=0.5)

    payment = desk.pay(invoice, 10)

    assert (payment["Amount"], payment["BankAmount"], payment["CurrencyRate"]) == (10, 20, 0.5)


def test_foreign_payment_into_a_foreign_bank_is_not_converted(desk: Desk) -> None:
    invoice = desk.invoice(CurrencyCode="USD", CurrencyRate=0.5)

    assert desk.pay(invoice, 10, Account={"Code": "092"})["BankAmount"] == 10


def test_deleting_a_payment_puts_the_invoice_back(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    payment = desk.pay(invoice, 115)

    assert delete(api, payment)["Status"] == "DELETED"

    after = desk.fresh(invoice)
    assert (after["Status"], after["AmountDue"], after["Payments"]) == ("AUTHORISED", 115, [])
    assert "FullyPaidOnDate" not in after


def test_deleted_payment_stays_in_the_list(desk: Desk, api: Api) -> None:
    payment = desk.pay(desk.invoice(), 40)
    delete(api, payment)

    [listed] = api.get("Payments").json()["Payments"]

    assert (listed["PaymentID"], listed["Status"]) == (payment["PaymentID"], "DELETED")


def test_payment_can_be_deleted_in_the_wrapped_spelling(desk: Desk, api: Api) -> None:
    payment = desk.pay(desk.invoice(), 40)

    body = {"Payments": [{"Status": "DELETED"}]}

    assert api.one("POST", f"Payments/{payment['PaymentID']}", body)["Status"] == "DELETED"


def test_payment_cannot_be_deleted_twice_or_edited(desk: Desk, api: Api) -> None:
    payment = desk.pay(desk.invoice(), 40)

    assert api.refusal("POST", f"Payments/{payment['PaymentID']}", {"Amount": 5})
    delete(api, payment)
    assert api.refusal("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})


def test_reconciled_payment_cannot_be_deleted(desk: Desk, api: Api) -> None:
    payment = desk.pay(desk.invoice(), 40, IsReconciled=True)

    [said] = api.refusal("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})

    assert "reconciled with a Bank Statement" in said


def test_unknown_payment_is_404(api: Api) -> None:
    assert api.post(f"Payments/{NIL}", {"Status": "DELETED"}).status_code == 404
