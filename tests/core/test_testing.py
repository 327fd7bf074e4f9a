"""The write audit sees what the receivers cannot: it is what keeps their capture whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection as database
from django.db import transaction

from accounting.models import Connection
from core.changes import caused_by, unobserved
from core.testing import UncapturedWrite, WriteAudit, Written, assert_queries
from customers.models import Customer
from customers.services import create_customer, update_customer
from invoices.models import Invoice, InvoiceLine
from invoices.services import delete_invoice, update_invoice
from tests.factories.accounting import make_connection
from tests.factories.invoices import make_invoice, make_line
from tests.faults.writes import audited
from workspaces.models import Workspace


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


@pytest.fixture
def invoice(connection: Connection) -> Invoice:
    return make_invoice(connection.workspace)


def _raw(sql: str) -> None:
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute(sql)


def _raw_update() -> None:
    _raw("UPDATE customers_customer SET city = 'Nelson'")


def _raw_update_in_a_cte() -> None:
    _raw(
        "WITH moved AS (UPDATE customers_customer SET city = 'Nelson' RETURNING id) SELECT count(*) FROM moved"
    )


def _raw_delete_of_lines() -> None:
    _raw("DELETE FROM invoices_invoiceline")


def _plain_queryset() -> None:
    with transaction.atomic():
        Customer._base_manager.update(city="Nelson")


def _delete_without_signals() -> None:
    with transaction.atomic():
        InvoiceLine.objects.all()._raw_delete("default")


def _only_one(audit: WriteAudit, write: Callable[[], None]) -> Written:
    write()
    (row,) = audit.uncaptured()
    return row


PAST_THE_CAPTURE: list[Callable[[], None]] = [
    _raw_update, _raw_update_in_a_cte, _raw_delete_of_lines, _plain_queryset, _delete_without_signals,
]  # fmt: skip


@pytest.mark.parametrize("write", PAST_THE_CAPTURE)
def test_raw_sql_on_observed_table_is_flagged(invoice: Invoice, write: Callable[[], None]) -> None:
    with pytest.raises(UncapturedWrite, match="1 records changed"), audited():
        write()


def test_raw_write_is_flagged_beside_a_captured_one(invoice: Invoice) -> None:
    """One captured record in the transaction is no excuse for another."""
    other = create_customer(workspace=invoice.workspace, by=None, name="Other")

    @transaction.atomic
    def write_both() -> None:
        _raw_update()
        update_customer(customer=other, by=None, city="Napier")

    with pytest.raises(UncapturedWrite, match="1 records changed"), audited():
        write_both()


def test_write_is_told_with_its_row_and_statement(invoice: Invoice) -> None:
    with pytest.raises(UncapturedWrite, match="UPDATE customers_customer SET city"), audited() as audit:
        row = _only_one(audit, _raw_update)
    assert (row.table, row.operation, row.row_id) == (
        "customers_customer",
        "UPDATE",
        str(invoice.customer_id),
    )
    assert row.statement == "UPDATE customers_customer SET city = 'Nelson'"


def test_services_pass(connection: Connection) -> None:
    with audited() as audit:
        invoice = make_invoice(connection.workspace)
        update_invoice(invoice=invoice, lines=[make_line(), make_line()], reference="PO 7", by=None)
        update_customer(customer=invoice.customer, by=None, city="Nelson")
        delete_invoice(invoice=invoice, by=None)
        assert audit.records() == 2


def test_write_that_changes_nothing_synced_passes(invoice: Invoice) -> None:
    with audited() as audit:
        _raw("UPDATE customers_customer SET payment_terms_days = 30, city = city")
        assert audit.records() == 0


def test_declared_and_remote_writes_pass(invoice: Invoice) -> None:
    with audited() as audit:
        with unobserved("the test says so"):
            _raw_update()
        with caused_by("remote"):
            _raw("UPDATE customers_customer SET city = 'Napier'")
        assert audit.records() == 1


def test_rolled_back_write_is_none(invoice: Invoice) -> None:
    def write_and_stumble() -> None:
        with transaction.atomic():
            _raw_update()
            raise RuntimeError

    with audited(), pytest.raises(RuntimeError):
        write_and_stumble()


def test_audit_leaves_nothing_behind(invoice: Invoice) -> None:
    with audited():
        pass
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'write_audit%'")
        assert cursor.fetchone() == (0,)


def test_audit_costs_no_counted_statement(invoice: Invoice) -> None:
    with audited(), unobserved("counted"), assert_queries(1):
        Customer._base_manager.update(city="Nelson")


@pytest.mark.django_db(transaction=True)
def test_operation_of_another_transaction_does_not_count(invoice: Invoice) -> None:
    """What is captured in the next transaction is lost if the process dies between the two."""

    def write_in_two() -> None:
        _raw_update()
        update_customer(customer=invoice.customer, by=None, city="Napier")

    with pytest.raises(UncapturedWrite, match="1 records changed"), audited():
        write_in_two()
