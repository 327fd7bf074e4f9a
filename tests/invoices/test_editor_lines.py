"""Lines that the bookkeeper made or put right, in the editor."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.test import Client

from invoices.totals import LineInput, LineTotals
from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import as_shown, url_of
from workspaces.models import User, Workspace


def test_line_of_text_survives_a_save_of_the_editor(
    workspace: Workspace, in_workspace: Workspace, staff: User, client: Client
) -> None:
    client.force_login(staff)
    invoice = make_invoice(workspace, lines=[make_line(), LineInput("Thank you", None, None)])
    sent = as_shown(workspace, client, invoice) | {"reference": "PO 7"}
    assert client.post(url_of(workspace, "edit", invoice.pk), sent).status_code == 302
    line = invoice.lines.last()
    assert (line.description, line.quantity, line.unit_amount) == ("Thank you", None, None)


def test_discount_by_amount_stays_until_a_percentage_is_typed(
    workspace: Workspace, in_workspace: Workspace, staff: User, client: Client
) -> None:
    client.force_login(staff)
    line = replace(make_line(), discount_amount=Decimal(10))
    invoice = make_invoice(workspace, lines=[line])
    sent = as_shown(workspace, client, invoice)
    assert client.post(url_of(workspace, "edit", invoice.pk), sent).status_code == 302
    assert invoice.lines.get().discount_amount == 10
    sent = as_shown(workspace, client, invoice) | {"lines-0-discount_percent": "5"}
    assert client.post(url_of(workspace, "edit", invoice.pk), sent).status_code == 302
    kept = invoice.lines.get()
    assert (kept.discount_amount, kept.discount_percent, kept.line_amount) == (None, 5, 95)


def test_editor_says_what_becomes_of_tax_put_right_in_xero(
    workspace: Workspace, in_workspace: Workspace, staff: User, client: Client
) -> None:
    client.force_login(staff)
    rate = make_tax_rate(workspace, percent=15)
    line = replace(make_line(tax_rate=rate), given=LineTotals(Decimal(100), Decimal("15.01")))
    invoice = make_invoice(workspace, lines=[line])
    page = client.get(url_of(workspace, "edit", invoice.pk))
    assert "Xero&#x27;s tax on this line is 15.01." in page.content.decode()
    assert page.context["editor"].totals.total == Decimal("115.01")
    sent = as_shown(workspace, client, invoice) | {"reference": "PO 7"}
    client.post(url_of(workspace, "edit", invoice.pk), sent)
    invoice.refresh_from_db()
    assert invoice.total == Decimal("115.01")
    sent = as_shown(workspace, client, invoice) | {"lines-0-quantity": "2"}
    client.post(url_of(workspace, "edit", invoice.pk), sent)
    invoice.refresh_from_db()
    assert invoice.total == Decimal("230.00")
