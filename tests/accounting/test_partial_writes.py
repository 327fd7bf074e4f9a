"""What is in Xero stays: a push sends what was changed here, and Xero's own amounts are taken as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import Kind, Lane, OpState, Priority
from accounting.models import Connection, Link, Operation, SyncEvent
from accounting.resources.invoices import InvoiceResource
from accounting.sync import outbox
from accounting.sync.outbox import retry_failed
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from core.changes import caused_by
from core.refusals import Refused
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

Sync = Callable[[], None]
Json = dict[str, Any]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """Two lines, 100.00 at 15 % each, in step with Xero."""
    lines = [make_line(tax_rate=gst), make_line(tax_rate=gst)]
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=lines)
    sync()
    return made


def _remote_id(kind: Kind, pk: Any) -> str:
    return Link.objects.get(kind=kind, local_id=pk).remote_id


def _hear(connection: Connection, kind: Kind, remote_id: str, sync: Sync) -> None:
    with transaction.atomic():
        request_pull(connection, kind, remote_id, priority=Priority.USER)
    sync()


def _without(record: Json, *names: str) -> Json:
    moving = {"UpdatedDateUTC", "UpdatedDateUTCString", "UpdatedDateUtcString", *names}
    return {name: value for name, value in record.items() if name not in moving}


def _lines(record: Json, **changes: Any) -> list[Json]:
    """The lines as somebody sends them back, the first with these changes."""
    kept = ("LineItemID", "Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")
    lines = [{key: line[key] for key in kept if key in line} for line in record["LineItems"]]
    return [{**lines[0], **changes}, *lines[1:]]


@pytest.mark.parametrize(
    "put_in",
    [{"DiscountAmount": 10}, {"TaxAmount": 15.01}, {"DiscountRate": 5}],
    ids=["discount by amount", "tax by hand", "discount in per cent"],
)
def test_edit_of_the_reference_leaves_everything_else_in_xero_as_it_was(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, put_in: Json
) -> None:
    there = _remote_id(Kind.INVOICE, invoice.pk)
    bookkeeper.change_invoice(there, LineItems=_lines(bookkeeper.invoice(there), **put_in))
    _hear(connected, Kind.INVOICE, there, sync)
    before = bookkeeper.invoice(there)
    invoice = update_invoice(invoice=invoice, by=None, reference="PO 7")
    sync()
    after = bookkeeper.invoice(there)
    assert after["Reference"] == "PO 7"
    assert _without(after, "Reference") == _without(before, "Reference")


def test_edit_of_one_line_leaves_the_other_lines_as_they_were(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    there = _remote_id(Kind.INVOICE, invoice.pk)
    bookkeeper.change_invoice(there, LineItems=_lines(bookkeeper.invoice(there), TaxAmount=15.01))
    _hear(connected, Kind.INVOICE, there, sync)
    before = bookkeeper.invoice(there)["LineItems"]
    inputs = [line.as_input() for line in invoice.lines.all()]
    with transaction.atomic(), caused_by("remote"):
        update_invoice(invoice=invoice, by=None, lines=[inputs[0], replace(inputs[1], description="Other")])
        outbox.record(workspace_id=connected.workspace_id, kind=Kind.INVOICE, local_id=invoice.pk)
    sync()
    after = bookkeeper.invoice(there)["LineItems"]
    assert after[0] == before[0]
    assert after[1] == {**before[1], "Description": "Other"}


def test_edit_of_the_email_leaves_address_lines_and_phone_parts(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    customer = make_customer(connected.workspace, phone="09 555 0100", city="Auckland")
    sync()
    there = _remote_id(Kind.CUSTOMER, customer.pk)
    bookkeeper.change_contact(
        there,
        Addresses=[
            {
                "AddressType": "POBOX",
                "AddressLine1": "1 Quay",
                "AddressLine2": "Level 2",
                "AttentionTo": "Kim",
            }
        ],
        Phones=[
            {"PhoneType": "DEFAULT", "PhoneCountryCode": "64", "PhoneAreaCode": "9", "PhoneNumber": "5550100"}
        ],
    )
    _hear(connected, Kind.CUSTOMER, there, sync)
    before = bookkeeper.contact(there)
    update_customer(customer=customer, by=None, email="kim@example.com")
    sync()
    after = bookkeeper.contact(there)
    assert after["EmailAddress"] == "kim@example.com"
    assert _without(after, "EmailAddress") == _without(before, "EmailAddress")


def test_edit_of_the_city_leaves_the_rest_of_the_address(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    customer = make_customer(connected.workspace, city="Auckland")
    sync()
    there = _remote_id(Kind.CUSTOMER, customer.pk)
    address = {
        "AddressType": "POBOX",
        "AddressLine1": "1 Quay",
        "AddressLine2": "Level 2",
        "AttentionTo": "Kim",
    }
    bookkeeper.change_contact(there, Addresses=[address])
    _hear(connected, Kind.CUSTOMER, there, sync)
    update_customer(customer=customer, by=None, city="Nelson")
    sync()
    [after] = [row for row in bookkeeper.contact(there)["Addresses"] if row["AddressType"] == "POBOX"]
    assert {name: value for name, value in after.items() if value} == {**address, "City": "Nelson"}


def test_edit_of_the_phone_keeps_the_parts_it_still_begins_with(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    customer = make_customer(connected.workspace)
    sync()
    there = _remote_id(Kind.CUSTOMER, customer.pk)
    phone = {"PhoneType": "DEFAULT", "PhoneCountryCode": "64", "PhoneAreaCode": "9", "PhoneNumber": "5550100"}
    bookkeeper.change_contact(there, Phones=[phone])
    _hear(connected, Kind.CUSTOMER, there, sync)
    customer.refresh_from_db()
    assert customer.phone == "64 9 5550100"
    update_customer(customer=customer, by=None, phone="64 9 5550199")
    sync()
    [after] = [row for row in bookkeeper.contact(there)["Phones"] if row["PhoneType"] == "DEFAULT"]
    assert after == {**phone, "PhoneNumber": "5550199"}


def test_line_of_text_comes_here_and_goes_back_as_text(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    there = _remote_id(Kind.INVOICE, invoice.pk)
    lines = [*_lines(bookkeeper.invoice(there)), {"Description": "Thank you"}]
    bookkeeper.change_invoice(there, LineItems=lines)
    bookkeeper.pay(there, 230)
    _hear(connected, Kind.INVOICE, there, sync)
    invoice.refresh_from_db()
    text = invoice.lines.last()
    assert (text.description, text.quantity, text.unit_amount, text.tax_rate) == (
        "Thank you",
        None,
        None,
        None,
    )
    assert (invoice.is_paid, invoice.total) == (True, Decimal(230))
    before = bookkeeper.invoice(there)
    update_invoice(invoice=invoice, by=None, due_date=invoice.due_date.replace(year=2030))
    sync()
    assert bookkeeper.invoice(there)["LineItems"] == before["LineItems"]
    assert not Operation.objects.exists()


def test_tax_put_right_in_xero_by_hand_is_taken_and_paid_in_full(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    there = _remote_id(Kind.INVOICE, invoice.pk)
    bookkeeper.change_invoice(there, LineItems=_lines(bookkeeper.invoice(there), TaxAmount=15.01))
    bookkeeper.pay(there, 230.01)
    _hear(connected, Kind.INVOICE, there, sync)
    invoice.refresh_from_db()
    assert (invoice.tax, invoice.total, invoice.overpaid) == (Decimal("30.01"), Decimal("230.01"), 0)
    assert invoice.is_paid
    update_invoice(invoice=invoice, by=None, due_date=invoice.due_date.replace(year=2030))
    sync()
    invoice.refresh_from_db()
    assert invoice.total == Decimal("230.01")
    told = SyncEvent.objects.filter(event="sent", local_id=invoice.pk).latest("id")
    assert [change[0] for change in told.changes] == ["due_date"]


def test_discount_given_in_xero_as_an_amount_is_taken(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    there = _remote_id(Kind.INVOICE, invoice.pk)
    bookkeeper.change_invoice(there, LineItems=_lines(bookkeeper.invoice(there), DiscountAmount=10))
    _hear(connected, Kind.INVOICE, there, sync)
    invoice.refresh_from_db()
    first = invoice.lines.first()
    assert (first.discount_amount, first.discount_percent, first.line_amount) == (10, 0, 90)
    assert invoice.total == Decimal("218.50")


def test_payments_are_heard_though_the_record_cannot_be_taken(
    connected: Connection, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """Moved to a contact that is no customer here, and paid."""
    there = _remote_id(Kind.INVOICE, invoice.pk)
    stranger = bookkeeper.create_contact(Name="Somebody else")
    bookkeeper.change_invoice(there, Contact={"ContactID": stranger["ContactID"]})
    bookkeeper.pay(there, 230)
    _hear(connected, Kind.INVOICE, there, sync)
    invoice.refresh_from_db()
    assert (Payment.objects.get().amount, invoice.is_paid) == (Decimal(230), True)
    problem = Operation.objects.get(lane=Lane.PULL)
    assert (problem.state, "no customer here" in problem.error) == (OpState.FAILED, True)
    retry_failed(Operation.objects.all())
    sync()
    assert Payment.objects.count() == 1


def test_payments_are_heard_though_our_rules_refuse_the_record(
    connected: Connection,
    invoice: Invoice,
    bookkeeper: Bookkeeper,
    sync: Sync,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Refused("Ours takes no such line.")

    there = _remote_id(Kind.INVOICE, invoice.pk)
    bookkeeper.change_invoice(there, Reference="Theirs")
    bookkeeper.pay(there, 230)
    monkeypatch.setattr(InvoiceResource, "apply_remote", refuse)
    _hear(connected, Kind.INVOICE, there, sync)
    invoice.refresh_from_db()
    assert (Payment.objects.get().amount, invoice.is_paid) == (Decimal(230), True)
    assert "Ours takes no such line." in Operation.objects.get(lane=Lane.PULL).error
