"""A reopened invoice is a draft here and an approved invoice in Xero: it says so, and not that the two agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from accounting.enums import Kind
from accounting.models import Connection, Link
from accounting.queries.status import states_of
from catalogue.models import TaxRate
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice
from tests.factories.invoices import make_invoice, make_line

Sync = Callable[[], None]


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """115.00, in step with Xero."""
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def test_reopened_invoice_says_that_xero_has_the_older_version(invoice: Invoice, sync: Sync) -> None:
    invoice = reopen_invoice(invoice=invoice, by=None)
    Link.objects.update(agreed_at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
    words = "Held here until it is approved again. Xero still has the version of 2 Mar 2026."

    for _ in range(2):  # while its operation waits, and when there is nothing to do for it
        told = states_of(Kind.INVOICE, [invoice])[invoice.pk]
        assert (told.code, told.label, told.reason, told.is_moving) == ("held", "Held here", words, False)
        assert told.remote_url
        sync()

    invoice = approve_invoice(invoice=invoice, by=None)
    sync()
    assert states_of(Kind.INVOICE, [invoice])[invoice.pk].code == "synced"


def test_list_and_page_agree_that_a_reopened_invoice_is_held(invoice: Invoice, staff_client: Client) -> None:
    reopen_invoice(invoice=invoice, by=None)
    slug = invoice.workspace.slug

    for path in (f"/w/{slug}/invoices/", f"/w/{slug}/invoices/{invoice.pk}/"):
        page = staff_client.get(path).content.decode()
        assert ['data-sync="held"' in page, 'data-sync="synced"' in page, "agree since" in page] == [
            True, False, False,
        ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_states_of_reopened_invoices_take_one_query(
    connected: Connection, gst: TaxRate, sync: Sync, count: int
) -> None:
    rows = [
        make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
        for _ in range(count)
    ]
    sync()
    rows = [reopen_invoice(invoice=row, by=None) for row in rows]

    with assert_queries(1):
        told = states_of(Kind.INVOICE, rows)
    assert {status.code for status in told.values()} == {"held"}
