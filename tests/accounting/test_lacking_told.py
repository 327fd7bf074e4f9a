"""Pages and looks say what Xero has not allowed, and what waits for it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounting.enums import ConnectionState, Kind
from accounting.models import Connection, Grant, Operation
from accounting.queries.health import check_up
from accounting.queries.missing import obstacles_to
from accounting.sync.probe import Verdict, probe
from catalogue.models import TaxRate
from payments.models import Payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.consenting import arrive, consent, leave
from tests.accounting.keeping_step import Sync, bookkeeper
from tests.accounting.lacking import CONTACTS, INVOICES, PAYMENTS, allow, allow_all_but, now, paid
from tests.accounting.pages import notices, url, words
from tests.factories.customers import make_customer
from workspaces.models import Workspace
from xero_sandbox.handle import Handle

__all__ = ["bookkeeper", "paid"]


@pytest.mark.long
def test_card_says_what_waits_and_the_way_back_takes_the_same_organisation_straight(
    paid: Payment,
    connected: Connection,
    sandbox: Handle,
    super_client: Client,
    workspace: Workspace,
    sync: Sync,
) -> None:
    allow_all_but(sandbox, connected, PAYMENTS)
    sync()

    card = words(super_client.get(url("settings", workspace)))
    assert "Xero must allow one thing more" in card
    assert "1 payment waits. All else goes on." in card
    assert "Allow in Xero" in card

    manage = super_client.get(url("mapping", workspace))
    assert "Xero must allow one thing more" in words(manage)
    assert sandbox.url in manage["Content-Security-Policy"].partition("form-action")[2].partition(";")[0]

    page = allow(super_client, workspace, sandbox)
    assert page.redirect_chain[-1][0] == url("mapping", workspace)
    assert "Xero must allow" not in words(super_client.get(url("settings", workspace)))


@pytest.mark.long
def test_form_says_that_what_is_recorded_waits(connected: Connection, gst: TaxRate, sandbox: Handle) -> None:
    assert obstacles_to(Kind.PAYMENT) == []
    allow_all_but(sandbox, connected, PAYMENTS)
    assert obstacles_to(Kind.PAYMENT) == ["Xero must allow payments: press Allow in Xero."]
    assert obstacles_to(Kind.INVOICE) == []


@pytest.mark.long
def test_card_names_all_that_must_be_allowed(
    connected: Connection, sandbox: Handle, super_client: Client, workspace: Workspace
) -> None:
    allow_all_but(sandbox, connected, PAYMENTS, CONTACTS)
    make_customer(connected.workspace)
    make_customer(connected.workspace)

    card = words(super_client.get(url("settings", workspace)))

    assert "Xero must allow 2 things more" in card
    assert (
        "Tandem may not work on customers, payments and refunds in Maple Florist so far. 2 customers wait."
        in card
    )
    assert "Comparing both sides waits too. All else goes on." in card


@pytest.mark.long
def test_connecting_with_less_than_everything_says_what_waits(
    connected: Connection, sandbox: Handle, super_client: Client, workspace: Workspace
) -> None:
    sandbox.reset()
    scopes = f"openid offline_access accounting.settings.read {CONTACTS} {INVOICES}"
    page = arrive(super_client, consent(sandbox, leave(super_client, workspace), scope=scopes))
    assert (
        "Xero did not allow payments and refunds. They wait until it does, and all else goes on."
        in notices(page)
    )
    assert now() == (ConnectionState.ACTIVE, "")


def test_test_connection_names_what_waits_and_lets_go_what_is_allowed_after_all(
    paid: Payment, connected: Connection, sandbox: Handle, bookkeeper: Bookkeeper, sync: Sync
) -> None:
    known = Grant.objects.get().scopes
    allow_all_but(sandbox, connected, PAYMENTS)
    sync()
    found = {each.subject: each for each in probe(Connection.objects.get())}["Permissions"]
    assert found.verdict == Verdict.BAD
    assert found.told.startswith("Xero must allow payments and refunds (accounting.payments).")

    tokens = sandbox.connect()  # the note is stale: by now it is allowed
    Grant.objects.update(access_token=tokens["access_token"], refresh_token=tokens["refresh_token"])
    found = {each.subject: each for each in probe(Connection.objects.get())}["Permissions"]
    assert found.verdict == Verdict.GOOD
    assert set(Grant.objects.get().scopes) >= set(known) - {"openid", "profile", "email"}
    sync()
    assert not Operation.objects.exists()


@pytest.mark.long
def test_what_waits_to_be_allowed_is_no_complaint(
    paid: Payment, connected: Connection, sandbox: Handle, sync: Sync
) -> None:
    allow_all_but(sandbox, connected, PAYMENTS)
    sync()
    Operation.objects.update(updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert check_up(Connection.objects.get(), dt.timedelta(minutes=5)).complaints == ()
