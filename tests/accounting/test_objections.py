"""What is known beforehand to be refused is said before an invoice is approved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import Blocker, ConnectionState, Kind, Lane, OpState
from accounting.models import Connection, Operation
from catalogue.models import TaxRate
from core.changes import caused_by
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, update_invoice
from lines.enums import LineAmounts
from lines.refusals import ApprovalRefused
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.pages import url, words
from tests.factories.accounting import make_connection
from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Workspace
from xero_sandbox.handle import Handle


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


def test_approve_of_a_line_without_a_rate_says_so_on_the_line(connection: Connection) -> None:
    rate = make_tax_rate(connection.workspace)
    lines = [make_line(tax_rate=rate), make_line("Travel")]
    invoice = make_invoice(connection.workspace, lines=lines, amounts=LineAmounts.EXCLUSIVE)

    with pytest.raises(ApprovalRefused) as refused:
        approve_invoice(invoice=invoice, by=None)

    (objection,) = refused.value.objections
    assert (objection.field, objection.line) == ("tax_rate", 2)
    assert objection.message.startswith("Choose a tax rate: Xero takes no line without one.")


def test_form_says_on_the_line_that_its_rate_is_missing(
    connection: Connection, staff_client: Client, workspace: Workspace
) -> None:
    invoice = make_invoice(workspace, amounts=LineAmounts.EXCLUSIVE)

    response = staff_client.post(reverse("invoices:approve", args=[workspace.slug, invoice.pk]), follow=True)

    assert "Line 1: Choose a tax rate" in words(response)
    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


def test_approve_of_an_invoice_without_tax_needs_no_rate(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, amounts=LineAmounts.NO_TAX)

    assert approve_invoice(invoice=invoice, by=None).status == InvoiceStatus.APPROVED


def test_card_of_an_invoice_that_was_approved_without_a_rate_reopens_it(
    staff_client: Client, in_workspace: Workspace
) -> None:
    """Approved before Xero was connected: no setting mends it."""
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED, amounts=LineAmounts.EXCLUSIVE)
    connection = make_connection(in_workspace)
    Operation.objects.create(
        workspace=in_workspace,
        connection=connection,
        lane=Lane.PUSH,
        kind=Kind.INVOICE,
        local_id=invoice.pk,
        state=OpState.BLOCKED,
        blocker=Blocker.SETUP,
        error="Choose a tax rate for the line “Design”.",
    )
    page = reverse("invoices:detail", args=[in_workspace.slug, invoice.pk])

    assert "Reopen to change it" in words(staff_client.get(page))
    staff_client.post(reverse("invoices:reopen", args=[in_workspace.slug, invoice.pk]))

    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


def test_card_of_an_invoice_whose_number_is_taken_in_xero_reopens_it(
    staff_client: Client, connected: Connection, sandbox: Handle, gst: TaxRate, sync: Callable[[], None]
) -> None:
    """Only Xero knows its numbers, so this comes after the approval: the way back is beside the reason."""
    workspace, robin = connected.workspace, Bookkeeper(sandbox, connected)
    robin.create_invoice("INV-77", robin.create_contact(Name="Theirs")["ContactID"])
    lines = [make_line(tax_rate=gst)]
    invoice = make_invoice(workspace, number="INV-77", status=InvoiceStatus.APPROVED, lines=lines)
    sync()
    told = words(staff_client.get(reverse("invoices:detail", args=[workspace.slug, invoice.pk])))
    assert "Another invoice in Xero has this number. Give this one another number" in told
    assert "Reopen to change it Try again" in told

    staff_client.post(reverse("invoices:reopen", args=[workspace.slug, invoice.pk]))
    update_invoice(invoice=Invoice.objects.get(), number="INV-78", by=None)
    approve_invoice(invoice=Invoice.objects.get(), by=None)
    sync()

    assert "INV-78" in [row["InvoiceNumber"] for row in sandbox.dump()["Invoices"]]
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("page", "told"),
    [("payments:record", "Choose the payment account."), ("invoices:edit", "Choose the revenue account.")],
)
def test_form_tells_the_settings_that_what_is_saved_waits_for(
    super_client: Client, in_workspace: Workspace, page: str, told: str
) -> None:
    status = InvoiceStatus.APPROVED if page == "payments:record" else InvoiceStatus.DRAFT
    invoice = make_invoice(in_workspace, status=status)
    connection = make_connection(in_workspace, mapped=False)
    Connection.objects.update(reference_data_at=connection.connected_at)

    shown = super_client.get(reverse(page, args=[in_workspace.slug, invoice.pk]))

    assert f"It waits for a setting before it goes to Xero {told}" in words(shown)
    assert f'href="{url("mapping", in_workspace)}"' in shown.content.decode()
