"""Records that both sides have changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounting.enums import ConflictState, Kind
from accounting.models import Conflict, Connection, Link
from catalogue.models import TaxRate
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice, update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Workspace
from xero_sandbox.handle import Handle


@pytest.fixture
def conflicts(
    sandbox: Handle, connected: Connection, gst: TaxRate, sync: Callable[[], None]
) -> Callable[[int], list[Conflict]]:
    """Makes real conflicts: invoices approved and sent, then changed here and by the bookkeeper."""

    def make(count: int = 1) -> list[Conflict]:
        rows = [_approved(connected.workspace, gst) for _ in range(count)]
        sync()
        for invoice in rows:
            link = Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk)
            Bookkeeper(sandbox, connected).change_price(link.remote_id, 165)
            _change_quantity(invoice)
        sync()
        return list(Conflict.objects.filter(state=ConflictState.OPEN))

    return make


def _approved(workspace: Workspace, rate: TaxRate) -> Invoice:
    lines = [make_line("Design", quantity="10", unit_amount="150", tax_rate=rate)]
    return approve_invoice(invoice=make_invoice(workspace, lines=lines), by=None)


def _change_quantity(invoice: Invoice) -> None:
    invoice = reopen_invoice(invoice=invoice, by=None)
    line = invoice.lines.get()
    wanted = make_line("Design", quantity="12", unit_amount="150", tax_rate=line.tax_rate, id=line.pk)
    approve_invoice(invoice=update_invoice(invoice=invoice, by=None, lines=[wanted]), by=None)
