"""A contact that only Xero has, records of ours, and a person who pairs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounting.enums import Kind
from accounting.models import Connection, Link, Operation
from accounting.queries.status import states_of
from accounting.sync import pairs
from catalogue.models import TaxRate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def theirs(bookkeeper: Bookkeeper) -> dict[str, Any]:
    """A contact that only Xero has."""
    return bookkeeper.create_contact(Name="Rimu Roasters Ltd", EmailAddress="ask@rimu.nz")


@pytest.fixture
def ours(connected: Connection) -> Customer:
    """A customer that was never sent."""
    made = make_customer(connected.workspace, name="Rimu Roasters", email="hello@rimu.nz")
    Operation.objects.all().delete()
    return made


@pytest.fixture
def synced(connected: Connection, sync: Sync) -> Customer:
    made = make_customer(connected.workspace, name="Kowhai Cafe")
    sync()
    return made


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def link_of(record: Any) -> Link:
    return Link.objects.get(local_id=record.pk)


def code_of(kind: Kind, record: Any) -> str:
    return states_of(kind, [record])[record.pk].code


def contacts_in(bookkeeper: Bookkeeper) -> int:
    return len(bookkeeper.read_all("Contacts"))


def link(connection: Connection, record: Any, remote_id: str, by: User, *, keep_ours: bool = True) -> None:
    kind = Kind.CUSTOMER if isinstance(record, Customer) else Kind.INVOICE
    pairs.link(
        connection=connection, kind=kind, local_id=record.pk, remote_id=remote_id, keep_ours=keep_ours, by=by
    )
