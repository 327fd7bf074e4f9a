"""A locked period, a rate that goes with no sale, a number that is taken there: said before Xero says it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from accounting.enums import ErrorClass, InvoiceStatusRule, Kind, Lane, LinkState, OpState, Taken
from accounting.models import Clash, Connection, Mapping, Operation, RemoteTaxRate
from accounting.port.documents import InvoiceDoc
from accounting.port.snapshots import dump
from accounting.queries.missing import obstacles_to
from core.changes import caused_by
from core.refusals import Refused
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, update_invoice
from lines.enums import LineAmounts
from lines.refusals import ApprovalRefused
from payments.models import Payment
from payments.services import record_payment
from tests.factories.accounting import make_connection, make_link, map_rate
from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Workspace

LOCKED, OPEN = dt.date(2026, 10, 31), dt.date(2026, 11, 1)


@pytest.fixture
def connection(in_workspace: Workspace) -> Connection:
    return make_connection(in_workspace)


def lock(connection: Connection, **days: dt.date) -> None:
    Connection.objects.filter(pk=connection.pk).update(**days)


@pytest.mark.parametrize("kind_of_lock", ["period_lock_date", "year_lock_date"])
def test_approve_in_a_locked_period_says_the_first_open_day_on_the_date(
    connection: Connection, kind_of_lock: str
) -> None:
    lock(connection, **{kind_of_lock: LOCKED})
    invoice = make_invoice(connection.workspace, issue_date=LOCKED)

    with pytest.raises(ApprovalRefused) as refused:
        approve_invoice(invoice=invoice, by=None)

    (objection,) = refused.value.objections
    assert (objection.field, objection.line) == ("issue_date", 0)
    assert objection.message.startswith(
        "Xero's books are locked up to 31 Oct 2026. Choose 1 Nov 2026 or later"
    )
    assert Invoice.objects.get().status == InvoiceStatus.DRAFT


def test_approve_counts_the_later_of_both_lock_dates(connection: Connection) -> None:
    lock(connection, period_lock_date=LOCKED, year_lock_date=dt.date(2026, 3, 31))

    invoice = make_invoice(connection.workspace, issue_date=OPEN)
    assert approve_invoice(invoice=invoice, by=None).status == InvoiceStatus.APPROVED

    with pytest.raises(ApprovalRefused):
        approve_invoice(invoice=make_invoice(connection.workspace, issue_date=LOCKED), by=None)


def test_draft_in_a_locked_period_is_saved(connection: Connection) -> None:
    lock(connection, period_lock_date=LOCKED)
    invoice = make_invoice(connection.workspace)

    assert update_invoice(invoice=invoice, issue_date=LOCKED, by=None).issue_date == LOCKED


def test_lock_of_the_calendars_last_day_is_no_fault(connection: Connection) -> None:
    lock(connection, year_lock_date=dt.date.max)

    with pytest.raises(ApprovalRefused):
        approve_invoice(invoice=make_invoice(connection.workspace), by=None)


def test_payment_in_a_locked_period_is_refused_on_its_date(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)
    lock(connection, period_lock_date=LOCKED)

    with pytest.raises(Refused, match="Choose 1 Nov 2026 or later") as refused:
        record_payment(invoice=invoice, amount=Decimal(1), date=LOCKED, by=None)

    assert refused.value.field == "date"
    assert not Payment.objects.exists()
    assert record_payment(invoice=invoice, amount=Decimal(1), date=OPEN, by=None).date == OPEN


def test_payment_from_xero_in_a_locked_period_is_taken(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)
    lock(connection, period_lock_date=LOCKED)

    with caused_by("remote"):
        record_payment(invoice=invoice, amount=Decimal(1), date=LOCKED, by=None)

    assert Payment.objects.get().date == LOCKED


def test_payment_form_says_on_the_date_that_the_period_is_locked_and_keeps_what_was_typed(
    connection: Connection, staff_client: Client, workspace: Workspace
) -> None:
    invoice = make_invoice(workspace, status=InvoiceStatus.APPROVED)
    lock(connection, period_lock_date=LOCKED)
    page = reverse("payments:record", args=[workspace.slug, invoice.pk])

    told = staff_client.post(page, {"amount": "12.50", "date": "2026-10-31", "reference": "bank"})

    assert told.status_code == 422
    assert told.context["form"].errors["date"][0].startswith("Xero's books are locked up to 31 Oct 2026.")
    assert 'value="12.50"' in told.content.decode()
    assert 'value="2026-10-31"' in told.content.decode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"for_revenue": False}, "“15% GST on Income” does not go with sales in Xero."),
        ({"active": False}, "“15% GST on Income” was removed in Xero."),
    ],
)
def test_approve_with_a_rate_that_goes_with_no_sales_account_says_so_on_the_line(
    connection: Connection, change: dict[str, object], told: str
) -> None:
    rate = make_tax_rate(connection.workspace)
    map_rate(connection, rate)
    RemoteTaxRate.objects.update(**change)
    lines = [make_line(tax_rate=make_tax_rate(connection.workspace, name="Zero")), make_line(tax_rate=rate)]
    invoice = make_invoice(connection.workspace, lines=lines, amounts=LineAmounts.EXCLUSIVE)

    with pytest.raises(ApprovalRefused) as refused:
        approve_invoice(invoice=invoice, by=None)

    (objection,) = refused.value.objections
    assert (objection.field, objection.line) == ("tax_rate", 2)
    assert objection.message == f"{told} Choose another rate, or have it matched to another of Xero's in " + (
        "Settings > Accounting."
    )


def document(number: str, state: str = "authorised") -> dict[str, object]:
    """An invoice there, as it is kept."""
    day = dt.date(2026, 3, 2)
    return dump(
        InvoiceDoc(
            number=number, contact_id="c", issue_date=day, due_date=day, currency="NZD", amounts="no_tax",
            state=state, net=120, total=120,
        )
    )  # fmt: skip


def test_approve_under_a_number_that_was_seen_in_xero_says_so_on_the_number(connection: Connection) -> None:
    Clash.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=Kind.INVOICE,
        local_id=make_invoice(connection.workspace).pk,
        taken=Taken.NUMBER,
        remote_id="there",
        there=document("INV-77"),
    )

    with pytest.raises(ApprovalRefused) as refused:
        approve_invoice(invoice=make_invoice(connection.workspace, number="INV-77"), by=None)

    (objection,) = refused.value.objections
    assert objection[:3] == (
        "Xero had one with this number when your invoices were compared with it: NZ$120.00, 2 Mar 2026. "
        "Give this one another number.",
        "number",
        0,
    )


@pytest.mark.parametrize(
    ("state", "their_state", "is_taken"),
    [
        (LinkState.TOMBSTONED, "voided", True),
        (LinkState.OUT_OF_SYNC, "authorised", True),
        (LinkState.TOMBSTONED, "deleted", False),
    ],
)
def test_number_of_an_invoice_that_is_gone_here_is_free_only_if_it_was_deleted_there(
    connection: Connection, state: LinkState, their_state: str, is_taken: bool
) -> None:
    link = make_link(connection, Kind.INVOICE, make_invoice(connection.workspace).pk)
    link.state, link.base = state, document("INV-77", their_state)
    link.save()
    invoice = make_invoice(connection.workspace, number="INV-77")

    if is_taken:
        with pytest.raises(ApprovalRefused, match="was linked to another invoice here"):
            approve_invoice(invoice=invoice, by=None)
    else:
        approve_invoice(invoice=invoice, by=None)

    assert Invoice.objects.get(number="INV-77").is_issued is not is_taken


def test_own_link_takes_no_number_from_an_invoice(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, number="INV-77")
    link = make_link(connection, Kind.INVOICE, invoice.pk)
    link.state, link.base = LinkState.OUT_OF_SYNC, document("INV-77")
    link.save()

    assert approve_invoice(invoice=invoice, by=None).is_issued


def plan_sentences() -> list[str]:
    return [sentence for sentence in obstacles_to(Kind.INVOICE) if "as drafts" in sentence]


@pytest.mark.parametrize(
    ("rule", "is_told"),
    [
        (InvoiceStatusRule.WITH_STATUS, True),
        (InvoiceStatusRule.AUTHORISED, True),
        (InvoiceStatusRule.DRAFT, False),
    ],
)
def test_form_says_that_nobody_may_approve_there_where_invoices_are_approved_there(
    connection: Connection, rule: str, is_told: bool
) -> None:
    Mapping.objects.update(invoice_status=rule)
    assert plan_sentences() == []

    Connection.objects.update(may_approve=False)

    told = "Whoever connected Tandem may not approve invoices in Xero, by their role or by the plan."
    assert [sentence.startswith(told) for sentence in plan_sentences()] == [True] * is_told
    assert obstacles_to(Kind.PAYMENT) == []


@pytest.mark.parametrize(
    ("refused_at", "told"),
    [("2026-11-12", ["12 Nov 2026"]), ("2026-10-31", [])],
)
def test_form_says_that_the_plans_number_for_this_month_is_used_up(
    connection: Connection, time_machine: TimeMachineFixture, refused_at: str, told: list[str]
) -> None:
    time_machine.move_to(f"{refused_at}T12:00:00Z", tick=False)
    Operation.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        lane=Lane.PUSH,
        kind=Kind.INVOICE,
        local_id=connection.pk,
        state=OpState.FAILED,
        error_class=ErrorClass.PERMANENT,
        error="The Xero plan allows no more.",
        error_detail="You have reached the limit of invoices you can approve",
    )
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)

    said = plan_sentences()

    assert [day in sentence for sentence, day in zip(said, told, strict=True)] == [True] * len(told)
