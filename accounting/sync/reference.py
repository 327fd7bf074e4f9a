"""Reading what an organisation offers to choose from, and keeping it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import CURED_BY_LISTS, ErrorClass, EventKind, Lane, LinkState, OpState
from accounting.models import (
    Connection,
    Link,
    Operation,
    RemoteAccount,
    RemoteTaxRate,
    RemoteTrackingOption,
)
from accounting.port.meanings import PERIOD_LOCKED
from accounting.port.organisation import OrganisationDoc, ReferenceData
from accounting.providers.registry import meaning_of
from accounting.sync import lease, outbox
from accounting.sync.broken import note_broken
from accounting.sync.history import tell
from accounting.sync.opening import open_books
from core.clock import database_now
from core.transactions import after_commit, forbid_transaction
from workspaces.services import adopt_time_zone
from workspaces.zones import say_zone

ACCOUNT_FIELDS = (
    *("code", "name", "type", "account_class"),
    *("active", "takes_payments", "system", "currency", "tax_code"),
)
ORGANISATION_FIELDS = ("period_lock_date", "year_lock_date", "passes_period_lock", "currencies", "currency")
RATE_FIELDS = ("name", "percent", "active", "for_revenue")
OPTION_FIELDS = ("category_id", "category", "name", "active")
OLD = dt.timedelta(hours=1)
"""Lists that were read longer ago may not be the organisation's any more: they are read when it matters."""
FIRST = 1
"""An operation that was refused once. Tried again by itself it is refused for good."""
ASKED = dt.timedelta(minutes=1)
CLICKED = dt.timedelta(seconds=30)
"""Before a person may have them read once more. Each reading takes calls from Xero's limit of 60 a minute."""


class ReadAMomentAgo(Exception):
    """Reading the lists again would bring nothing and cost calls."""


def ask(connection: Connection) -> bool:
    """Have a worker read the lists soon, unless one was asked a moment ago or the connection is paused or not in the
    plan. Returns whether one was asked."""
    if connection.is_stopped or not _claim(connection, ASKED):
        return False
    after_commit(
        lambda: wakeup.send(
            wakeup.REFRESH_LISTS, workspace_id=connection.workspace_id, connection_id=connection.pk
        )
    )
    return True


def _claim(connection: Connection, pause: dt.timedelta) -> bool:
    """Whether nobody asked within the pause; then it is noted that somebody does now."""
    free = Q(lists_asked_at=None) | Q(lists_asked_at__lt=Now() - pause)
    return bool(Connection.objects.filter(free, pk=connection.pk).update(lists_asked_at=Now()))


def claim_by_hand(connection: Connection) -> None:
    """A person wants the lists now. Raises ReadAMomentAgo when they were asked for seconds ago."""
    if not _claim(connection, CLICKED):
        raise ReadAMomentAgo


def ask_if_old(connection: Connection) -> bool:
    """The same, if they are old. Returns whether they are."""
    if not is_old(connection):
        return False
    ask(connection)
    return True


def is_old(connection: Connection) -> bool:
    """Whether the lists were read more than an hour ago, or never."""
    read_at = connection.reference_data_at
    return read_at is None or database_now() - read_at > OLD


def names_lists(detail: str) -> bool:
    """Whether a refusal is about something that the lists tell of: an account, a tax rate, a lock date."""
    meaning = meaning_of(detail)
    return meaning is not None and meaning.names_lists


def refresh_lists(connection: Connection) -> None:
    """Read the organisation, its accounts, tax rates, currencies and tracking categories, and store them. Raises a
    ProviderError; it is Paused while support has the connection paused, or the plan has no integrations."""
    forbid_transaction("reading Xero's lists")
    before = _listed(connection)
    with open_books(connection) as books:
        data = books.reference_data()
    store(connection, data)
    _take_up(connection, is_news=_listed(connection) != before)


def _listed(connection: Connection) -> tuple[Any, ...]:
    """All that a refusal may be about, as it is known now."""
    accounts = RemoteAccount.objects.filter(connection=connection).order_by("account_id")
    rates = RemoteTaxRate.objects.filter(connection=connection).order_by("code")
    options = RemoteTrackingOption.objects.filter(connection=connection).order_by("option_id")
    rules = Connection.objects.filter(pk=connection.pk)
    return (
        list(accounts.values_list("account_id", *ACCOUNT_FIELDS)),
        list(rates.values_list("code", *RATE_FIELDS)),
        list(options.values_list("option_id", *OPTION_FIELDS)),
        list(rules.values_list(*ORGANISATION_FIELDS)),
    )


