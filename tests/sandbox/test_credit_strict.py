"""What Xero refuses of credit, and how batches of it stand or fall."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.sandbox.conftest import Api, Desk, line
from tests.sandbox.noted import (
    Json,
    allocate,
    allocations_of,
    make_note,
    read_note,
    refund,
    sent_allocation,
    sent_note,
)
from xero_sandbox.rules import messages

NIL = "00000000-0000-0000-0000-000000000000"


def _lock(api: Api) -> None:
    books = api.handle.books()
    books.put(replace(books.organisation, period_lock_date=date(2026, 11, 15)))


def _sent(*parts: Json) -> Json:
    return {"Allocations": list(parts)}


def test_several_allocations_stand_together_or_each_alone(desk: Desk, api: Api) -> None:
    note, invoices = make_note(desk), [desk.invoice() for _ in range(3)]
    sent = _sent(*(sent_allocation(invoice, 60) for invoice in invoices))
    path = allocations_of(note)

    assert api.put(path, sent).status_code == 400
    assert read_note(desk, note)["RemainingCredit"] == 115
    made = api.put(f"{path}?summarizeErrors=false", sent).json()["Allocations"]
    assert [row["StatusAttributeString"] for row in made] == ["OK", "ERROR", "ERROR"]
    assert read_note(desk, note)["RemainingCredit"] == 55


def test_several_notes_stand_together_or_each_alone(desk: Desk, api: Api) -> None:
    batch = {"CreditNotes": [sent_note(desk), sent_note(desk, Status="PAID")]}

    assert api.put("CreditNotes", batch).status_code == 400
    assert api.get("CreditNotes").json()["CreditNotes"] == []
    made = api.put("CreditNotes?summarizeErrors=false", batch).json()["CreditNotes"]
    assert [row["StatusAttributeString"] for row in made] == ["OK", "ERROR"]


def test_note_applied_twice_to_one_invoice_is_one_entry_there(desk: Desk) -> None:
    note, invoice = make_note(desk), desk.invoice()

    allocate(desk, note, invoice, 10)
    allocate(desk, note, invoice, 5)

    assert [row["AppliedAmount"] for row in desk.fresh(invoice)["CreditNotes"]] == [15]
    assert len(read_note(desk, note)["Allocations"]) == 2


def test_ids_of_another_kind_are_unknown(desk: Desk, api: Api) -> None:
    note, unknown = make_note(desk), [messages.DOCUMENT_NOT_FOUND]
    as_invoice = {"InvoiceID": note["CreditNoteID"]}

    assert api.refusal("PUT", allocations_of(note), _sent(sent_allocation(as_invoice, 5))) == unknown
    assert api.refusal("PUT", "Payments", desk.sent_payment(as_invoice, 5)) == unknown
    path = f"CreditNotes/{NIL}/Allocations"
    assert api.put(path, _sent(sent_allocation(desk.invoice(), 5))).status_code == 404


def test_payment_names_one_target(desk: Desk, api: Api) -> None:
    target = {"CreditNoteID": make_note(desk)["CreditNoteID"]}
    both = {**desk.sent_payment(desk.invoice(), 5), "CreditNote": target}

    assert api.refusal("PUT", "Payments", both) == [messages.ONE_TARGET]


def test_supplier_credit_is_refunded_as_one(desk: Desk) -> None:
    note = make_note(desk, Type="ACCPAYCREDIT", LineItems=[line(AccountCode="400")])

    assert refund(desk, note, 5)["PaymentType"] == "APCREDITPAYMENT"


def test_amounts_of_a_note_in_use_are_fixed(desk: Desk, api: Api) -> None:
    note = make_note(desk)
    allocate(desk, note, desk.invoice(), 5)

    dearer: dict[str, Any] = {**note["LineItems"][0], "UnitAmount": 200}
    path = f"CreditNotes/{note['CreditNoteID']}"
    assert api.refusal("POST", path, {"LineItems": [dearer]}) == [messages.HAS_PAYMENTS]
    assert api.one("POST", path, {"Reference": "vase"})["Reference"] == "vase"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"Type": "ACCREC"}, "ACCRECCREDIT or ACCPAYCREDIT"),
        ({"LineItems": [line(DiscountRate=5)]}, "Discounts are not supported"),
        ({"LineItems": []}, "line items"),
    ],
)
def test_note_that_is_none_is_refused(desk: Desk, api: Api, fields: Json, words: str) -> None:
    assert words in api.refusal("PUT", "CreditNotes", sent_note(desk, **fields))[0]


def test_number_of_a_note_that_stands_means_that_note(desk: Desk, api: Api) -> None:
    note = make_note(desk, CreditNoteNumber="X-1")

    after = api.one("POST", "CreditNotes", {"CreditNoteNumber": "x-1", "Reference": "again"})

    assert (after["CreditNoteID"], after["Reference"]) == (note["CreditNoteID"], "again")


def test_locked_days_are_neither_written_applied_nor_freed(desk: Desk, api: Api) -> None:
    note, invoice = make_note(desk), desk.invoice()
    made = allocate(desk, note, invoice, 5)
    _lock(api)

    assert "period lock date" in api.refusal("PUT", "CreditNotes", sent_note(desk))[0]
    path = f"CreditNotes/{note['CreditNoteID']}"
    assert "period lock date" in api.refusal("POST", path, {"Reference": "late"})[0]
    applied = _sent(sent_allocation(invoice, 5))
    assert "period lock date" in api.refusal("PUT", allocations_of(note), applied)[0]
    assert api.call("DELETE", f"{allocations_of(note)}/{made['AllocationID']}").status_code == 400
