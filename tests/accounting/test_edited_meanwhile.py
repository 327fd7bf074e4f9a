"""A form that was open while the bookkeeper worked in Xero sends only what its user changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounting.enums import Kind
from accounting.models import Connection, Link, Operation
from accounting.sync.pull import request_pull
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from xero_sandbox.handle import Handle

PULLED = dt.date(2026, 4, 30)


def _form_of(client: Client, url: str) -> dict[str, str]:
    form = client.get(url).context["form"]
    return {field.html_name: str(field.value() or "") for field in form}


def test_note_saved_after_the_due_date_was_pulled_keeps_it_and_sends_nothing(
    connected: Connection, gst: TaxRate, sync: Callable[[], None], sandbox: Handle, staff_client: Client
) -> None:
    invoice = make_invoice(
        connected.workspace, status=InvoiceStatus.APPROVED, lines=[make_line(tax_rate=gst)]
    )
    sync()
    url = reverse("invoices:edit", args=[connected.workspace.slug, invoice.pk])
    typed = _form_of(staff_client, url) | {"notes": "Thank you"}
    remote_id = Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk).remote_id
    Bookkeeper(sandbox, connected).change_invoice(remote_id, DueDate=PULLED.isoformat())
    with transaction.atomic():
        request_pull(connected, Kind.INVOICE, remote_id, at=timezone.now() + dt.timedelta(minutes=1))
    sync()
    assert Invoice.objects.get().due_date == PULLED
    sandbox.clear_requests()

    shown = staff_client.post(url, typed)
    saved = staff_client.post(url, shown.context["form"].data.dict())
    sync()

    assert (shown.status_code, saved.status_code) == (422, 302)
    assert shown.context["form"].meanwhile == [("Due date", "30 Apr 2026", "", False)]
    assert Invoice.objects.values_list("due_date", "notes").get() == (PULLED, "Thank you")
    assert Bookkeeper(sandbox, connected).invoice(remote_id)["DueDateString"].startswith(PULLED.isoformat())
    assert [call for call in sandbox.requests() if call.method != "GET"] == []
    assert not Operation.objects.exists()
