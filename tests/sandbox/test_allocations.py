"""Credit applied to invoices, and taken off them again."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Api, Desk, line
from tests.sandbox.noted import (
    allocate,
    allocations_of,
    make_note,
    read_note,
    sent_allocation,
)


def test_both_sides_show_it_and_both_stamps_move(desk: Desk) -> None:
    note, invoice = make_note(desk), desk.invoice()
    made = allocate(desk, note, invoice, 40)

    after, settled = read_note(desk, note), desk.fresh(invoice)
    assert [(row["AllocationID"], row["Amount"]) for row in after["Allocations"]] == [
        (made["AllocationID"], 40)
    ]
    assert after["Allocations"][0]["Invoice"]["InvoiceNumber"] == invoice["InvoiceNumber"]
    assert (after["RemainingCredit"], settled["AmountCredited"], settled["AmountDue"]) == (75, 40, 75)
    assert settled["CreditNotes"][0]["AppliedAmount"] == 40
    assert after["UpdatedDateUTC"] > note["UpdatedDateUTC"]
    assert settled["UpdatedDateUTC"] > invoice["UpdatedDateUTC"]


def test_it_is_dated_on_the_later_of_both_whatever_was_sent(desk: Desk) -> None:
    note, invoice = make_note(desk, Date="2026-11-05"), desk.invoice(Date="2026-11-01")

    assert allocate(desk, note, invoice, 40)["Date"] == "/Date(1793836800000+0000)/"


def test_taken_off_it_is_free_again(desk: Desk, api: Api) -> None:
    note, invoice = make_note(desk), desk.invoice()
    made = allocate(desk, note, invoice, 115)
    assert (read_note(desk, note)["Status"], desk.fresh(invoice)["Status"]) == ("PAID", "PAID")

    reply = api.call("DELETE", f"{allocations_of(note)}/{made['AllocationID']}")
    assert (reply.status_code, reply.json()["AllocationId"], reply.json()["IsDeleted"]) == (
        200,
        made["AllocationID"],
        True,
    )
    after = read_note(desk, note)
    assert (after["Status"], after["RemainingCredit"], after["Allocations"]) == ("AUTHORISED", 115, [])
    assert (desk.fresh(invoice)["AmountDue"], desk.fresh(invoice)["Status"]) == (115, "AUTHORISED")


def test_taken_off_twice_it_is_not_found(desk: Desk, api: Api) -> None:
    note, invoice = make_note(desk), desk.invoice()
    made = allocate(desk, note, invoice, 40)
    path = f"{allocations_of(note)}/{made['AllocationID']}"

    assert [api.call("DELETE", path).status_code for _ in range(2)] == [200, 404]


def _refused(desk: Desk, note: dict, invoice: dict, amount: float = 40) -> str:
    sent = {"Allocations": [sent_allocation(invoice, amount)]}
    return " ".join(desk.api.refusal("PUT", allocations_of(note), sent))


@pytest.mark.parametrize(
    ("note", "invoice", "amount", "words"),
    [
        ({}, {}, 116, "greater than amount outstanding"),
        ({}, {}, 0, "greater than zero"),
        ({"Status": "DRAFT"}, {}, 40, "Authorised"),
        ({}, {"Status": "DRAFT"}, 40, "Authorised"),
        ({"Type": "ACCPAYCREDIT"}, {}, 40, "not of a type"),
        ({"CurrencyCode": "USD"}, {}, 40, "same currency"),
        ({"LineItems": [line(UnitAmount=10)]}, {}, 40, "greater than amount outstanding"),
    ],
)
def test_what_does_not_fit_is_refused(
    desk: Desk, note: dict, invoice: dict, amount: float, words: str
) -> None:
    assert words in _refused(desk, make_note(desk, **note), desk.invoice(**invoice), amount)


def test_invoice_of_another_contact_is_refused(desk: Desk) -> None:
    other = desk.contact("Somebody else")
    invoice = desk.invoice(Contact={"ContactID": other["ContactID"]})

    assert "same contact" in _refused(desk, make_note(desk), invoice)


def test_paid_invoice_is_refused(desk: Desk) -> None:
    invoice = desk.invoice()
    desk.pay(invoice, 115)

    assert "already been paid off" in _refused(desk, make_note(desk), invoice)


def test_allocations_have_no_list_and_no_post(desk: Desk, api: Api) -> None:
    path = allocations_of(make_note(desk))

    assert (api.get(path).status_code, api.post(path, {"Allocations": []}).status_code) == (404, 405)
