"""Each constraint, broken once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from invoices.enums import InvoiceStage, InvoiceStatus
from invoices.models import Invoice, InvoiceLine, NumberSequence
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from workspaces.models import Workspace


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("invoice_has_a_number", {"number": ""}),
        ("invoice_status_known", {"status": "lost"}),
        ("invoice_amounts_known", {"amounts": "gross"}),
        ("invoice_total_is_net_plus_tax", {"total": Decimal(1)}),
        ("invoice_paid_not_negative", {"amount_paid": Decimal(-1)}),
        ("invoice_credited_not_negative", {"credited": Decimal(-1)}),
        ("invoice_credited_not_negative", {"credited": Decimal(1), "credited_elsewhere": Decimal(2)}),
        ("invoice_voided_has_a_time", {"status": "voided"}),
        ("invoice_voided_has_a_time", {"voided_at": timezone.now()}),
        ("invoice_issued_was_approved", {"status": "sent"}),
        ("invoice_approved_was_issued", {"approved_at": timezone.now()}),
        ("invoice_currency_is_iso_code", {"currency": "nzd"}),
    ],
)
def test_invoice_constraint_holds(in_workspace: Workspace, constraint: str, values: dict[str, Any]) -> None:
    make_invoice(in_workspace)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Invoice.objects.update(**values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("line_discount_between_0_and_100", {"discount_percent": Decimal("100.01")}),
        ("line_discount_between_0_and_100", {"discount_percent": Decimal(-1)}),
        ("line_has_a_description", {"description": ""}),
    ],
)
def test_line_constraint_holds(in_workspace: Workspace, constraint: str, values: dict[str, Any]) -> None:
    make_invoice(in_workspace)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        InvoiceLine.objects.update(**values)


def test_invoice_number_is_unique_in_a_workspace(in_workspace: Workspace) -> None:
    make_invoice(in_workspace)
    make_invoice(in_workspace)

    with pytest.raises(IntegrityError, match="invoice_number_unique"), transaction.atomic():
        Invoice.objects.update(number="Same")


def test_line_position_is_unique_at_commit(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, lines=[make_line(), make_line()])

    with pytest.raises(IntegrityError, match="line_position_unique"), transaction.atomic():
        _give_all_lines_the_same_position()


def _give_all_lines_the_same_position() -> None:
    InvoiceLine.objects.update(position=1)
    connection.check_constraints()


def test_number_sequence_is_one_per_workspace(in_workspace: Workspace) -> None:
    NumberSequence.objects.create(workspace=in_workspace)

    with pytest.raises(IntegrityError, match="one_number_sequence"), transaction.atomic():
        NumberSequence.objects.create(workspace=in_workspace)


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        (InvoiceStatus.DRAFT, InvoiceStage.DRAFT),
        (InvoiceStatus.AWAITING_APPROVAL, InvoiceStage.AWAITING_APPROVAL),
        (InvoiceStatus.APPROVED, InvoiceStage.AWAITING_PAYMENT),
        (InvoiceStatus.SENT, InvoiceStage.AWAITING_PAYMENT),
        (InvoiceStatus.VOIDED, InvoiceStage.VOIDED),
    ],
)
def test_invoice_stage_follows_the_status(in_workspace: Workspace, status: str, stage: str) -> None:
    assert make_invoice(in_workspace, status=status).stage == stage


def test_invoice_stage_of_a_paid_one_is_paid(in_workspace: Workspace) -> None:
    assert make_payment(in_workspace, amount="100").invoice.stage == InvoiceStage.PAID
