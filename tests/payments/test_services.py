"""Money in, and taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.changes import caused_by
from core.refusals import Refused
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from payments.queries import get_payment, live_payments_of, payments_of
from payments.services import (
    record_payment,
    reverse_payment,
    update_payment_from_remote,
)
from tests.factories.invoices import make_invoice
from tests.factories.payments import PAID_ON, make_payment
from workspaces.models import User, Workspace
from workspaces.queries import history_of


def test_record_payment_pays_the_invoice(in_workspace: Workspace, super_user: User) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    payment = record_payment(
        invoice=invoice, amount=Decimal("40.00"), date=PAID_ON, reference="Bank 12", by=super_user
    )

    invoice.refresh_from_db()
    assert (invoice.amount_paid, invoice.amount_due, invoice.is_part_paid) == (40, 60, True)
    assert (payment.actor, payment.reference, payment.invoice.amount_paid) == (
        super_user,
        "Bank 12",
        40,
    )
    told = history_of(invoice.pk).first()
    assert (told.action, told.summary, told.actor) == (
        "payment.recorded",
        "Recorded a payment of NZD 40.00 (Bank 12)",
        super_user,
    )


def test_record_payment_of_the_rest_makes_it_paid(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace, amount="40").invoice

    assert make_payment(in_workspace, invoice=invoice, amount="60").invoice.is_paid


@pytest.mark.parametrize("amount", ["0", "-1", "0.004"])
def test_record_payment_of_nothing_is_refused(in_workspace: Workspace, amount: str) -> None:
    with pytest.raises(Refused, match="more than zero") as refused:
        make_payment(in_workspace, amount=amount)

    assert refused.value.field == "amount"


def test_record_payment_of_more_than_is_due_is_refused(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace, amount="40").invoice

    with pytest.raises(Refused, match=r"^Only NZD 60\.00 is due on INV-0001\.$"):
        make_payment(in_workspace, invoice=invoice, amount="60.01")


def test_record_payment_from_remote_takes_more_than_is_due(in_workspace: Workspace) -> None:
    with caused_by("remote"):
        payment = make_payment(in_workspace, amount="120")

    assert (payment.invoice.amount_due, payment.invoice.is_paid) == (-20, True)


@pytest.mark.parametrize(
    "status", [InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL, InvoiceStatus.VOIDED]
)
def test_record_payment_on_an_invoice_not_issued_is_refused(in_workspace: Workspace, status: str) -> None:
    invoice = make_invoice(in_workspace, status=status)

    with pytest.raises(Refused, match="once it is approved"):
        make_payment(in_workspace, invoice=invoice)


def test_reverse_payment_gives_the_due_amount_back(in_workspace: Workspace, super_user: User) -> None:
    payment = reverse_payment(payment=make_payment(in_workspace, amount="40"), by=super_user)

    assert (payment.is_reversed, payment.invoice.amount_paid) == (True, 0)
    assert Invoice.objects.get().amount_paid == 0
    assert history_of(payment.invoice_id).first().summary == (
        "Reversed the payment of NZD 40.00, 10 Mar 2026"
    )


def test_reverse_payment_twice_changes_nothing(in_workspace: Workspace) -> None:
    payment = make_payment(in_workspace, reversed_=True)
    told = history_of(payment.invoice_id).count()

    again = reverse_payment(payment=payment, by=None)

    assert (again.reversed_at, history_of(payment.invoice_id).count()) == (payment.reversed_at, told)


def test_update_payment_from_remote_follows_xero(in_workspace: Workspace) -> None:
    payment = make_payment(in_workspace, amount="40")

    with caused_by("remote"):
        payment = update_payment_from_remote(
            payment=payment, amount=Decimal(55), date=dt.date(2026, 3, 11), reference="X"
        )

    assert (payment.amount, payment.date, payment.reference) == (55, dt.date(2026, 3, 11), "X")
    assert payment.invoice.amount_paid == 55
    assert history_of(payment.invoice_id).first().actor is None


def test_update_payment_from_remote_without_a_difference_writes_nothing(in_workspace: Workspace) -> None:
    payment = make_payment(in_workspace)

    with assert_queries(4):  # savepoint, invoice, payment, release
        update_payment_from_remote(
            payment=payment, amount=payment.amount, date=payment.date, reference=payment.reference
        )


def test_update_payment_from_remote_to_nothing_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused):
        update_payment_from_remote(
            payment=make_payment(in_workspace), amount=Decimal(0), date=PAID_ON, reference=""
        )


def test_payment_amount_is_positive_in_the_database(in_workspace: Workspace) -> None:
    make_payment(in_workspace)

    with pytest.raises(IntegrityError, match="payment_amount_positive"), transaction.atomic():
        Payment.objects.update(amount=0)


def test_payments_of_lists_reversed_ones_too(in_workspace: Workspace) -> None:
    first = make_payment(in_workspace, amount="10", reversed_=True)
    second = make_payment(in_workspace, invoice=first.invoice, amount="10")
    make_payment(in_workspace)

    assert list(payments_of(first.invoice)) == [first, second]
    assert list(live_payments_of(first.invoice)) == [second]
    assert get_payment(second.pk) == second
