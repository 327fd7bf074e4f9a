"""Two workers at one organisation: the one that lost the lease writes nothing more, whatever it still hears."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounting.enums import ConnectionState, Kind, Lane, OpState
from accounting.models import (
    Batch,
    ConnectAttempt,
    Connection,
    Link,
    Operation,
    RemoteAccount,
    SyncEvent,
)
from accounting.providers.xero import client
from accounting.providers.xero.provider import XeroBooks
from accounting.sync import lease, reference
from accounting.sync.connect import choose_tenant
from accounting.sync.drain import drain
from accounting.sync.opening import open_books
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from core.clock import database_now
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
Patch = pytest.MonkeyPatch


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def after(monkeypatch: Patch, step: str, happens: Callable[[], object]) -> None:
    """Once, when Xero has answered this step and the worker has not yet heard it."""
    do = getattr(XeroBooks, step)
    left = [happens]

    def done(self: XeroBooks, *args: Any, **kwargs: Any) -> Any:
        answer = do(self, *args, **kwargs)
        if left:
            left.pop()()
        return answer

    monkeypatch.setattr(XeroBooks, step, done)


@transaction.atomic
def change_reference(invoice: Invoice) -> None:
    invoice.reference = "PO 9"
    invoice.save(update_fields=["reference"])


def somebody_takes_over() -> None:
    Connection.objects.update(lease_token=uuid.uuid4())


def they_are_done() -> None:
    Connection.objects.update(lease_token=None, lease_until=None, resume_at=None)


def test_lease_is_renewed_before_each_call(
    invoice: Invoice, connected: Connection, monkeypatch: Patch
) -> None:
    left: list[dt.timedelta] = []
    real = client.call

    def long_call(*args: Any, **kwargs: Any) -> Any:
        left.append(Connection.objects.get().lease_until - database_now())  # type: ignore[operator]
        answer = real(*args, **kwargs)
        Connection.objects.update(lease_until=Now() + dt.timedelta(seconds=1))
        return answer

    monkeypatch.setattr(client, "call", long_call)
    change_reference(invoice)
    make_customer(connected.workspace, name="Somebody new")
    drain(connected.pk)

    assert len(left) == 3, "a look before the change, the change, the new customer"
    assert min(left) > lease.LEASE - dt.timedelta(seconds=30)


def test_lease_outlives_two_of_the_longest_calls() -> None:
    longest = client.CONNECT_SECONDS + client.READ_SECONDS
    assert lease.LEASE.total_seconds() > 2 * longest


def test_answer_to_a_worker_that_lost_its_lease_is_settled_by_the_next(
    connected: Connection, sandbox: Handle, monkeypatch: Patch
) -> None:
    make_customer(connected.workspace, name="Harbour Cafe")
    after(monkeypatch, "send", somebody_takes_over)

    drain(connected.pk)

    assert (Link.objects.count(), SyncEvent.objects.filter(kind=Kind.CUSTOMER).count()) == (0, 0)
    assert Operation.objects.get().state == OpState.IN_FLIGHT
    they_are_done()
    drain(connected.pk)
    assert (Link.objects.count(), Operation.objects.count()) == (1, 0)
    names = [contact["Name"] for contact in sandbox.dump()["Contacts"]]
    assert names.count("Harbour Cafe") == 1, "sent twice, under one key"


def test_worker_that_lost_its_lease_while_looking_stores_no_write(
    invoice: Invoice, connected: Connection, monkeypatch: Patch
) -> None:
    change_reference(invoice)
    after(monkeypatch, "fetch", somebody_takes_over)

    drain(connected.pk)

    assert not Batch.objects.exists()
    assert Operation.objects.get().state == OpState.PENDING


@pytest.mark.parametrize("way", ["pull", "regular check"])
def test_worker_that_lost_its_lease_applies_nothing(
    invoice: Invoice, connected: Connection, sandbox: Handle, monkeypatch: Patch, way: str
) -> None:
    remote_id = Link.objects.get(kind=Kind.INVOICE).remote_id
    Bookkeeper(sandbox, connected).change_invoice(remote_id, Reference="PO 9")
    if way == "pull":
        Operation.objects.create(
            workspace=connected.workspace, connection=connected, lane=Lane.PULL,
            kind=Kind.INVOICE, remote_id=remote_id,
        )  # fmt: skip
    work = drain if way == "pull" else reconcile
    after(monkeypatch, "fetch" if way == "pull" else "changes", somebody_takes_over)

    work(connected.pk)
    invoice.refresh_from_db()
    missed = invoice.reference
    they_are_done()
    work(connected.pk)
    invoice.refresh_from_db()

    assert (missed, invoice.reference) == ("", "PO 9")


def test_renewing_fails_once_the_connection_leads_to_another_organisation(connected: Connection) -> None:
    with lease.held(connected.pk):
        lease.renew(connected)
        Connection.objects.update(tenant_id=str(uuid.uuid4()))
        with pytest.raises(lease.LeaseLost):
            lease.renew(connected)


# Moving to another organisation while a worker is in the middle of the first


@pytest.fixture
def move(connected: Connection, sandbox: Handle, staff: User) -> Callable[[], Connection]:
    other = next(pk for pk in sandbox.store.books if pk != connected.tenant_id)
    sandbox.connect(other)
    attempt = ConnectAttempt.objects.create(
        workspace=connected.workspace, user=staff, state_hash="a", session_hash="b", verifier="c",
        expires_at=timezone.now(), used_at=timezone.now(), grant=connected.grant,
        tenants=[{"tenant_id": other, "connection_id": "c", "name": "The other", "session_id": "",
                  "updated_at": ""}],
    )  # fmt: skip
    return lambda: choose_tenant(attempt=attempt, tenant_id=other, by=staff, move=True)


def test_answer_of_the_organisation_that_was_left_is_written_nowhere(
    connected: Connection, monkeypatch: Patch, move: Callable[[], Connection]
) -> None:
    make_customer(connected.workspace)
    after(monkeypatch, "send", move)

    drain(connected.pk)

    now = Connection.objects.get()
    assert now.tenant_id != connected.tenant_id
    assert (now.day_remaining, now.last_success_at, now.lease_token) == (None, None, None)
    assert not Link.objects.exists()
    assert not Batch.objects.exists()


@pytest.mark.parametrize("fault", ["rate_day", "error_500", "disconnected"])
def test_trouble_of_the_organisation_that_was_left_is_not_the_new_ones(
    connected: Connection, sandbox: Handle, monkeypatch: Patch, move: Callable[[], Connection], fault: str
) -> None:
    make_customer(connected.workspace)
    if fault == "disconnected":
        sandbox.disconnect(connected.tenant_id)
    else:
        sandbox.faults.add(fault, times=None)
    real = client.call

    def call(*args: Any, **kwargs: Any) -> Any:
        answer = real(*args, **kwargs)
        if Connection.objects.get().tenant_id == connected.tenant_id:
            move()
        return answer

    monkeypatch.setattr(client, "call", call)
    drain(connected.pk)

    now = Connection.objects.get()
    assert now.tenant_id != connected.tenant_id
    assert (now.state, now.resume_at, now.day_remaining) == (ConnectionState.ACTIVE, None, None)


def test_worker_that_read_the_connection_before_the_move_opens_the_new_organisation(
    connected: Connection, sandbox: Handle, monkeypatch: Patch, move: Callable[[], Connection]
) -> None:
    take = lease.held

    def move_first(connection_id: uuid.UUID) -> Any:
        move()
        return take(connection_id)

    monkeypatch.setattr(lease, "held", move_first)
    sandbox.clear_requests()
    reconcile(connected.pk)

    assert {call.organisation for call in sandbox.requests()} == {Connection.objects.get().tenant_id}


def test_lists_of_the_organisation_that_was_left_are_not_kept(
    connected: Connection, monkeypatch: Patch, move: Callable[[], Connection]
) -> None:
    after(monkeypatch, "reference_data", move)

    reference.refresh_lists(connected)

    assert Connection.objects.get().tenant_name == "The other"
    assert not RemoteAccount.objects.exists()


def test_worker_that_lost_its_lease_makes_no_further_call(connected: Connection, sandbox: Handle) -> None:
    with lease.held(connected.pk):
        books = open_books(connected)
        sandbox.clear_requests()
        Connection.objects.update(lease_token=uuid.uuid4())
        with pytest.raises(lease.LeaseLost):
            books.fetch(Kind.INVOICE, ["717f2bfc-c6d4-41fd-b238-3f2f0c0cf777"])
    assert sandbox.requests() == []
