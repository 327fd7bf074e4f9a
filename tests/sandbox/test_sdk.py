"""The sandbox as the official SDK sees it: if its strict models read our answers, they read like Xero's."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from urllib3.exceptions import ProtocolError
from xero_python.accounting import (
    AccountingApi,
    Contact,
    Contacts,
    Invoice,
    Invoices,
    LineItem,
    PaymentDelete,
)
from xero_python.api_client import ApiClient
from xero_python.api_client.oauth2 import TokenApi
from xero_python.exceptions import (
    AccountingBadRequestException,
    HTTPStatusException,
    NotFoundException,
    RateLimitException,
)
from xero_python.identity import IdentityApi

from tests.sandbox.sdk import make_contact, make_invoice, pay
from xero_sandbox.handle import Handle


def test_settings_are_read_by_the_sdk(xero: AccountingApi, sandbox: Handle) -> None:
    for slug in ("maple-florist", "harbour-studio"):
        tenant = sandbox.connect(slug)["tenant_id"]
        organisation = xero.get_organisations(tenant, _request_timeout=5).organisations[0]
        assert organisation.organisation_id == tenant
        assert len(xero.get_accounts(tenant, _request_timeout=5).accounts) > 20
        assert {rate.tax_type for rate in xero.get_tax_rates(tenant, _request_timeout=5).tax_rates} >= {
            "OUTPUT2"
        }
        assert xero.get_currencies(tenant, _request_timeout=5).currencies
        assert xero.get_organisation_actions(tenant, _request_timeout=5).actions


def test_credit_is_read_by_the_sdk(xero: AccountingApi, tenant: str, sandbox: Handle) -> None:
    invoice = make_invoice(xero, tenant, make_contact(xero, tenant))
    sandbox.apply_credit(invoice.invoice_id, Decimal("4.49"))

    [read] = xero.get_invoices(tenant, i_ds=[invoice.invoice_id], page=1, _request_timeout=5).invoices

    assert read.amount_credited == Decimal("4.49")
    assert [note.applied_amount for note in read.credit_notes] == [Decimal("4.49")]
    assert read.amount_due == read.total - Decimal("4.49")


def test_connections_are_read_by_the_sdk(sdk_client: ApiClient, sandbox: Handle, tenant: str) -> None:
    identity = IdentityApi(sdk_client, base_url=sandbox.url)

    [row] = identity.get_connections(_request_timeout=5)

    assert (row.tenant_id, row.tenant_name) == (tenant, "Maple Florist")
    identity.delete_connection(row.id, _request_timeout=5)
    assert identity.get_connections(_request_timeout=5) == []


def test_contact_goes_round_through_the_sdk(xero: AccountingApi, tenant: str) -> None:
    made = make_contact(xero, tenant)

    changed = Contacts(contacts=[Contact(contact_id=made.contact_id, first_name="Anna")])
    xero.update_contact(tenant, made.contact_id, changed, _request_timeout=5)

    page = xero.get_contacts(tenant, page=1, search_term="archer", _request_timeout=5)
    [read] = page.contacts
    assert (read.contact_id, read.name, read.first_name) == (made.contact_id, "Ann Archer", "Anna")
    assert page.pagination.item_count == 1


def test_invoice_goes_round_through_the_sdk(xero: AccountingApi, tenant: str) -> None:
    made = make_invoice(xero, tenant, make_contact(xero, tenant))

    assert (made.status, made.total, made.status_attribute_string) == ("AUTHORISED", Decimal("34.49"), "OK")
    read = xero.get_invoice(tenant, made.invoice_id, unitdp=4, _request_timeout=5).invoices[0]
    assert (read.date, read.due_date) == (date(2026, 11, 1), date(2026, 11, 30))
    assert read.line_items[0].unit_amount == Decimal("9.9975")
    assert read.updated_date_utc.tzinfo is not None


def test_invoice_is_updated_with_its_line_ids_through_the_sdk(xero: AccountingApi, tenant: str) -> None:
    made = make_invoice(xero, tenant, make_contact(xero, tenant))
    kept = LineItem(
        line_item_id=made.line_items[0].line_item_id, quantity=Decimal(1), unit_amount=Decimal(50)
    )
    changed = Invoices(invoices=[Invoice(reference="PO 1", line_items=[kept])])

    after = xero.update_invoice(tenant, made.invoice_id, changed, unitdp=4, _request_timeout=5).invoices[0]

    assert (after.reference, after.total) == ("PO 1", Decimal("57.5"))
    assert after.line_items[0].line_item_id == made.line_items[0].line_item_id


def test_incremental_list_is_read_by_the_sdk(xero: AccountingApi, tenant: str, sandbox: Handle) -> None:
    make_invoice(xero, tenant, make_contact(xero, tenant))
    since = sandbox.clock.now() - timedelta(minutes=5)

    found = xero.get_invoices(tenant, if_modified_since=since, page=1, page_size=50, _request_timeout=5)

    assert len(found.invoices) == 1
    assert xero.get_invoices(
        tenant, i_ds=[found.invoices[0].invoice_id], statuses=["AUTHORISED"], _request_timeout=5
    ).invoices


def test_payment_goes_round_through_the_sdk(xero: AccountingApi, tenant: str) -> None:
    invoice = make_invoice(xero, tenant, make_contact(xero, tenant))

    payment = pay(xero, tenant, invoice, "34.49")
    assert xero.get_invoice(tenant, invoice.invoice_id, _request_timeout=5).invoices[0].status == "PAID"
    deleted = xero.delete_payment(
        tenant, payment.payment_id, PaymentDelete(status="DELETED"), _request_timeout=5
    )

    assert deleted.payments[0].status == "DELETED"
    assert xero.get_payments(tenant, page=1, _request_timeout=5).payments[0].status == "DELETED"
    after = xero.get_invoice(tenant, invoice.invoice_id, _request_timeout=5).invoices[0]
    assert (after.status, after.payments) == ("AUTHORISED", [])


def test_refusal_is_a_bad_request_with_xeros_words(xero: AccountingApi, tenant: str) -> None:
    contact = make_contact(xero, tenant)
    sent = Invoices(invoices=[Invoice(type="ACCREC", contact=contact, status="AUTHORISED")])

    with pytest.raises(AccountingBadRequestException) as caught:
        xero.create_invoices(tenant, sent, _request_timeout=5)

    assert caught.value.reason == "The document DueDate field must be specified"


def test_unknown_and_limited_and_forbidden_have_their_exceptions(
    xero: AccountingApi, tenant: str, sandbox: Handle
) -> None:
    with pytest.raises(NotFoundException):
        xero.get_invoice(tenant, "00000000-0000-0000-0000-000000000000", _request_timeout=5)
    sandbox.faults.add("rate_day")
    with pytest.raises(RateLimitException) as limited:
        xero.get_organisations(tenant, _request_timeout=5)
    assert limited.value.rate_limit == "day"
    sandbox.disconnect()
    with pytest.raises(HTTPStatusException) as forbidden:
        xero.get_organisations(tenant, _request_timeout=5)
    assert forbidden.value.status == 403


def test_unknown_value_breaks_the_sdk_as_it_does_in_life(
    xero: AccountingApi, tenant: str, sandbox: Handle
) -> None:
    make_contact(xero, tenant)
    sandbox.faults.add("unknown_enum", field="ContactStatus")

    with pytest.raises(ValueError):
        xero.get_contacts(tenant, page=1, _request_timeout=5)


def test_lost_reply_is_a_protocol_error(xero: AccountingApi, tenant: str, sandbox: Handle) -> None:
    sandbox.faults.add("drop")

    with pytest.raises(ProtocolError):
        xero.get_organisations(tenant, _request_timeout=5)


def test_token_is_refreshed_by_the_sdk(
    sdk_client: ApiClient, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenApi, "refresh_token_url", f"{sandbox.url}/connect/token")
    before = sdk_client.get_oauth2_token()["refresh_token"]

    sdk_client.refresh_oauth2_token()

    assert sdk_client.get_oauth2_token()["refresh_token"] != before
