"""What Xero has not allowed stops only the kinds that need it, until it is allowed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client

from accounting.enums import BatchState, ConnectionState, Cutoff, EventKind, Kind, OpState, Priority
from accounting.models import Batch, Connection, Grant, Link, Operation, SyncEvent
from accounting.queries.status import states_of
from accounting.resources.registry import kinds_read_by_themselves
from accounting.sync import backfill, drain, dry_run, proof, regain, walk
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from core.testing import capture_commits
from customers.models import Customer
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.keeping_step import Sync, bookkeeper
from tests.accounting.lacking import CONTACTS, INVOICES, PAYMENTS, allow, allow_all_but, now, paid
from tests.factories.customers import make_customer
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "paid"]


def paid_there(bookkeeper: Bookkeeper) -> list[float]:
    return [row["AmountPaid"] for row in bookkeeper.read_all("Invoices")]


def test_payment_waits_while_invoices_go_and_goes_once_it_is_allowed(
    paid: Payment,
    connected: Connection,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    super_client: Client,
    workspace: Workspace,
    sync: Sync,
) -> None:
    allow_all_but(sandbox, connected, PAYMENTS)

    sync()

    (waiting,) = Operation.objects.all()
    assert (waiting.kind, waiting.state, waiting.attempts) == (Kind.PAYMENT, OpState.PENDING, 0)
    assert [entry.path for entry in sandbox.requests() if "Payments" in entry.path] == []
    assert now() == (ConnectionState.ACTIVE, "")
    status = states_of(Kind.PAYMENT, [paid])[paid.pk]
    assert (status.code, status.reason) == (
        "waiting", "Xero must allow payments first. It is sent by itself then.",
    )  # fmt: skip

    allow(super_client, workspace, sandbox)
    sync()
    assert not Operation.objects.exists()
    assert Link.objects.filter(kind=Kind.PAYMENT).count() == 1
    assert paid_there(bookkeeper) == [10]


def test_refusal_of_one_kind_is_noted_and_told_once(
    paid: Payment,
    connected: Connection,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    mailoutbox: list[EmailMessage],
    super_client: Client,
    sync: Sync,
) -> None:
    allow_all_but(sandbox, connected, PAYMENTS)
    Grant.objects.update(scopes=list({*Grant.objects.get().scopes, PAYMENTS}))  # as Xero said it would be

    with capture_commits(execute=True):
        for _ in "123":
            sync()

    (waiting,) = Operation.objects.all()
    assert (waiting.state, waiting.batch_id, waiting.attempts) == (OpState.PENDING, None, 0)
    assert not Batch.objects.exists()
    assert PAYMENTS not in Grant.objects.get().scopes
    assert len([entry for entry in sandbox.requests() if "Payments" in entry.path]) == 1
    assert SyncEvent.objects.filter(event=EventKind.REFUSED).count() == 1
    assert [mail.subject.partition(": ")[2] for mail in mailoutbox] == ["Xero must allow one thing more"]
    assert now() == (ConnectionState.ACTIVE, "")


@pytest.mark.long
def test_refused_access_that_was_replaced_meanwhile_is_not_noted(
    paid: Payment, connected: Connection, sandbox: Handle, sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody allowed it while the call that lacked it was on its way."""
    allow_all_but(sandbox, connected, PAYMENTS)
    everything = [*Grant.objects.get().scopes, PAYMENTS]
    Grant.objects.update(scopes=everything)

    def consent_first(connection: Connection, error: Exception) -> None:
        Grant.objects.update(version=Grant.objects.get().version + 1)
        regain.on_refused(connection, error)  # type: ignore[arg-type]

    monkeypatch.setattr(drain, "on_refused", consent_first)
    sync()

    assert Grant.objects.get().scopes == everything
    assert Operation.objects.get().state == OpState.PENDING


