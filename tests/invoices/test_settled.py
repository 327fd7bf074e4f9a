"""What was paid and credited on an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.changes import caused_by
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import refresh_amount_paid, reopen_invoice, take_credit, void_invoice
from lines.refusals import Locked
from tests.factories.invoices import make_invoice
from tests.factories.payments import make_payment
from tests.invoices.records import summaries
from workspaces.models import Workspace


def test_refresh_amount_paid_sums_the_payments_that_stand(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace, amount="40").invoice
    make_payment(in_workspace, invoice=invoice, amount="10", reversed_=True)
    Invoice.objects.update(amount_paid=0)

    invoice = refresh_amount_paid(invoice=invoice)

    assert (invoice.amount_paid, invoice.is_part_paid, invoice.revision) == (40, True, 1)


def test_take_credit_is_part_of_what_is_settled(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)

    part = take_credit(invoice=invoice, amount=Decimal(30))
    assert (part.amount_due, part.is_part_paid, part.is_paid, part.revision) == (70, True, False, 2)
    assert take_credit(invoice=invoice, amount=Decimal(100)).is_paid
    assert take_credit(invoice=invoice, amount=Decimal(0)).amount_due == 100
    assert summaries(invoice)[0] == "Credit applied in Xero: 100.00 became 0.00"


def test_take_credit_that_is_known_writes_nothing(in_workspace: Workspace) -> None:
    invoice = take_credit(invoice=make_invoice(in_workspace, status=InvoiceStatus.SENT), amount=Decimal(30))

    with assert_queries(3):
        take_credit(invoice=invoice, amount=Decimal("30.00"))


@pytest.mark.parametrize(("step", "word"), [(reopen_invoice, "reopen"), (void_invoice, "void")])
def test_invoice_with_credit_is_neither_reopened_nor_voided(
    in_workspace: Workspace, step: Any, word: str
) -> None:
    """Xero would refuse both as long as the credit stands there."""
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT)
    take_credit(invoice=invoice, amount=Decimal(30))

    told = rf"^Credit was applied to INV-0001 in Xero\. Remove it there, then {word} it\.$"
    with pytest.raises(Locked, match=told):
        step(invoice=invoice, by=None)
    with caused_by("remote"):
        step(invoice=invoice, by=None)
