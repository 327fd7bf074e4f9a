"""With the default rule an invoice stands in Xero as it stands here, from its first draft on, and the other way."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from accounting.enums import Blocker, InvoiceStatusRule, Kind, OpState
from accounting.models import Connection, Mapping, Operation
from accounting.queries.unsent import count_unsent
from accounting.sync.drain import drain
from accounting.sync.mapping import Choices, save_mapping
from catalogue.models import TaxRate
from customers.services import archive_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from invoices.services import (
    approve_invoice,
    delete_invoice,
    reopen_invoice,
    submit_invoice,
    update_invoice,
    void_invoice,
)
from lines.totals import LineInput
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.keeping_step import (
    Hear,
    Sync,
    bookkeeper,
    draft,
    hear,
    here,
    keeps_step,
    remote_id,
    sent,
    there,
    told,
)
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "draft", "hear", "keeps_step", "sent"]

pytestmark = pytest.mark.usefixtures("keeps_step")
MAY = dt.date(2026, 5, 1)


def test_draft_follows_each_step(draft: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> None:
    steps = [lambda invoice: invoice, submit_invoice, approve_invoice, void_invoice]
    seen = []
    for step in steps:
        if step is not steps[0]:
            step(invoice=draft, by=None)
        sync()
        seen += there(bookkeeper)
    assert seen == ["DRAFT", "SUBMITTED", "AUTHORISED", "VOIDED"]
    assert not Operation.objects.exists()


def test_draft_approved_before_it_was_sent_is_created_approved(
    draft: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    approve_invoice(invoice=draft, by=None)
    sync()
    assert there(bookkeeper) == ["AUTHORISED"]


def test_submitted_one_that_is_a_draft_again_is_onethere(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    submit_invoice(invoice=sent, by=None)
    sync()
    reopen_invoice(invoice=sent, by=None)
    sync()
    assert there(bookkeeper) == ["DRAFT"]


def test_deleted_draft_is_deletedthere(sent: Invoice, bookkeeper: Bookkeeper, sync: Sync) -> None:
    delete_invoice(invoice=sent, by=None)
    sync()
    assert (there(bookkeeper), Operation.objects.count()) == (["DELETED"], 0)


def test_draft_deleted_before_it_was_sent_is_neverthere(
    draft: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    delete_invoice(invoice=draft, by=None)
    sync()
    assert there(bookkeeper) == []


@pytest.mark.parametrize("applied", [True, False])
def test_draft_deleted_while_its_create_is_in_flight_is_gonethere(
    draft: Invoice, bookkeeper: Bookkeeper, sync: Sync, sandbox: Handle, applied: bool
) -> None:
    """Nobody knows whether it arrived when it is deleted here."""
    sandbox.faults.add("drop", method="PUT", path="Invoices", applied=applied)
    sync()
    assert Operation.objects.filter(kind=Kind.INVOICE).get().state == OpState.UNCERTAIN
    delete_invoice(invoice=draft, by=None)
    for _ in range(4):
        sync()
    assert set(there(bookkeeper)) <= {"DELETED"}
    assert not Operation.objects.exists()


def test_reopened_invoice_is_held_here_and_says_so(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, sandbox: Handle
) -> None:
    approve_invoice(invoice=sent, by=None)
    sync()
    reopen_invoice(invoice=sent, by=None)
    update_invoice(invoice=sent, by=None, reference="PO 9")
    sandbox.clear_requests()
    sync()
    assert (sandbox.requests(), there(bookkeeper)) == ([], ["AUTHORISED"])
    code, reason = told(sent)
    assert (code, reason.split(".")[0]) == ("held", "Held here until it is approved again")
    approve_invoice(invoice=sent, by=None)
    sync()
    assert bookkeeper.invoice(remote_id())["Reference"] == "PO 9"


# What is still missing


def test_draft_without_lines_waits_and_says_what_is_missing(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    invoice = make_invoice(connected.workspace, lines=[])
    sync()
    waiting = Operation.objects.get(kind=Kind.INVOICE)
    assert (waiting.state, waiting.blocker) == (OpState.BLOCKED, Blocker.INCOMPLETE)
    assert told(invoice) == ("waiting", "It has no lines yet. It goes to Xero once it has one.")
    line = LineInput(description="Work", quantity=Decimal(1), unit_amount=Decimal(100), tax_rate=gst)
    update_invoice(invoice=invoice, by=None, lines=[line])
    sync()
    assert (there(bookkeeper), Operation.objects.count()) == (["DRAFT"], 0)


def test_draft_without_a_tax_rate_waits_and_says_what_is_missing(
    connected: Connection, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    invoice = make_invoice(connected.workspace, amounts="exclusive", lines=[make_line(tax_rate=None)])
    sync()
    code, reason = told(invoice)
    assert (code, reason.split(":")[0], there(bookkeeper)) == ("waiting", "Choose a tax rate", [])


def test_draft_below_zero_waits(connected: Connection, gst: TaxRate, sync: Sync) -> None:
    invoice = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst, unit_amount="-5")])
    sync()
    assert told(invoice) == (
        "waiting",
        "It comes to less than zero, which Xero does not take. It goes there once it comes to zero or more.",
    )


def test_draft_in_a_currency_that_is_not_enabled_goes_once_it_is(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    Connection.objects.update(currencies=["NZD"])
    invoice = make_invoice(connected.workspace, currency="JPY", lines=[make_line(tax_rate=gst)])
    sync()
    assert told(invoice)[0] == "waiting"
    Connection.objects.update(currencies=[])
    save_mapping(connection=Connection.objects.get(), choices=_as_chosen(), by=super_user)
    assert not Operation.objects.filter(blocker=Blocker.INCOMPLETE).exists()


@pytest.mark.long
def test_incomplete_draft_does_not_keep_its_customer_from_being_archived(
    connected: Connection, gst: TaxRate, sync: Sync, draft: Invoice, bookkeeper: Bookkeeper
) -> None:
    sync()
    make_invoice(connected.workspace, customer=draft.customer, lines=[])
    delete_invoice(invoice=draft, by=None)
    sync()
    archive_customer(customer=draft.customer, by=None)
    sync()
    assert [row["ContactStatus"] for row in bookkeeper.read_all("Contacts")].count("ARCHIVED") == 1


# The other rule


def _as_chosen(**other: str) -> Choices:
    mapping = Mapping.objects.get()
    values = {
        "revenue_account_id": mapping.revenue_account_id,
        "payment_account_id": mapping.payment_account_id,
    }
    return Choices(**values, **other)


def test_choosing_to_keep_step_sends_what_stands_otherwisethere(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync, super_user: User
) -> None:
    Mapping.objects.update(invoice_status=InvoiceStatusRule.DRAFT)
    make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    assert there(bookkeeper) == ["DRAFT"]
    rule = {"invoice_status": InvoiceStatusRule.WITH_STATUS.value}
    save_mapping(connection=connected, choices=_as_chosen(**rule), by=super_user)
    sync()
    assert there(bookkeeper) == ["AUTHORISED"]


def test_draft_that_is_there_stays_as_it_is_once_drafts_stay_here(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, hear: Hear
) -> None:
    Mapping.objects.update(invoice_status=InvoiceStatusRule.AUTHORISED)
    update_invoice(invoice=sent, by=None, reference="PO 9")
    sync()
    assert told(sent)[1].startswith("Held here until it is approved.")
    bookkeeper.change_invoice(remote_id(), DueDate="2026-05-01")
    hear()
    assert (here(), there(bookkeeper)) == (InvoiceStatus.DRAFT, ["DRAFT"])


def test_drafts_count_as_never_sent(connected: Connection, draft: Invoice) -> None:
    Operation.objects.all().delete()
    assert dict(count_unsent().counts)[Kind.INVOICE] == 1
    Mapping.objects.update(invoice_status=InvoiceStatusRule.AUTHORISED)
    assert dict(count_unsent().counts)[Kind.INVOICE] == 0


def test_same_thing_missing_of_several_lines_is_said_once(connected: Connection, sync: Sync) -> None:
    lines = [make_line(tax_rate=None), make_line(tax_rate=None)]
    invoice = make_invoice(connected.workspace, amounts="exclusive", lines=lines)
    sync()
    assert told(invoice)[1].count("Choose a tax rate") == 1


def test_text_of_the_bookkeepers_keeps_no_draft_back(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync, hear: Hear
) -> None:
    """A line that only says something has no rate, and needs none."""
    kept = ("LineItemID", "Description", "Quantity", "UnitAmount", "AccountCode", "TaxType")
    lines = [{key: line[key] for key in kept} for line in bookkeeper.invoice(remote_id())["LineItems"]]
    bookkeeper.change_invoice(remote_id(), LineItems=[*lines, {"Description": "As agreed in March"}])
    hear()
    update_invoice(invoice=sent, by=None, reference="PO 9")
    sync()
    assert (bookkeeper.invoice(remote_id())["Reference"], Operation.objects.count()) == ("PO 9", 0)


def test_planning_many_drafts_takes_no_query_for_each(connected: Connection, gst: TaxRate) -> None:
    counts = []
    for number in (1, 6):
        for _ in range(number):
            make_invoice(connected.workspace, amounts="exclusive", lines=[make_line(tax_rate=gst)])
        with CaptureQueriesContext(database) as asked:
            drain(connected.pk)
        counts.append(sum("invoices_invoiceline" in query["sql"] for query in asked.captured_queries))
    assert counts[0] == counts[1]


def test_draft_that_lacks_something_does_not_ask_for_its_customer_first(
    connected: Connection, sync: Sync
) -> None:
    invoice = make_invoice(connected.workspace, lines=[])
    archive_customer(customer=invoice.customer, by=None)
    sync()
    assert told(invoice)[0] == "waiting"
