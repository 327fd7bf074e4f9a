"""What the pages say the lines come to: what adds up, and nothing that cannot be read."""

from __future__ import annotations

import re

from django.test import Client

from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import filled_form, typed_line, url_of
from workspaces.models import Workspace


def test_inclusive_amounts_are_shown_as_they_add_up(in_workspace: Workspace, staff_client: Client) -> None:
    line = make_line(unit_amount="115", tax_rate=make_tax_rate(in_workspace, name="GST", percent="15"))
    invoice = make_invoice(in_workspace, lines=[line], amounts="inclusive")

    for name, tax in (("detail", "of which GST"), ("edit", "of which tax")):
        page = staff_client.get(url_of(in_workspace, name, invoice.pk)).text
        figures = re.findall(r"<dt[^>]*>([^<]*)</dt>\s*<dd[^>]*>([^<]*)</dd>", page)
        assert ("Subtotal, tax included", "115.00") in figures
        assert (tax, "15.00") in figures
        assert "Subtotal" not in dict(figures)


def test_preview_names_the_numbers_it_cannot_read(in_workspace: Workspace, staff_client: Client) -> None:
    rows = [("1", "100"), ("1", "1.00005"), ("2", "")]
    data = {"amounts": "exclusive", "lines-TOTAL_FORMS": "3", "lines-INITIAL_FORMS": "0"}
    for row, (quantity, price) in enumerate(rows):
        data |= {f"lines-{row}-quantity": quantity, f"lines-{row}-unit_amount": price}
        data |= {f"lines-{row}-description": "Design"}

    page = staff_client.post(url_of(in_workspace, "preview"), data).text

    told = re.findall(r'data-unreadable="([^"]+)">([^<]+)<', page)
    assert told == [("lines-1-unit_amount", "Use at most 4 decimals.")]


def test_refused_page_shows_no_total_of_numbers_it_cannot_read(
    in_workspace: Workspace, staff_client: Client
) -> None:
    data = filled_form([typed_line(), typed_line(unit_amount="1.00005")])

    page = staff_client.post(url_of(in_workspace, "create"), data)

    assert page.status_code == 422
    assert "The total follows once every number can be read." in page.text
    assert '<dt class="total">' not in page.text
