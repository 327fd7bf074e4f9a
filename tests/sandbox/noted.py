"""Short ways to make, change and use credit notes."""

from __future__ import annotations

from typing import Any

from tests.sandbox.conftest import Desk, line

Json = dict[str, Any]


def sent_note(desk: Desk, **fields: Any) -> Json:
    return {
        "Type": "ACCRECCREDIT",
        "Contact": {"ContactID": desk.any_contact},
        "Date": "2026-11-02",
        "Status": "AUTHORISED",
        "LineItems": [line()],
        **fields,
    }


def make_note(desk: Desk, **fields: Any) -> Json:
    return desk.api.one("PUT", "CreditNotes", sent_note(desk, **fields))


def read_note(desk: Desk, note: Json) -> Json:
    return desk.api.one("GET", f"CreditNotes/{note['CreditNoteID']}")


def allocations_of(note: Json) -> str:
    return f"CreditNotes/{note['CreditNoteID']}/Allocations"


def sent_allocation(invoice: Json, amount: float) -> Json:
    return {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": amount, "Date": "2026-11-09"}


def allocate(desk: Desk, note: Json, invoice: Json, amount: float) -> Json:
    reply = desk.api.put(allocations_of(note), {"Allocations": [sent_allocation(invoice, amount)]})
    assert reply.status_code == 200, reply.text
    made: Json = reply.json()["Allocations"][0]
    return made


def refund(desk: Desk, note: Json, amount: float, **fields: Any) -> Json:
    sent = {
        "CreditNote": {"CreditNoteID": note["CreditNoteID"]},
        "Account": {"Code": "090"},
        "Date": "2026-11-10",
        "Amount": amount,
        **fields,
    }
    return desk.api.one("PUT", "Payments", sent)
