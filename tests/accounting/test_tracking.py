"""What new lines are tracked by: chosen in Manage, carried by what Tandem creates, kept where it is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounting.enums import Kind, OpState, Priority
from accounting.models import Connection, Link, Operation, RemoteTrackingOption, TrackingMapping
from accounting.queries.missing import broken_choices
from accounting.sync.mapping import MappingRefused, change_mapping
from accounting.sync.pull import request_pull
from accounting.sync.reference import refresh_lists
from catalogue.models import TaxRate
from catalogue.services import create_service
from invoices.models import Invoice
from invoices.services import approve_invoice, reopen_invoice, update_invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.choosing import chosen
from tests.accounting.fixing import problem_of, put_right
from tests.accounting.pages import url, words
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

Sync = Callable[[], None]
GONE = "The tracking option Region: North is archived in Xero or gone: choose another."


def _option(name: str) -> RemoteTrackingOption:
    return RemoteTrackingOption.objects.get(name=name)


@pytest.fixture
def bookkeeper(sandbox: Handle, connected: Connection) -> Bookkeeper:
    return Bookkeeper(sandbox, connected)


@pytest.fixture
def track(connected: Connection, super_user: User) -> Callable[..., list[Any]]:
    def choose(name: str, service: Any = None) -> list[Any]:
        option = _option(name)
        place = (service and service.pk, option.category_id)
        return change_mapping(connection=connected, by=super_user, tracking={place: option.option_id})

    return choose


@pytest.fixture
def approved(connected: Connection, gst: TaxRate) -> Callable[..., Invoice]:
    def make(*lines: Any) -> Invoice:
        rows = lines or (make_line(tax_rate=gst),)
        return make_invoice(connected.workspace, status="approved", lines=list(rows))

    return make


def _archive(sandbox: Handle, name: str) -> None:
    books = sandbox.books()
    [region] = books.tracking_categories.all()
    options = tuple(replace(row, status="ARCHIVED") if row.name == name else row for row in region.options)
    books.put(replace(region, options=options))


def _there(bookkeeper: Bookkeeper, invoice: Invoice) -> tuple[str, list[list[str]]]:
    remote_id = Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk).remote_id
    lines = bookkeeper.invoice(remote_id)["LineItems"]
    return remote_id, [[f"{each['Name']} {each['Option']}" for each in line["Tracking"]] for line in lines]


def test_created_lines_carry_the_options_and_nothing_goes_twice(
    connected: Connection,
    track: Callable[..., Any],
    approved: Callable[..., Invoice],
    gst: TaxRate,
    sync: Sync,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
) -> None:
    care = create_service(workspace=connected.workspace, name="Care", by=None)
    track("North")
    track("South", care)
    invoice = approved(make_line(tax_rate=gst), make_line(tax_rate=gst, service=care))
    sync()
    remote_id, tracked = _there(bookkeeper, invoice)
    assert tracked == [["Region North"], ["Region South"]]

    lines = bookkeeper.invoice(remote_id)["LineItems"]
    lines[0]["Tracking"] = [{"Name": "Region", "Option": "Eastside"}]
    bookkeeper.change_invoice(remote_id, InvoiceID=remote_id, LineItems=lines)
    track("South")
    assert not Operation.objects.exists()
    sandbox.clear_requests()
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, remote_id, priority=Priority.USER)
    sync()
    assert {entry.method for entry in sandbox.requests()} == {"GET"}
    assert _there(bookkeeper, invoice)[1] == [["Region Eastside"], ["Region South"]]
    assert not Operation.objects.exists()


def test_edit_keeps_what_a_line_has_there_and_tracks_the_line_that_is_added(
    connected: Connection,
    track: Callable[..., Any],
    approved: Callable[..., Invoice],
    gst: TaxRate,
    sync: Sync,
    bookkeeper: Bookkeeper,
) -> None:
    invoice = approved()
    sync()
    track("North")
    first = invoice.lines.get().as_input()
    added = replace(first, id=None, description="More")
    reopen_invoice(invoice=invoice, by=None)
    update_invoice(invoice=invoice, by=None, lines=[replace(first, description="Other words"), added])
    approve_invoice(invoice=invoice, by=None)
    sync()
    assert _there(bookkeeper, invoice)[1] == [[], ["Region North"]]


@pytest.mark.long
def test_option_that_is_gone_is_flagged_and_holds_up_new_lines_until_another_is_chosen(
    connected: Connection,
    track: Callable[..., Any],
    approved: Callable[..., Invoice],
    sync: Sync,
    sandbox: Handle,
    bookkeeper: Bookkeeper,
) -> None:
    track("North")
    _archive(sandbox, "North")
    refresh_lists(connected)
    connected.refresh_from_db()
    assert broken_choices(connected) == connected.broken == [GONE]

    invoice = approved()
    sync()
    [waits] = Operation.objects.filter(kind=Kind.INVOICE)
    assert (waits.state, waits.error) == (OpState.BLOCKED, GONE[:-1] + " in Settings > Accounting.")

    track("South")
    sync()
    assert _there(bookkeeper, invoice)[1] == [["Region South"]]
    assert broken_choices(connected) == []


@pytest.mark.long
def test_refusal_over_an_option_is_put_right_on_its_page(
    connected: Connection,
    track: Callable[..., Any],
    approved: Callable[..., Invoice],
    sync: Sync,
    sandbox: Handle,
    super_user: User,
    bookkeeper: Bookkeeper,
) -> None:
    track("North")
    _archive(sandbox, "North")
    invoice = approved()
    sync()
    problem = problem_of("tracking-option-unusable")
    assert problem.subject == "North Region"

    put_right(problem, super_user, _option("South").option_id)
    sync()
    assert _there(bookkeeper, invoice)[1] == [["Region South"]]


def test_category_that_is_gone_is_forgotten_when_the_choices_are_saved(
    connected: Connection, track: Callable[..., Any], super_user: User, sandbox: Handle
) -> None:
    track("North")
    [region] = sandbox.books().tracking_categories.all()
    sandbox.books().put(replace(region, status="ARCHIVED"))
    refresh_lists(connected)
    assert broken_choices(connected) == [GONE]

    changes = change_mapping(connection=connected, by=super_user, tracking={})
    assert changes == [("Region of new lines: all lines", "North", "")]
    assert broken_choices(connected) == []


def test_option_of_another_organisation_is_refused(
    connected: Connection, super_user: User, super_client: Client, workspace: Workspace
) -> None:
    category = _option("North").category_id
    with pytest.raises(MappingRefused):
        change_mapping(connection=connected, by=super_user, tracking={(None, category): "elsewhere"})

    told = chosen(**{f"tracking_{category}_default": "elsewhere"})
    assert super_client.post(url("mapping", workspace), told).status_code == 422
    assert not TrackingMapping.objects.exists()


@pytest.mark.long
def test_page_offers_what_is_active_of_each_category_and_nothing_without_one(
    connected: Connection, super_client: Client, workspace: Workspace
) -> None:
    page = words(super_client.get(url("mapping", workspace)))
    assert "Default option No option Eastside North South" in page
    assert "West Coast" not in page

    RemoteTrackingOption.objects.all().delete()
    assert "Tracking" not in words(super_client.get(url("mapping", workspace)))
