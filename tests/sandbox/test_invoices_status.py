from __future__ import annotations

import pytest

from tests.sandbox.conftest import Api, Desk, line

WRONG = "Invoice not of valid status for modification"


def path(invoice: dict) -> str:
    return f"Invoices/{invoice['InvoiceID']}"


def move(api: Api, invoice: dict, status: str) -> dict:
    return api.one("POST", path(invoice), {"Status": status})


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DRAFT", "SUBMITTED"),
        ("DRAFT", "AUTHORISED"),
        ("DRAFT", "DELETED"),
        ("SUBMITTED", "DRAFT"),
        ("SUBMITTED", "AUTHORISED"),
        ("SUBMITTED", "DELETED"),
        ("AUTHORISED", "AUTHORISED"),
        ("AUTHORISED", "VOIDED"),
    ],
)
def test_allowed_transition_is_made(desk: Desk, api: Api, start: str, end: str) -> None:
    invoice = desk.invoice(Status=start)

    assert move(api, invoice, end)["Status"] == end
    assert desk.fresh(invoice)["Status"] == end


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("DRAFT", "VOIDED"),
        ("DRAFT", "PAID"),
        ("SUBMITTED", "VOIDED"),
        ("AUTHORISED", "DRAFT"),
        ("AUTHORISED", "SUBMITTED"),
        ("AUTHORISED", "DELETED"),
        ("AUTHORISED", "PAID"),
    ],
)
def test_forbidden_transition_is_refused(desk: Desk, api: Api, start: str, end: str) -> None:
    assert api.refusal("POST", path(desk.invoice(Status=start)), {"Status": end}) == [WRONG]


@pytest.mark.parametrize(("start", "end"), [("DRAFT", "DELETED"), ("AUTHORISED", "VOIDED")])
def test_ended_document_takes_no_change_at_all(desk: Desk, api: Api, start: str, end: str) -> None:
    invoice = desk.invoice(Status=start)
    move(api, invoice, end)

    for body in ({"Reference": "x"}, {"Status": end}, {"Status": "AUTHORISED"}):
        assert api.refusal("POST", path(invoice), body) == [WRONG]


def test_approving_a_draft_judges_it_as_approved(desk: Desk, api: Api) -> None:
    draft = desk.invoice(Status="DRAFT", DueDate=None, LineItems=[line(AccountCode="666")])

    said = api.refusal("POST", path(draft), {"Status": "AUTHORISED"})

    assert said == [
        "Account code or ID must be specified for each line of an approved document.",
        "The document DueDate field must be specified",
    ] or said == [
        "The document DueDate field must be specified",
        "Account code or ID must be specified for each line of an approved document.",
    ]


def test_void_echo_shows_the_old_amount_and_a_fresh_read_nought(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()

    echo = move(api, invoice, "VOIDED")

    assert (echo["Status"], echo["AmountDue"]) == ("VOIDED", 115)
    assert desk.fresh(invoice)["AmountDue"] == 0


@pytest.mark.parametrize("status", ["VOIDED", "DRAFT", "SUBMITTED"])
def test_status_of_a_paid_document_is_held_by_its_payment(desk: Desk, api: Api, status: str) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 115)

    assert api.refusal("POST", path(invoice), {"Status": status}) == [
        f"The status {status} cannot be applied to the invoice because it has payments or credit notes "
        "allocated to it."
    ]


def test_document_can_be_voided_after_its_payment_is_deleted(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    payment = desk.pay(invoice, 115)
    api.one("POST", f"Payments/{payment['PaymentID']}", {"Status": "DELETED"})

    assert move(api, invoice, "VOIDED")["Status"] == "VOIDED"


def test_paid_at_nought_returns_to_authorised_when_it_costs_something(desk: Desk, api: Api) -> None:
    invoice = desk.invoice(LineItems=[line(UnitAmount=0)])

    after = api.one("POST", path(invoice), {"LineItems": [line()]})

    assert (after["Status"], after["AmountDue"]) == ("AUTHORISED", 115)
