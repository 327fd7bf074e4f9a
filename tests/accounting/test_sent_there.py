"""Invoices that are approved from here are marked as sent in Xero, where that was chosen."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounting.choices import SentThere
from accounting.models import Connection, Mapping, Operation
from catalogue.models import TaxRate
from invoices.models import Invoice
from invoices.services import approve_invoice, submit_invoice, update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.keeping_step import Sync, bookkeeper, draft, keeps_step, sent
from tests.accounting.pages import notices, words
from tests.accounting.test_mapping_foreseen import save
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "draft", "keeps_step", "sent"]


def go(rule: SentThere) -> None:
    Mapping.objects.update(sent_there=rule)


def marks(bookkeeper: Bookkeeper) -> list[tuple[str, bool]]:
    return [(row["Status"], row["SentToContact"]) for row in bookkeeper.read_all("Invoices")]


def written(sandbox: Handle) -> list[str]:
    return [one.method for one in sandbox.requests() if one.method in ("PUT", "POST")]


@pytest.mark.parametrize(("rule", "is_marked"), [(SentThere.LEAVE, False), (SentThere.MARK, True)])
def test_invoice_that_is_approved_at_once_is_marked_as_chosen(
    connected: Connection, gst: TaxRate, bookkeeper: Bookkeeper, sync: Sync, rule: SentThere, is_marked: bool
) -> None:
    go(rule)
    make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)], status="approved")

    sync()

    assert marks(bookkeeper) == [("AUTHORISED", is_marked)]
    assert not Operation.objects.exists()


@pytest.mark.usefixtures("keeps_step")
def test_draft_carries_the_mark_with_its_approval_and_no_call_more(
    sent: Invoice, bookkeeper: Bookkeeper, sandbox: Handle, sync: Sync
) -> None:
    go(SentThere.MARK)
    submit_invoice(invoice=sent, by=None)
    sync()
    assert marks(bookkeeper) == [("SUBMITTED", False)]
    sandbox.clear_requests()

    approve_invoice(invoice=sent, by=None)
    sync()

    assert marks(bookkeeper) == [("AUTHORISED", True)]
    assert written(sandbox) == ["POST"]


@pytest.mark.long
@pytest.mark.usefixtures("keeps_step")
def test_mark_is_left_as_the_bookkeeper_sets_it_and_makes_no_difference(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    go(SentThere.MARK)
    approve_invoice(invoice=sent, by=None)
    sync()
    theirs = bookkeeper.read_all("Invoices")[0]["InvoiceID"]
    bookkeeper.write("Invoices", InvoiceID=theirs, SentToContact=False)

    update_invoice(invoice=sent, by=None, reference="later")
    sync()

    (found,) = bookkeeper.read_all("Invoices")
    assert (found["Reference"], found["SentToContact"]) == ("later", False)
    assert not Operation.objects.exists()


@pytest.mark.long
@pytest.mark.usefixtures("keeps_step")
def test_mark_that_the_bookkeeper_sets_is_never_taken_off(
    sent: Invoice, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    approve_invoice(invoice=sent, by=None)
    sync()
    theirs = bookkeeper.read_all("Invoices")[0]["InvoiceID"]
    bookkeeper.write("Invoices", InvoiceID=theirs, SentToContact=True)

    update_invoice(invoice=sent, by=None, reference="later")
    sync()

    assert marks(bookkeeper) == [("AUTHORISED", True)]


def test_choosing_it_says_what_it_does_and_sends_nothing_again(
    super_client: Client, workspace: Workspace, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)], status="approved")
    sync()

    page = save(super_client, workspace, sent_there="mark")

    assert notices(page) == ["Saved."]
    assert "what is approved in Xero already stays as it is" in words(page)
    assert Mapping.objects.get().sent_there == SentThere.MARK
    assert not Operation.objects.exists()


def test_mark_that_is_none_cannot_be_kept(connected: Connection) -> None:
    with pytest.raises(IntegrityError, match="mapping_sent_there_known"), transaction.atomic():
        Mapping.objects.update(sent_there="mail")