@transaction.atomic
def _take_up(connection: Connection, *, is_news: bool) -> None:
    """What waited for the lists, or was refused over something in them, is tried again: where they are as they were,
    only what was refused for the first time."""
    count = outbox.unblock(connection.pk, waiting_for=CURED_BY_LISTS)
    failed = Operation.objects.filter(connection=connection, lane=Lane.PUSH, state=OpState.FAILED)
    failed = failed if is_news else failed.filter(attempts=FIRST)
    again = [row.pk for row in failed.only("pk", "error_detail") if names_lists(row.error_detail)]
    unknown = Operation.objects.filter(
        connection=connection,
        lane=Lane.PULL,
        state=OpState.FAILED,
        attempts=FIRST,
        error_class=ErrorClass.MISCONFIGURED,
    )
    again += unknown.values_list("pk", flat=True)
    count += Operation.objects.filter(pk__in=again, state=OpState.FAILED).update(
        state=OpState.PENDING, error="", error_class="", error_detail="", error_reference=""
    )
    _look_again(connection)
    if count:
        wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)


def take_up_locked(connection: Connection) -> int:
    """Try what was refused because its period is locked again. Returns how much that is."""
    failed = Operation.objects.filter(connection=connection, lane=Lane.PUSH, state=OpState.FAILED)
    ids = [row.pk for row in failed.only("pk", "error_detail") if _is_locked_out(row.error_detail)]
    count = outbox.retry_failed(Operation.objects.filter(pk__in=ids))
    if count:
        wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
    return count


def _is_locked_out(detail: str) -> bool:
    meaning = meaning_of(detail)
    return meaning is not None and meaning.cause == PERIOD_LOCKED


def _look_again(connection: Connection) -> None:
    """Records that Xero warned of: with what the lists say now they may differ from what was agreed."""
    warned = Link.objects.filter(connection=connection, state=LinkState.ACTIVE).exclude(note="")
    by_kind: dict[str, list[UUID]] = {}
    for link in warned.only("kind", "local_id", "note"):
        if names_lists(link.note):
            by_kind.setdefault(link.kind, []).append(link.local_id)
    for kind, local_ids in by_kind.items():
        outbox.record_many(workspace_id=connection.workspace_id, kind=kind, local_ids=local_ids)


@transaction.atomic
def store(connection: Connection, data: ReferenceData) -> None:
    """Keep the lists as read. What is no longer there stays, marked inactive, so that a choice can be told broken."""
    if not _store_organisation(connection, data):
        return  # moved to another organisation meanwhile: these lists are not of that one
    _offer_time_zone(connection, data.organisation)
    _keep(RemoteAccount, connection, data.accounts, known_by="account_id", fields=ACCOUNT_FIELDS)
    _keep(RemoteTaxRate, connection, data.tax_rates, known_by="code", fields=RATE_FIELDS)
    _keep(RemoteTrackingOption, connection, data.tracking, known_by="option_id", fields=OPTION_FIELDS)
    note_broken(connection)


def _store_organisation(connection: Connection, data: ReferenceData) -> int:
    doc = data.organisation
    return lease.row_of(connection).update(
        tenant_name=doc.name,
        country=doc.country[:2],
        currency=doc.currency,
        short_code=doc.short_code,
        period_lock_date=doc.period_lock_date,
        year_lock_date=doc.year_lock_date,
        passes_period_lock=data.passes_period_lock,
        may_approve=data.may_approve,
        currencies=list(data.currencies),
        reference_data_at=Now(),
    )


def _offer_time_zone(connection: Connection, doc: OrganisationDoc) -> None:
    """The organisation's days are the workspace's, as long as nobody has said which are."""
    workspace = connection.workspace
    if adopt_time_zone(workspace=workspace, time_zone=doc.time_zone, like=doc.name, by=None):
        told = f"Days are counted in {say_zone(doc.time_zone)} now, as in {doc.name}."
        tell(connection, EventKind.SETTINGS, told)


def _keep(
    model: Any, connection: Connection, docs: Sequence[Any], *, known_by: str, fields: Sequence[str]
) -> None:
    """A list as read. What it lacks now is kept, and no longer active."""
    rows = [
        model(
            workspace_id=connection.workspace_id,
            connection=connection,
            **{name: getattr(doc, name) for name in (known_by, *fields)},
        )
        for doc in docs
    ]
    model.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["connection", known_by], update_fields=fields
    )
    gone = model.objects.filter(connection=connection)
    gone.exclude(**{f"{known_by}__in": [getattr(doc, known_by) for doc in docs]}).update(active=False)
