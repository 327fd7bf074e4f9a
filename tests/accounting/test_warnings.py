"""What Xero made of our own write, and what names something that our lists do not know (yet)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction

from accounting.enums import EventKind, InvoiceStatusRule, Kind, OpState, Priority
from accounting.models import Connection, Link, Mapping, Operation, RemoteTaxRate, SyncEvent
from accounting.queries.status import states_of
from accounting.sync import reference
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


def _recode(sandbox: Handle, code: str, new: str) -> None:
    """The bookkeeper gives the account another code."""
    books = sandbox.books()
    [account] = books.accounts.find("code", code)
    books.put(replace(account, code=new))


@pytest.fixture
def warned(sandbox: Handle, connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    """A draft there whose line Xero left without an account: the one we named has another code by now."""
    Mapping.objects.update(invoice_status=InvoiceStatusRule.DRAFT)
    _recode(sandbox, "200", "0200")
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    for _ in range(4):
        sync()
    return made


def _line_there(sandbox: Handle) -> dict[str, object]:
    return sandbox.dump()["Invoices"][0]["LineItems"][0]


def test_warning_stays_with_the_record_and_is_no_agreement(sandbox: Handle, warned: Invoice) -> None:
    assert "AccountCode" not in _line_there(sandbox)
    status = states_of(Kind.INVOICE, [warned])[warned.pk]
    assert (status.code, "left it out" in status.reason) == ("warned", True)


def test_warned_record_is_sent_no_second_time_by_itself(sandbox: Handle, warned: Invoice, sync: Sync) -> None:
    sandbox.clear_requests()
    sync()
    assert [call for call in sandbox.requests() if call.method != "GET"] == []


def test_what_xero_made_of_our_own_write_is_not_told_as_the_bookkeepers(warned: Invoice) -> None:
    told = SyncEvent.objects.filter(local_id=warned.pk)
    assert [event.event for event in told] == [EventKind.SENT_NEW]


def test_warning_about_an_account_has_the_lists_read(connected: Connection, warned: Invoice) -> None:
    connected.refresh_from_db()
    assert connected.lists_asked_at is not None


@pytest.mark.long
def test_account_is_known_by_its_id_once_the_lists_are_read_again(
    sandbox: Handle, connected: Connection, warned: Invoice, sync: Sync
) -> None:
    reference.refresh_lists(connected)
    for _ in range(3):
        sync()
    assert _line_there(sandbox)["AccountCode"] == "0200"
    assert states_of(Kind.INVOICE, [warned])[warned.pk].code == "synced"
    assert not Operation.objects.exists()


@pytest.mark.long
def test_unknown_tax_rate_is_no_rate_of_nothing(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    """The lists are read, then it is decided; meanwhile payments are heard and no rate is guessed."""
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    there = Link.objects.get(kind=Kind.INVOICE).remote_id
    RemoteTaxRate.objects.filter(code="ZERORATED").delete()
    lines = bookkeeper.invoice(there)["LineItems"]
    bookkeeper.change_invoice(
        there, LineItems=[{"LineItemID": lines[0]["LineItemID"], "TaxType": "ZERORATED"}]
    )
    bookkeeper.pay(there, 60)
    rates = TaxRate.objects.count()
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, there, priority=Priority.USER)
    sync()
    problem = Operation.objects.get()
    assert (problem.state, "ZERORATED" in problem.error) == (OpState.FAILED, True)
    assert (TaxRate.objects.count(), Payment.objects.get().amount) == (rates, Decimal(60))
    connected.refresh_from_db()
    assert connected.lists_asked_at is not None
    reference.refresh_lists(connected)
    sync()
    invoice.refresh_from_db()
    assert (invoice.total, Operation.objects.count()) == (Decimal(100), 0)
