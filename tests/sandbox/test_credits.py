"""Credit set against an invoice in Xero: by hand and by the control API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.sandbox.browsing import BASE, post, said
from tests.sandbox.conftest import Api, Desk, line
from tests.sandbox.test_control import control
from xero_sandbox.handle import Handle
from xero_sandbox.rules import messages


def _sums(invoice: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(invoice[name] for name in ("Status", "AmountCredited", "AmountPaid", "AmountDue"))


def test_credit_is_applied_and_removed_by_hand(desk: Desk, sandbox: Handle) -> None:
    invoice = desk.invoice()
    path = f"{BASE}/invoices/{invoice['InvoiceID']}/credits"

    assert said(post(sandbox, path, {"amount": "15.00"})) == ["Credit applied."]
    after = desk.fresh(invoice)
    assert _sums(after) == ("AUTHORISED", 15, 0, 100)
    assert after["UpdatedDateUTC"] != invoice["UpdatedDateUTC"]

    [note] = after["CreditNotes"]
    assert note["AppliedAmount"] == 15
    assert said(post(sandbox, f"{path}/{note['CreditNoteID']}/remove")) == ["Credit removed."]
    assert _sums(desk.fresh(invoice)) == ("AUTHORISED", 0, 0, 115)


def test_credit_and_payment_together_settle_the_invoice(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    api.handle.apply_credit(invoice["InvoiceID"], Decimal(15))

    too_much = api.refusal("PUT", "Payments", desk.sent_payment(invoice, 115))
    assert too_much == [messages.PAYMENT_TOO_LARGE]
    desk.pay(invoice, 100)

    assert _sums(desk.fresh(invoice)) == ("PAID", 15, 100, 0)


def test_credit_beyond_what_is_owed_is_refused(desk: Desk, sandbox: Handle) -> None:
    path = f"{BASE}/invoices/{desk.invoice()['InvoiceID']}/credits"
    for amount in ("115.01", "0", "-1", "much"):
        assert said(post(sandbox, path, {"amount": amount})) == [messages.CREDIT_TOO_LARGE]


def test_credited_invoice_is_neither_voided_nor_repriced(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    api.handle.apply_credit(invoice["InvoiceID"], Decimal(15))
    path = f"Invoices/{invoice['InvoiceID']}"

    assert api.refusal("POST", path, {"Status": "VOIDED"}) == [messages.payments_hold("VOIDED")]
    dearer = {"LineItems": [{**line(UnitAmount=200), "LineItemID": invoice["LineItems"][0]["LineItemID"]}]}
    api.post(path, dearer)
    assert desk.fresh(invoice)["Total"] == 115


def test_control_api_applies_and_removes_credit_and_merges_contacts(desk: Desk, api: Api) -> None:
    invoice = desk.invoice()
    whose = {"invoice_id": invoice["InvoiceID"]}
    made = control(api.handle, "POST", "credits", {**whose, "amount": "15.00"}).json()
    assert desk.fresh(invoice)["AmountCredited"] == 15
    control(api.handle, "POST", "credits", {**whose, **made})
    assert desk.fresh(invoice)["AmountCredited"] == 0

    loser, winner = desk.contact("Loser")["ContactID"], desk.contact("Winner")["ContactID"]
    control(api.handle, "POST", "contacts/merge", {"loser_id": loser, "winner_id": winner})
    assert api.one("GET", f"Contacts/{loser}")["MergedToContactID"] == winner
