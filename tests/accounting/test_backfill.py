"""What was saved before the connection was made: how it reaches Xero."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest
from django.test import Client

from accounting.enums import BackfillState, Kind, OpState, Priority, Taken
from accounting.models import Backfill, Clash, Connection, Link, Operation
from accounting.port.errors import RateLimited
from accounting.queries.unsent import count_unsent, plan_of, sendable_of
from accounting.resources.registry import get_resource
from accounting.resources.rules import Rules
from accounting.sync import backfill
from invoices.enums import InvoiceStatus
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.never_sent import forget_operations, run_all, sent, work_off
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from workspaces.models import User, Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

__all__ = ["sent"]


def test_everything_reaches_xero_customers_first_and_once(
    connected: Connection,
    in_workspace: Workspace,
    super_user: User,
    sandbox: Handle,
    sent: list[Any],
    gst: Any,
) -> None:
    for index in range(3):
        make_invoice(
            in_workspace,
            number=f"OLD-{index}",
            status=InvoiceStatus.APPROVED,
            lines=[make_line(tax_rate=gst)],
        )
    forget_operations()

    run_all(connected, super_user)
    assert set(Operation.objects.values_list("priority", flat=True)) == {Priority.BACKFILL}
    run_all(connected, super_user)
    work_off(connected)

    numbers = [row["InvoiceNumber"] for row in sandbox.dump()["Invoices"]]
    assert [numbers.count(f"OLD-{index}") for index in range(3)] == [1, 1, 1]
    assert (count_unsent().total, Operation.objects.count()) == (0, 0)


def test_step_takes_a_hundred_and_goes_on_behind_them(
    connected: Connection, in_workspace: Workspace, super_user: User, sent: list[Any], monkeypatch: Any
) -> None:
    """Killed after any step, it goes on with the next."""
    rows = [make_customer(in_workspace) for _ in range(5)]
    forget_operations()
    monkeypatch.setattr(backfill, "STEP", 2)
    monkeypatch.setattr(backfill, "TURN_SECONDS", -1)
    backfill.start(connection=connected, by=super_user)
    monkeypatch.setattr(backfill, "TURN_SECONDS", 60)
    seen = []

    def note(done: Backfill, look: Any, step: Any = backfill.step) -> None:
        step(done, look)
        seen.append(Operation.objects.count())
        raise KeyboardInterrupt

    monkeypatch.setattr(backfill, "step", note)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            backfill.take_turn(connected.pk)

    assert seen == [2, 4, 5]
    assert set(Operation.objects.values_list("local_id", flat=True)) == {row.pk for row in rows}


def test_two_workers_at_the_same_place_queue_it_once(
    connected: Connection, in_workspace: Workspace, super_user: User, sent: list[Any]
) -> None:
    make_customer(in_workspace)
    forget_operations()
    stale = backfill.start(connection=connected, by=super_user)
    backfill._note(stale, Kind.CUSTOMER, list(sendable_of(Kind.CUSTOMER, connected)), {})
    before = Operation.objects.get().seq

    backfill._note(stale, Kind.CUSTOMER, list(get_resource(Kind.CUSTOMER).candidates(Rules())), {})

    assert Operation.objects.get().seq == before


@pytest.mark.parametrize(
    ("fields", "taken"),
    [({"Name": "  MÄPLE & Sons"}, Taken.NAME), ({"Name": "Other", "AccountNumber": "c-77"}, Taken.REFERENCE)],
)
def test_customer_whose_name_or_reference_is_taken_is_listed_and_not_sent(
    connected: Connection,
    in_workspace: Workspace,
    super_user: User,
    sandbox: Handle,
    sent: list[Any],
    fields: dict[str, str],
    taken: str,
) -> None:
    customer = make_customer(in_workspace, name="Maple & Sons", reference="C-77")
    invoice = make_invoice(in_workspace, customer=customer, status=InvoiceStatus.APPROVED)
    make_payment(in_workspace, invoice=invoice)
    forget_operations()
    there = Bookkeeper(sandbox, connected).create_contact(**{**fields, "Name": fields["Name"].strip()})

    run_all(connected, super_user)

    clash = Clash.objects.get()
    assert (clash.local_id, clash.taken, clash.remote_id) == (customer.pk, taken, there["ContactID"])
    assert not Operation.objects.exists()  # nor what belongs to it


def test_invoice_whose_number_is_taken_is_listed_with_what_is_there(
    connected: Connection,
    in_workspace: Workspace,
    super_user: User,
    super_client: Client,
    sandbox: Handle,
    sent: list[Any],
) -> None:
    robin = Bookkeeper(sandbox, connected)
    robin.create_invoice("INV-77", robin.create_contact(Name="Theirs")["ContactID"])
    invoice = make_invoice(in_workspace, number="INV-77", status=InvoiceStatus.APPROVED)
    forget_operations()
    sandbox.clear_requests()

    run_all(connected, super_user)

    assert Clash.objects.get().local_id == invoice.pk
    assert [row.kind for row in Operation.objects.all()] == [Kind.CUSTOMER]
    assert not [row for row in sandbox.requests() if row.method != "GET"]
    told = words(super_client.get(url("unsent", in_workspace)))
    assert "Not sent, because it is taken in Xero" in told
    assert "Invoice INV-77 Number INV-77, NZ$11.50, 2 Mar 2026, a draft" in told


def test_what_was_in_the_way_is_looked_at_again(
    connected: Connection, in_workspace: Workspace, super_user: User, sandbox: Handle, sent: list[Any]
) -> None:
    make_customer(in_workspace, name="Maple & Sons")
    forget_operations()
    robin = Bookkeeper(sandbox, connected)
    there = robin.create_contact(Name="Maple & Sons")
    run_all(connected, super_user)
    robin.change_contact(there["ContactID"], Name="Somebody else")

    run_all(connected, super_user)

    assert not Clash.objects.exists()
    assert Operation.objects.count() == 1


def test_day_to_day_edits_go_first(
    connected: Connection, in_workspace: Workspace, super_user: User, sandbox: Handle, sent: list[Any]
) -> None:
    old = make_customer(in_workspace, name="Old")
    forget_operations()
    run_all(connected, super_user)
    new = make_customer(in_workspace, name="New")

    work_off(connected)

    assert list(Link.objects.order_by("pk").values_list("local_id", flat=True)) == [new.pk, old.pk]


def test_progress_is_counted_from_the_records(
    connected: Connection, in_workspace: Workspace, super_user: User, sent: list[Any]
) -> None:
    for _ in range(4):
        make_customer(in_workspace)
    forget_operations()
    backfill.start(connection=connected, by=super_user)
    assert (plan_of(connected).done, plan_of(connected).waiting) == (0, 0)
    run_all(connected, super_user)
    Backfill.objects.update(state=BackfillState.RUNNING, finished_at=None)
    assert (plan_of(connected).done, plan_of(connected).waiting) == (0, 4)

    work_off(connected)

    assert (plan_of(connected).done, plan_of(connected).waiting) == (4, 0)


def test_lost_wake_up_is_made_good_by_the_sweep(
    connected: Connection, in_workspace: Workspace, super_user: User, sent: list[Any]
) -> None:
    backfill.start(connection=connected, by=super_user)
    assert backfill.wake_forgotten() == 0
    Backfill.objects.update(updated_at="2026-01-01T00:00:00Z")

    assert backfill.wake_forgotten() == 1
    assert [task for task, _ in sent].count("accounting.backfill") == 1


@pytest.mark.parametrize(("pause", "messages"), [(2, 1), (30, 0)])
def test_long_pause_is_left_to_the_sweep(
    connected: Connection,
    super_user: User,
    sent: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    pause: int,
    messages: int,
) -> None:
    """A message for later would hold a place of a worker all the time."""
    backfill.start(connection=connected, by=super_user)
    monkeypatch.setattr(
        backfill, "_work", Mock(side_effect=RateLimited("Wait.", retry_after=pause, problem="minute"))
    )

    backfill.take_turn(connected.pk)

    assert len(sent) == messages
    Backfill.objects.update(updated_at="2026-01-01T00:00:00Z")
    Connection.objects.update(resume_at=None)
    assert backfill.wake_forgotten() == 1


def test_resting_connection_is_left_alone(
    connected: Connection, in_workspace: Workspace, super_user: User, sandbox: Handle, sent: list[Any]
) -> None:
    make_customer(in_workspace)
    forget_operations()
    sandbox.faults.add(kind="maintenance", path="/api.xro/*", times=None)
    backfill.start(connection=connected, by=super_user)

    backfill.take_turn(connected.pk)
    calls = len(sandbox.requests())
    backfill.take_turn(connected.pk)

    assert len(sandbox.requests()) == calls
    assert Backfill.objects.get().state == BackfillState.RUNNING


def test_sending_is_a_super_users(staff_client: Client, in_workspace: Workspace) -> None:
    make_connection(in_workspace)

    assert staff_client.post(url("send_unsent", in_workspace)).status_code == 403
    assert staff_client.get(url("unsent", in_workspace)).status_code == 200


def test_sending_begins_once_the_choices_are_made(super_client: Client, in_workspace: Workspace) -> None:
    make_connection(in_workspace, mapped=False)

    response = super_client.post(url("send_unsent", in_workspace), follow=True)

    assert notices(response) == ["First choose where things go in Xero; then they can be sent."]
    with scope(in_workspace):
        assert not Backfill.objects.exists()


def test_failed_ones_do_not_count_as_waiting(connected: Connection, in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    Operation.objects.filter(local_id=customer.pk).update(
        state=OpState.FAILED, error="No.", priority=Priority.BACKFILL
    )

    assert plan_of(connected).waiting == 0
