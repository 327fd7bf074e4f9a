"""Choosing accounts, tax rates and the status of new invoices from what the organisation offers."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from accounting.enums import Blocker, ConnectionState, EventKind, Kind, Lane, OpState
from accounting.models import (
    Connection,
    Mapping,
    Operation,
    RemoteAccount,
    RemoteTaxRate,
    SyncEvent,
    TaxMapping,
)
from accounting.resources.lined_steps import STATES
from accounting.sync.mapping import Choices, MappingRefused, save_mapping
from catalogue.models import TaxRate
from invoices.enums import InvoiceStage
from tests.accounting.choosing import account_id, connection, offered, save
from tests.accounting.pages import notices, url, words
from tests.factories.catalogue import make_tax_rate
from workspaces.models import User, Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle

pytestmark = pytest.mark.long

__all__ = ["connection"]


def test_page_of_an_unconnected_workspace_leads_to_the_card(
    super_client: Client, workspace: Workspace
) -> None:
    response = super_client.get(url("mapping", workspace), follow=True)

    assert response.redirect_chain == [(url("settings", workspace), 302)]
    assert notices(response) == ["Connect Xero first; then there is something to choose from."]


def test_only_fitting_accounts_are_offered(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    """Active income accounts for sales; for payments, what takes payments, foreign ones with their currency."""
    RemoteAccount.objects.filter(code="260").update(active=False)

    assert offered(super_client, workspace, "revenue_account_id") == ["200 Sales", "270 Interest Income"]
    assert "092 US Dollar Account (USD)" in offered(super_client, workspace, "payment_account_id")
    assert "200 Sales" not in offered(super_client, workspace, "payment_account_id")


def test_only_rates_for_sales_are_offered(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    RemoteTaxRate.objects.filter(code="ZERORATED").update(active=False)
    RemoteTaxRate.objects.filter(code="NONE").update(for_revenue=False)

    names = offered(super_client, workspace, "default_rate")

    assert names == ["15% GST on Income"]


def test_saving_keeps_the_choices(
    super_client: Client, super_user: User, workspace: Workspace, connection: Connection
) -> None:
    response = save(super_client, workspace)

    mapping = Mapping.objects.get()
    assert notices(response) == ["Saved."]
    assert "Everything is chosen" in words(response)
    assert (mapping.revenue_account_id, mapping.payment_account_id) == (account_id("200"), account_id("090"))
    assert mapping.invoice_status == "authorised"
    event = SyncEvent.objects.get(event=EventKind.SETTINGS, message__startswith="The choices")
    assert event.actor == super_user
    assert ["revenue_account", "", "200 Sales"] in event.changes


def test_statuses_there_are_called_as_our_own(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    own = [InvoiceStage.DRAFT, InvoiceStage.AWAITING_APPROVAL, InvoiceStage.AWAITING_PAYMENT]
    names = [str(stage.label) for stage in own]
    offers = offered(super_client, workspace, "invoice_status")
    save(super_client, workspace)

    assert [offer.partition(":")[0] for offer in offers] == [
        "With its status",
        *(f"Once approved, as {name}" for name in names),
    ]
    told = SyncEvent.objects.get(event=EventKind.SETTINGS, message__startswith="The choices")
    assert ["invoice_status", "With its status", "Once approved, as Awaiting payment"] in told.changes
    assert {STATES["authorised"], STATES["submitted"]} == {name.lower() for name in names[1:]}


def test_default_rate_becomes_ours_and_is_matched(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    save(super_client, workspace)

    rate = TaxRate.objects.get(is_default=True)
    assert (rate.name, rate.percent) == ("15% GST on Income", Decimal(15))
    assert TaxMapping.objects.get().tax_rate == rate
    assert TaxMapping.objects.get().code == "OUTPUT2"


def test_saving_twice_changes_nothing(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    save(super_client, workspace)
    rate = TaxRate.objects.get()

    response = save(super_client, workspace, **{f"rate_{rate.pk}": "OUTPUT2"})

    assert notices(response) == ["Nothing was changed."]
    saved = SyncEvent.objects.filter(event=EventKind.SETTINGS, message__startswith="The choices")
    assert (TaxRate.objects.count(), saved.count()) == (1, 1)


def test_rate_matched_already_is_not_made_again(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    ours = make_tax_rate(workspace, name="GST", percent="15")

    save(super_client, workspace, **{f"rate_{ours.pk}": "OUTPUT2"})

    assert TaxRate.objects.get().pk == ours.pk
    assert TaxRate.objects.get().is_default is True


def test_own_rate_is_matched_to_one_of_the_same_percentage(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    zero = make_tax_rate(workspace, name="Export", percent="0")

    save(super_client, workspace, **{f"rate_{zero.pk}": "ZERORATED"})

    assert TaxMapping.objects.get(tax_rate=zero).code == "ZERORATED"


def test_rate_of_another_percentage_is_refused_with_the_reason(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    zero = make_tax_rate(workspace, name="Export", percent="0")

    response = save(super_client, workspace, **{f"rate_{zero.pk}": "OUTPUT2"})

    assert response.status_code == 422
    assert "with another one, the totals of both sides would differ." in words(response)
    assert Mapping.objects.count() == 0


def test_rate_that_xero_has_not_says_so(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    make_tax_rate(workspace, name="Old GST", percent="12.5")

    text = words(super_client.get(url("mapping", workspace)))

    assert "Xero has no active rate of 12.5% for sales." in text


def test_unmatching_a_rate_forgets_it(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    save(super_client, workspace)
    rate = TaxRate.objects.get()

    save(super_client, workspace, default_rate="", **{f"rate_{rate.pk}": ""})

    assert TaxMapping.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("revenue_account_id", "made-up"),
        ("payment_account_id", "made-up"),
        ("invoice_status", "paid"),
        ("default_rate", "INPUT2"),
    ],
)
def test_what_xero_does_not_offer_is_refused(
    super_client: Client, workspace: Workspace, connection: Connection, field: str, value: str
) -> None:
    response = save(super_client, workspace, **{field: value})

    assert response.status_code == 422
    assert Mapping.objects.count() == 0


def test_choice_goes_on_with_what_waited_for_it(
    super_client: Client, workspace: Workspace, connection: Connection
) -> None:
    Operation.objects.create(
        workspace=workspace,
        connection=connection,
        lane=Lane.PUSH,
        kind=Kind.INVOICE,
        local_id=uuid4(),
        state=OpState.BLOCKED,
        blocker=Blocker.SETUP,
        error="Choose the default revenue account.",
    )

    save(super_client, workspace)

    assert Operation.objects.get().state == OpState.PENDING


@pytest.mark.parametrize(
    "choices",
    [
        Choices(revenue_account_id="made-up"),
        Choices(payment_account_id="made-up"),
        Choices(invoice_status="paid"),
        Choices(default_rate="made-up"),
    ],
)
def test_service_refuses_what_is_not_offered(
    connection: Connection, super_user: User, choices: Choices
) -> None:
    """The form offers only what fits; lists that change meanwhile are caught here."""
    with pytest.raises(MappingRefused):
        save_mapping(connection=connection, choices=choices, by=super_user)


def test_service_refuses_a_rate_of_another_percentage(connection: Connection, super_user: User) -> None:
    zero = make_tax_rate(connection.workspace, name="Export", percent="0")

    with pytest.raises(MappingRefused) as refused:
        save_mapping(connection=connection, choices=Choices(rates={zero.pk: "OUTPUT2"}), by=super_user)

    assert refused.value.messages == [
        "“15% GST on Income (15%)” is not the same percentage as “Export”: the totals of both sides would differ."
    ]


def test_archived_account_is_flagged_on_the_card(
    super_client: Client, workspace: Workspace, connection: Connection, sandbox: Handle
) -> None:
    save(super_client, workspace)
    RemoteAccount.objects.filter(code="200").update(active=False)

    text = words(super_client.get(url("settings", workspace)))

    assert "The revenue account 200 Sales was archived in Xero: choose another." in text


def test_lists_of_another_workspace_are_not_offered(
    super_client: Client, workspace: Workspace, connection: Connection, stranger: User
) -> None:
    other = stranger.memberships.get().workspace
    with scope(other):
        theirs = Connection.objects.create(
            workspace=other, tenant_id="theirs", tenant_name="Theirs", connected_at=connection.connected_at,
            state=ConnectionState.NEEDS_REAUTH,
        )  # fmt: skip
        RemoteAccount.objects.create(
            workspace=other, connection=theirs, account_id="x", code="999", name="Secret", type="REVENUE",
            account_class="REVENUE",
        )  # fmt: skip

    assert "Secret" not in words(super_client.get(url("mapping", workspace)))
