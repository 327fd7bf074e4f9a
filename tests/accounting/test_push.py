"""Pushing to the sandbox: the least calls, each once, equal to the cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounting.enums import Blocker, EventKind, Kind, LinkState, OpState
from accounting.models import Batch, Connection, Link, Mapping, Operation, SyncEvent
from accounting.sync.outbox import retry_failed
from catalogue.models import TaxRate
from customers.services import archive_customer, update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice, update_invoice, void_invoice
from payments.services import record_payment, reverse_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


def _approved(connection: Connection, gst: TaxRate, **fields: Any) -> Invoice:
    fields.setdefault("lines", [make_line(tax_rate=gst)])
    return make_invoice(connection.workspace, status=InvoiceStatus.APPROVED, **fields)


def _writes(sandbox: Handle) -> list[tuple[str, str]]:
    return [
        (call.method, call.path.rsplit("/", 1)[1])
        for call in sandbox.requests()
        if call.method in ("PUT", "POST")
    ]


def _remote(sandbox: Handle, what: str = "Invoices") -> list[dict[str, Any]]:
    return [row for row in sandbox.dump()[what] if row.get("InvoiceNumber", "INV").startswith("INV")]


@pytest.mark.parametrize(
    ("count", "of", "writes"),
    [
        pytest.param(51, 2, ["Contacts", "Invoices", "Invoices"], id="51 of two", marks=pytest.mark.long),
        pytest.param(100, 20, ["Contacts", "Invoices", "Invoices"], id="100 of 20", marks=pytest.mark.long),
    ],
)
def test_invoices_of_new_customers_take_few_writes(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, count: int, of: int, writes: list[str]
) -> None:
    customers = [make_customer(connected.workspace) for _ in range(of)]
    lines = [
        make_line("Design", quantity="3", unit_amount="33.3333", tax_rate=gst),
        make_line("Care", quantity="1.5", unit_amount="19.99", discount_percent="12.5", tax_rate=gst),
    ]
    ours = [_approved(connected, gst, customer=customers[n % of], lines=lines) for n in range(count)]
    sync()
    there = {row["InvoiceNumber"]: row for row in _remote(sandbox)}
    assert [path for _, path in _writes(sandbox)] == writes
    assert len(there) == len(_remote(sandbox)) == count
    assert {row.number: row.total for row in ours} == {
        number: Decimal(str(row["Total"])) for number, row in there.items()
    }
    assert (Operation.objects.count(), Batch.objects.count()) == (0, 0)


def test_saves_without_a_change_send_nothing(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoice = _approved(connected, gst)
    sync()
    sandbox.clear_requests()
    for _ in range(100):
        update_invoice(invoice=invoice, reference=invoice.reference, by=None)
    sync()
    assert sandbox.requests() == []


def test_edit_of_an_issued_invoice_follows(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoice = _approved(connected, gst)
    sync()
    update_invoice(invoice=invoice, reference="PO 12", by=None)
    sync()
    assert _remote(sandbox)[0]["Reference"] == "PO 12"
    assert _writes(sandbox)[-1] == ("POST", "Invoices")


def test_line_edit_keeps_the_line_ids(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    lines = [make_line("One", tax_rate=gst), make_line("Two", tax_rate=gst)]
    invoice = _approved(connected, gst, lines=lines)
    sync()
    before = [line["LineItemID"] for line in _remote(sandbox)[0]["LineItems"]]
    invoice = reopen_invoice(invoice=invoice, by=None)
    kept = [
        make_line(row.description, tax_rate=gst, unit_amount="55", id=row.pk) for row in invoice.lines.all()
    ]
    update_invoice(invoice=invoice, lines=[*kept, make_line("Three", tax_rate=gst)], by=None)
    sync()
    assert _remote(sandbox)[0]["Total"] == 230
    approve_invoice(invoice=invoice, by=None)
    sync()
    after = _remote(sandbox)[0]["LineItems"]
    assert [line["LineItemID"] for line in after][:2] == before
    assert [line["UnitAmount"] for line in after] == [55, 55, 100]


def test_draft_stays_here(sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync) -> None:
    make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])
    sync()
    assert _remote(sandbox) == []
    assert Operation.objects.count() == 0


def test_void_voids_there(sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync) -> None:
    invoice = _approved(connected, gst)
    sync()
    void_invoice(invoice=invoice, by=None)
    sync()
    assert _remote(sandbox)[0]["Status"] == "VOIDED"
    assert Link.objects.get(kind=Kind.INVOICE).state == LinkState.TOMBSTONED


def test_void_of_a_remote_draft_deletes_it(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    Mapping.objects.update(invoice_status="draft")
    invoice = _approved(connected, gst)
    sync()
    void_invoice(invoice=invoice, by=None)
    sync()
    assert _remote(sandbox)[0]["Status"] == "DELETED"


def test_invoice_is_created_with_the_chosen_status(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    Mapping.objects.update(invoice_status="submitted")
    _approved(connected, gst)
    sync()
    assert _remote(sandbox)[0]["Status"] == "SUBMITTED"


def test_payment_arrives_and_its_reversal_deletes_it(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoice = _approved(connected, gst)
    payment = record_payment(
        invoice=invoice, amount=Decimal("15.00"), date=ISSUED_ON, reference="ref", by=None
    )
    sync()
    assert [(row["Amount"], row["Status"]) for row in _remote(sandbox, "Payments")] == [(15, "AUTHORISED")]
    reverse_payment(payment=payment, by=None)
    sync()
    assert [row["Status"] for row in _remote(sandbox, "Payments")] == ["DELETED"]


def test_reversal_and_void_together_go_in_order(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoice = _approved(connected, gst)
    payment = record_payment(invoice=invoice, amount=Decimal("115.00"), date=ISSUED_ON, by=None)
    sync()
    reverse_payment(payment=payment, by=None)
    invoice.refresh_from_db()
    void_invoice(invoice=invoice, by=None)
    sync()
    assert _remote(sandbox)[0]["Status"] == "VOIDED"
    assert Operation.objects.count() == 0


def test_customer_edit_and_archive_follow(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    customer = _approved(connected, gst).customer
    sync()
    update_customer(customer=customer, by=None, email="ana@example.com")
    sync()
    there = [row for row in sandbox.dump()["Contacts"] if row.get("AccountNumber") == customer.reference]
    assert there[0]["EmailAddress"] == "ana@example.com"
    archive_customer(customer=customer, by=None)
    sync()
    there = [row for row in sandbox.dump()["Contacts"] if row.get("AccountNumber") == customer.reference]
    assert there[0]["ContactStatus"] == "ARCHIVED"


def test_missing_choice_is_said_and_nothing_is_guessed(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    Mapping.objects.update(revenue_account_id="")
    _approved(connected, gst)
    sync()
    operation = Operation.objects.get(kind=Kind.INVOICE)
    assert (operation.state, operation.blocker) == (OpState.BLOCKED, Blocker.SETUP)
    assert operation.error == "Choose the default revenue account in Settings > Accounting."
    assert _remote(sandbox) == []


def test_poison_element_fails_alone_with_xeros_words(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    words = "The document date cannot be before the period lock date, currently set at 31 Mar 2026"
    sandbox.faults.add("reject", path="Invoices", match="POISON", times=None, message=words)
    for n in range(5):
        _approved(connected, gst, reference="POISON" if n == 2 else "fine")
    sync()
    assert len(_remote(sandbox)) == 4
    operation = Operation.objects.get()
    assert operation.state == OpState.FAILED
    assert "period lock date" in operation.error_detail
    assert "locked in Xero" in operation.error


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("Invoices", {"match": "POISON", "message": "No."}),
        ("Invoices", {"match": "POISON", "message": "No.", "whole_call": True}),
        (
            "Contacts",
            {
                "match": "Poison Ltd",
                "message": "The contact name X is already assigned to another contact.",
            },
        ),
    ],
    ids=["one element", "the whole call", "taken, looked up first"],
)
def test_refusal_keeps_what_xeros_support_finds_it_by(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, path: str, options: Any
) -> None:
    sandbox.faults.add("reject", path=path, method="PUT", **options)
    customer = make_customer(connected.workspace, name="Poison Ltd")
    _approved(connected, gst, customer=customer, reference="POISON")

    sync()

    [refused] = sandbox.requests(method="PUT", path=path)
    operation = Operation.objects.get(state=OpState.FAILED)
    assert operation.error_reference == refused.correlation_id != ""
    assert SyncEvent.objects.filter(event=EventKind.FAILED).get().reference == refused.correlation_id


def test_trying_again_forgets_the_old_answers_reference(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    sandbox.faults.add("reject", match="POISON", message="No.")
    _approved(connected, gst, reference="POISON")
    sync()

    retry_failed(Operation.objects.all())

    assert Operation.objects.get().error_reference == ""


def test_customer_that_cannot_reach_xero_holds_its_invoice(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    customer = make_customer(connected.workspace, name="Taken Ltd")
    Bookkeeper(sandbox, connected).create_contact(Name="Taken Ltd")
    _approved(connected, gst, customer=customer)
    sync()
    states = {row.kind: row.state for row in Operation.objects.all()}
    assert states == {Kind.CUSTOMER: OpState.FAILED, Kind.INVOICE: OpState.BLOCKED}


@pytest.mark.parametrize("currency", ["NZD"])
def test_link_remembers_what_was_agreed(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync, currency: str
) -> None:
    invoice = _approved(connected, gst, currency=currency)
    sync()
    link = Link.objects.get(kind=Kind.INVOICE)
    assert (link.local_id, link.state, link.base["total"]) == (invoice.pk, LinkState.ACTIVE, "115")
    assert link.note == ""
    assert SyncEvent.objects.filter(local_id=invoice.pk, event=EventKind.SENT_NEW).count() == 1
