"""*View in Xero* opens the record, in the right organisation."""

from __future__ import annotations

import pytest
import requests
from pytest_django import Settings

from accounting.enums import Kind
from accounting.models import Connection
from accounting.providers.registry import record_url
from accounting.providers.xero.deeplink import deep_link
from tests.accounting.bookkeeper import Bookkeeper
from xero_sandbox.handle import Handle


def test_link_names_the_organisation_and_the_record() -> None:
    assert deep_link("https://go.xero.com", "invoice", "i-1", "!mBdtL") == (
        "https://go.xero.com/organisationlogin/default.aspx?shortcode=%21mBdtL"
        "&redirecturl=/AccountsReceivable/Edit.aspx?InvoiceID=i-1"
    )


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.INVOICE, Kind.PAYMENT])
def test_link_opens_a_page_of_the_sandbox(
    sandbox: Handle, connected: Connection, settings: Settings, kind: Kind
) -> None:
    settings.XERO_WEB_URL = sandbox.url
    contact = Bookkeeper(sandbox, connected).create_contact(Name="Deep Ltd")
    remote_id = contact["ContactID"] if kind == Kind.CUSTOMER else "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777"
    response = requests.get(record_url(connected, kind, remote_id), timeout=5)
    assert response.status_code == (404 if kind == Kind.INVOICE else 200)
    assert ("Deep Ltd" in response.text) == (kind == Kind.CUSTOMER)
