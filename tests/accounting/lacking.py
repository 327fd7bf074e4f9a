"""An organisation whose user has allowed less than Tandem works on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounting.models import Connection, Grant
from catalogue.models import TaxRate
from core.testing import capture_commits
from invoices.models import Invoice
from payments.models import Payment
from payments.services import record_payment
from tests.accounting.consenting import arrive, consent, leave
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.models import Workspace
from xero_sandbox.handle import FULL_SCOPES, Handle

PAYMENTS, CONTACTS, INVOICES = "accounting.payments", "accounting.contacts", "accounting.invoices"


@pytest.fixture
def paid(connected: Connection, gst: TaxRate) -> Payment:
    """10.00 on an approved invoice that no worker has seen."""
    invoice = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)], status="approved")
    return pay(invoice)


def pay(invoice: Invoice) -> Payment:
    with capture_commits():
        return record_payment(invoice=invoice, amount=Decimal(10), date=ISSUED_ON, by=None)


def now() -> tuple[str, str]:
    return Connection.objects.values_list("state", "cutoff").get()


def allow_all_but(sandbox: Handle, connection: Connection, *scopes: str) -> None:
    """Let the connection in as somebody who has allowed all but these, as an older release asked for it."""
    asked = [scope for scope in FULL_SCOPES if scope not in scopes]
    tokens = sandbox.connect(user=1, scopes=asked)
    Grant.objects.filter(connections=connection).update(
        remote_user_id=tokens["xero_userid"],
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        scopes=tokens["scope"].split(),
    )
    connection.refresh_from_db()
    sandbox.clear_requests()


def allow(client: Client, workspace: Workspace, sandbox: Handle) -> Any:
    """Press the button and allow everything on Xero's page; returns the page it ends on."""
    with capture_commits(execute=True):
        return arrive(client, consent(sandbox, leave(client, workspace)))
