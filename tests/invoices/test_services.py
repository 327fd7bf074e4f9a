"""Every rule of the invoice's life."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from core.changes import caused_by
from core.refusals import Refused, Stale
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine, NumberSequence
from invoices.refusals import InvoiceLocked, WrongStatus
from invoices.services import (
    approve_invoice,
    create_invoice,
    delete_invoice,
    mark_sent,
    refresh_amount_paid,
    reopen_invoice,
    submit_invoice,
    take_credit,
    update_invoice,
    void_invoice,
)
from lines.enums import LineAmounts
from lines.refusals import NumberRefused
from tests.factories.catalogue import make_service, make_tax_rate
from tests.factories.customers import make_customer
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from tests.factories.payments import make_payment
from workspaces.models import User, Workspace
from workspaces.queries import history_of

ISSUED = (InvoiceStatus.APPROVED, InvoiceStatus.SENT)


def _inputs(invoice: Invoice) -> list[Any]:
    return [line.as_input() for line in invoice.lines.all()]


def _told(invoice: Invoice) -> list[str]:
    return [entry.summary for entry in history_of(invoice.pk)]


# Creating


def test_create_invoice_computes_lines_and_totals(in_workspace: Workspace, super_user: User) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    service = make_service(in_workspace)

    invoice = create_invoice(
        workspace=in_workspace,
        customer=make_customer(in_workspace, name="Bluebird"),
        lines=[
            make_line("Design", quantity="2.5", unit_amount="80.5555", tax_rate=gst, service=service),
            make_line("Goodwill", unit_amount="-10"),
        ],
        by=super_user,
        issue_date=ISSUED_ON,
        due_date=dt.date(2026, 3, 16),
        reference="PO 7",
        notes="Thank you",
    )

    invoice.refresh_from_db()
    assert (invoice.net, invoice.tax, invoice.total) == (
        Decimal("191.39"),
        Decimal("30.21"),
        Decimal("221.60"),
    )
    assert (invoice.status, invoice.number, invoice.currency) == (InvoiceStatus.DRAFT, "INV-0001", "NZD")
    lines = invoice.lines.values_list("position", "description", "line_amount", "tax_percent", "tax_amount")
    assert list(lines) == [
        (1, "Design", Decimal("201.39"), Decimal(15), Decimal("30.21")),
        (2, "Goodwill", Decimal("-10.00"), Decimal(0), Decimal(0)),
    ]
    assert invoice.lines.first().service == service
    assert _told(invoice) == ["Created INV-0001 for Bluebird, NZD 221.60"]
    assert history_of(invoice.pk).get().actor == super_user


def test_create_invoice_takes_the_currency_of_the_customer(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace, currency="USD")

    assert make_invoice(in_workspace, customer=customer).currency == "USD"
    assert make_invoice(in_workspace, customer=customer, currency="EUR").currency == "EUR"


def test_create_invoice_inclusive_keeps_the_line_amounts_as_the_total(in_workspace: Workspace) -> None:
    gst = make_tax_rate(in_workspace, percent="15")

    invoice = make_invoice(
        in_workspace, lines=[make_line(unit_amount="115", tax_rate=gst)], amounts=LineAmounts.INCLUSIVE
    )

    assert (invoice.net, invoice.tax, invoice.total) == (100, 15, 115)


def test_create_invoice_with_an_id_of_a_line_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Stale):
        make_invoice(in_workspace, lines=[make_line(id=uuid4())])


def test_create_invoice_with_a_line_beyond_the_limit_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(Refused, match=r"^Line 1 comes to more than 9,999,999,999.99"):
        make_invoice(in_workspace, lines=[make_line(quantity="1000000", unit_amount="10000")])


# Numbers


def test_number_sequence_skips_numbers_in_use(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, number="INV-0002")

    numbers = [make_invoice(in_workspace).number for _ in range(3)]

    assert numbers == ["INV-0001", "INV-0003", "INV-0004"]


def test_number_sequence_skips_a_long_run_in_use(in_workspace: Workspace) -> None:
    customer = make_customer(in_workspace)
    for serial in range(1, 53):
        make_invoice(in_workspace, customer=customer, number=f"INV-{serial:04d}")

    assert make_invoice(in_workspace, customer=customer).number == "INV-0053"


def test_number_of_a_deleted_draft_leaves_a_gap(in_workspace: Workspace) -> None:
    delete_invoice(invoice=make_invoice(in_workspace), by=None)

    assert make_invoice(in_workspace).number == "INV-0002"


def test_number_follows_the_prefix_of_the_workspace(in_workspace: Workspace) -> None:
    NumberSequence.objects.create(workspace=in_workspace, prefix="A-", next_number=99)

    assert make_invoice(in_workspace).number == "A-0099"


@pytest.mark.parametrize("number", ["A,1", "x" * 256, "   "])
def test_create_invoice_refuses_a_number_that_cannot_be_one(in_workspace: Workspace, number: str) -> None:
    with pytest.raises(NumberRefused) as refused:
        make_invoice(in_workspace, number=number)

    assert refused.value.field == "number"


def test_create_invoice_refuses_a_number_that_is_taken(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, number="A1")

    with pytest.raises(NumberRefused, match=r"^A1 is taken by another invoice\.$"):
        make_invoice(in_workspace, number="A1")


def test_update_invoice_refuses_a_number_that_is_taken(in_workspace: Workspace) -> None:
    make_invoice(in_workspace, number="A1")
    invoice = make_invoice(in_workspace)

    with pytest.raises(NumberRefused):
        update_invoice(invoice=invoice, by=None, number="A1")

    invoice.refresh_from_db()
    assert invoice.number == "INV-0001"


# Updating


def test_update_invoice_without_a_difference_writes_nothing(in_workspace: Workspace) -> None:
    gst = make_tax_rate(in_workspace)
    invoice = make_invoice(in_workspace, lines=[make_line(tax_rate=gst), make_line("Other")])
    before, lines = Invoice.objects.values().get(), _inputs(invoice)

    with assert_queries(4) as captured:  # savepoint, the row, its lines, release
        update_invoice(
            invoice=invoice,
            by=None,
            customer=invoice.customer,
            number=invoice.number,
            reference="",
            issue_date=invoice.issue_date,
            due_date=invoice.due_date,
            currency="NZD",
            amounts=LineAmounts.EXCLUSIVE,
            notes="",
            lines=lines,
        )

    assert not [q for q in captured.captured_queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert Invoice.objects.values().get() == before
    assert len(_told(invoice)) == 1


def test_update_invoice_keeps_the_identity_of_lines(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line("A"), make_line("B"), make_line("C")])
    a, b, c = _inputs(invoice)

    changed = dataclasses.replace(b, unit_amount=Decimal(7))
    update_invoice(invoice=invoice, by=None, lines=[c, changed, make_line("New")])

    rows = list(invoice.lines.values_list("position", "description", "line_amount"))
    assert rows == [(1, "C", 100), (2, "B", 7), (3, "New", 100)]
    assert [line.pk for line in invoice.lines.all()][:2] == [c.id, b.id]
    assert not InvoiceLine.objects.filter(pk=a.id).exists()
    assert Invoice.objects.get().total == 207


def test_update_invoice_saves_only_the_lines_that_changed(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, lines=[make_line("A"), make_line("B")])
    before = dict(InvoiceLine.objects.values_list("description", "updated_at"))
    a, b = _inputs(invoice)

    update_invoice(invoice=invoice, by=None, lines=[a, dataclasses.replace(b, quantity=Decimal(2))])

    after = dict(InvoiceLine.objects.values_list("description", "updated_at"))
    assert (after["A"], after["B"] > before["B"]) == (before["A"], True)


def test_update_invoice_with_new_amounts_computes_the_lines_again(in_workspace: Workspace) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(in_workspace, lines=[make_line(unit_amount="115", tax_rate=gst)])

    invoice = update_invoice(invoice=invoice, by=None, amounts=LineAmounts.INCLUSIVE)

    assert (invoice.net, invoice.tax, invoice.total) == (100, 15, 115)
    assert invoice.lines.get().tax_amount == 15


def test_update_invoice_counts_a_revision_and_tells_what_changed(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    before = invoice.due_date

    invoice = update_invoice(
        invoice=invoice, by=None, due_date=dt.date(2026, 4, 1), lines=[make_line(unit_amount="1234.5")]
    )

    assert invoice.revision == 1
    assert _told(invoice)[0] == (
        f"Changed due date from {before:%-d %b %Y} to 1 Apr 2026, lines: NZD 100.00 became NZD 1,234.50"
    )


def test_update_invoice_of_a_line_alone_counts_a_revision(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    (line,) = _inputs(invoice)

    invoice = update_invoice(
        invoice=invoice, by=None, lines=[dataclasses.replace(line, description="Redesign")]
    )

    assert (invoice.revision, _told(invoice)[0]) == (1, "Changed lines")


def test_update_invoice_with_an_old_revision_is_stale(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)
    update_invoice(invoice=invoice, by=None, reference="Mine", expected_revision=0)

    with pytest.raises(Stale):
        update_invoice(invoice=invoice, by=None, reference="Theirs", expected_revision=0)

    assert Invoice.objects.get().reference == "Mine"


def test_update_invoice_with_a_line_of_another_invoice_is_refused(in_workspace: Workspace) -> None:
    other = make_invoice(in_workspace)
    invoice = make_invoice(in_workspace)

    with pytest.raises(Stale):
        update_invoice(invoice=invoice, by=None, lines=_inputs(other))


def test_update_invoice_with_the_same_line_twice_is_refused(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace)

    with pytest.raises(Stale):
        update_invoice(invoice=invoice, by=None, lines=_inputs(invoice) * 2)


def test_update_invoice_awaiting_approval_is_open(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.AWAITING_APPROVAL)

    assert update_invoice(invoice=invoice, by=None, lines=[make_line(unit_amount="5")]).total == 5


@pytest.mark.parametrize("status", ISSUED)
def test_update_issued_invoice_opens_reference_due_date_and_notes(
    in_workspace: Workspace, status: str
) -> None:
    invoice = make_invoice(in_workspace, status=status)

    invoice = update_invoice(
        invoice=invoice,
        by=None,
        reference="PO 9",
        due_date=dt.date(2026, 5, 1),
        notes="Late",
        lines=_inputs(invoice),
    )

    assert (invoice.reference, invoice.due_date, invoice.notes) == ("PO 9", dt.date(2026, 5, 1), "Late")


@pytest.mark.parametrize(
    "change",
    [
        {"number": "B1"},
        {"issue_date": dt.date(2026, 1, 1)},
        {"currency": "USD"},
        {"amounts": LineAmounts.NO_TAX},
        {"lines": [make_line("Other")]},
        {"lines": []},
    ],
)
def test_update_issued_invoice_is_locked(in_workspace: Workspace, change: dict[str, Any]) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED, amounts=LineAmounts.EXCLUSIVE)

    with pytest.raises(InvoiceLocked, match="Reopen it to change the rest"):
        update_invoice(invoice=invoice, by=None, **change)


def test_update_issued_invoice_keeps_its_customer(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    with pytest.raises(InvoiceLocked):
        update_invoice(invoice=invoice, by=None, customer=make_customer(in_workspace))


def test_update_voided_invoice_is_locked(in_workspace: Workspace) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.VOIDED)

    with pytest.raises(InvoiceLocked, match="voided"):
        update_invoice(invoice=invoice, by=None, reference="PO 9")


def test_update_from_remote_opens_even_a_paid_invoice(in_workspace: Workspace) -> None:
    invoice = make_payment(in_workspace, amount="100").invoice

    with caused_by("remote"):
        invoice = update_invoice(
            invoice=invoice, by=None, number="X-1", lines=[make_line("Fixed", unit_amount="120")]
        )

    assert (invoice.number, invoice.total, invoice.amount_due) == ("X-1", 120, 20)
    assert history_of(invoice.pk).first().actor is None


# The workflow


def test_submit_invoice_waits_for_approval(in_workspace: Workspace, super_user: User) -> None:
    invoice = submit_invoice(invoice=make_invoice(in_workspace), by=super_user)

    assert (invoice.status, invoice.revision) == (InvoiceStatus.AWAITING_APPROVAL, 1)
    assert _told(invoice)[0] == "Submitted for approval"


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
    assert _told(invoice)[0] == "Approved, NZD 100.00"


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
    assert _told(again) == [
        "Approved, NZD 100.00",
        "Reopened as a draft",
        "Approved, NZD 100.00",
        "Created INV-0001 for " + str(again.customer) + ", NZD 100.00",
    ]


def test_reopen_invoice_with_payments_is_refused(in_workspace: Workspace) -> None:
    with pytest.raises(InvoiceLocked, match="has payments"):
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
    with pytest.raises(InvoiceLocked, match=r"has payments\. Reverse them, then void it\.$"):
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
    before, told = Invoice.objects.values().get(), _told(invoice)

    step(invoice=invoice, by=None)

    assert (Invoice.objects.values().get(), _told(invoice)) == (before, told)


@pytest.mark.parametrize("step", [submit_invoice, approve_invoice, mark_sent, reopen_invoice])
def test_step_on_a_voided_invoice_is_refused(in_workspace: Workspace, step: Any) -> None:
    with pytest.raises(WrongStatus):
        step(invoice=make_invoice(in_workspace, status=InvoiceStatus.VOIDED), by=None)


@pytest.mark.parametrize("status", [InvoiceStatus.DRAFT, InvoiceStatus.AWAITING_APPROVAL])
def test_delete_invoice_never_issued_removes_it(in_workspace: Workspace, status: str) -> None:
    invoice = make_invoice(in_workspace, status=status)

    delete_invoice(invoice=invoice, by=None)

    assert (Invoice.objects.count(), InvoiceLine.objects.count()) == (0, 0)
    assert _told(invoice)[0] == "Deleted draft INV-0001"


@pytest.mark.parametrize("status", [*ISSUED, InvoiceStatus.VOIDED])
def test_delete_invoice_once_issued_is_refused(in_workspace: Workspace, status: str) -> None:
    with pytest.raises(InvoiceLocked, match="Void it instead"):
        delete_invoice(invoice=make_invoice(in_workspace, status=status), by=None)


def test_delete_reopened_invoice_is_refused(in_workspace: Workspace) -> None:
    approved = make_invoice(in_workspace, status=InvoiceStatus.APPROVED)

    with pytest.raises(InvoiceLocked):
        delete_invoice(invoice=reopen_invoice(invoice=approved, by=None), by=None)


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
    assert _told(invoice)[0] == "Credit applied in Xero: 100.00 became 0.00"


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
    with pytest.raises(InvoiceLocked, match=told):
        step(invoice=invoice, by=None)
    with caused_by("remote"):
        step(invoice=invoice, by=None)
