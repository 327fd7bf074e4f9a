"""What saving choices does to records is shown, and agreed to, before it is saved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounting.enums import InvoiceStatusRule, OpState
from accounting.models import Connection, Mapping, Operation, SyncEvent
from catalogue.models import TaxRate
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.choosing import chosen
from tests.accounting.choosing import save as save_on_page
from tests.accounting.keeping_step import Sync, bookkeeper, there
from tests.accounting.pages import notices, url, words
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import Workspace

__all__ = ["bookkeeper"]


def save(client: Client, workspace: Workspace, **more: Any) -> Any:
    """Everything is chosen, and our rate stays matched."""
    rates = {f"rate_{rate.pk}": "OUTPUT2" for rate in TaxRate.objects.all()}
    return save_on_page(client, workspace, **rates, **more)


def carried(response: Any) -> dict[str, str]:
    """The hidden fields of the page, as a browser sends them."""
    found = re.findall(r"<input[^>]*>", response.content.decode())
    pairs = ((re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in found)
    return {name[1]: value[1] if value else "" for name, value in pairs if name}


def confirm(client: Client, workspace: Workspace, page: Any, **more: str) -> Any:
    return client.post(url("mapping", workspace), {**carried(page), **more}, follow=True)


@pytest.fixture
def waiting(connected: Connection, gst: TaxRate, sync: Sync) -> list[Invoice]:
    """Two that wait, because the account of sales is still to be chosen."""
    Mapping.objects.update(revenue_account_id="")
    made = [
        make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)], status="approved") for _ in "12"
    ]
    sync()
    assert Operation.objects.filter(state=OpState.BLOCKED).count() == 2
    return made


def test_what_waits_is_told_before_it_goes(
    super_client: Client, workspace: Workspace, waiting: list[Invoice], bookkeeper: Bookkeeper, sync: Sync
) -> None:
    page = save(super_client, workspace)

    assert "2 invoices that wait will go to Xero." in words(page)
    assert "Nothing that is already in Xero changes." in words(page)
    assert "Revenue account" in words(page)
    assert Mapping.objects.get().revenue_account_id == ""
    assert not SyncEvent.objects.filter(message__startswith="The choices").exists()
    assert set(Operation.objects.values_list("state", flat=True)) == {OpState.BLOCKED}

    assert notices(confirm(super_client, workspace, page)) == ["Saved."]
    sync()
    assert there(bookkeeper) == ["AUTHORISED", "AUTHORISED"]


def test_what_a_draft_still_lacks_keeps_it_out_of_the_count(
    super_client: Client, workspace: Workspace, connected: Connection, sync: Sync
) -> None:
    """Whatever is saved, it is looked at again; it goes nowhere, so there is nothing to confirm."""
    Mapping.objects.update(invoice_status=InvoiceStatusRule.WITH_STATUS)
    make_invoice(connected.workspace, lines=[])
    sync()

    page = save(super_client, workspace, invoice_status="with_status", locked_period="park")

    assert notices(page) == ["Saved."]


def test_invoices_that_are_sent_again_are_told(
    super_client: Client, workspace: Workspace, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    Mapping.objects.update(invoice_status=InvoiceStatusRule.DRAFT)
    for status in ("approved", "draft"):
        make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)], status=status)
    sync()

    page = save(super_client, workspace, invoice_status="with_status")

    assert "1 invoice will be sent to Xero again." in words(page)
    assert "1 invoice that was never sent may go. You are asked before it does." in words(page)
    assert "Nothing that is already in Xero changes." not in words(page)


def test_drafts_that_no_longer_go_are_told(
    super_client: Client, workspace: Workspace, connected: Connection, gst: TaxRate
) -> None:
    Mapping.objects.update(invoice_status=InvoiceStatusRule.WITH_STATUS)
    make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])

    page = save(super_client, workspace, invoice_status="authorised")

    assert "1 invoice that Xero does not have stays here." in words(page)


@pytest.mark.long
def test_confirmation_of_what_became_more_meanwhile_is_asked_again(
    super_client: Client, workspace: Workspace, waiting: list[Invoice], gst: TaxRate, sync: Sync
) -> None:
    page = save(super_client, workspace)
    make_invoice(workspace, lines=[make_line(tax_rate=gst)], status="approved")
    sync()

    again = confirm(super_client, workspace, page)

    assert "It is not as you saw it any more" in words(again)
    assert "3 invoices that wait will go to Xero." in words(again)
    assert Mapping.objects.get().revenue_account_id == ""
    assert notices(confirm(super_client, workspace, again)) == ["Saved."]


@pytest.mark.long
def test_confirmation_for_other_choices_than_it_was_shown_for_is_asked_again(
    super_client: Client, workspace: Workspace, waiting: list[Invoice]
) -> None:
    page = save(super_client, workspace)

    again = confirm(super_client, workspace, page, locked_period="park")

    assert "It is not as you saw it any more" in words(again)
    assert "made-up" not in words(confirm(super_client, workspace, again, seen="made-up"))
    assert Mapping.objects.get().revenue_account_id == ""


def test_back_keeps_what_was_chosen_and_saves_nothing(
    super_client: Client, workspace: Workspace, waiting: list[Invoice]
) -> None:
    page = save(super_client, workspace)

    back = confirm(super_client, workspace, page, back="1")

    form = back.context["form"]
    assert form["revenue_account_id"].value() == chosen()["revenue_account_id"]
    assert Mapping.objects.get().revenue_account_id == ""


@pytest.mark.long
def test_seeing_what_changes_costs_as_many_queries_for_one_as_for_many(
    super_client: Client, workspace: Workspace, waiting: list[Invoice], gst: TaxRate, sync: Sync
) -> None:
    def count() -> int:
        with CaptureQueriesContext(database) as queries:
            assert "that wait will go" in words(save(super_client, workspace))
        return len(queries)

    few = count()
    for _ in range(6):
        make_invoice(workspace, lines=[make_line(tax_rate=gst)], status="approved")
    sync()
    assert count() <= few
