"""What an older release agreed on stays agreed: a field that is compared only now is no change of anybody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounting.enums import Kind, Priority
from accounting.models import Conflict, Connection, Link, Operation, SyncEvent
from accounting.port.snapshots import VERSION, load
from accounting.sync import compare, outbox
from accounting.sync.pull import request_pull
from accounting.sync.reconcile import reconcile
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.customers import make_customer
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


def _as_before(base: dict[str, Any]) -> dict[str, Any]:
    """The snapshot as the release before wrote it: without a version, and without what it did not know."""
    old = {name: value for name, value in base.items() if name != "v"}
    if "lines" in old:
        known = [{name: line[name] for name in line if name != "discount_amount"} for line in old["lines"]]
        old["lines"] = [
            {
                name: "0" if line[name] is None and name in ("quantity", "unit_amount") else line[name]
                for name in line
            }
            for line in known
        ]
    return old


def _downgrade(connection: Connection) -> None:
    for link in Link.objects.filter(connection=connection):
        Link.objects.filter(pk=link.pk).update(base=_as_before(link.base), otherwise={})


def _save_all(connection: Connection) -> None:
    """As if everything was saved once more without a change."""
    with transaction.atomic():
        for kind in Kind:
            ids = list(Link.objects.filter(kind=kind).values_list("local_id", flat=True))
            outbox.record_many(workspace_id=connection.workspace_id, kind=kind, local_ids=ids)


def _work_off(sync: Sync) -> None:
    """A turn ends after some seconds, wherever it is."""
    for _ in range(50):
        if Operation.objects.exists():
            sync()


def _writes(sandbox: Handle) -> int:
    return len([call for call in sandbox.requests() if call.method != "GET"])


@pytest.mark.long
@pytest.mark.slow
def test_upgrade_of_a_thousand_links_sends_nothing_and_opens_nothing(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    with transaction.atomic():
        customers = [make_customer(connected.workspace) for _ in range(950)]
        for customer in customers[:50]:
            lines = [make_line(tax_rate=gst)]
            make_invoice(connected.workspace, customer=customer, status=InvoiceStatus.APPROVED, lines=lines)
    _work_off(sync)
    assert Link.objects.count() == 1000
    _downgrade(connected)
    sandbox.clear_requests()
    events = SyncEvent.objects.count()
    _save_all(connected)
    _work_off(sync)
    Connection.objects.update(cursors={})
    reconcile(connected.pk)
    assert (_writes(sandbox), Conflict.objects.count(), SyncEvent.objects.count()) == (0, 0, events)
    assert not Operation.objects.exists()


def test_line_of_text_that_was_kept_as_zeros_is_no_edit(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    link = Link.objects.get(kind=Kind.INVOICE)
    bookkeeper = Bookkeeper(sandbox, connected)
    bookkeeper.change_invoice(
        link.remote_id,
        LineItems=[
            {"LineItemID": bookkeeper.invoice(link.remote_id)["LineItems"][0]["LineItemID"]},
            {"Description": "Thank you"},
        ],
    )
    _pull(connected, link, sync)
    _downgrade(connected)
    sandbox.clear_requests()
    _save_all(connected)
    _pull(connected, link, sync)
    assert (_writes(sandbox), invoice.lines.count()) == (0, 2)


def test_field_known_only_since_the_upgrade_is_taken_and_not_sent_over(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    """A discount given there as an amount, which the release before could not keep."""
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    link = Link.objects.get(kind=Kind.INVOICE)
    bookkeeper = Bookkeeper(sandbox, connected)
    line = bookkeeper.invoice(link.remote_id)["LineItems"][0]
    bookkeeper.change_invoice(
        link.remote_id, LineItems=[{"LineItemID": line["LineItemID"], "DiscountAmount": 10}]
    )
    link.base["lines"][0] |= {"line_amount": "90", "tax_amount": "13.5"}
    link.base |= {"net": "90", "tax": "13.5", "total": "103.5"}
    link.save()
    _downgrade(connected)
    sandbox.clear_requests()
    _pull(connected, link, sync)
    invoice.refresh_from_db()
    assert (invoice.lines.get().discount_amount, str(invoice.total)) == (10, "103.50")
    assert (_writes(sandbox), Conflict.objects.count()) == (0, 0)


def test_snapshot_says_by_which_rules_it_was_written(connected: Connection, sync: Sync) -> None:
    make_customer(connected.workspace)
    sync()
    assert Link.objects.get().base["v"] == VERSION


def test_field_that_one_side_does_not_know_is_no_difference() -> None:
    known = {"name": "Kea", "lines": [{"quantity": "1"}]}
    assert compare.agrees(known, {"lines": [{"quantity": "1", "discount_amount": None}], "email": "k@kea.nz"})
    assert not compare.agrees(known, {"lines": [{"quantity": "2"}]})


def test_snapshot_of_an_older_release_can_be_read() -> None:
    old = {
        "number": "1", "contact_id": "c", "issue_date": "2026-01-01", "due_date": None, "currency": "NZD",
        "amounts": "exclusive",
        "lines": [
            {"description": "Thank you", "quantity": "0", "unit_amount": "0", "tax_code": "", "account_code": ""},
        ],
    }  # fmt: skip
    [line] = load("invoice", old).lines  # type: ignore[union-attr]
    assert (line.quantity, line.unit_amount) == (None, None)


def _pull(connection: Connection, link: Link, sync: Sync) -> None:
    with transaction.atomic():
        request_pull(connection, Kind(link.kind), link.remote_id, priority=Priority.USER)
    sync()
