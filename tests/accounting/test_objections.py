"""What is known beforehand to be refused is said before an invoice is approved."""

from __future__ import annotations

import pytest

from accounting.enums import ConnectionState
from accounting.models import Connection
from core.changes import caused_by
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.refusals import ApprovalRefused
from invoices.services import approve_invoice
from tests.factories.accounting import make_connection
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    connection = make_connection(in_workspace)
    connection.currencies = ["NZD", "AUD"]
    connection.save()
    return connection


@pytest.mark.parametrize("currency", ["NZD", "AUD"])
def test_approve_in_a_currency_the_organisation_has_is_done(connection: Connection, currency: str) -> None:
    invoice = make_invoice(connection.workspace, currency=currency)

    assert approve_invoice(invoice=invoice, by=None).status == InvoiceStatus.APPROVED


def test_approve_in_a_currency_the_organisation_has_not_says_so_on_the_currency(
    connection: Connection,
) -> None:
    invoice = make_invoice(connection.workspace, currency="EUR")

    with pytest.raises(ApprovalRefused) as refused:
        approve_invoice(invoice=invoice, by=None)

    (objection,) = refused.value.objections
    assert (objection.field, objection.line) == ("currency", 0)
    assert objection.message.startswith("Maple Florist has no EUR in Xero.")
    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


@pytest.mark.parametrize("change", [{"state": ConnectionState.DISCONNECTED}, {"currencies": []}])
def test_approve_without_a_connection_or_its_lists_meets_no_objection(
    connection: Connection, change: dict[str, object]
) -> None:
    Connection.objects.update(**change)

    approve_invoice(invoice=make_invoice(connection.workspace, currency="EUR"), by=None)

    assert Invoice.objects.get().status == InvoiceStatus.APPROVED


def test_approve_of_what_comes_from_xero_is_not_asked_about(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, currency="EUR")

    with caused_by("remote"):
        approve_invoice(invoice=invoice, by=None)

    assert Invoice.objects.get().status == InvoiceStatus.APPROVED
