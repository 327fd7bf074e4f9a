"""The connection's card, what is still to be chosen, and what the checkup complains of."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounting.enums import Blocker, ConnectionState, OpState
from accounting.models import Batch, Connection, Mapping, Operation, RemoteAccount, RemoteTaxRate
from accounting.queries.health import check_up
from accounting.queries.missing import missing_setup
from accounting.queries.setup import Queue, connection_card
from catalogue.models import TaxRate
from tests.accounting.rows import NOW, connection, push
from tests.factories.accounting import make_batch, map_rate
from tests.factories.catalogue import make_tax_rate
from workspaces.models import Workspace

__all__ = ["connection"]

# the connection


def test_card_counts_the_queue(connection: Connection) -> None:
    push(connection, uuid4())
    push(connection, uuid4())
    push(connection, uuid4(), OpState.IN_FLIGHT)
    push(connection, uuid4(), OpState.UNCERTAIN)
    push(connection, uuid4(), OpState.BLOCKED, blocker=Blocker.SETUP, error="Choose.")
    push(connection, uuid4(), OpState.FAILED)

    assert connection_card().queue == Queue(waiting=2, sending=2, blocked=1, failed=1)


def test_card_of_no_connection_is_empty(in_workspace: Workspace) -> None:
    card = connection_card()
    assert (card.connection, card.state, card.missing) == (None, "", ())


def test_card_tells_that_sending_rests(connection: Connection) -> None:
    Connection.objects.update(
        resume_at=timezone.now() + dt.timedelta(minutes=5), resume_reason="Xero is down for maintenance."
    )

    assert connection_card().rest.words == "Xero is down for maintenance."


@pytest.fixture
def chosen(connection: Connection) -> TaxRate:
    """Everything is chosen."""
    rate = make_tax_rate(connection.workspace, name="GST", is_default=True)
    map_rate(connection, rate)
    Connection.objects.update(reference_data_at=NOW)
    connection.refresh_from_db()
    return rate


def test_nothing_is_missing_once_all_is_chosen(connection: Connection, chosen: TaxRate) -> None:
    assert missing_setup(connection) == []


def test_lists_never_read_are_what_is_missing(connection: Connection) -> None:
    assert missing_setup(connection) == ["Xero's accounts and tax rates were not read yet."]


def test_everything_is_missing_at_first(connection: Connection) -> None:
    Connection.objects.update(reference_data_at=NOW)
    Mapping.objects.all().delete()
    connection.refresh_from_db()

    assert missing_setup(connection) == [
        "Choose the revenue account.",
        "Choose the default tax rate.",
        "Choose the payment account.",
    ]


def test_choice_that_broke_is_named(connection: Connection, chosen: TaxRate) -> None:
    RemoteAccount.objects.filter(account_id="sales").update(active=False)
    RemoteAccount.objects.filter(account_id="bank").delete()
    RemoteTaxRate.objects.update(active=False)

    assert missing_setup(connection) == [
        "The revenue account 200 Sales was archived in Xero: choose another.",
        "The tax rate “GST” is matched to one that is gone from Xero: choose another.",
        "The payment account is not among Xero's accounts any more: choose another.",
    ]


def test_rate_whose_percentage_changed_in_xero_is_named(connection: Connection, chosen: TaxRate) -> None:
    RemoteTaxRate.objects.update(percent=Decimal("12.5"))

    assert missing_setup(connection) == [
        "“15% GST on Income” has another percentage in Xero now: match “GST” to another."
    ]


def test_rate_that_nobody_matched_is_named(connection: Connection, chosen: TaxRate) -> None:
    make_tax_rate(connection.workspace, name="Zero", percent="0")

    assert missing_setup(connection) == ["Match the tax rate “Zero” to one of Xero's."]


# how the engine does


def test_checkup_of_a_quiet_connection_complains_of_nothing(connection: Connection) -> None:
    push(connection, uuid4())

    told = check_up(connection, dt.timedelta(minutes=10))

    assert (told.told, told.complaints) == ("1 pending", ())


def test_checkup_complains_of_what_waits_too_long(connection: Connection) -> None:
    push(connection, uuid4())
    make_batch(connection)
    long_ago = timezone.now() - dt.timedelta(hours=1)
    Operation.objects.update(updated_at=long_ago)
    Batch.objects.update(updated_at=long_ago)

    complaints = check_up(connection, dt.timedelta(minutes=10)).complaints

    assert complaints == (
        "1 operations wait and no worker takes them: do worker and beat run?",
        "1 stored writes are not settled.",
    )


@pytest.mark.parametrize(
    "change",
    [{"state": ConnectionState.NEEDS_REAUTH}, {"resume_at": timezone.now() + dt.timedelta(days=1)}],
)
def test_checkup_lets_a_connection_rest(connection: Connection, change: dict[str, Any]) -> None:
    push(connection, uuid4())
    Operation.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))
    Connection.objects.update(**change)
    connection.refresh_from_db()

    assert check_up(connection, dt.timedelta(minutes=10)).complaints == ()
