"""Credit on the pages: named, and taken off what is left to pay."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from invoices.enums import InvoiceStatus
from invoices.services import take_credit
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace


def _page(client: Client, workspace: Workspace, name: str, *args: Any) -> str:
    response = client.get(reverse(f"invoices:{name}", args=[workspace.slug, *args]))
    return re.sub(r"\s+", " ", response.content.decode())


def test_detail_names_the_credit_and_what_is_left(in_workspace: Workspace, staff_client: Client) -> None:
    invoice = make_invoice(in_workspace, status=InvoiceStatus.SENT, due_date=dt.date(2099, 1, 1))
    take_credit(invoice=invoice, amount=Decimal(30))

    page = _page(staff_client, in_workspace, "detail", invoice.pk)

    for text in (
        "<dt>Credit applied</dt><dd>NZ$30.00</dd>",
        "<dt>Credit</dt><dd>30.00</dd>",
        "NZ$70.00",
        "Part paid",
        reverse("payments:void", args=[in_workspace.slug, invoice.pk]),
    ):
        assert text in page
    assert "Reopen as a draft" not in page


def test_list_shows_what_credit_leaves_to_pay(in_workspace: Workspace, staff_client: Client) -> None:
    take_credit(invoice=make_invoice(in_workspace, status=InvoiceStatus.SENT), amount=Decimal(30))

    assert "NZ$70.00" in _page(staff_client, in_workspace, "list")
