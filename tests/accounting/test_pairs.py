"""A person decides which of our records is which of Xero's: link, unlink, both the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounting.enums import Kind, OpState
from accounting.models import Batch, Connection, Link, Operation, SyncEvent
from accounting.sync import candidates, ignoring
from accounting.sync.deciding import CannotDecide
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pairing import (
    Sync,
    bookkeeper,
    code_of,
    contacts_in,
    invoice,
    link,
    link_of,
    ours,
    synced,
    theirs,
)
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "invoice", "ours", "synced", "theirs"]

# Search


def test_search_finds_by_name_and_says_what_differs(
    connected: Connection, ours: Customer, theirs: dict[str, Any]
) -> None:
    found = candidates.search(connected, Kind.CUSTOMER, ours.pk, "rimu")
    assert [row.theirs.remote_id for row in found] == [theirs["ContactID"]]
    assert found[0].taken_by is None
    assert ("email", "hello@rimu.nz", "ask@rimu.nz") in found[0].differing


def test_search_finds_by_the_address_of_a_page_in_xero(
    connected: Connection, ours: Customer, theirs: dict[str, Any]
) -> None:
    page = f"https://go.xero.com/Contacts/View/{theirs['ContactID']}"
    found = candidates.search(connected, Kind.CUSTOMER, ours.pk, page)
    assert [row.theirs.remote_id for row in found] == [theirs["ContactID"]]


def test_search_tells_what_is_linked_already(connected: Connection, ours: Customer, synced: Customer) -> None:
    found = candidates.search(connected, Kind.CUSTOMER, ours.pk, "Kowhai")
    assert [row.taken_by for row in found] == [synced.pk]


def test_search_costs_one_call(
    sandbox: Handle, connected: Connection, ours: Customer, theirs: dict[str, Any]
) -> None:
    sandbox.clear_requests()
    candidates.search(connected, Kind.CUSTOMER, ours.pk, "rimu")
    assert len(sandbox.requests()) == 1


# Link


def test_link_keeping_ours_sends_ours_and_creates_nothing(
    connected: Connection,
    ours: Customer,
    theirs: dict[str, Any],
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
) -> None:
    before = contacts_in(bookkeeper)
    link(connected, ours, theirs["ContactID"], super_user)
    sync()
    there = bookkeeper.contact(theirs["ContactID"])
    assert (there["Name"], there["EmailAddress"]) == ("Rimu Roasters", "hello@rimu.nz")
    assert there["AccountNumber"] == ours.reference
    assert contacts_in(bookkeeper) == before
    assert (code_of(Kind.CUSTOMER, ours), Operation.objects.count()) == ("synced", 0)


def test_link_taking_theirs_writes_theirs_here(
    connected: Connection,
    ours: Customer,
    theirs: dict[str, Any],
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
) -> None:
    link(connected, ours, theirs["ContactID"], super_user, keep_ours=False)
    sync()
    ours.refresh_from_db()
    assert (ours.name, ours.email) == ("Rimu Roasters Ltd", "ask@rimu.nz")
    assert bookkeeper.contact(theirs["ContactID"])["AccountNumber"] == ours.reference
    assert (code_of(Kind.CUSTOMER, ours), Operation.objects.count()) == ("synced", 0)
    told = SyncEvent.objects.filter(local_id=ours.pk, event="linked").get()
    assert (told.actor, told.message) == (super_user, "Linked to what is in Xero. Its version was taken.")


def test_link_frees_what_failed_because_the_name_was_taken(
    connected: Connection,
    theirs: dict[str, Any],
    bookkeeper: Bookkeeper,
    gst: TaxRate,
    sync: Sync,
    super_user: User,
) -> None:
    customer = make_customer(connected.workspace, name="Rimu Roasters Ltd")
    invoice = make_invoice(
        connected.workspace,
        customer=customer,
        status=InvoiceStatus.APPROVED,
        lines=[make_line(tax_rate=gst)],
    )
    sync()
    assert Operation.objects.get(kind=Kind.CUSTOMER).state == OpState.FAILED
    link(connected, customer, theirs["ContactID"], super_user)
    sync()
    sync()
    assert bookkeeper.invoice(link_of(invoice).remote_id)["Contact"]["ContactID"] == theirs["ContactID"]
    assert Operation.objects.count() == 0


def test_two_of_ours_are_never_one_of_theirs(
    connected: Connection, ours: Customer, synced: Customer, super_user: User
) -> None:
    with pytest.raises(CannotDecide, match="linked to Kowhai Cafe already"):
        link(connected, ours, link_of(synced).remote_id, super_user)
    assert not Link.objects.filter(local_id=ours.pk).exists()


def test_link_to_what_is_not_there_is_refused(
    connected: Connection, ours: Customer, super_user: User
) -> None:
    with pytest.raises(CannotDecide, match="no such record"):
        link(connected, ours, "6f0b7a1e-0000-4000-8000-000000000000", super_user)


def test_link_while_it_is_on_its_way_is_refused(
    connected: Connection, ours: Customer, theirs: dict[str, Any], super_user: User
) -> None:
    batch = Batch.objects.create(
        workspace=connected.workspace, connection=connected, kind="customer", verb="create", method="PUT",
        path="/Contacts", body="", idempotency_key="k", items=[],
    )  # fmt: skip
    Operation.objects.create(
        workspace=connected.workspace, connection=connected, lane="push", kind="customer",
        local_id=ours.pk, state=OpState.IN_FLIGHT, batch=batch,
    )  # fmt: skip
    with pytest.raises(CannotDecide, match="on its way"):
        link(connected, ours, theirs["ContactID"], super_user)
    with pytest.raises(CannotDecide, match="on its way"):
        ignoring.ignore(
            connection=connected, kind=Kind.CUSTOMER, local_id=ours.pk, until="good", by=super_user
        )


def test_invoice_is_linked_after_its_customer(
    connected: Connection, gst: TaxRate, theirs: dict[str, Any], bookkeeper: Bookkeeper, super_user: User
) -> None:
    there = bookkeeper.create_invoice("INV-9001", theirs["ContactID"])
    invoice = make_invoice(connected.workspace, number="INV-9001", lines=[make_line(tax_rate=gst)])
    Operation.objects.all().delete()
    with pytest.raises(CannotDecide, match=f"First link {invoice.customer.name} to the one"):
        link(connected, invoice, there["InvoiceID"], super_user)
    assert not Link.objects.exists()


def test_linked_invoice_hears_the_payments_that_are_there(
    connected: Connection,
    gst: TaxRate,
    ours: Customer,
    theirs: dict[str, Any],
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
) -> None:
    there = bookkeeper.create_invoice("INV-9002", theirs["ContactID"], amount=50)
    bookkeeper.change_invoice(there["InvoiceID"], Status="AUTHORISED")
    bookkeeper.pay(there["InvoiceID"], 20)
    invoice = make_invoice(
        connected.workspace,
        customer=ours,
        number="INV-9002",
        status=InvoiceStatus.APPROVED,
        lines=[make_line(tax_rate=gst)],
    )
    Operation.objects.all().delete()
    link(connected, ours, theirs["ContactID"], super_user)
    link(connected, invoice, there["InvoiceID"], super_user, keep_ours=False)
    sync()
    invoice.refresh_from_db()
    assert (invoice.total, invoice.amount_paid) == (Decimal("57.50"), 20)
    assert len(bookkeeper.invoice(there["InvoiceID"])["Payments"]) == 1
    assert (code_of(Kind.INVOICE, invoice), Operation.objects.count()) == ("synced", 0)


def test_relink_moves_the_record_to_another(
    connected: Connection,
    synced: Customer,
    theirs: dict[str, Any],
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
) -> None:
    before = link_of(synced).remote_id
    bookkeeper.change_contact(before, AccountNumber="", Name="The Wrong One")
    link(connected, synced, theirs["ContactID"], super_user)
    sync()
    assert link_of(synced).remote_id == theirs["ContactID"]
    assert bookkeeper.contact(theirs["ContactID"])["Name"] == "Kowhai Cafe"
    assert bookkeeper.contact(before)["Name"] == "The Wrong One"
    assert (code_of(Kind.CUSTOMER, synced), Operation.objects.count()) == ("synced", 0)
