"""What the editor is told its lines come to, while one types."""

from __future__ import annotations

import re

from django.test import Client

from tests.factories.catalogue import make_tax_rate
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import filled_form, typed_line, url_of
from workspaces.models import Workspace


def test_preview_computes_what_is_typed_so_far(in_workspace: Workspace, staff_client: Client) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    lines = [
        typed_line(quantity="3", unit_amount="33.3333", tax_rate=gst.pk),
        {},
        typed_line(unit_amount="8", description=""),
        typed_line(unit_amount="-10", discount_percent="50"),
    ]

    response = staff_client.post(url_of(in_workspace, "preview"), filled_form(lines, currency="usd"))

    outputs = re.findall(r"<output data-line-amount>([^<]*)</output>", response.content.decode())
    assert outputs == ["100.00", "", "8.00", "-5.00"]
    assert "US$118.00" in response.content.decode() or "$118.00" in response.content.decode()


def test_preview_of_inclusive_amounts_takes_the_tax_out(
    in_workspace: Workspace, staff_client: Client
) -> None:
    gst = make_tax_rate(in_workspace, percent="15")

    response = staff_client.post(
        url_of(in_workspace, "preview"),
        filled_form([typed_line(unit_amount="115", tax_rate=gst.pk)], amounts="inclusive"),
    )

    totals = response.context["editor"].totals
    assert (totals.net, totals.tax, totals.total) == (100, 15, 115)


def test_preview_of_nothing_is_zero(in_workspace: Workspace, staff_client: Client) -> None:
    response = staff_client.post(url_of(in_workspace, "preview"), {})

    assert (response.status_code, response.context["editor"].totals.total) == (200, 0)


def test_preview_of_an_invoice_knows_its_archived_tax_rate(
    in_workspace: Workspace, staff_client: Client
) -> None:
    gst = make_tax_rate(in_workspace, percent="15")
    invoice = make_invoice(in_workspace, lines=[make_line(tax_rate=gst)])
    type(gst).objects.update(archived_at=invoice.created_at)

    response = staff_client.post(
        url_of(in_workspace, "preview_edit", invoice.pk), filled_form([typed_line(tax_rate=gst.pk)])
    )

    assert response.context["editor"].totals.total == 115
