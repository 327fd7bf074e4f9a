"""The page of the agreement statement: what it says, what settles it, its days and its file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounting.enums import EventKind, Kind, Lane, OpState, Remedy
from accounting.models import Connection, Operation, Statement, StatementDifference, SyncEvent
from accounting.sync import nightly
from accounting.sync import statement as statements
from accounting.tasks import statement as statement_task
from catalogue.models import TaxRate
from core.templatetags.display import day
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.pages import notices, url, words
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User, Workspace
from workspaces.scope import scope

pytestmark = pytest.mark.long

Sync = Callable[[], None]


@pytest.fixture
def invoice(connected: Connection, gst: TaxRate, sync: Sync) -> Invoice:
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
    sync()
    return made


def _cent(invoice: Invoice) -> None:
    """Ours comes to a cent more, and nobody noticed."""
    Invoice.objects.filter(pk=invoice.pk).update(total=Decimal("115.01"), tax=Decimal("15.01"))
    Operation.objects.all().delete()


def test_equal_books_are_said_to_be_equal(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice
) -> None:
    statements.make(connection=connected)
    said = words(staff_client.get(url("statement", workspace)))
    assert "1 customer and 1 invoice, 0.00 difference" in said
    assert "it cost no call" in said
    assert "What is apart" not in said


def test_a_cent_is_listed_and_settled_by_one_press(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice, sync: Sync
) -> None:
    _cent(invoice)
    made = statements.make(connection=connected)
    page = staff_client.get(url("statement", workspace))
    said = words(page)
    assert "1 record says something else in Xero" in said
    assert f"Invoice {invoice.number}" in said
    assert "Total: 115.01 here, 115.00 in Xero" in said
    (row,) = page.context["rows"]
    assert (row.row.first_day, row.difference) == (made.day, Decimal("0.01"))

    answer = staff_client.post(url("settle_difference", workspace, row.row.pk), follow=True)
    assert notices(answer) == ["It is on its way. It is settled once both sides say the same."]
    assert "On its way" in words(answer)
    with scope(workspace):
        sync()
    assert "Settled since" in words(staff_client.get(url("statement", workspace)))
    with scope(workspace):
        statements.make(connection=connected)
    said = words(staff_client.get(url("statement", workspace)))
    assert "1 customer and 1 invoice, 0.00 difference" in said
    assert "What is apart" not in said


def test_a_lost_edit_is_sent_by_one_press(
    staff_client: Client, staff: User, workspace: Workspace, connected: Connection, invoice: Invoice
) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(reference="PO 7")
    Operation.objects.all().delete()
    statements.make(connection=connected)
    row = StatementDifference.objects.get()
    assert "Send to Xero" in words(staff_client.get(url("statement", workspace)))
    staff_client.post(url("settle_difference", workspace, row.pk))
    with scope(workspace):
        waiting = Operation.objects.get()
        assert (waiting.lane, waiting.local_id) == (Lane.PUSH, invoice.pk)
        told = SyncEvent.objects.get(event=EventKind.DECIDED)
        assert (told.local_id, told.actor) == (invoice.pk, staff)


@pytest.mark.parametrize("remedy", [Remedy.DECIDE, Remedy.MEND])
def test_what_is_settled_elsewhere_is_not_touched_here(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice, remedy: Remedy
) -> None:
    _cent(invoice)
    statements.make(connection=connected)
    StatementDifference.objects.update(remedy=remedy)
    row = StatementDifference.objects.get()
    staff_client.post(url("settle_difference", workspace, row.pk))
    with scope(workspace):
        assert not Operation.objects.exists()


def test_what_failed_leads_to_what_failed(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice
) -> None:
    _cent(invoice)
    Operation.objects.create(
        workspace=workspace, connection=connected, lane=Lane.PUSH, kind=Kind.INVOICE, local_id=invoice.pk,
        state=OpState.FAILED, error="Xero refused it.",
    )  # fmt: skip
    statements.make(connection=connected)
    page = staff_client.get(url("statement", workspace))
    assert "See what failed" in words(page)
    assert "Xero refused it." in words(page)


def test_an_earlier_day_shows_what_was_apart_then(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice
) -> None:
    _cent(invoice)
    first = statements.make(connection=connected)
    then = first.day - dt.timedelta(days=3)
    earlier = first.as_of - dt.timedelta(days=3)
    Statement.objects.update(day=then, as_of=earlier, finished_at=earlier)
    StatementDifference.objects.update(first_day=then, found_at=earlier, settled_at=earlier + dt.timedelta(1))
    Invoice.objects.filter(pk=invoice.pk).update(total=Decimal("115.00"), tax=Decimal("15.00"))
    Operation.objects.all().delete()
    statements.make(connection=connected)
    said = words(staff_client.get(url("statement", workspace) + f"?day={then}"))
    assert "1 record says something else in Xero" in said
    assert f"Invoice {invoice.number}" in said
    assert "Compare again now" not in said
    now = staff_client.get(url("statement", workspace))
    assert "0.00 difference" in words(now)
    codes = [told.code for told in now.context["days"]]
    assert (codes[-1], codes[-4], codes[-2]) == ("agreed", "apart", "none")


def test_days_say_in_words_what_was_found(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice
) -> None:
    made = statements.make(connection=connected)
    said = words(staff_client.get(url("statement", workspace)))
    assert f"{day(made.day)}: agreed" in said
    assert "no statement" in said


@pytest.mark.parametrize("address", ["?day=parrot", "?day=2020-01-01"])
def test_a_day_without_a_statement_is_said_so(
    staff_client: Client, workspace: Workspace, connected: Connection, address: str
) -> None:
    assert staff_client.get(url("statement", workspace) + address).status_code == 200


def test_without_a_connection_there_is_a_sentence(staff_client: Client, workspace: Workspace) -> None:
    assert "Xero is not connected" in words(staff_client.get(url("statement", workspace)))
    assert staff_client.get(url("statement_csv", workspace)).status_code == 404
    assert staff_client.post(url("prove_now", workspace)).status_code == 404


def test_a_new_one_is_made_by_a_press_and_shown_when_it_is_there(
    staff_client: Client,
    workspace: Workspace,
    connected: Connection,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(nightly.wakeup, "send", lambda task, **about: asked.append(task))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        answer = staff_client.post(url("prove_now", workspace))
    assert asked == ["accounting.statement"]
    assert "A new statement is being made" in words(staff_client.get(answer["Location"]))
    poll = {"HTTP_HX_REQUEST": "true"}
    assert staff_client.get(url("statement", workspace) + "?seen=", **poll).headers.get("HX-Redirect") is None
    with scope(workspace):
        statement_task(workspace_id=str(workspace.pk), connection_id=str(connected.pk))
    there = staff_client.get(url("statement", workspace) + "?seen=", **poll)
    assert there.headers["HX-Redirect"] == url("statement", workspace)


def test_the_file_has_the_sums_and_what_is_apart(
    staff_client: Client, workspace: Workspace, connected: Connection, invoice: Invoice
) -> None:
    _cent(invoice)
    made = statements.make(connection=connected)
    answer = staff_client.get(url("statement_csv", workspace))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    lines = text.splitlines()
    assert any(",Sum,Invoices,NZD,1,1,0,,,,115.01,115.00,0.01," in line for line in lines)
    assert any(
        f",Apart,Invoice,NZD,,,,Invoice {invoice.number},{made.day},Total,115.01,115.00,0.01," in line
        for line in lines
    )


def test_the_page_takes_the_same_queries_for_one_and_for_many(
    staff_client: Client, workspace: Workspace, connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    def cost(count: int) -> int:
        with scope(workspace):
            for _ in range(count):
                make_invoice(workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)])
            sync()
            Invoice.objects.update(total=Decimal("115.01"), tax=Decimal("15.01"))
            Operation.objects.all().delete()
            statements.make(connection=connected)
        with CaptureQueriesContext(database) as captured:
            page = staff_client.get(url("statement", workspace))
        assert len(page.context["rows"]) >= count
        return len(captured)

    assert cost(1) == cost(5)
