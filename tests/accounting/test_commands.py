"""What administrators run by hand."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from accounting.enums import ConnectionState, Kind, OpState
from accounting.models import Connection, Grant, Link, Operation, Usage
from accounting.sync.drain import drain
from core.clock import day_in
from customers.models import Customer
from plans.models import Subscription
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.accounting import make_connection
from tests.factories.customers import make_customer
from tests.factories.plans import lapse
from workspaces.models import Workspace
from workspaces.scope import scope
from xero_sandbox.handle import Handle


def run(name: str, *args: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(name, *args, stdout=out, no_color=True, **options)
    return out.getvalue()


def stored_token() -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT access_token FROM accounting_grant")
        return str(cursor.fetchone()[0])


@pytest.fixture
def waiting(workspace: Workspace) -> Operation:
    """A customer that waits to be sent."""
    with scope(workspace):
        make_connection(workspace)
        make_customer(workspace)
        return Operation.objects.get()


# rotate_token_keys


def test_rotate_encrypts_with_the_first_key(waiting: Operation, settings: Settings) -> None:
    before, new = stored_token(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]

    told = run("rotate_token_keys")

    assert told.splitlines() == [
        "grants: 1 encrypted again",
        "connect attempts: 0 encrypted again",
        "second factors: 0 encrypted again",
    ]
    assert stored_token() != before
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert Grant.objects.get().access_token == "access-canary"


def test_rotate_dry_run_writes_nothing(waiting: Operation) -> None:
    before = stored_token()

    told = run("rotate_token_keys", "--dry-run")

    assert told == "grants: 1 to encrypt again\nconnect attempts: 0 to encrypt again\n"
    assert stored_token() == before


def test_rotate_tells_no_token(waiting: Operation) -> None:
    assert "canary" not in run("rotate_token_keys")


# sync_doctor


def test_doctor_finds_nothing_wrong(waiting: Operation, workspace: Workspace) -> None:
    told = run("sync_doctor").splitlines()

    assert told == [
        f"{workspace.slug}: Maple Florist, active",
        "  operations: 1 pending",
        "  oldest pending: 0 min",
        "1 connections, 0 with something stuck.",
    ]


def test_doctor_ends_with_1_when_something_is_stuck(
    waiting: Operation, workspace: Workspace, capsys: Any
) -> None:
    with scope(workspace):
        Operation.objects.update(updated_at=timezone.now() - dt.timedelta(minutes=11))

    with pytest.raises(SystemExit) as ended:
        call_command("sync_doctor", no_color=True)

    assert ended.value.code == 1
    told = "  STUCK: 1 operations wait and no worker takes them: do worker and beat run?"
    assert told in capsys.readouterr().out.splitlines()


def test_doctor_tells_what_the_month_cost_in_every_workspace(
    waiting: Operation, workspace: Workspace
) -> None:
    """What Xero bills is the bytes of a month, of all organisations together."""
    today = day_in(dt.UTC)
    with scope(workspace):
        there = Connection.objects.get()
        for day, calls in ((today, 1200), (today.replace(day=1) - dt.timedelta(days=1), 7)):
            Usage.objects.create(
                workspace=workspace,
                connection=there,
                tenant_id=there.tenant_id,
                day=day,
                calls=calls,
                received=2_340_000_000,
            )

    assert "1,200 calls to Xero this month, 2.34 GB read." in run("sync_doctor").splitlines()
    assert "this month" not in run("sync_doctor", "--workspace", workspace.slug)


def test_doctor_tells_of_rest_and_lease(waiting: Operation, workspace: Workspace) -> None:
    with scope(workspace):
        Connection.objects.update(
            resume_at=timezone.now() + dt.timedelta(hours=1),
            resume_reason="Xero is down for maintenance.",
            lease_token=workspace.pk,
            lease_until=timezone.now(),
        )

    told = run("sync_doctor", "--workspace", workspace.slug)

    assert "UTC: Xero is down for maintenance." in told
    assert "  leased until" in told


@pytest.fixture
def paused(waiting: Operation, workspace: Workspace) -> Operation:
    """A customer that waits, for an hour by now, until support resumes the connection."""
    with scope(workspace):
        Connection.objects.update(paused_at=dt.datetime(2026, 3, 2, 9, 5, tzinfo=dt.UTC), paused_by="Ana")
        Operation.objects.update(updated_at=timezone.now() - dt.timedelta(hours=1))
    return waiting


def test_doctor_tells_who_paused_a_connection_since_when(paused: Operation, workspace: Workspace) -> None:
    assert run("sync_doctor").splitlines() == [
        f"{workspace.slug}: Maple Florist, active",
        "  operations: 1 pending",
        "  oldest pending: 0 min",
        "  paused by Ana since 2026-03-02 09:05 UTC",
        "1 connections, 0 with something stuck.",
    ]


def test_doctor_tells_whose_plan_has_no_integrations(waiting: Operation, workspace: Workspace) -> None:
    since = lapse(workspace).until
    assert since is not None

    told = run("sync_doctor")

    assert f"  its plan has had no integrations since {since + Subscription.GRACE:%Y-%m-%d %H:%M} UTC" in told


def test_doctor_looks_at_one_workspace(waiting: Operation) -> None:
    assert run("sync_doctor", "--workspace", "nobody") == "0 connections, 0 with something stuck.\n"


# sync_requeue


@pytest.fixture
def failed(waiting: Operation, workspace: Workspace) -> Operation:
    with scope(workspace):
        Operation.objects.update(state=OpState.FAILED, error="Refused.", error_class="permanent")
    return waiting


def test_requeue_tries_again(failed: Operation, workspace: Workspace) -> None:
    told = run("sync_requeue", "--workspace", workspace.slug)

    assert told == "1 failed operations are tried again.\n"
    with scope(workspace):
        assert Operation.objects.get().state == OpState.PENDING


@pytest.mark.parametrize("narrow", [["--kind", "invoice"], ["--error-class", "internal"], ["--dry-run"]])
def test_requeue_leaves_the_others(failed: Operation, workspace: Workspace, narrow: list[str]) -> None:
    run("sync_requeue", "--workspace", workspace.slug, *narrow)

    with scope(workspace):
        assert Operation.objects.get().state == OpState.FAILED


# reconcile_now


@pytest.fixture
def changed_there(sandbox: Handle, connected: Connection) -> Customer:
    """A customer in step, whom the bookkeeper renamed and no webhook told of."""
    customer = make_customer(connected.workspace, name="Old Name")
    drain(connected.pk)
    link = Link.objects.get(kind=Kind.CUSTOMER)
    Bookkeeper(sandbox, connected).change_contact(link.remote_id, Name="New Name")
    return customer


def test_reconcile_reads_what_changed(changed_there: Customer, workspace: Workspace) -> None:
    told = run("reconcile_now", "--workspace", workspace.slug)

    changed_there.refresh_from_db()
    assert changed_there.name == "New Name"
    assert told.startswith("customer: since ")


def test_reconcile_dry_run_reads_nothing(
    changed_there: Customer, workspace: Workspace, sandbox: Handle
) -> None:
    sandbox.clear_requests()

    run("reconcile_now", "--workspace", workspace.slug, "--dry-run")

    assert sandbox.requests() == []


@pytest.mark.parametrize("command", ["reconcile_now", "sync_requeue"])
def test_unknown_workspace_is_a_sentence(db: None, command: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(command, "--workspace", "nobody")

    assert str(refused.value) == "There is no workspace 'nobody'."


def test_reconcile_of_a_cut_off_workspace_is_a_sentence(waiting: Operation, workspace: Workspace) -> None:
    with scope(workspace):
        Connection.objects.update(state=ConnectionState.NEEDS_REAUTH)

    with pytest.raises(CommandError) as refused:
        run("reconcile_now", "--workspace", workspace.slug)

    assert str(refused.value) == "Acme Studio is not connected."


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_reconcile_of_a_paused_workspace_says_who_must_act(
    paused: Operation, workspace: Workspace, options: list[str]
) -> None:
    with pytest.raises(CommandError) as refused:
        run("reconcile_now", "--workspace", workspace.slug, *options)

    assert str(refused.value) == (
        "Acme Studio's connection is paused: resume it first (Django admin > Connections)."
    )


def test_reconcile_of_a_lapsed_workspace_says_where_plans_are(
    waiting: Operation, workspace: Workspace
) -> None:
    lapse(workspace)

    with pytest.raises(CommandError, match=r"plan has had no integrations since .* \(Django admin > Plans\)"):
        run("reconcile_now", "--workspace", workspace.slug)
