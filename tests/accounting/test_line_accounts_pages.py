"""The account of a line in the editor of invoices, and of a service on the page of choices."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounting.enums import ConnectionState
from accounting.models import Connection, RemoteAccount, ServiceMapping
from accounting.receivers import name_accounts
from catalogue.models import Service, TaxRate
from core.testing import assert_queries
from invoices.models import Invoice
from tests.accounting.choosing import account_id, save
from tests.factories.catalogue import make_service
from tests.factories.invoices import make_invoice, make_line
from tests.invoices.pages import as_shown, url_of
from workspaces.models import Workspace


@pytest.fixture
def service(connected: Connection) -> Service:
    return make_service(connected.workspace, name="Interest")


@pytest.fixture
def draft(connected: Connection, gst: TaxRate) -> Invoice:
    return make_invoice(connected.workspace, lines=[make_line(tax_rate=gst)])


def _offered(client: Client, workspace: Workspace, invoice: Invoice, row: int = 0) -> list[str]:
    page = client.get(url_of(workspace, "edit", invoice.pk)).content.decode()
    (select,) = re.findall(rf'<select name="lines-{row}-account".*?</select>', page, re.S)
    return re.findall(r"<option[^>]*>([^<]*)</option>", select)


def test_editor_offers_the_accounts_of_sales(super_client: Client, draft: Invoice) -> None:
    assert _offered(super_client, draft.workspace, draft) == [
        "Usual account",
        "200 Sales",
        "260 Other Revenue",
        "270 Interest Income",
    ]


def test_line_with_an_account_is_given_another_never_none(
    super_client: Client, connected: Connection, gst: TaxRate
) -> None:
    invoice = make_invoice(connected.workspace, lines=[make_line(tax_rate=gst, account=account_id("260"))])

    assert "Usual account" not in _offered(super_client, connected.workspace, invoice)


def test_account_that_was_archived_stays_in_the_list_of_its_line(
    super_client: Client, connected: Connection, gst: TaxRate
) -> None:
    line = make_line(tax_rate=gst, account=account_id("260"))
    invoice = make_invoice(connected.workspace, lines=[line])
    RemoteAccount.objects.filter(code="260").update(active=False)
    sent = as_shown(connected.workspace, super_client, invoice) | {"reference": "PO 7"}

    assert super_client.post(url_of(connected.workspace, "edit", invoice.pk), sent).status_code == 302
    assert invoice.lines.get().account == line.account


def test_account_is_saved_with_the_line(super_client: Client, draft: Invoice) -> None:
    sent = as_shown(draft.workspace, super_client, draft) | {"lines-0-account": account_id("270")}

    assert super_client.post(url_of(draft.workspace, "edit", draft.pk), sent).status_code == 302
    assert draft.lines.get().account == account_id("270")


def test_account_that_is_not_offered_is_refused_at_its_line(super_client: Client, draft: Invoice) -> None:
    sent = as_shown(draft.workspace, super_client, draft) | {"lines-0-account": account_id("090")}
    page = super_client.post(url_of(draft.workspace, "edit", draft.pk), sent)

    assert page.status_code == 422
    assert "This account can no longer be chosen. Pick another." in page.content.decode()


def test_new_line_of_a_service_starts_with_its_account(
    super_client: Client, draft: Invoice, service: Service
) -> None:
    """Also where no script fills it in."""
    ServiceMapping.objects.create(
        workspace=draft.workspace,
        connection=Connection.objects.get(),
        service=service,
        account_id=account_id("270"),
    )
    more = {"lines-TOTAL_FORMS": "2", "lines-1-service": str(service.pk), "lines-1-quantity": "1"}
    sent = (
        as_shown(draft.workspace, super_client, draft)
        | more
        | {"lines-1-tax_rate": str(TaxRate.objects.get().pk)}
    )

    assert super_client.post(url_of(draft.workspace, "edit", draft.pk), sent).status_code == 302
    assert [line.account for line in draft.lines.all()] == ["", account_id("270")]


def test_account_is_kept_while_none_is_offered(
    super_client: Client, connected: Connection, gst: TaxRate
) -> None:
    line = make_line(tax_rate=gst, account=account_id("260"))
    invoice = make_invoice(connected.workspace, lines=[line])
    Connection.objects.update(state=ConnectionState.NEEDS_REAUTH)
    sent = as_shown(connected.workspace, super_client, invoice) | {"reference": "PO 7"}

    assert super_client.post(url_of(connected.workspace, "edit", invoice.pk), sent).status_code == 302
    assert invoice.lines.get().account == line.account


def test_accounts_are_listed_in_four_queries(connected: Connection) -> None:
    with assert_queries(4):
        name_accounts(Invoice)


def test_account_of_a_service_is_chosen_and_told(
    super_client: Client, workspace: Workspace, connected: Connection, service: Service
) -> None:
    response = save(super_client, workspace, **{f"service_{service.pk}": account_id("270")})

    assert ServiceMapping.objects.get().account_id == account_id("270")
    save(super_client, workspace, **{f"service_{service.pk}": ""})
    assert not ServiceMapping.objects.exists()
    assert response.status_code == 200
