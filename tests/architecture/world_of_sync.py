"""One row of every model of the sync and of the inbox, for `world`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.utils import timezone

from accounting.enums import (
    Blocker,
    ConflictState,
    EventKind,
    Kind,
    Lane,
    OpState,
    Reading,
    Remedy,
    Taken,
    Until,
    Verdict,
)
from accounting.models import (
    Backfill,
    Batch,
    Clash,
    Conflict,
    ConnectAttempt,
    Connection,
    Decision,
    DryRun,
    Exemption,
    Grant,
    Lesson,
    Link,
    MailChoice,
    Mapping,
    Newcomer,
    NewcomerRule,
    Operation,
    PaymentMapping,
    Problem,
    RemoteAccount,
    RemoteTaxRate,
    RemoteTrackingOption,
    ServiceMapping,
    Statement,
    StatementDifference,
    SyncEvent,
    TaxMapping,
    TrackingMapping,
    Usage,
)
from accounting.port.documents import InvoiceDoc
from accounting.port.snapshots import Snapshot, dump
from webhooks.models import Delivery, Event
from workspaces.audit import actor

if TYPE_CHECKING:
    from tests.architecture.world import World


def _document(name: str) -> Snapshot:
    return dump(
        InvoiceDoc(
            number=f"{name}-0001", contact_id=str(uuid4()), issue_date=dt.date(2026, 1, 1), due_date=None,
            currency="NZD", amounts="exclusive",
        )
    )  # fmt: skip


def fill_sync(world: World, name: str) -> None:
    now, remote_id = timezone.now(), str(uuid4())
    world.add(Lesson, part=name, key="taught", cause=name, words=name, fixer="MEMBER", fix="MEND")
    grant = world.add(
        Grant,
        remote_user_id=remote_id,
        access_token=name,
        refresh_token=name,
        expires_at=now,
        refreshed_at=now,
    )
    there = world.add(
        Connection, grant=grant, tenant_id=remote_id, tenant_name=f"{name} Ltd", connected_at=now
    )
    with_connection: dict[str, Any] = {"connection": there}
    with_invoice = {**with_connection, "kind": Kind.INVOICE, "local_id": world.rows["invoices.Invoice"].pk}
    _fill_choices(world, name, with_connection)
    _fill_backfill(world, name, with_connection)
    _fill_conflict(world, name, with_invoice)
    _fill_work(world, name, with_invoice)
    _fill_statement(world, name, with_invoice)
    world.add(Usage, **with_connection, tenant_id=remote_id, day=now.date(), calls=1)
    delivery = world.add(Delivery, body=name.encode())
    world.add(Event, delivery=delivery, key=remote_id, category="INVOICE", change="UPDATE")


def _fill_backfill(world: World, name: str, with_connection: dict[str, Any]) -> None:
    world.add(Backfill, **with_connection, started_at=timezone.now())
    world.add(
        Clash,
        **with_connection,
        kind=Kind.INVOICE,
        local_id=uuid4(),
        taken=Taken.NUMBER,
        remote_id=str(uuid4()),
        there=_document(name),
    )
    run = world.add(DryRun, **with_connection)
    world.add(
        Decision,
        dry_run=run,
        kind=Kind.INVOICE,
        local_id=uuid4(),
        name=name,
        verdict=Verdict.CREATE,
        local_version=timezone.now(),
    )
    _fill_newcomers(world, name, with_connection)
    world.add(
        Exemption,
        **with_connection,
        kind=Kind.INVOICE,
        local_id=uuid4(),
        until=Until.GOOD,
        since=timezone.now(),
        reason=name,
    )


def _fill_newcomers(world: World, name: str, with_connection: dict[str, Any]) -> None:
    owner = {"owner_kind": Kind.CUSTOMER, "owner_id": str(uuid4())}
    world.add(NewcomerRule, **with_connection, **owner, verdict=Verdict.CREATE)
    world.add(
        Newcomer,
        **with_connection,
        **owner,
        kind=Kind.INVOICE,
        remote_id=str(uuid4()),
        remote_version=timezone.now(),
        there=_document(name),
        told=name,
    )


def _fill_conflict(world: World, name: str, with_invoice: dict[str, Any]) -> None:
    now, document = timezone.now(), _document(name)
    link = world.add(Link, **with_invoice, remote_id=str(uuid4()), remote_version=now, base=document)
    world.add(
        Conflict,
        **with_invoice,
        link=link,
        state=ConflictState.OPEN,
        base=document,
        ours=document,
        theirs=document,
        remote_version=now,
        fields=["number"],
    )


def _fill_work(world: World, name: str, with_invoice: dict[str, Any]) -> None:
    batch = world.add(
        Batch,
        connection=with_invoice["connection"],
        kind=Kind.INVOICE,
        verb="create",
        method="PUT",
        path="/Invoices",
        body=name,
        idempotency_key=str(uuid4()),
        items=[],
    )
    told: dict[str, Any] = {"words": f"{name} was refused", "last_seen_at": timezone.now()}
    problem = world.add(
        Problem,
        connection=with_invoice["connection"],
        key="unknown",
        first_seen_at=told["last_seen_at"],
        **told,
    )
    world.add(MailChoice, user=world.super_user, rule="money")
    world.add(
        Operation,
        **with_invoice,
        problem=problem,
        lane=Lane.PUSH,
        state=OpState.BLOCKED,
        blocker=Blocker.CONFLICT,
        error=f"{name} is out of sync",
        batch=batch,
    )
    world.add(
        SyncEvent,
        **with_invoice,
        event=EventKind.SENT,
        message=f"{name} sent",
        **actor(world.staff),
    )


def _fill_choices(world: World, name: str, with_connection: dict[str, Any]) -> None:
    now = timezone.now()
    world.add(Mapping, **with_connection, revenue_account_id=name)
    world.add(
        TaxMapping, **with_connection, tax_rate=world.rows["catalogue.TaxRate"], code=f"{name.upper()}2"
    )
    world.add(ServiceMapping, **with_connection, service=world.rows["catalogue.Service"], account_id=name)
    world.add(
        TrackingMapping,
        **with_connection,
        service=world.rows["catalogue.Service"],
        category_id=name,
        option_id=name,
    )
    world.add(PaymentMapping, **with_connection, currency="EUR", account_id=name)
    world.add(RemoteAccount, **with_connection, account_id=name, name=f"{name} sales", type="REVENUE")
    world.add(
        RemoteTaxRate, **with_connection, code=f"{name.upper()}2", name=f"{name} tax", percent=Decimal(15)
    )
    world.add(
        RemoteTrackingOption, **with_connection, category_id=name, category=name, option_id=name, name=name
    )
    world.add(
        ConnectAttempt,
        state_hash=name,
        session_hash=name,
        user=world.super_user,
        verifier=name,
        expires_at=now,
    )


def _fill_statement(world: World, name: str, with_invoice: dict[str, Any]) -> None:
    now = timezone.now()
    connection = {"connection": with_invoice["connection"]}
    world.add(Statement, **connection, day=now.date(), as_of=now, finished_at=now, unsent={"invoice": 1})
    world.add(
        StatementDifference,
        **with_invoice,
        remote_id="there",
        fields=[["reference", name, ""]],
        remedy=Remedy.READ,
        found_by=Reading.KNOWN,
        first_day=now.date(),
        found_at=now,
        checked_at=now,
    )
