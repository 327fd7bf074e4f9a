"""The account that payments in each currency are booked to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounting.enums import Blocker, Kind
from accounting.models import Connection, Mapping, Operation, PaymentMapping, RemoteAccount
from accounting.queries.missing import missing_setup, obstacles_to
from accounting.sync.mapping import Choices, MappingRefused, save_mapping
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from payments.services import record_payment
from tests.accounting.bookkeeper import Bookkeeper
from tests.accounting.choosing import account_id, save
from tests.accounting.pages import words
from tests.factories.invoices import ISSUED_ON, make_invoice, make_line
from workspaces.models import User, Workspace
from xero_sandbox.handle import Handle

Sync = Callable[[], None]


@pytest.fixture
def usd(connected: Connection) -> Connection:
    """Dollars go to the dollar account, everything else to the bank."""
    Mapping.objects.update(payment_account_id=account_id("090"))
    PaymentMapping.objects.create(
        workspace=connected.workspace, connection=connected, currency="USD", account_id=account_id("092")
    )
    return connected


def _pay(connection: Connection, gst: TaxRate, currency: str, sync: Sync) -> None:
    invoice = make_invoice(
        connection.workspace,
        status=InvoiceStatus.APPROVED,
        currency=currency,
        lines=[make_line(tax_rate=gst)],
    )
    record_payment(invoice=invoice, amount=Decimal(115), date=ISSUED_ON, by=None)
    for _ in range(3):
        sync()


def _booked_to(sandbox: Handle, connection: Connection) -> list[str]:
    payments = Bookkeeper(sandbox, connection).read_all("Payments")
    mine = [row for row in payments if row["Invoice"]["InvoiceNumber"].startswith("INV-0001")]
    return [row["Account"]["AccountID"] for row in mine]


@pytest.mark.parametrize(("currency", "code"), [("USD", "092"), ("NZD", "090")])
def test_payment_goes_to_the_account_of_its_currency(
    usd: Connection, gst: TaxRate, sandbox: Handle, sync: Sync, currency: str, code: str
) -> None:
    _pay(usd, gst, currency, sync)

    assert _booked_to(sandbox, usd) == [account_id(code)]


def test_payment_that_the_only_account_does_not_take_waits_and_says_why(
    connected: Connection, gst: TaxRate, sync: Sync
) -> None:
    Mapping.objects.update(payment_account_id=account_id("092"))
    _pay(connected, gst, "NZD", sync)

    waiting = Operation.objects.get(kind=Kind.PAYMENT)
    assert waiting.blocker == Blocker.SETUP
    assert waiting.error.startswith("092 US Dollar Account takes only USD: choose a payment account for NZD")


def test_currencies_without_an_account_are_said_at_the_payment(connected: Connection) -> None:
    Mapping.objects.update(payment_account_id=account_id("092"))

    (told,) = [sentence for sentence in obstacles_to(Kind.PAYMENT) if "takes only" in sentence]
    assert told.startswith("092 US Dollar Account takes only USD: choose a payment account for ")
    assert "NZD" in told
    assert "USD" not in told.partition(" account for ")[2]


def test_currency_is_offered_only_accounts_that_take_it(
    super_client: Client, workspace: Workspace, connected: Connection
) -> None:
    form = save(super_client, workspace, currency_USD=account_id("092")).context["form"]

    assert PaymentMapping.objects.get(currency="USD").account_id == account_id("092")
    for currency in set(connected.currencies) - {"NZD", "USD"}:
        assert account_id("092") not in dict(form.fields[f"currency_{currency}"].choices)


def test_account_of_another_currency_is_refused(connected: Connection, super_user: User) -> None:
    with pytest.raises(MappingRefused):
        save_mapping(
            connection=connected, choices=Choices(currency_accounts={"EUR": account_id("092")}), by=super_user
        )


def test_archived_account_of_a_currency_is_flagged(usd: Connection) -> None:
    RemoteAccount.objects.filter(code="092").update(active=False)

    assert (
        "The payment account for USD 092 US Dollar Account was archived in Xero: choose another."
        in missing_setup(usd)
    )


def test_currency_that_was_taken_away_is_flagged(usd: Connection) -> None:
    usd.currencies = ["NZD", "EUR"]

    assert "USD is no longer enabled in Xero: payments in it cannot be sent." in missing_setup(usd)


def test_page_explains_payments_in_other_currencies(
    super_client: Client, workspace: Workspace, connected: Connection
) -> None:
    assert "Payments in a currency go to its own account, if it has one." in words(
        save(super_client, workspace)
    )


@pytest.mark.parametrize(
    ("currency", "account", "constraint"),
    [
        ("USD", "x", "currency_mapped_once"),
        ("usd", "x", "payment_mapping_names_currency_and_account"),
        ("EUR", "", "payment_mapping_names_currency_and_account"),
    ],
)
def test_mapping_of_a_currency_names_it_once_with_an_account(
    usd: Connection, currency: str, account: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        PaymentMapping.objects.create(
            workspace=usd.workspace, connection=usd, currency=currency, account_id=account
        )
