"""A record that was deleted here while its two versions waited for a decision: nothing is left to decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import transaction

from accounting.enums import ConflictState, InvoiceStatusRule, Kind, LinkState, Resolution
from accounting.models import Conflict, Connection, Link, Mapping, Operation
from accounting.queries.problems import count_trouble
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.models import Invoice
from invoices.services import delete_invoice, update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def apart(connected: Connection, gst: TaxRate, sync: Sync, bookkeeper: Bookkeeper, super_user: User) -> Link:
    """A draft whose due date was changed on both sides."""
    Mapping.objects.update(invoice_status=InvoiceStatusRule.WITH_STATUS)
    invoice = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])
    sync()
    link = Link.objects.get(kind=Kind.INVOICE)
    update_invoice(invoice=invoice, by=super_user, due_date=dt.date(2026, 5, 1))
    bookkeeper.change_invoice(link.remote_id, DueDate="2026-06-01")
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, link.remote_id)
    sync()
    assert count_trouble().out_of_sync == 1
    return link


@pytest.mark.parametrize("by_the_bookkeeper_too", [False, True])
def test_deleting_it_here_settles_it(
    bookkeeper: Bookkeeper, apart: Link, sync: Sync, super_user: User, by_the_bookkeeper_too: bool
) -> None:
    delete_invoice(invoice=Invoice.objects.get(), by=super_user)
    if by_the_bookkeeper_too:
        bookkeeper.change_invoice(apart.remote_id, Status="DELETED")
    sync()
    sync()

    conflict = Conflict.objects.get()
    assert (conflict.state, conflict.resolution) == (ConflictState.RESOLVED, Resolution.KEEP_OURS)
    assert count_trouble().out_of_sync == 0
    assert Link.objects.get(pk=apart.pk).state == LinkState.TOMBSTONED
    assert bookkeeper.invoice(apart.remote_id)["Status"] == "DELETED"
    assert not Operation.objects.exists()
