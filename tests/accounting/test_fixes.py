"""Causes put right from their own page, in the sandbox: what it comes to is shown, done once, told, and arrives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounting.models import Connection, Link, Mapping, Operation, Problem, RemoteAccount, SyncEvent
from accounting.sync import fixes, problems
from accounting.sync.fixes import CannotFix
from catalogue.models import TaxRate
from catalogue.services import create_service
from customers.services import create_customer
from invoices.models import Invoice
from tests.accounting.fixing import problem_of, put_right
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
ARCHIVED = "Account code '200' has been archived and cannot be used on this document."
LOCKED = "The document date cannot be before the period lock date, currently set at 31 Mar 2026"


@pytest.fixture
def refused(sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync) -> Callable[..., Invoice]:
    """An invoice that Xero refused in these words, once."""

    def make(said: str, **values: Any) -> Invoice:
        number = values.setdefault("number", "HELD")
        sandbox.faults.add("reject", match=f"^{number}$", message=said, times=1)
        values.setdefault("status", "approved")
        line = make_line(tax_rate=gst, **values.pop("line", {}))
        invoice = make_invoice(connected.workspace, lines=[line], **values)
        sync()
        return invoice

    return make


def told(invoice: Invoice) -> list[tuple[str, str]]:
    events = SyncEvent.objects.filter(local_id=invoice.pk, actor__isnull=False).order_by("id")
    return list(events.values_list("message", "actor_name"))


def arrived(sync: Sync) -> bool:
    """Whether all of it is there and the cause is over."""
    sync()
    problems.keep_up()
    return not Operation.objects.exists() and not Problem.objects.filter(closed_at=None).exists()


def test_another_account_for_all_that_it_held_up(
    refused: Callable[..., Invoice], connected: Connection, super_user: User, sync: Sync, sandbox: Handle
) -> None:
    invoice = refused(ARCHIVED)
    problem = problem_of("account-archived")
    other = RemoteAccount.objects.get(connection=connected, code="260")

    done = put_right(problem, super_user, other.account_id)

    assert done.promise == f"will be sent with {other}"
    assert [(name, after) for name, _, after in done.changes] == [("revenue_account", str(other))]
    assert Mapping.objects.get().revenue_account_id == other.account_id
    title = "Choose another account, for all that was held up by: Account archived: 200"
    assert told(invoice) == [(title, str(super_user))]
    assert arrived(sync)
    line = sandbox.books().invoices.get(Link.objects.get(local_id=invoice.pk).remote_id).lines[0]
    assert line.account_code == "260"


def test_preview_changes_nothing(
    refused: Callable[..., Invoice], connected: Connection, super_user: User
) -> None:
    refused(ARCHIVED)
    before = Mapping.objects.get().revenue_account_id
    other = RemoteAccount.objects.get(connection=connected, code="260")
    events = SyncEvent.objects.count()

    fixes.rehearse(problem=problem_of("account-archived"), choice=other.account_id, by=super_user)

    assert Mapping.objects.get().revenue_account_id == before
    assert (Operation.objects.get(error_detail=ARCHIVED).state, SyncEvent.objects.count()) == (
        "failed", events
    )  # fmt: skip


def test_line_and_service_of_the_account_at_fault_go_to_the_other_one(
    refused: Callable[..., Invoice], connected: Connection, super_user: User, sync: Sync
) -> None:
    bad = RemoteAccount.objects.get(connection=connected, code="200")
    other = RemoteAccount.objects.get(connection=connected, code="260")
    service = create_service(workspace=connected.workspace, name="Design", by=None)
    connected.service_mappings.create(
        workspace=connected.workspace, service=service, account_id=bad.account_id
    )
    invoice = refused(ARCHIVED, line={"account": bad.account_id})

    done = put_right(problem_of("account-archived"), super_user, other.account_id)

    assert [words for _, words in done.mended] == [f"1 line booked to {other}"]
    assert invoice.lines.get().account == other.account_id
    assert connected.service_mappings.get().account_id == other.account_id
    assert arrived(sync)


def test_what_is_not_offered_is_refused_and_changes_nothing(
    refused: Callable[..., Invoice], connected: Connection, super_user: User
) -> None:
    refused(ARCHIVED)
    bad = RemoteAccount.objects.get(connection=connected, code="200")

    with pytest.raises(CannotFix, match="not offered"):
        fixes.fix(problem=problem_of("account-archived"), choice=bad.account_id, by=super_user)


def test_locked_dates_move_to_the_first_open_day(
    refused: Callable[..., Invoice], super_user: User, sync: Sync
) -> None:
    invoice = refused(LOCKED, issue_date=dt.date(2026, 3, 5), due_date=dt.date(2026, 3, 20))

    done = put_right(problem_of("period-locked"), super_user)

    invoice.refresh_from_db()
    assert (invoice.issue_date, invoice.due_date) == (dt.date(2026, 4, 1), dt.date(2026, 4, 1))
    assert invoice.is_issued
    assert [words for _, words in done.mended] == ["5 Mar 2026 becomes 1 Apr 2026"]
    assert ("Move to an open day: 5 Mar 2026 becomes 1 Apr 2026.", str(super_user)) in told(invoice)
    assert arrived(sync)


def test_number_that_is_taken_becomes_the_next_free_one(
    refused: Callable[..., Invoice], super_user: User, sync: Sync
) -> None:
    invoice = refused("Invoice # must be unique.", number="TAKEN")

    put_right(problem_of("number-taken"), super_user)

    invoice.refresh_from_db()
    assert (invoice.number != "TAKEN", invoice.is_issued) == (True, True)
    assert arrived(sync)


def test_one_that_cannot_be_put_right_stays_and_holds_up_no_other(
    refused: Callable[..., Invoice], super_user: User, sync: Sync
) -> None:
    paid = refused("Invoice # must be unique.", number="TAKEN")
    Invoice.objects.filter(pk=paid.pk).update(amount_paid=1)
    free = refused("Invoice # must be unique.", number="TAKEN 2")

    done = put_right(problem_of("number-taken"), super_user)

    assert [words for _, words in done.refused] == ["TAKEN has payments. Reverse them, then reopen it."]
    paid.refresh_from_db()
    free.refresh_from_db()
    assert (paid.number, free.number != "TAKEN 2") == ("TAKEN", True)
    assert Operation.objects.get(local_id=paid.pk).state == "failed"


def test_name_that_is_taken_becomes_the_one_that_is_written(
    sandbox: Handle, connected: Connection, super_user: User, sync: Sync
) -> None:
    sandbox.faults.add("reject", match="Kea", message="Please enter a unique Name.", times=1)
    customer = create_customer(workspace=connected.workspace, by=None, name="Kea")
    sync()
    [failed] = Operation.objects.all()
    problem = problem_of("name-taken")
    with pytest.raises(CannotFix):
        fixes.fix(problem=problem, choice="Kea & Co", by=super_user)

    put_right(problem, super_user, "Kea & Co", only=failed)

    customer.refresh_from_db()
    assert customer.name == "Kea & Co"
    assert arrived(sync)
