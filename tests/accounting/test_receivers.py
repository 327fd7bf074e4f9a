"""Signals record an operation, honestly: in the transaction, once, and never talk to anybody."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from accounting import receivers, wakeup
from accounting.enums import Change, Kind, Lane, OpState
from accounting.models import Connection, Operation
from accounting.receivers import CaptureOutsideTransaction
from accounting.sync import outbox
from core.changes import caused_by
from core.testing import assert_queries, capture_commits
from customers.models import Customer
from customers.services import create_customer, update_customer
from invoices.models import Invoice
from invoices.services import create_invoice, delete_invoice, update_invoice
from lines.totals import LineInput
from tests.factories.accounting import make_batch, make_connection, make_link
from workspaces.models import User, Workspace
from workspaces.scope import scope


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that would be published."""
    names: list[str] = []
    monkeypatch.setattr(wakeup.current_app, "send_task", lambda name, **kwargs: names.append(name))
    return names


def _customer(workspace: Workspace, by: User, name: str = "Ana") -> Customer:
    return create_customer(workspace=workspace, by=by, name=name)


def _invoice(workspace: Workspace, customer: Customer, by: User, lines: int = 3) -> Invoice:
    wanted = [
        LineInput(description=f"Line {n}", quantity=Decimal(1), unit_amount=Decimal(10)) for n in range(lines)
    ]
    today = dt.date(2026, 11, 20)
    return create_invoice(
        workspace=workspace,
        customer=customer,
        lines=wanted,
        by=by,
        issue_date=today,
        due_date=today,
        amounts="no_tax",
    )


@transaction.atomic
def _create_and_stumble(workspace: Workspace, by: User) -> None:
    _customer(workspace, by, "Lost")
    raise RuntimeError


def _forget() -> None:
    Operation.objects.all().delete()


def test_recording_no_record_takes_no_statement(connection: Connection, sent: list[str]) -> None:
    with transaction.atomic(), assert_queries(0):
        outbox.record_many(workspace_id=connection.workspace_id, kind=Kind.INVOICE, local_ids=iter([]))

    assert sent == []


