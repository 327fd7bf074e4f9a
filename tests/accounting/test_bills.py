"""Bills that were received have the shape of invoices and may have their numbers. None is ever taken for ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from msgspec.structs import replace

from accounting.enums import Kind
from accounting.models import Connection, Link
from accounting.port.documents import InvoiceDoc
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import load
from accounting.resources.desk import open_desk
from accounting.sync.apply import apply
from accounting.sync.decide import Outcome
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


def test_bill_is_never_applied_to_an_invoice(connected: Connection, gst: TaxRate, sync: Sync) -> None:
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    link = Link.objects.get(kind=Kind.INVOICE)
    base = load(Kind.INVOICE, link.base)
    assert isinstance(base, InvoiceDoc)
    bill = replace(base, is_sale=False, reference="A bill")
    later = link.remote_version + dt.timedelta(minutes=1)

    outcome = apply(connected, RemoteRecord("invoice", link.remote_id, later, bill), open_desk(connected))

    invoice.refresh_from_db()
    assert (outcome, invoice.reference) == (Outcome.UNKNOWN, "")


def test_lost_answer_is_not_found_in_a_bill_of_the_same_number(
    connected: Connection, gst: TaxRate, sync: Sync, sandbox: Handle
) -> None:
    customer = make_customer(connected.workspace)
    sync()
    there = Link.objects.get(kind=Kind.CUSTOMER, local_id=customer.pk).remote_id
    invoice = make_invoice(
        connected.workspace,
        customer=customer,
        status=InvoiceStatus.APPROVED,
        lines=[make_line(tax_rate=gst)],
    )
    bill = _bill(Bookkeeper(sandbox, connected), invoice.number, there)
    sandbox.faults.add("error_500", method="PUT", path="Invoices")
    for _ in range(3):
        sync()
    assert Link.objects.get(kind=Kind.INVOICE).remote_id != bill


def _bill(bookkeeper: Bookkeeper, number: str, contact_id: str) -> str:
    line = {"Description": "Paper", "Quantity": 1, "UnitAmount": 100, "AccountCode": "400"}
    bill = {
        "Type": "ACCPAY",
        "InvoiceNumber": number,
        "Contact": {"ContactID": contact_id},
        "Date": "2026-03-02",
        "DueDate": "2026-03-16",
        "LineItems": [line],
    }
    sent = bookkeeper._send("PUT", "/Invoices", {"Invoices": [bill]})
    return str(sent["Invoices"][0]["InvoiceID"])
