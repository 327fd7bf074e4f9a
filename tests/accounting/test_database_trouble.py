"""A deadlock, a full disk, a lost connection: the database's trouble is no record's fault, and needs no person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone

from accounting.enums import Kind, OpState
from accounting.models import Connection, Link, Operation
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """In step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def _in_trouble(*args: Any, **kwargs: Any) -> None:
    raise OperationalError("deadlock detected")


def _sync_in_trouble(step: str, sync: Sync) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"accounting.sync.{step}", _in_trouble)
        sync()


@pytest.mark.parametrize("step", ["plan._plan", "settle._end"])
def test_push_is_tried_again(invoice: Invoice, sandbox: Handle, sync: Sync, step: str) -> None:
    update_invoice(invoice=invoice, reference="PO 7", by=None)
    _sync_in_trouble(step, sync)
    assert not Operation.objects.filter(state=OpState.FAILED).exists()
    sync()
    there = next(row for row in sandbox.dump()["Invoices"] if row["InvoiceNumber"] == invoice.number)
    assert (there["Reference"], Operation.objects.count()) == ("PO 7", 0)


def test_pull_is_tried_again(invoice: Invoice, connected: Connection, sandbox: Handle, sync: Sync) -> None:
    remote_id = Link.objects.get(kind=Kind.INVOICE).remote_id
    Bookkeeper(sandbox, connected).change_invoice(remote_id, Reference="PO 9")
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, remote_id, at=timezone.now())
    _sync_in_trouble("apply.apply", sync)
    assert [row.state for row in Operation.objects.all()] == [OpState.PENDING]
    sync()
    invoice.refresh_from_db()
    assert (invoice.reference, Operation.objects.count()) == ("PO 9", 0)
