"""Each constraint, broken once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from credit.models import Allocation, CreditNote, CreditNoteLine, CreditNumberSequence, Refund
from tests.factories.credit import make_allocation, make_credit_note, make_pair, make_refund
from tests.factories.invoices import make_line
from workspaces.models import Workspace


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("credit_note_has_a_number", {"number": ""}),
        ("credit_note_status_known", {"status": "lost"}),
        ("credit_note_amounts_known", {"amounts": "gross"}),
        ("credit_note_total_is_net_plus_tax", {"total": Decimal(1)}),
        ("credit_note_applied_not_negative", {"applied": Decimal(-1)}),
        ("credit_note_refunded_not_negative", {"refunded": Decimal(-1)}),
        ("credit_note_voided_has_a_time", {"status": "voided"}),
        ("credit_note_voided_has_a_time", {"voided_at": timezone.now()}),
        ("credit_note_issued_was_approved", {"status": "approved"}),
        ("credit_note_approved_was_issued", {"approved_at": timezone.now()}),
        ("credit_note_currency_is_iso_code", {"currency": "nzd"}),
    ],
)
def test_credit_note_constraint_holds(
    in_workspace: Workspace, constraint: str, values: dict[str, Any]
) -> None:
    make_credit_note(in_workspace, status="draft")

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CreditNote.objects.update(**values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("credit_note_line_discount_between_0_and_100", {"discount_percent": Decimal("100.01")}),
        ("credit_note_line_has_a_description", {"description": ""}),
        ("credit_note_line_has_one_discount", {"discount_percent": 1, "discount_amount": Decimal(1)}),
        ("credit_note_line_is_priced_or_only_text", {"quantity": None}),
    ],
)
def test_credit_note_line_constraint_holds(
    in_workspace: Workspace, constraint: str, values: dict[str, Any]
) -> None:
    make_credit_note(in_workspace)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CreditNoteLine.objects.update(**values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("allocation_amount_positive", {"amount": Decimal(0)}),
        ("allocation_names_one_invoice", {"invoice": None}),
        ("allocation_names_one_invoice", {"elsewhere": "INV-9"}),
        ("allocation_actor_fits", {"actor_kind": "person", "actor_name": ""}),
    ],
)
def test_allocation_constraint_holds(
    in_workspace: Workspace, constraint: str, values: dict[str, Any]
) -> None:
    make_allocation(*make_pair(in_workspace))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Allocation.objects.update(**values)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("refund_amount_positive", {"amount": Decimal(0)}),
        ("refund_actor_fits", {"actor_kind": "person", "actor_name": ""}),
    ],
)
def test_refund_constraint_holds(in_workspace: Workspace, constraint: str, values: dict[str, Any]) -> None:
    make_refund(make_credit_note(in_workspace))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Refund.objects.update(**values)


def test_credit_note_number_is_unique_in_a_workspace(in_workspace: Workspace) -> None:
    make_credit_note(in_workspace)
    make_credit_note(in_workspace)

    with pytest.raises(IntegrityError, match="credit_note_number_unique"), transaction.atomic():
        CreditNote.objects.update(number="Same")


def test_credit_note_line_position_is_unique_at_commit(in_workspace: Workspace) -> None:
    make_credit_note(in_workspace, lines=[make_line(), make_line()])

    with pytest.raises(IntegrityError, match="credit_note_line_position_unique"), transaction.atomic():
        _put_all_first()


def test_credit_number_sequence_is_one_per_workspace(in_workspace: Workspace) -> None:
    CreditNumberSequence.objects.create(workspace=in_workspace)

    with pytest.raises(IntegrityError, match="one_credit_sequence"), transaction.atomic():
        CreditNumberSequence.objects.create(workspace=in_workspace)


def _put_all_first() -> None:
    CreditNoteLine.objects.update(position=1)
    connection.check_constraints()