def test_write_that_may_have_arrived_and_cannot_be_looked_up_cuts_off(
    paid: Payment, connected: Connection, sandbox: Handle, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """An invoice that is read meanwhile would bring it here a second time."""
    sandbox.faults.add("error_500", path="Payments", method="PUT", applied=True)
    sync()
    assert Operation.objects.filter(kind=Kind.PAYMENT).exclude(state=OpState.PENDING).exists()
    allow_all_but(sandbox, connected, PAYMENTS)

    sync()

    assert now() == (ConnectionState.NEEDS_REAUTH, Cutoff.SCOPE)
    assert Batch.objects.exclude(state=BatchState.FROZEN).count() == 1
    assert Payment.objects.count() == 1


def test_permission_that_every_kind_lacks_cuts_off(
    paid: Payment, connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    allow_all_but(sandbox, connected, PAYMENTS, INVOICES, CONTACTS)
    Grant.objects.update(scopes=["offline_access", CONTACTS])
    sync()
    assert now() == (ConnectionState.NEEDS_REAUTH, Cutoff.SCOPE)


def test_what_one_kind_lacks_is_read_later_and_nothing_of_it_is_lost(
    paid: Payment,
    connected: Connection,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
    super_client: Client,
    workspace: Workspace,
    sync: Sync,
) -> None:
    sync()
    contact = Link.objects.get(kind=Kind.CUSTOMER).remote_id
    invoice = Link.objects.get(kind=Kind.INVOICE).remote_id
    bookkeeper.change_contact(contact, Name="Changed there")
    allow_all_but(sandbox, connected, CONTACTS)
    bookkeeper.pay(invoice, 20)
    with transaction.atomic():
        for kind, remote_id in ((Kind.CUSTOMER, contact), (Kind.INVOICE, invoice)):
            request_pull(connected, kind, remote_id, priority=Priority.RECONCILE)

    sync()
    reconcile(connected.pk)

    assert [row.kind for row in Operation.objects.all()] == [Kind.CUSTOMER]
    assert Payment.objects.count() == 2
    assert set(Connection.objects.get().cursors) == {*kinds_read_by_themselves()} - {Kind.CUSTOMER}
    assert not [entry for entry in sandbox.requests() if "Contacts" in entry.path and "GET" in entry.method]

    Operation.objects.all().delete()  # what the regular check finds needs no announcement
    allow(super_client, workspace, sandbox)
    reconcile(connected.pk)
    assert Customer.objects.get().name == "Changed there"


def test_walk_from_the_beginning_reads_a_kind_from_there_once_it_may(connected: Connection) -> None:
    connected.cursors = {
        walk.ALL: walk.READING,
        walk.UNDER_WAY: {"customer": {"next": "7"}, "invoice": {"next": "3"}},
    }
    scopes = connected.grant.scopes  # type: ignore[union-attr]
    connected.grant.scopes = [scope for scope in scopes if scope != CONTACTS]  # type: ignore[union-attr]

    assert walk.Walk.of(connected).left == {"invoice": {"next": "3"}}

    connected.cursors |= {walk.ALL: walk.READ, walk.SINCE: "", "customer": "2026-11-01T00:00:00+00:00"}
    del connected.cursors[walk.UNDER_WAY]
    connected.mapping.born_there = "queue"
    connected.grant.scopes = scopes  # type: ignore[union-attr]
    left = walk.Walk.of(connected).left
    assert left["customer"] == {"next": ""}
    assert left["invoice"]["next"]


@pytest.mark.long
@pytest.mark.parametrize("work", [dry_run.take_turn, proof.take_turn, backfill.take_turn])
def test_work_that_compares_everything_waits_where_something_cannot_be_read(
    connected: Connection, sandbox: Handle, super_user: User, work: Callable[[UUID], None]
) -> None:
    make_customer(connected.workspace)
    Operation.objects.all().delete()
    dry_run.start(connection=connected, by=super_user)
    proof.begin(connection=connected)
    backfill.start(connection=connected, by=super_user)
    allow_all_but(sandbox, connected, CONTACTS)

    work(connected.pk)

    assert sandbox.requests() == []
    assert now() == (ConnectionState.ACTIVE, "")
