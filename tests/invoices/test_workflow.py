"""The steps of an invoice: which it may take, and when."""

from __future__ import annotations

from typing import Any

import pytest

from core.changes import caused_by
from core.refusals import Refused
from invoices.enums import ISSUED, InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from invoices.services import (
    approve_invoice,
    delete_invoice,
    mark_sent,
    reopen_invoice,
    submit_invoice,
    void_invoice,
)
from lines.refusals import Locked, WrongStatus
from tests.factories.invoices import make_invoice, make_line
from tests.factories.payments import make_payment
from tests.invoices.records import summaries
from workspaces.models import User, Workspace


def test_submit_invoice_waits_for_approval(in_workspace: Workspace, super_user: User) -> None:
    invoice = submit_invoice(invoice=make_invoice(in_workspace), by=super_user)

    assert (invoice.status, invoice.revision) == (InvoiceStatus.AWAITING_APPROVAL, 1)
    assert summaries(invoice)[0] == "Submitted for approval"


def test_submit_invoice_without_lines_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match="no lines"):
        submit_invoice(invoice=make_invoice(in_workspace, lines=[]), by=None)


@pytest.mark.parametrize("status", [InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL])
def test_approve_invoice_issues_it(in_workspace: Workspace, super_user: User, status: str) -> None:
    invoice = approve_invoice(invoice=make_invoice(in_workspace, status=status), by=super_user)

    assert (invoice.status, invoice.approved_by, invoice.is_issued) == (
        InvoiceStatus.APPROVED,
        super_user,
        True,
    )
    assert invoice.issued_at == invoice.approved_at
    assert summaries(invoice)[0] == "Approved, NZD 100.00"


def test_approve_invoice_without_lines_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match="no lines"):
        approve_invoice(invoice=make_invoice(in_workspace, lines=[]), by=None)


def test_approve_invoice_below_zero_is_refused(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line(unit_amount="-1")])

    with pytest.raises(Refused, match="less than zero"):
        approve_invoice(invoice=invoice, by=None)


def test_approve_invoice_of_zero_is_paid_at_once(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line(unit_amount="0")])

    assert approve_invoice(invoice=invoice, by=None).is_paid


def test_mark_sent_remembers_when(in_workspace: Workspace) -> None:
    invoice = mark_sent(invoice=make_invoice(in_workspace, status=InvoiceStatus.APPROVED), by=None)

    assert (invoice.status, invoice.sent_at is not None) == (InvoiceStatus.SENT, True)


def test_mark_sent_of_a_draft_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(WrongStatus, match=r"^INV-0001 is draft, so it cannot be marked as sent\.$"):
        mark_sent(invoice=make_invoice(in_workspace), by=None)


@pytest.mark.parametrize("status", [InvoiceStatus.AWAITING_APPROVAL, *ISSUED])
def test_reopen_invoice_makes_a_draft_again(in_workspace: Workspace, status: str) -> None:
    invoice = reopen_invoice(invoice=make_invoice(in_workspace, status=status), by=None)

    assert (invoice.status, invoice.approved_at, invoice.sent_at) == (InvoiceStatus.DRAFT, None, None)


def test_reopen_invoice_keeps_the_first_issue(in_workspace: Workspace) -> None:
    approved = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    again = approve_invoice(invoice=reopen_invoice(invoice=approved, by=None), by=None)

    assert (again.issued_at, again.approved_at > approved.approved_at) == (approved.issued_at, True)
    assert summaries(again) == [
        "Approved, NZD 100.00",
        "Reopened as a draft",
        "Approved, NZD 100.00",
        "Created INV-0001 for " + str(again.customer) + ", NZD 100.00",
    ]


def test_reopen_invoice_with_payments_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Locked, match="has payments"):
        reopen_invoice(invoice=make_payment(in_workspace).invoice, by=None)


def test_reopen_voided_invoice_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(WrongStatus):
        reopen_invoice(invoice=make_invoice(in_workspace, status=InvoiceStatus.VOIDED), by=None)


def test_void_invoice_keeps_it_with_its_number(in_workspace: Workspace) -> None:
    invoice = void_invoice(invoice=make_invoice(in_workspace, status=InvoiceStatus.SENT), by=None)

    assert (invoice.status, invoice.number, invoice.voided_at is not None) == (
        InvoiceStatus.VOIDED,
        "INV-0001",
        True,
    )


def test_void_invoice_with_payments_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Locked, match=r"has payments\. Reverse them, then void it\.$"):
        void_invoice(invoice=make_payment(in_workspace).invoice, by=None)


def test_void_invoice_from_remote_goes_through_with_payments(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace).invoice

    with caused_by("remote"):
        assert void_invoice(invoice=invoice, by=None).status == InvoiceStatus.VOIDED


def test_void_invoice_with_reversed_payments_goes_through(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace, reversed_=True).invoice

    assert void_invoice(invoice=invoice, by=None).status == InvoiceStatus.VOIDED


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (submit_invoice, InvoiceStatus.AWAITING_APPROVAL),
        (approve_invoice, InvoiceStatus.APPROVED),
        (approve_invoice, InvoiceStatus.SENT),
        (mark_sent, InvoiceStatus.SENT),
        (reopen_invoice, InvoiceStatus.DRAFT),
        (void_invoice, InvoiceStatus.VOIDED),
    ],
)
def test_step_taken_twice_changes_nothing(in_workspace: Workspace, step: Any, status: str) -> None:
    invoice = make_invoice(in_workspace, status=status)
    before, told = Invoice.objects.values().get(), summaries(invoice)

    step(invoice=invoice, by=None)

    assert (Invoice.objects.values().get(), summaries(invoice)) == (before, told)


@pytest.mark.parametrize("step", [submit_invoice, approve_invoice, mark_sent, reopen_invoice])
def test_step_on_a_voided_invoice_is_refused(in_workspace: Workspace, step: Any) -> None:
    with pytest.raises(WrongStatus):
        step(invoice=make_invoice(in_workspace, status=InvoiceStatus.VOIDED), by=None)


@pytest.mark.parametrize("status", [InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL])
def test_delete_invoice_never_issued_removes_it(in_workspace: Workspace, status: str) -> None:
    invoice = make_invoice(in_workspace, status=status)

    delete_invoice(invoice=invoice, by=None)

    assert (Invoice.objects.count(), InvoiceLine.objects.count()) == (0, 0)
    assert summaries(invoice)[0] == "Deleted draft INV-0001"


@pytest.mark.parametrize("status", [*ISSUED, InvoiceStatus.VOIDED])
def test_delete_invoice_once_issued_is_refused(in_workspace: Workspace, status: str) -> None:
    with pytest.raises(Locked, match="Void it instead"):
        delete_invoice(invoice=make_invoice(in_workspace, status=status), by=None)


def test_delete_reopened_invoice_is_refused(in_workspace: Workspace) -> None:
    approved = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    with pytest.raises(Locked):
        delete_invoice(invoice=reopen_invoice(invoice=approved, by=None), by=None)
