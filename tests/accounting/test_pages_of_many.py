"""Pages around the sync ask the database the same number of questions, however much they show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounting.enums import ErrorClass, EventKind, Kind
from accounting.models import Connection, Operation, RemoteAccount, RemoteTaxRate, Usage
from accounting.sync.failing import fail
from accounting.sync.history import tell
from catalogue.services import create_tax_rate
from customers.models import Customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.services import record_payment
from tests.accounting.pages import url
from tests.accounting.test_views_problems import ARCHIVED
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line


@dataclass
class Place:
    """A page, and how more of what it shows comes about."""

    connection: Connection
    invoice: Invoice

    @property
    def customer(self) -> Customer:
        return self.invoice.customer


def _hold_up(place: Place, number: int) -> None:
    made = make_invoice(place.connection.workspace, lines=[make_line(unit_amount="5", tax_rate=None)])
    fail(Operation.objects.get(local_id=made.pk), ErrorClass.PERMANENT, "Refused.", ARCHIVED)


def _happen(place: Place, number: int) -> None:
    tell(place.connection, EventKind.SENT, f"Sent {number}.", kind=Kind.CUSTOMER, local_id=place.customer.pk)


def _pay(place: Place, number: int) -> None:
    record_payment(invoice=place.invoice, amount=Decimal(1), date=ISSUED_ON, by=None)
    place.invoice.refresh_from_db()


def _spend(place: Place, number: int) -> None:
    owner = {"workspace": place.connection.workspace, "connection": place.connection}
    day = timezone.now().date() - dt.timedelta(days=number)
    Usage.objects.create(
        **owner, tenant_id=place.connection.tenant_id, day=day, calls=number, received=number
    )


def _offer(place: Place, number: int) -> None:
    """One more of each list of Manage."""
    owner = {"workspace": place.connection.workspace, "connection": place.connection}
    code = f"{chr(65 + number // 26)}{chr(65 + number % 26)}X"
    RemoteAccount.objects.create(
        **owner, account_id=code, code=code, name=code, type="BANK", currency=code, takes_payments=True
    )
    RemoteTaxRate.objects.create(**owner, code=code, name=code, percent=number)
    create_tax_rate(workspace=place.connection.workspace, name=code, percent=number, by=None)
    place.connection.currencies = [*place.connection.currencies, code]
    place.connection.save()


def _meet(place: Place, number: int) -> None:
    make_customer(place.connection.workspace, name=f"Rata {number}")


PAGES: dict[str, tuple[Callable[[Place, int], None], Callable[[Place], str]]] = {
    "cause": (
        _hold_up,
        lambda place: url("problem", place.connection.workspace, Operation.objects.exclude(problem=None)[0].problem_id),
    ),
    "needs attention": (_hold_up, lambda place: url("problems", place.connection.workspace)),
    "activity": (_happen, lambda place: url("activity", place.connection.workspace)),
    "history": (
        _happen,
        lambda place: url("record_status", place.connection.workspace, Kind.CUSTOMER, place.customer.pk),
    ),
    "void": (
        _pay,
        lambda place: reverse("payments:void", args=[place.connection.workspace.slug, place.invoice.pk]),
    ),
    "connection": (_spend, lambda place: url("settings", place.connection.workspace)),
    "choices": (_offer, lambda place: url("mapping", place.connection.workspace)),
    "never sent": (_meet, lambda place: url("unsent", place.connection.workspace)),
}  # fmt: skip


@pytest.fixture
def place(connected: Connection) -> Place:
    return Place(connected, make_invoice(connected.workspace, status=InvoiceStatus.APPROVED))


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_page_takes_the_same_queries_for_one_and_for_many(
    super_client: Client, place: Place, name: str
) -> None:
    fill, address = PAGES[name]

    def cost() -> int:
        with CaptureQueriesContext(database) as asked:
            assert super_client.get(address(place)).status_code == 200
        return len(asked)

    fill(place, 1)
    cost()  # what is asked once a minute is asked by now
    one = cost()
    for number in range(2, 32):
        fill(place, number)
    assert cost() == one
