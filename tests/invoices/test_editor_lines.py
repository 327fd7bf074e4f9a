"""Lines that the bookkeeper made or put right, in the editor."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from django.test import Client

from invoices.services import update_invoice
from lines.totals import LineInput, LineTotals
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


def test_edit_of_lines_shows_text_and_discounts_that_others_added_meanwhile(
    in_workspace: Workspace, staff: User, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace)
    mine = as_shown(in_workspace, staff_client, invoice) | {"reference": "Mine"}
    text = LineInput("As agreed with Ana", None, None)
    less = make_line("Thinking", discount_amount=Decimal("12.50"))
    update_invoice(invoice=invoice, by=staff, lines=[text, less])

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), mine)

    theirs = "As agreed with Ana\nThinking: 1 × 100, less 12.50"
    assert response.context["editor"].form.meanwhile == [("Lines", theirs, "", False)]


def test_line_of_text_has_no_amount_in_the_editor(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, lines=[LineInput("As agreed with Ana", None, None), make_line()])
    shown = as_shown(in_workspace, staff_client, invoice)

    edit = staff_client.get(url_of(in_workspace, "edit", invoice.pk)).content.decode()
    preview = staff_client.post(url_of(in_workspace, "preview_edit", invoice.pk), shown).content.decode()

    for page in (edit, preview):
        assert re.findall(r"<output data-line-amount>(.*?)</output>", page)[:2] == ["", "100.00"]


def test_refused_edit_keeps_the_fields_of_every_line_but_those_of_text(
    in_workspace: Workspace, staff_client: Client
) -> None:
    invoice = make_invoice(in_workspace, lines=[LineInput("As agreed with Ana", None, None), make_line()])
    sent = as_shown(in_workspace, staff_client, invoice) | {"lines-1-quantity": "two"}

    response = staff_client.post(url_of(in_workspace, "edit", invoice.pk), sent)

    page = response.content.decode()
    assert response.status_code == 422
    assert 'name="lines-1-quantity" value="two"' in page
    assert 'name="lines-0-quantity"' not in page
