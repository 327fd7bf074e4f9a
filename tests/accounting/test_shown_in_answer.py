"""What an answer to a write of ours has shown of theirs is read before anything is written over it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from accounting.enums import Kind
from accounting.models import Conflict, Connection, Link
from accounting.providers.xero.wire import instant
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.services import update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

OURS, THEIRS = dt.date(2026, 4, 1), "2026-05-01"


def test_change_that_only_an_answer_has_shown_is_not_overwritten(
    connected: Connection, gst: TaxRate, sync: Callable[[], None], sandbox: Handle
) -> None:
    """The answer told their time of change. What it said is yet to be read when somebody saves here."""
    lines = [make_line(tax_rate=gst)]
    invoice = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=lines)
    sync()
    bookkeeper, link = Bookkeeper(sandbox, connected), Link.objects.get(kind=Kind.INVOICE)
    shown = bookkeeper.change_invoice(link.remote_id, DueDate=THEIRS)
    Link.objects.filter(pk=link.pk).update(remote_version=instant(shown, "UpdatedDateUTC"))
    update_invoice(invoice=invoice, due_date=OURS, by=None)
    sync()
    assert Conflict.objects.get().fields == ["due_date"]
    assert bookkeeper.invoice(link.remote_id)["DueDateString"].startswith(THEIRS)
