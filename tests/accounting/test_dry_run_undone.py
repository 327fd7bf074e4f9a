"""All links that a run made are taken back at once: but for those that somebody has built upon since."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounting.enums import DryRunState, EventKind, Verdict
from accounting.models import Connection, Decision, DryRun, Exemption, Link, SyncEvent
from accounting.queries.dry_run import decisions_of, remark_on
from accounting.sync import dry_run, pairs, undoing
from accounting.sync.dry_run import take_turn
from catalogue.models import TaxRate
from customers.models import Customer
from customers.services import update_customer
from invoices.enums import InvoiceStatus
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.dry_running import Sync, bookkeeper, compared, confirm_it, going
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "compared", "going"]
"""Fixtures."""


@pytest.fixture
def linked(
    connected: Connection,
    gst: TaxRate,
    bookkeeper: Bookkeeper,
    compared: Callable[[], DryRun],
    sync: Sync,
) -> DryRun:
    """Done: two contacts and an invoice of the first are linked; nothing was created."""
    lines = [make_line(tax_rate=gst)]
    for name in ("Rimu Roasters", "Totara Timber"):
        contact = bookkeeper.create_contact(Name=name)
        customer = make_customer(connected.workspace, name=name)
        if name == "Rimu Roasters":
            bookkeeper.create_invoice("N-1", contact["ContactID"], amount=100)
            make_invoice(
                connected.workspace,
                customer=customer,
                number="N-1",
                status=InvoiceStatus.APPROVED,
                lines=lines,
            )
    run = compared()
    confirm_it(run, sync)
    assert Link.objects.count() == 3
    run.refresh_from_db()
    return run


def _undo(run: DryRun, by: User) -> None:
    assert dry_run.undo(run=run, by=by)
    take_turn(run.connection_id)
    run.refresh_from_db()


def test_links_are_taken_back_and_nothing_in_xero_changes(
    sandbox: Handle, connected: Connection, linked: DryRun, super_user: User, sync: Sync
) -> None:
    before = sandbox.dump()
    _undo(linked, super_user)
    sync()
    assert (linked.state, Link.objects.count(), sandbox.dump()) == (DryRunState.UNDONE, 0, before)
    assert set(Exemption.objects.values_list("until", "of_run")) == {("decision", True)}
    told = SyncEvent.objects.filter(event=EventKind.DECIDED, message__contains="were taken back")
    assert set(told.exclude(kind="").values_list("kind", "actor")) == {
        ("customer", super_user.pk),
        ("invoice", super_user.pk),
    }


@pytest.mark.long
def test_next_run_finds_the_pairs_anew(
    connected: Connection, linked: DryRun, super_user: User, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    _undo(linked, super_user)
    again = dry_run.start(connection=connected, by=super_user)
    take_turn(connected.pk)
    assert set(Decision.objects.values_list("verdict", flat=True)) == {Verdict.LINK}
    confirm_it(again, sync)
    assert (Link.objects.count(), Exemption.objects.count()) == (3, 0)
    assert len(bookkeeper.read_all("Invoices")) == 1


@pytest.mark.long
def test_what_was_built_upon_stays_linked_and_says_why(
    connected: Connection, linked: DryRun, super_user: User, gst: TaxRate, sync: Sync
) -> None:
    update_customer(customer=Customer.objects.get(name="Totara Timber"), city="Napier", by=super_user)
    make_invoice(
        connected.workspace,
        customer=Customer.objects.get(name="Rimu Roasters"),
        number="N-2",
        status=InvoiceStatus.APPROVED,
        lines=[make_line(tax_rate=gst)],
    )
    sync()
    _undo(linked, super_user)
    told = {row.name: (row.outlook, remark_on(row)) for row in decisions_of(linked)}
    assert told == {
        "Rimu Roasters": ("link", "Stays linked: something in Xero belongs to it."),
        "Totara Timber": ("link", "Stays linked: it was edited here or in Xero since."),
        "invoice N-1": ("ask", "The links of the run were taken back."),
    }
    assert Link.objects.filter(kind="customer").count() == 2


@pytest.mark.long
def test_worker_killed_while_it_takes_back_is_followed_by_one_that_goes_on(
    connected: Connection, linked: DryRun, super_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pairs.unlink

    def dies(**more: Any) -> None:
        if more["kind"] == "customer":
            raise KeyboardInterrupt
        real(**more)

    assert dry_run.undo(run=linked, by=super_user)
    monkeypatch.setattr(undoing.pairs, "unlink", dies)
    with pytest.raises(KeyboardInterrupt):
        take_turn(connected.pk)
    monkeypatch.undo()
    assert Link.objects.count() == 2
    DryRun.objects.update(updated_at="2020-01-01T00:00:00Z")
    assert dry_run.wake_forgotten() == 1
    take_turn(connected.pk)
    linked.refresh_from_db()
    assert (Link.objects.count(), linked.state) == (0, DryRunState.UNDONE)


def test_nothing_is_taken_back_before_it_is_over(going: DryRun, super_user: User) -> None:
    assert not dry_run.undo(run=going, by=super_user)


@pytest.mark.long
def test_report_takes_links_back(super_client: Client, connected: Connection, linked: DryRun) -> None:
    page = reverse("accounting:dry_run", args=[connected.workspace.slug])
    assert "Take back all 3 links" in super_client.get(page).content.decode()
    undo = reverse("accounting:undo_dry_run", args=[connected.workspace.slug])
    assert "Links being taken back" in super_client.post(undo, follow=True).content.decode()
    take_turn(connected.pk)
    assert "None of the links of this run is left." in super_client.get(page).content.decode()