def test_create_customer_records_one_operation(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    operation = Operation.objects.get()
    assert (operation.kind, operation.local_id, operation.lane) == (Kind.CUSTOMER, customer.pk, Lane.PUSH)


def test_update_invoice_records_one_operation_for_header_and_lines(
    connection: Connection, super_user: User
) -> None:
    invoice = _invoice(connection.workspace, _customer(connection.workspace, super_user), super_user)
    _forget()
    lines = [LineInput(description="New", quantity=Decimal(2), unit_amount=Decimal(5)) for _ in range(5)]
    update_invoice(invoice=invoice, lines=lines, reference="PO 7", by=super_user)
    assert [(row.kind, row.local_id) for row in Operation.objects.all()] == [(Kind.INVOICE, invoice.pk)]


def test_save_without_a_change_records_nothing(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    _forget()
    update_customer(customer=customer, by=super_user, name="Ana")
    assert Operation.objects.count() == 0


def test_rollback_leaves_no_operation(connection: Connection, super_user: User) -> None:
    with pytest.raises(RuntimeError):
        _create_and_stumble(connection.workspace, super_user)
    assert Operation.objects.count() == 0


def test_capture_outside_transaction_raises_before_write(connection: Connection) -> None:
    with pytest.raises(CaptureOutsideTransaction):
        Customer.objects.create(workspace=connection.workspace, name="Ana", reference="1", currency="NZD")
    assert Customer.objects.count() == 0


@pytest.mark.parametrize("how", ["update", "bulk_update", "bulk_create"])
def test_bulk_write_records_each_row(connection: Connection, super_user: User, how: str) -> None:
    customers = [_customer(connection.workspace, super_user, name) for name in ("A", "B", "C")]
    _forget()
    with transaction.atomic():
        if how == "update":
            Customer.objects.update(city="Wellington")
        elif how == "bulk_update":
            for customer in customers:
                customer.city = "Wellington"
            Customer.objects.bulk_update(customers, ["city"])
        else:
            _bulk_create(connection.workspace)
    assert Operation.objects.count() == 3


def _bulk_create(workspace: Workspace) -> None:
    Customer.objects.bulk_create(
        [Customer(workspace=workspace, name=f"New {n}", reference=f"N{n}", currency="NZD") for n in range(3)]
    )


def test_update_of_rows_that_no_longer_match_records_them(connection: Connection, super_user: User) -> None:
    _customer(connection.workspace, super_user, "A")
    _forget()
    with transaction.atomic():
        Customer.objects.filter(name="A").update(name="B")
    assert Operation.objects.count() == 1


@pytest.mark.parametrize("how", ["update", "save"])
def test_foreign_key_written_by_its_column_is_recorded(
    connection: Connection, super_user: User, how: str
) -> None:
    invoice = _invoice(connection.workspace, _customer(connection.workspace, super_user), super_user)
    other = _customer(connection.workspace, super_user, "Other")
    _forget()
    with transaction.atomic():
        if how == "update":
            Invoice.objects.update(customer_id=other.pk)
        else:
            invoice.customer_id = other.pk
            invoice.save(update_fields=["customer_id"])
    assert [row.local_id for row in Operation.objects.all()] == [invoice.pk]


def test_save_of_unsynced_fields_records_nothing(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    _forget()
    with transaction.atomic():
        customer.payment_terms_days = 30
        customer.save(update_fields=["payment_terms_days"])
    assert Operation.objects.count() == 0


def test_loaddata_records_nothing(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    _forget()
    with transaction.atomic():
        customer.save_base(raw=True)
    assert Operation.objects.count() == 0


def test_applying_remote_records_nothing(connection: Connection, super_user: User, sent: list[str]) -> None:
    customer = _customer(connection.workspace, super_user)
    _forget()
    with capture_commits(), caused_by("remote"):
        update_customer(customer=customer, by=None, city="Auckland")
    assert (Operation.objects.count(), sent) == (0, [])


def test_workspace_without_a_connection_records_nothing(in_workspace: Workspace, super_user: User) -> None:
    _customer(in_workspace, super_user)
    assert Operation.objects.count() == 0


def test_receiver_adds_exactly_one_query(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    counts = []
    for source in ("remote", "user"):
        with transaction.atomic(), caused_by(source):  # type: ignore[arg-type]
            counts.append(_queries_of_save(customer))
    assert counts[1] == counts[0] + 1


def _queries_of_save(customer: Customer) -> int:
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415  (next to its only use)

    with CaptureQueriesContext(database) as captured:
        customer.save()
    return len(captured)


def test_edits_merge_into_one_waiting_operation(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    for city in ("Nelson", "Napier"):
        update_customer(customer=customer, by=super_user, city=city)
    assert [row.seq for row in Operation.objects.all()] == [3]


def test_edit_in_flight_opens_the_next_operation(connection: Connection, super_user: User) -> None:
    customer = _customer(connection.workspace, super_user)
    Operation.objects.update(state=OpState.IN_FLIGHT, batch=make_batch(connection))
    update_customer(customer=customer, by=super_user, city="Nelson")
    assert sorted(row.state for row in Operation.objects.all()) == [OpState.IN_FLIGHT, OpState.PENDING]


def test_edit_revives_a_failed_operation(connection: Connection, super_user: User, sent: list[str]) -> None:
    customer = _customer(connection.workspace, super_user)
    Operation.objects.update(state=OpState.FAILED, error="Refused", attempts=1)
    with capture_commits():
        update_customer(customer=customer, by=super_user, city="Nelson")
    operation = Operation.objects.get()
    assert (operation.state, operation.error, operation.attempts) == (OpState.PENDING, "", 0)
    assert sent == [wakeup.DRAIN]


def test_many_saves_in_one_transaction_wake_once(
    connection: Connection, super_user: User, sent: list[str]
) -> None:
    with capture_commits(), transaction.atomic():
        for name in ("A", "B", "C"):
            _customer(connection.workspace, super_user, name)
    assert sent == [wakeup.DRAIN]


def test_savepoint_rollback_then_save_still_wakes(
    connection: Connection, super_user: User, sent: list[str]
) -> None:
    with capture_commits(), transaction.atomic():
        with pytest.raises(RuntimeError):
            _create_and_stumble(connection.workspace, super_user)
        _customer(connection.workspace, super_user, "Kept")
    assert (Operation.objects.count(), sent) == (1, [wakeup.DRAIN])


def test_delete_before_first_push_cancels_both(connection: Connection, super_user: User) -> None:
    invoice = _invoice(connection.workspace, _customer(connection.workspace, super_user), super_user)
    delete_invoice(invoice=invoice, by=super_user)
    assert [row.kind for row in Operation.objects.all()] == [Kind.CUSTOMER]


def test_delete_of_a_linked_record_records_its_removal(connection: Connection, super_user: User) -> None:
    invoice = _invoice(connection.workspace, _customer(connection.workspace, super_user), super_user)
    local_id = invoice.pk
    make_link(connection, Kind.INVOICE, local_id)
    delete_invoice(invoice=invoice, by=super_user)
    operation = Operation.objects.get(kind=Kind.INVOICE)
    assert (operation.local_id, operation.change) == (local_id, Change.REMOVE)


def test_another_workspaces_connection_records_nothing(
    connection: Connection, stranger: User, super_user: User
) -> None:
    other = stranger.memberships.get().workspace
    with scope(other):
        _customer(other, stranger)
        assert Operation.objects.count() == 0


def test_receivers_listen_to_every_observed_model() -> None:
    from django.db.models.signals import post_save  # noqa: PLC0415  (next to its only use)

    listening = {key[0] for key, *_ in post_save.receivers}
    assert {f"accounting.save.{model._meta.label}" for model in receivers.OBSERVED} <= listening


def test_wakeup_names_are_registered_tasks() -> None:
    from config.celery import app  # noqa: PLC0415  (the application, after Django is ready)
    from webhooks import wakeup as inbox_wakeup  # noqa: PLC0415  (as above)

    app.loader.import_default_modules()
    scheduled: set[Any] = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {*wakeup.TASK_NAMES, *inbox_wakeup.TASK_NAMES, *scheduled} <= set(app.tasks)
