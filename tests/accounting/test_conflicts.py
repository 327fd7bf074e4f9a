"""Both sides changed: marked, paused, shown, settled, and closed for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction

from accounting.enums import Blocker, ConflictState, Kind, LinkState, OpState, Resolution
from accounting.models import Conflict, Connection, Link, Operation
from accounting.sync.pull import request_pull
from accounting.sync.resolve import ConflictClosed, ConflictMoved, resolve
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
OURS, THEIRS = dt.date(2026, 4, 1), "2026-05-01"


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def _link(invoice: Invoice) -> Link:
    return Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk)


@pytest.fixture
def conflict(invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> Conflict:
    """Due dates changed on both sides."""
    update_invoice(invoice=invoice, due_date=OURS, by=None)
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate=THEIRS)
    sync()
    return Conflict.objects.get()


def _due_there(bookkeeper: Bookkeeper, invoice: Invoice) -> str:
    return bookkeeper.invoice(_link(invoice).remote_id)["DueDateString"][:10]


def test_change_on_both_sides_is_marked_and_paused(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper
) -> None:
    operation = Operation.objects.get()
    assert (operation.state, operation.blocker) == (OpState.BLOCKED, Blocker.CONFLICT)
    assert _link(invoice).state == LinkState.OUT_OF_SYNC
    assert conflict.fields == ["due_date"]
    assert (conflict.base["due_date"], conflict.ours["due_date"], conflict.theirs["due_date"]) == (
        "2026-03-16",
        "2026-04-01",
        THEIRS,
    )
    assert _due_there(bookkeeper, invoice) == THEIRS


def test_pull_finds_the_same_conflict(
    invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate=THEIRS)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, _link(invoice).remote_id)
        update_invoice(invoice=invoice, due_date=OURS, by=None)
        Operation.objects.filter(lane="push").update(priority=3)
    sync()
    assert Conflict.objects.get().state == ConflictState.OPEN


def test_others_go_on(
    conflict: Conflict, connected: Connection, gst: TaxRate, sync: Sync, sandbox: Handle
) -> None:
    other = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    assert _link(other).state == LinkState.ACTIVE


def test_edit_while_out_of_sync_stays_paused(conflict: Conflict, invoice: Invoice, sync: Sync) -> None:
    update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 2), by=None)
    sync()
    assert Operation.objects.get().blocker == Blocker.CONFLICT


def test_keep_ours_sends_ours_and_closes(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=super_user)
    sync()
    assert _due_there(bookkeeper, invoice) == OURS.isoformat()
    assert (_link(invoice).state, Operation.objects.count()) == (LinkState.ACTIVE, 0)
    conflict.refresh_from_db()
    assert (conflict.state, conflict.resolved_by) == (ConflictState.RESOLVED, super_user)


def test_take_theirs_writes_theirs_and_closes(
    conflict: Conflict,
    invoice: Invoice,
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
    sandbox: Handle,
) -> None:
    resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=conflict.version, by=super_user)
    sandbox.clear_requests()
    sync()
    invoice.refresh_from_db()
    assert invoice.due_date == dt.date(2026, 5, 1)
    assert (_link(invoice).state, Operation.objects.count(), sandbox.requests()) == (LinkState.ACTIVE, 0, [])


def test_settled_record_syncs_again_both_ways(
    conflict: Conflict,
    invoice: Invoice,
    bookkeeper: Bookkeeper,
    sync: Sync,
    super_user: User,
    connected: Connection,
) -> None:
    resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=conflict.version, by=super_user)
    sync()
    invoice.refresh_from_db()
    update_invoice(invoice=invoice, due_date=dt.date(2026, 6, 1), by=None)
    sync()
    assert _due_there(bookkeeper, invoice) == "2026-06-01"
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate="2026-07-01")
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, _link(invoice).remote_id)
    sync()
    invoice.refresh_from_db()
    assert invoice.due_date == dt.date(2026, 7, 1)


def test_made_equal_by_hand_here_closes_by_itself(conflict: Conflict, invoice: Invoice, sync: Sync) -> None:
    update_invoice(invoice=invoice, due_date=dt.date(2026, 5, 1), by=None)
    sync()
    conflict.refresh_from_db()
    assert (conflict.state, conflict.resolution) == (ConflictState.RESOLVED, Resolution.AGREED)
    assert (_link(invoice).state, Operation.objects.count()) == (LinkState.ACTIVE, 0)


def test_made_equal_by_hand_in_xero_closes_by_itself(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate=OURS.isoformat())
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, _link(invoice).remote_id)
    sync()
    conflict.refresh_from_db()
    assert (conflict.resolution, Operation.objects.count()) == (Resolution.AGREED, 0)


def test_put_back_in_xero_sends_ours(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate="2026-03-16")
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, _link(invoice).remote_id)
    sync()
    assert _due_there(bookkeeper, invoice) == OURS.isoformat()


def test_settling_twice_is_refused(conflict: Conflict, super_user: User) -> None:
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=super_user)
    with pytest.raises(ConflictClosed):
        resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=conflict.version, by=super_user)


def _move_there(
    bookkeeper: Bookkeeper, invoice: Invoice, connected: Connection, sync: Sync, due: str
) -> None:
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate=due)
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, _link(invoice).remote_id)
    sync()


@pytest.mark.parametrize("choice", [Resolution.KEEP_OURS, Resolution.TAKE_THEIRS])
def test_answer_to_an_earlier_version_of_theirs_settles_nothing(
    conflict: Conflict,
    invoice: Invoice,
    bookkeeper: Bookkeeper,
    connected: Connection,
    sync: Sync,
    super_user: User,
    choice: Resolution,
) -> None:
    _move_there(bookkeeper, invoice, connected, sync, "2026-06-01")
    with pytest.raises(ConflictMoved):
        resolve(conflict=conflict, choice=choice, seen=1, by=super_user)
    conflict.refresh_from_db()
    invoice.refresh_from_db()
    assert (conflict.state, conflict.version, invoice.due_date) == (ConflictState.OPEN, 2, OURS)
    assert _due_there(bookkeeper, invoice) == "2026-06-01"
    assert conflict.earlier["1"]["theirs"]["due_date"] == THEIRS


def test_answer_to_an_earlier_version_of_ours_settles_nothing(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    """The worker has not looked at the edit yet: the answer itself finds it."""
    update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 2), by=None)
    with pytest.raises(ConflictMoved):
        resolve(conflict=conflict, choice=Resolution.TAKE_THEIRS, seen=1, by=super_user)
    conflict.refresh_from_db()
    invoice.refresh_from_db()
    assert (invoice.due_date, conflict.ours["due_date"]) == (dt.date(2026, 4, 2), "2026-04-02")
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=2, by=super_user)
    sync()
    assert _due_there(bookkeeper, invoice) == "2026-04-02"


def test_same_versions_read_again_are_still_those_that_were_seen(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    _move_there(bookkeeper, invoice, connected, sync, THEIRS)
    conflict.refresh_from_db()
    assert (conflict.version, conflict.earlier) == (1, {})


def test_edit_while_out_of_sync_is_shown(conflict: Conflict, invoice: Invoice, sync: Sync) -> None:
    update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 2), by=None)
    sync()
    conflict.refresh_from_db()
    assert (conflict.version, conflict.ours["due_date"], conflict.fields) == (2, "2026-04-02", ["due_date"])


@pytest.mark.long
def test_only_the_last_earlier_versions_are_kept(conflict: Conflict, invoice: Invoice, sync: Sync) -> None:
    for step in range(12):
        update_invoice(invoice=invoice, due_date=dt.date(2026, 4, 2 + step), by=None)
        sync()
    conflict.refresh_from_db()
    assert (conflict.version, sorted(map(int, conflict.earlier))) == (13, list(range(3, 13)))


def test_xero_moved_on_after_the_decision_opens_a_new_conflict(
    conflict: Conflict, invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    resolve(conflict=conflict, choice=Resolution.KEEP_OURS, seen=conflict.version, by=super_user)
    bookkeeper.change_invoice(_link(invoice).remote_id, DueDate="2026-08-01")
    sync()
    assert _due_there(bookkeeper, invoice) == "2026-08-01"
    assert Conflict.objects.get(state=ConflictState.OPEN).theirs["due_date"] == "2026-08-01"


def test_lesser_fields_changed_on_both_sides_merge(
    invoice: Invoice, bookkeeper: Bookkeeper, connected: Connection, sync: Sync
) -> None:
    update_invoice(invoice=invoice, reference="ours", by=None)
    bookkeeper.change_invoice(_link(invoice).remote_id, InvoiceNumber="INV-9001")
    sync()
    sync()
    invoice.refresh_from_db()
    there = bookkeeper.invoice(_link(invoice).remote_id)
    assert (invoice.number, invoice.reference) == ("INV-9001", "ours")
    assert (there["InvoiceNumber"], there["Reference"]) == ("INV-9001", "ours")
    assert Conflict.objects.count() == 0


def test_amount_changed_on_both_sides_shows_totals_and_lines(
    invoice: Invoice, bookkeeper: Bookkeeper, gst: TaxRate, sync: Sync
) -> None:
    from invoices.services import approve_invoice, reopen_invoice  # noqa: PLC0415  (only here)

    reopened = reopen_invoice(invoice=invoice, by=None)
    line = reopened.lines.get()
    update_invoice(invoice=reopened, by=None, lines=[make_line(tax_rate=gst, unit_amount="150", id=line.pk)])
    approve_invoice(invoice=reopened, by=None)
    bookkeeper.change_price(_link(invoice).remote_id, 300)
    sync()
    conflict = Conflict.objects.get()
    assert conflict.fields == ["net", "tax", "total", "lines"]
    assert Decimal(conflict.theirs["total"]) == 345


def test_voided_in_xero_while_edited_here_asks(invoice: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> None:
    update_invoice(invoice=invoice, due_date=OURS, by=None)
    bookkeeper.change_invoice(_link(invoice).remote_id, Status="VOIDED")
    sync()
    assert "voided" in Conflict.objects.get().fields
