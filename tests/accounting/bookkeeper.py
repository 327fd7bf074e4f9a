"""The bookkeeper in Xero: a client of the sandbox's API that is not ours."""

from __future__ import annotations

from typing import Any

import requests

from accounting.models import Connection
from xero_sandbox.handle import Handle

Json = dict[str, Any]


class Bookkeeper:
    """Works in the connected organisation with an access of their own, leaving no trace in our counts."""

    def __init__(self, sandbox: Handle, connection: Connection) -> None:
        assert connection.grant is not None
        self._url = f"{sandbox.url}/api.xro/2.0"
        self._headers = {
            "Authorization": f"Bearer {connection.grant.access_token}",
            "xero-tenant-id": connection.tenant_id,
            "Accept": "application/json",
        }

    def _send(self, method: str, path: str, body: Json | None = None) -> Json:
        response = requests.request(method, self._url + path, json=body, headers=self._headers, timeout=5)
        assert response.ok, response.text
        return response.json()

    def read_all(self, envelope: str) -> list[Json]:
        """Everything there is of it, archived and deleted ones included."""
        return self._send("GET", f"/{envelope}?includeArchived=true")[envelope]

    def write(self, envelope: str, **fields: Any) -> Json:
        return self._send("POST", f"/{envelope}", {envelope: [fields]})[envelope][0]

    def create_contact(self, **fields: Any) -> Json:
        return self._send("PUT", "/Contacts", {"Contacts": [fields]})["Contacts"][0]

    def change_contact(self, contact_id: str, **fields: Any) -> Json:
        return self._send("POST", f"/Contacts/{contact_id}", {"Contacts": [fields]})["Contacts"][0]

    def create_invoice(
        self, number: str, contact_id: str, amount: float = 10, *, day: str = "2026-03-02"
    ) -> Json:
        line = {"Description": "Theirs", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
        invoice = {
            "Type": "ACCREC",
            "InvoiceNumber": number,
            "Contact": {"ContactID": contact_id},
            "Date": day,
            "DueDate": "2026-05-16",
            "LineItems": [line],
        }
        return self._send("PUT", "/Invoices", {"Invoices": [invoice]})["Invoices"][0]

    def contact(self, contact_id: str) -> Json:
        return self._send("GET", f"/Contacts/{contact_id}")["Contacts"][0]

    def invoice(self, invoice_id: str) -> Json:
        return self._send("GET", f"/Invoices/{invoice_id}")["Invoices"][0]

    def change_invoice(self, invoice_id: str, **fields: Any) -> Json:
        return self._send("POST", f"/Invoices/{invoice_id}", {"Invoices": [fields]})["Invoices"][0]

    def change_price(self, invoice_id: str, amount: float) -> Json:
        lines = self.invoice(invoice_id)["LineItems"]
        wire = [
            {key: line[key] for key in ("LineItemID", "Description", "Quantity", "AccountCode", "TaxType")}
            for line in lines
        ]
        wire[0]["UnitAmount"] = amount
        for line, old in zip(wire[1:], lines[1:], strict=True):
            line["UnitAmount"] = old["UnitAmount"]
        return self.change_invoice(invoice_id, LineItems=wire)

    def pay(
        self, invoice_id: str, amount: float, *, reference: str = "bank", date: str = "2026-03-05"
    ) -> Json:
        return self._move_money({"Invoice": {"InvoiceID": invoice_id}}, amount, reference, date)

    def refund(self, note_id: str, amount: float) -> Json:
        return self._move_money({"CreditNote": {"CreditNoteID": note_id}}, amount, "refund", "2026-03-05")

    def _move_money(self, target: Json, amount: float, reference: str, date: str) -> Json:
        bank = next(
            row
            for row in self._send("GET", "/Accounts")["Accounts"]
            if row["Type"] == "BANK" and row.get("Code")
        )
        payment = {
            **target,
            "Account": {"AccountID": bank["AccountID"]},
            "Date": date,
            "Amount": amount,
            "Reference": reference,
        }
        return self._send("PUT", "/Payments", {"Payments": [payment]})["Payments"][0]

    def delete_payment(self, payment_id: str) -> Json:
        return self._send("POST", f"/Payments/{payment_id}", {"Status": "DELETED"})["Payments"][0]

    def credit_note(self, note_id: str) -> Json:
        return self._send("GET", f"/CreditNotes/{note_id}")["CreditNotes"][0]

    def change_credit_note(self, note_id: str, **fields: Any) -> Json:
        return self.write("CreditNotes", CreditNoteID=note_id, **fields)

    def allocate(self, note_id: str, invoice_id: str, amount: float) -> Json:
        made = {"Invoice": {"InvoiceID": invoice_id}, "Amount": amount, "Date": "2026-03-05"}
        path = f"/CreditNotes/{note_id}/Allocations"
        return self._send("PUT", path, {"Allocations": [made]})["Allocations"][0]

    def take_off(self, note_id: str, allocation_id: str) -> Json:
        return self._send("DELETE", f"/CreditNotes/{note_id}/Allocations/{allocation_id}")
