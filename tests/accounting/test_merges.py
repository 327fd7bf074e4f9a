"""A contact merged in Xero: the customer stays, its link follows, and what is sent for it goes to the survivor."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import IntegrityError, transaction
from msgspec import structs

from accounting.enums import Kind, Lane, LinkState, OpState
from accounting.models import Connection, Link, Operation, SyncEvent
from accounting.providers.xero.provider import XeroBooks
from accounting.queries.status import states_of
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from customers.models import Customer
from customers.services import archive_customer, restore_customer, update_customer
from invoices.services import update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.merging import (
    Sync,
    Tell,
    bookkeeper,
    contact_named,
    customer,
    invoice_of,
    link_of,
    merge_contacts,
    other,
    tell,
)
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "customer", "other", "tell"]

LATER = dt.date(2026, 12, 1)


def test_customer_of_a_merged_contact_stays_and_its_link_follows(
    sandbox: Handle, customer: Customer, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    before, survivor = link_of(customer).remote_id, contact_named(bookkeeper, "Kowhai Cafe Ltd")
    merge_contacts(sandbox, before, survivor)

    tell(Kind.CUSTOMER, before)

    customer.refresh_from_db()
    link = link_of(customer)
    assert (customer.is_archived, customer.name) == (False, "Kowhai Cafe Ltd")
    assert (link.remote_id, link.state, link.successor, link.came_from) == (
        survivor,
        LinkState.ACTIVE,
        "",
        [],
    )
    assert sandbox.books().contacts.get(survivor).details["AccountNumber"] == customer.reference
    assert Operation.objects.count() == 0
    assert states_of(Kind.CUSTOMER, [customer])[customer.pk].code == "synced"
    assert SyncEvent.objects.filter(message__startswith="Merged into another in Xero").count() == 1


def test_merge_that_no_webhook_told_is_found_by_the_regular_check(
    sandbox: Handle, connected: Connection, customer: Customer, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    survivor = contact_named(bookkeeper, "Kowhai Cafe Ltd")
    merge_contacts(sandbox, link_of(customer).remote_id, survivor)

    reconcile(connected.pk)
    sync()

    assert link_of(customer).remote_id == survivor
    assert not Customer.objects.get(pk=customer.pk).is_archived


def test_invoice_is_sent_with_the_survivors_id(
    sandbox: Handle, customer: Customer, gst: TaxRate, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    before, survivor = link_of(customer).remote_id, contact_named(bookkeeper, "Kowhai Cafe Ltd")
    merge_contacts(sandbox, before, survivor)
    tell(Kind.CUSTOMER, before)

    invoice = invoice_of(Customer.objects.get(pk=customer.pk), gst)
    sync()

    assert bookkeeper.invoice(link_of(invoice).remote_id)["Contact"]["ContactID"] == survivor


@pytest.mark.long
def test_invoices_that_moved_with_the_merge_stay_with_their_customer(
    sandbox: Handle, customer: Customer, gst: TaxRate, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    """Whichever of the two we hear of first."""
    invoice = invoice_of(customer, gst)
    sync()
    before, survivor = link_of(customer).remote_id, contact_named(bookkeeper, "Kowhai Cafe Ltd")
    merge_contacts(sandbox, before, survivor)

    tell(Kind.INVOICE, link_of(invoice).remote_id)
    assert Operation.objects.get(lane=Lane.PULL).state == OpState.FAILED
    tell(Kind.CUSTOMER, before)

    invoice.refresh_from_db()
    assert invoice.customer_id == customer.pk
    assert Operation.objects.count() == 0
    update_invoice(invoice=invoice, by=None, due_date=LATER)
    sync()
    there = bookkeeper.invoice(link_of(invoice).remote_id)
    assert (there["DueDateString"][:10], there["Contact"]["ContactID"]) == ("2026-12-01", survivor)


def test_chain_of_merges_is_followed_to_its_end(
    sandbox: Handle, customer: Customer, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    first = link_of(customer).remote_id
    second, third = contact_named(bookkeeper, "Second"), contact_named(bookkeeper, "Third")
    merge_contacts(sandbox, first, second, third)

    tell(Kind.CUSTOMER, first)

    assert (link_of(customer).remote_id, link_of(customer).came_from) == (third, [])
    assert Operation.objects.count() == 0


def test_circle_of_merges_ends_and_is_told(
    sandbox: Handle, customer: Customer, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    first, second = link_of(customer).remote_id, contact_named(bookkeeper, "Second")
    merge_contacts(sandbox, first, second, first)

    tell(Kind.CUSTOMER, first)

    [failed] = Operation.objects.all()
    assert (failed.state, failed.lane) == (OpState.FAILED, Lane.PULL)
    assert failed.error.startswith("In Xero this was merged in a circle")
    assert not Customer.objects.get(pk=customer.pk).is_archived


def test_survivor_that_cannot_be_read_yet_is_told_and_taken_once_it_can(
    sandbox: Handle, connected: Connection, customer: Customer, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    before, survivor = link_of(customer).remote_id, contact_named(bookkeeper, "Kowhai Cafe Ltd")
    merge_contacts(sandbox, before, survivor)
    fetch = XeroBooks.fetch

    def blind(books: XeroBooks, kind: str, remote_ids: Any) -> Any:
        reply = fetch(books, kind, remote_ids)
        return structs.replace(
            reply, records=tuple(row for row in reply.records if row.remote_id != survivor)
        )

    with patch.object(XeroBooks, "fetch", blind):
        tell(Kind.CUSTOMER, before)

    assert (link_of(customer).remote_id, Customer.objects.get().is_archived) == (survivor, False)
    assert SyncEvent.objects.filter(message="Xero no longer has this record.").exists()

    reconcile(connected.pk)
    assert Customer.objects.get().name == "Kowhai Cafe Ltd"


@pytest.mark.long
def test_two_customers_of_one_contact_are_both_told(
    sandbox: Handle,
    customer: Customer,
    other: Customer,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    tell: Tell,
    sync: Sync,
) -> None:
    before, survivor = link_of(customer).remote_id, link_of(other).remote_id
    merge_contacts(sandbox, before, survivor)

    tell(Kind.CUSTOMER, before)

    link = link_of(customer)
    assert (link.state, link.remote_id, link.successor) == (LinkState.MERGED, before, survivor)
    assert [link_of(other).remote_id, Customer.objects.filter(archived_at=None).count()] == [survivor, 2]
    told = states_of(Kind.CUSTOMER, [customer, other])
    assert (told[customer.pk].code, told[other.pk].code) == ("merged", "synced")
    assert "merged into Rata Bakery: the two are one there" in told[customer.pk].reason
    messages = dict(SyncEvent.objects.filter(event="linked").values_list("local_id", "message"))
    assert "Rata Bakery" in messages[customer.pk]
    assert "Kowhai Cafe" in messages[other.pk]

    invoice = invoice_of(customer, gst)
    sync()
    assert bookkeeper.invoice(link_of(invoice).remote_id)["Contact"]["ContactID"] == survivor
    tell(Kind.INVOICE, link_of(invoice).remote_id)
    invoice.refresh_from_db()
    assert (invoice.customer_id, Operation.objects.count()) == (customer.pk, 0)


def test_change_of_the_second_customer_of_a_contact_stays_here(
    sandbox: Handle, customer: Customer, other: Customer, tell: Tell, sync: Sync
) -> None:
    before, survivor = link_of(customer).remote_id, link_of(other).remote_id
    merge_contacts(sandbox, before, survivor)
    tell(Kind.CUSTOMER, before)

    update_customer(customer=customer, by=None, city="Nelson")
    sync()

    assert Operation.objects.count() == 0
    assert sandbox.books().contacts.get(survivor).name == "Rata Bakery"
    assert SyncEvent.objects.filter(event="linked").count() == 2


@pytest.mark.long
def test_second_customer_follows_when_the_survivor_is_merged_on(
    sandbox: Handle, customer: Customer, other: Customer, bookkeeper: Bookkeeper, tell: Tell
) -> None:
    before, between, end = (
        link_of(customer).remote_id,
        link_of(other).remote_id,
        contact_named(bookkeeper, "End"),
    )
    merge_contacts(sandbox, before, between)
    tell(Kind.CUSTOMER, before)
    merge_contacts(sandbox, between, end)
    tell(Kind.CUSTOMER, between)

    assert (link_of(other).remote_id, link_of(customer).successor) == (end, end)


def test_merge_heard_by_our_own_write_is_followed_and_the_write_goes_to_the_survivor(
    sandbox: Handle, customer: Customer, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    before, survivor = link_of(customer).remote_id, contact_named(bookkeeper, "Kowhai Cafe Ltd")
    merge_contacts(sandbox, before, survivor)

    update_customer(customer=customer, by=None, city="Nelson")
    for _ in range(3):
        sync()

    assert link_of(customer).remote_id == survivor
    there = {row["AddressType"]: row for row in sandbox.books().contacts.get(survivor).addresses}
    assert there["POBOX"]["City"] == "Nelson"
    assert Operation.objects.count() == 0


@pytest.mark.long
def test_archived_customer_does_not_come_back_with_the_survivor(
    sandbox: Handle, customer: Customer, bookkeeper: Bookkeeper, tell: Tell, sync: Sync
) -> None:
    before, survivor = link_of(customer).remote_id, contact_named(bookkeeper, "Kowhai Cafe Ltd")
    archive_customer(customer=customer, by=None)
    sync()
    merge_contacts(sandbox, before, survivor)

    tell(Kind.CUSTOMER, before)

    assert Customer.objects.get(pk=customer.pk).is_archived
    assert sandbox.books().contacts.get(survivor).status == "ACTIVE"
    assert (link_of(customer).state, link_of(customer).successor) == (LinkState.MERGED, survivor)
    restore_customer(customer=customer, by=None)
    for _ in range(3):
        sync()
    assert (link_of(customer).state, link_of(customer).remote_id) == (LinkState.ACTIVE, survivor)


def test_contact_restored_after_a_merge_is_its_customers_again(
    sandbox: Handle, customer: Customer, other: Customer, tell: Tell
) -> None:
    before = link_of(customer).remote_id
    merge_contacts(sandbox, before, link_of(other).remote_id)
    tell(Kind.CUSTOMER, before)
    books = sandbox.books()
    books.put(replace(books.contacts.get(before), status="ACTIVE", merged_to=None))

    tell(Kind.CUSTOMER, before)

    assert (link_of(customer).state, link_of(customer).successor, link_of(customer).note) == (
        LinkState.ACTIVE,
        "",
        "",
    )


@pytest.mark.parametrize("wrong", [{"state": LinkState.MERGED}, {"successor": "somebody"}])
def test_merged_link_without_its_successor_is_refused(customer: Customer, wrong: dict[str, str]) -> None:
    with pytest.raises(IntegrityError, match="link_merged_names_its_successor"), transaction.atomic():
        Link.objects.filter(local_id=customer.pk).update(**wrong)
