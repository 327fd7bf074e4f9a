"""Credit notes: made and changed like invoices, used up by allocations and refunds."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Api, Desk, line
from tests.sandbox.noted import allocate, make_note, read_note, refund, sent_note


def test_note_is_made_with_its_totals_and_all_its_credit(desk: Desk) -> None:
    note = make_note(desk, CreditNoteNumber="CN-7", LineItems=[line(Quantity=2)])

    assert (note["CreditNoteNumber"], note["Status"]) == ("CN-7", "AUTHORISED")
    assert (note["SubTotal"], note["TotalTax"], note["Total"]) == (200, 30, 230)
    assert (note["RemainingCredit"], note["Allocations"], note["Payments"]) == (230, [], [])


def test_number_is_given_and_taken_once(desk: Desk) -> None:
    first = make_note(desk)
    sent = sent_note(desk, CreditNoteNumber=first["CreditNoteNumber"])

    assert first["CreditNoteNumber"]
    assert desk.api.refusal("PUT", "CreditNotes", sent) != []


def test_supplier_credit_may_share_a_number(desk: Desk) -> None:
    notes = [make_note(desk, Type="ACCPAYCREDIT", CreditNoteNumber="S-1") for _ in range(2)]

    assert len({note["CreditNoteID"] for note in notes}) == 2


@pytest.mark.parametrize(
    ("status", "then", "stands"),
    [
        ("DRAFT", "SUBMITTED", "SUBMITTED"),
        ("DRAFT", "DELETED", "DELETED"),
        ("SUBMITTED", "AUTHORISED", "AUTHORISED"),
        ("AUTHORISED", "VOIDED", "VOIDED"),
    ],
)
def test_status_goes_on(desk: Desk, status: str, then: str, stands: str) -> None:
    note = make_note(desk, Status=status)
    sent = {"CreditNoteID": note["CreditNoteID"], "Status": then}

    assert desk.api.one("POST", "CreditNotes", sent)["Status"] == stands


@pytest.mark.parametrize(("status", "then"), [("AUTHORISED", "DRAFT"), ("AUTHORISED", "DELETED")])
def test_status_does_not_go_back(desk: Desk, status: str, then: str) -> None:
    note = make_note(desk, Status=status)

    assert (
        desk.api.refusal("POST", "CreditNotes", {"CreditNoteID": note["CreditNoteID"], "Status": then}) != []
    )


def test_lists_are_whole_by_the_page_and_without_lines_otherwise(desk: Desk, api: Api) -> None:
    make_note(desk)
    paged, whole = api.get("CreditNotes?page=1").json(), api.get("CreditNotes").json()

    assert (len(paged["CreditNotes"][0]["LineItems"]), whole["CreditNotes"][0]["LineItems"]) == (1, [])
    assert paged["pagination"]["itemCount"] == 1


def test_list_answers_one_type_and_what_changed(desk: Desk, api: Api) -> None:
    ours, theirs = make_note(desk), make_note(desk, Type="ACCPAYCREDIT")
    found = api.get('CreditNotes?page=1&where=Type=="ACCPAYCREDIT"').json()["CreditNotes"]
    later = {"If-Modified-Since": "2099-01-01T00:00:00"}

    assert [note["CreditNoteID"] for note in found] == [theirs["CreditNoteID"]]
    assert (
        api.get(f"CreditNotes/{ours['CreditNoteNumber']}").json()["CreditNotes"][0]["Type"] == "ACCRECCREDIT"
    )
    assert api.get("CreditNotes?page=1", headers=later).json().get("CreditNotes", []) == []


def test_note_that_is_used_up_is_paid(desk: Desk) -> None:
    note, invoice = make_note(desk), desk.invoice()
    allocate(desk, note, invoice, 100)
    refund(desk, note, 15)

    after = read_note(desk, note)
    assert (after["Status"], after["RemainingCredit"]) == ("PAID", 0)
    assert "FullyPaidOnDate" in after


def test_refund_is_a_payment_out_of_it_and_can_be_taken_back(desk: Desk, api: Api) -> None:
    note = make_note(desk)
    paid = refund(desk, note, 40, Reference="back")
    assert (paid["PaymentType"], paid["CreditNote"]["CreditNoteID"]) == (
        "ARCREDITPAYMENT",
        note["CreditNoteID"],
    )
    assert (read_note(desk, note)["RemainingCredit"], len(read_note(desk, note)["Payments"])) == (75, 1)

    api.one("POST", f"Payments/{paid['PaymentID']}", {"Status": "DELETED"})
    assert (read_note(desk, note)["RemainingCredit"], read_note(desk, note)["Payments"]) == (115, [])


def test_refund_beyond_what_is_left_is_refused(desk: Desk, api: Api) -> None:
    note = make_note(desk)
    sent = {"CreditNote": {"CreditNoteID": note["CreditNoteID"]}, "Account": {"Code": "090"}, "Amount": 116}

    assert api.refusal("PUT", "Payments", sent) != []


def test_note_in_use_is_not_voided(desk: Desk, api: Api) -> None:
    note = make_note(desk)
    refund(desk, note, 40)

    assert (
        api.refusal("POST", "CreditNotes", {"CreditNoteID": note["CreditNoteID"], "Status": "VOIDED"}) != []
    )
