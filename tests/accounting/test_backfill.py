"""What was saved before the connection was made: how much there is, and how it reaches Xero."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounting.enums import BackfillState, Kind, Lane, OpState, Priority, Taken
from accounting.models import Backfill, Clash, Connection, Link, Operation
from accounting.queries.unsent import count_unsent, plan_of, sendable_of, unsent_of
from accounting.resources.registry import get_resource, push_order
from accounting.sync import backfill
from accounting.sync.drain import drain
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pages import notices, url, words
from tests.factories.accounting import make_connection, make_link
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from workspaces.models import User, Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle


def forget_operations() -> None:
    """As if everything so far had been saved before the connection was made."""
    Operation.objects.all().delete()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The wake-ups that were sent."""
    told: list[Any] = []
    monkeypatch.setattr("accounting.wakeup.send", lambda task, **more: told.append((task, more)))
    return told


def run_all(connection: Connection, by: User) -> None:
    backfill.start(connection=connection, by=by)
    for _ in range(20):
        backfill.take_turn(connection.pk)
        if Backfill.objects.get().state == BackfillState.DONE:
            return
    raise AssertionError("it does not come to an end")


def work_off(connection: Connection) -> None:
    for _ in range(5):
        Connection.objects.update(resume_at=None)
        assert drain(connection.pk)


@pytest.mark.parametrize("status", list(InvoiceStatus))
def test_candidates_are_what_the_resource_intends_to_send(in_workspace: Workspace, status: str) -> None:
    make_invoice(in_workspace, status=status)

    for kind, model in ((Kind.INVOICE, Invoice), (Kind.PAYMENT, Payment)):
        resource = get_resource(kind)
        meant = {row.pk for row in model.objects.all() if resource.intent(row, None) == "upsert"}
        assert set(resource.candidates().values_list("pk", flat=True)) == meant


def test_unsent_is_what_has_neither_link_nor_operation(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    rows = [make_invoice(in_workspace, customer=customer, status=InvoiceStatus.APPROVED) for _ in range(3)]
    make_invoice(in_workspace, customer=customer)
    connection = make_connection(in_workspace)
    make_link(connection, Kind.INVOICE, rows[0].pk)
    Operation.objects.create(
        workspace=in_workspace, connection=connection, lane=Lane.PUSH, kind=Kind.INVOICE, local_id=rows[1].pk
    )

    assert list(unsent_of(Kind.INVOICE)) == [rows[2]]
    assert count_unsent().words == "1 customer and 1 invoice"


def test_nothing_is_unsent_without_a_living_connection(in_workspace: Workspace) -> None:
    make_customer(in_workspace)

    assert count_unsent().total == 0


def test_counting_takes_one_query_a_kind(in_workspace: Workspace) -> None:
    make_connection(in_workspace)

    with assert_queries(len(push_order())):
        count_unsent()


def test_page_tells_the_count_per_kind_and_the_calls(super_client: Client, in_workspace: Workspace) -> None:
    for _ in range(2):
        make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    connection = make_connection(in_workspace)

    assert plan_of(connection).calls == 2 + 2  # a list of contacts, a look for numbers, two writes
    told = words(super_client.get(url("unsent", in_workspace)))
    assert "2 customers and 2 invoices" in told
    assert "Sending them costs about 4 calls to Xero" in told


@pytest.mark.parametrize("page", ["settings", "mapping"])
def test_card_and_manage_tell_what_was_never_sent(
    super_client: Client, in_workspace: Workspace, page: str
) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    connection = make_connection(in_workspace)
    Connection.objects.update(reference_data_at=connection.connected_at)

    told = words(super_client.get(url(page, in_workspace)))

    assert "1 customer and 1 invoice" in told
    assert "everything is sent" not in told


def test_lists_tell_what_was_never_sent(staff_client: Client, in_workspace: Workspace) -> None:
    make_invoice(in_workspace, status=InvoiceStatus.APPROVED)
    make_connection(in_workspace)

    assert "1 invoice never sent to Xero" in words(staff_client.get(f"/w/{in_workspace.slug}/invoices/"))
    assert "1 customer never sent to Xero" in words(staff_client.get(f"/w/{in_workspace.slug}/customers/"))


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
    backfill._note(stale, Kind.CUSTOMER, list(sendable_of(Kind.CUSTOMER)), {})
    before = Operation.objects.get().seq

    backfill._note(stale, Kind.CUSTOMER, list(get_resource(Kind.CUSTOMER).candidates()), {})

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
