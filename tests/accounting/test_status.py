"""What is said of a record, beside it and in lists."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounting.enums import Blocker, ConnectionState, Kind, Lane, LinkState, OpState
from accounting.models import Connection, Link, Operation
from accounting.queries.status import states_of, status_for
from core.testing import assert_queries
from invoices.enums import InvoiceStatus
from tests.accounting.rows import connection, push, status
from tests.factories.accounting import make_batch, make_link
from tests.factories.invoices import make_invoice
from workspaces.models import Workspace

__all__ = ["connection"]

# status


def test_status_without_a_connection_is_not_connected(in_workspace: Workspace) -> None:
    told = status(uuid4())
    assert (told.code, told.label, told.is_moving) == ("not_connected", "Not connected", False)


def test_status_after_disconnecting_is_not_connected(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4())
    Connection.objects.update(state=ConnectionState.DISCONNECTED)

    assert status(link.local_id).code == "not_connected"


@pytest.mark.parametrize(
    ("state", "fields", "code", "is_moving"),
    [
        (OpState.PENDING, {}, "pending", True),
        (OpState.IN_FLIGHT, {}, "sending", True),
        (OpState.UNCERTAIN, {}, "uncertain", True),
        (OpState.FAILED, {}, "needs_attention", False),
        (OpState.BLOCKED, {"blocker": Blocker.SETUP, "error": "Choose it."}, "blocked", False),
        (OpState.BLOCKED, {"blocker": Blocker.DEPENDENCY, "error": "Waiting for A."}, "waiting", True),
        (OpState.BLOCKED, {"blocker": Blocker.CONFLICT, "error": "Decide."}, "out_of_sync", False),
    ],
)
def test_status_of_an_unfinished_push(
    connection: Connection, state: str, fields: dict[str, Any], code: str, is_moving: bool
) -> None:
    operation = push(connection, uuid4(), state, **fields)

    told = status(operation.local_id)

    assert (told.code, told.is_moving) == (code, is_moving)


def test_status_of_a_link(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4(), "remote-7")

    told = status(link.local_id)

    assert (told.code, told.label, told.tone, told.is_linked) == ("synced", "Synced", "success", True)
    assert told.remote_url.endswith("InvoiceID=remote-7")


def test_status_shows_what_xero_warned_of(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4())
    Link.objects.update(note="Account code '200' has been removed as it does not match a recognised account.")

    told = status(link.local_id)
    assert (told.code, told.reason.startswith("Xero knows no such account and left it out.")) == (
        "warned",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "label", "reason"),
    [
        (Kind.INVOICE, "Voided", "Voided in Xero."),
        (Kind.CUSTOMER, "Archived", "Archived in Xero."),
        (Kind.PAYMENT, "Reversed", "Deleted in Xero."),
    ],
)
def test_status_of_a_removed_record_is_called_what_the_record_is(
    connection: Connection, kind: Kind, label: str, reason: str
) -> None:
    link = make_link(connection, kind, uuid4())
    Link.objects.update(state=LinkState.TOMBSTONED)

    told = status_for(kind, [link.local_id])[link.local_id]

    assert (told.code, told.label, told.reason) == ("removed", label, reason)


def test_status_of_a_record_never_pushed(connection: Connection) -> None:
    assert status(uuid4()).code == "not_sent"


def test_status_of_conflict_comes_before_failure(connection: Connection) -> None:
    operation = push(connection, uuid4(), OpState.FAILED)
    make_link(connection, Kind.INVOICE, operation.local_id)
    Link.objects.update(state=LinkState.OUT_OF_SYNC)

    assert status(operation.local_id).code == "out_of_sync"


def test_status_of_failure_comes_before_an_earlier_send(connection: Connection) -> None:
    local_id = uuid4()
    push(connection, local_id, OpState.FAILED)
    Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PUSH,
        kind=Kind.INVOICE,
        local_id=local_id,
        state=OpState.IN_FLIGHT,
        batch=make_batch(connection),
    )

    assert status(local_id).code == "needs_attention"


def test_status_of_a_change_of_xeros_that_was_refused_here(connection: Connection) -> None:
    link = make_link(connection, Kind.INVOICE, uuid4(), "remote-1")
    Operation.objects.create(
        workspace=connection.workspace,
        connection=connection,
        lane=Lane.PULL,
        kind=Kind.INVOICE,
        remote_id="remote-1",
        state=OpState.FAILED,
        error="Xero's change could not be taken over.",
    )

    told = status(link.local_id)

    assert (told.code, told.reason) == ("needs_attention", "Xero's change could not be taken over.")


def test_status_names_the_failure_of_the_customer(connection: Connection) -> None:
    customer = push(connection, uuid4(), OpState.FAILED, kind=Kind.CUSTOMER, error="The name is taken.")
    invoice = push(
        connection,
        uuid4(),
        OpState.BLOCKED,
        blocker=Blocker.DEPENDENCY,
        blocked_on=customer.local_id,
        error="Waiting for Pip to reach Xero.",
    )

    told = status(invoice.local_id)

    assert (told.code, told.is_moving) == ("needs_attention", False)
    assert told.reason == "The customer could not be sent to Xero: The name is taken."


@pytest.mark.parametrize("state", [OpState.PENDING, OpState.IN_FLIGHT])
def test_status_waits_for_a_reconnect(connection: Connection, state: str) -> None:
    operation = push(connection, uuid4(), state)
    Connection.objects.update(
        state=ConnectionState.NEEDS_REAUTH, state_reason="Xero no longer accepts our access."
    )

    told = status(operation.local_id)

    assert (told.code, told.is_moving) == ("paused", False)
    assert told.reason == "Xero no longer accepts our access. It is sent after reconnecting."


@pytest.mark.parametrize(("seconds", "code"), [(5, "pending"), (3600, "paused"), (-5, "pending")])
def test_status_while_the_connection_rests(connection: Connection, seconds: int, code: str) -> None:
    operation = push(connection, uuid4())
    Connection.objects.update(
        resume_at=timezone.now() + dt.timedelta(seconds=seconds), resume_reason="Today's calls are used up."
    )

    told = status(operation.local_id)

    assert told.code == code
    assert (told.reason == "Today's calls are used up.") == (seconds > 0)


@pytest.mark.parametrize("count", [1, 3])
def test_status_takes_one_query(connection: Connection, count: int) -> None:
    links = [make_link(connection, Kind.INVOICE, uuid4()) for _ in range(count)]
    pushes = [push(connection, uuid4()) for _ in range(count)]
    ids = [row.local_id for row in (*links, *pushes)]

    with assert_queries(1):
        told = status_for(Kind.INVOICE, ids)

    assert [told[local_id].code for local_id in ids] == ["synced"] * count + ["pending"] * count


def test_status_of_nothing_takes_no_query(connection: Connection) -> None:
    with assert_queries(0):
        assert status_for(Kind.INVOICE, []) == {}


def test_status_is_of_this_kind_only(connection: Connection) -> None:
    link = make_link(connection, Kind.CUSTOMER, uuid4())

    assert status(link.local_id).code == "not_sent"


def test_draft_goes_once_it_is_approved(connection: Connection) -> None:
    draft = make_invoice(connection.workspace)
    push(connection, draft.pk)

    told = states_of(Kind.INVOICE, [draft])[draft.pk]

    assert (told.code, told.reason) == ("not_sent", "Goes to Xero once it is approved.")


def test_approved_invoice_is_pending(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.APPROVED)

    assert states_of(Kind.INVOICE, [invoice])[invoice.pk].code == "pending"


def test_invoice_voided_before_it_was_sent_stays_here(connection: Connection) -> None:
    invoice = make_invoice(connection.workspace, status=InvoiceStatus.VOIDED)
    Operation.objects.all().delete()

    told = states_of(Kind.INVOICE, [invoice])[invoice.pk]

    assert told.reason == "It was never in Xero, and it is voided here."


@pytest.mark.parametrize("count", [1, 3])
def test_states_of_records_take_one_query(connection: Connection, count: int) -> None:
    invoices = [make_invoice(connection.workspace) for _ in range(count)]

    with assert_queries(1):
        states_of(Kind.INVOICE, invoices)
