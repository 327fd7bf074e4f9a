"""Two customers in step, and a bookkeeper who merges their contacts."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounting.enums import Kind
from accounting.models import Connection, Link
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
Tell = Callable[..., None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def customer(connected: Connection, sync: Sync) -> Customer:
    made = make_customer(connected.workspace, name="Kowhai Cafe")
    sync()
    return made


@pytest.fixture
def other(connected: Connection, sync: Sync) -> Customer:
    made = make_customer(connected.workspace, name="Rata Bakery")
    sync()
    return made


@pytest.fixture
def tell(connected: Connection, sync: Sync) -> Tell:
    """Xero tells that these records have changed, and a worker sees to it, and to what that brought."""

    def run(kind: Kind, *remote_ids: str) -> None:
        with transaction.atomic():
            for remote_id in remote_ids:
                at = timezone.now() + dt.timedelta(minutes=1)
                request_pull(connected, kind, remote_id, at=at)
        for _ in range(4):  # each step wakes the next one
            sync()

    return run


def link_of(record: Any) -> Link:
    return Link.objects.get(local_id=record.pk)


def contact_named(bookkeeper: Bookkeeper, name: str) -> str:
    return str(bookkeeper.create_contact(Name=name)["ContactID"])


def invoice_of(customer: Customer, gst: TaxRate) -> Invoice:
    return make_invoice(
        customer.workspace,
        customer=customer,
        status=InvoiceStatus.APPROVED,
        lines=[make_line(tax_rate=gst)],
    )


def merge_contacts(sandbox: Handle, *contacts: str) -> None:
    """Each into the one after it."""
    for loser, winner in itertools.pairwise(contacts):
        sandbox.merge_contacts(loser, winner)
