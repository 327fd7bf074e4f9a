"""Where each record stands between us and Xero, in words. One query answers for a whole page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone

from accounting.enums import Blocker, ConnectionState, Kind, Lane, LinkState, OpState, Provider
from accounting.models import Connection, Link, Operation
from accounting.providers.registry import explain, record_url
from accounting.resources.registry import get_resource
from core.clock import day_in
from core.templatetags.display import day

LONG_REST = dt.timedelta(seconds=60)
"""A connection that rests for less is still on its way; one that rests for longer is paused."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """A record's standing. `reason` is a sentence, `is_moving` tells that it will change without anybody's help."""

    code: str
    label: str
    tone: str
    icon: str = ""
    reason: str = ""
    remote_url: str = ""
    is_moving: bool = False
    is_linked: bool = False
    agreed_at: dt.datetime | None = None


_WORDS = {
    "synced": ("Synced", "success", "check"),
    "warned": ("Xero warns", "warning", "alert"),
    "pending": ("Pending", "info", "clock"),
    "sending": ("Sending", "progress", ""),
    "uncertain": ("Uncertain", "warning", "info"),
    "needs_attention": ("Needs attention", "danger", "alert"),
    "out_of_sync": ("Out of sync", "warning", "split"),
    "blocked": ("Setup missing", "warning", "settings"),
    "waiting": ("Waiting", "info", "clock"),
    "paused": ("Waiting: connection paused", "neutral", "pause"),
    "stopped": ("Waiting: connection paused", "neutral", "pause"),
    "held": ("Held here", "info", "edit"),
    "merged": ("Merged in Xero", "warning", "link"),
    "removed": ("Removed", "neutral", "ban"),
    "not_connected": ("Not connected", "neutral", "circle"),
    "not_sent": ("Not sent", "neutral", "minus"),
}
_REMOVED = {
    Kind.CUSTOMER: ("Archived", "Archived in Xero."),
    Kind.INVOICE: ("Voided", "Voided in Xero."),
    Kind.PAYMENT: ("Reversed", "Deleted in Xero."),
}
_HELD = {
    Kind.CUSTOMER: "Archived before it was ever sent to Xero.",
    Kind.INVOICE: "Goes to Xero once it is approved.",
    Kind.PAYMENT: "Reversed before it was ever sent to Xero.",
}
_NEVER_SENT = "It was never in Xero, and it is voided here."
_KIND_WORDS = {Kind.CUSTOMER: "customer", Kind.INVOICE: "invoice", Kind.PAYMENT: "payment"}


def make_status(code: str, reason: str = "", **facts: Any) -> SyncStatus:
    """The status of this code with its tone, and its label unless another is given."""
    label, tone, icon = _WORDS[code]
    return SyncStatus(code, facts.pop("label", label), tone, icon, reason, **facts)


class _Row(NamedTuple):
    """A line of the one query: the connection, an unfinished push, or a link."""

    source: str
    local_id: UUID | None
    state: str
    reason: str
    more: str
    extra: str
    problem: str
    at: dt.datetime | None


@dataclass(slots=True)
class _Found:
    """What the query told about one record."""

    link: _Row | None = None
    operations: dict[str, _Row] = field(default_factory=dict)


def status_for(kind: str, local_ids: Iterable[UUID]) -> dict[UUID, SyncStatus]:
    """The standing of these records of one kind, in one query."""
    wanted = list(local_ids)
    if not wanted:
        return {}
    connection: _Row | None = None
    found: dict[UUID, _Found] = {local_id: _Found() for local_id in wanted}
    for row in _read(Kind(kind), wanted):
        if row.local_id is None:
            connection = row
        elif row.source == "link":
            found[row.local_id].link = row
        else:
            found[row.local_id].operations[row.state] = row
    return {local_id: _status(Kind(kind), connection, told) for local_id, told in found.items()}


def states_of(kind: str, records: Iterable[Any]) -> dict[UUID, SyncStatus]:
    """Like `status_for`, for records at hand: it also tells what is not meant for Xero yet. One query."""
    rows = list(records)
    states = status_for(kind, [record.pk for record in rows])
    return {record.pk: _held(Kind(kind), record, states[record.pk]) for record in rows}


def _held(kind: Kind, record: Any, status: SyncStatus) -> SyncStatus:
    """A record that the engine would hold back waits for a person here, not for Xero."""
    if status.is_linked:
        return _held_back(kind, record, status)
    if status.code not in ("not_sent", "pending", "paused", "stopped", "waiting", "blocked"):
        return status
    if get_resource(kind).intent(record, None) != "hold":
        return status
    words = _NEVER_SENT if getattr(record, "status", "") == "voided" else _HELD[kind]
    return make_status("not_sent", words)


def _held_back(kind: Kind, record: Any, status: SyncStatus) -> SyncStatus:
    """A record that Xero has, and that stays here for now: what they have there is an older version."""
    why = get_resource(kind).held_back(record)
    if not why or status.code not in ("synced", "pending", "paused", "stopped", "waiting", "blocked"):
        return status
    since = (
        f" of {day(day_in(timezone.get_current_timezone(), status.agreed_at))}" if status.agreed_at else ""
    )
    words = f"{why} Xero still has the approved version{since}."
    facts = {"remote_url": status.remote_url, "is_linked": True, "agreed_at": status.agreed_at}
    return make_status("held", words, **facts)


def _read(kind: Kind, local_ids: list[UUID]) -> Iterable[_Row]:
    """Connection, unfinished pushes and links in one statement; a disconnected workspace has the first at most."""
    parts = (_connections(), _operations(kind, local_ids), _links(kind, local_ids))
    first, *rest = (part.order_by() for part in parts)
    return (_Row(*row) for row in first.union(*rest, all=True))


def _text(value: Any) -> Any:
    return Cast(value, CharField())


def _columns(rows: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    names = ("source", "record", "standing", "reason", "more", "extra", "problem", "at")
    return rows.annotate(**{f"{name}_": columns[name] for name in names}).values_list(
        *(f"{name}_" for name in names)
    )


_STOPPED = Q(state=ConnectionState.ACTIVE, paused_at__isnull=False)
"""Paused by Tandem's support: no super user can lift it, so it is another standing than what they can."""


def _connections() -> QuerySet[Any]:
    return _columns(
        Connection.objects.filter(provider=Provider.XERO),
        source=_text(Value("connection")),
        record=Cast(Value(None), UUIDField()),
        standing=_text(Case(When(_STOPPED, then=Value("stopped")), default=F("state"))),
        reason=_text(F("state_reason")),
        more=_text(F("resume_reason")),
        extra=_text(F("short_code")),
        problem=_text(F("tenant_name")),
        at=F("resume_at"),
    )


def _operations(kind: Kind, local_ids: list[UUID]) -> QuerySet[Any]:
    needed = Operation.objects.filter(
        connection=OuterRef("connection"), local_id=OuterRef("blocked_on"), state=OpState.FAILED
    )
    return _columns(
        Operation.objects.filter(lane=Lane.PUSH, kind=kind, local_id__in=local_ids),
        source=_text(Value("operation")),
        record=F("local_id"),
        standing=_text(F("state")),
        reason=_text(F("error")),
        more=_text(F("blocker")),
        extra=_text(Coalesce(Subquery(needed.values("kind")[:1]), Value(""))),
        problem=_text(Coalesce(Subquery(needed.values("error")[:1]), Value(""))),
        at=F("not_before"),
    )


def _links(kind: Kind, local_ids: list[UUID]) -> QuerySet[Any]:
    refused = Operation.objects.filter(
        connection=OuterRef("connection"),
        lane=Lane.PULL,
        kind=kind,
        remote_id=OuterRef("remote_id"),
        state=OpState.FAILED,
    )
    return _columns(
        Link.objects.filter(kind=kind, local_id__in=local_ids),
        source=_text(Value("link")),
        record=F("local_id"),
        standing=_text(F("state")),
        reason=_text(F("note")),
        more=_text(Value("")),
        extra=_text(Coalesce(NullIf(F("successor"), Value("")), F("remote_id"))),
        problem=_text(Coalesce(Subquery(refused.values("error")[:1]), Value(""))),
        at=F("agreed_at"),
    )


def _status(kind: Kind, connection: _Row | None, found: _Found) -> SyncStatus:
    status = _standing(kind, connection, found)
    if connection is None or found.link is None:
        return status
    return replace(
        status, remote_url=_url(connection, kind, found.link), is_linked=True, agreed_at=found.link.at
    )


def _url(connection: _Row, kind: Kind, link: _Row) -> str:
    return record_url(Connection(short_code=connection.extra), kind, link.extra)


def _standing(kind: Kind, connection: _Row | None, found: _Found) -> SyncStatus:
    """The first of these that holds; what needs a person comes before what goes by itself."""
    if connection is None:
        return make_status("not_connected", "Xero is not connected.")
    link, operations = found.link, found.operations
    if connection.state == ConnectionState.DISCONNECTED:
        return _disconnected(operations)
    if link and link.state == LinkState.OUT_OF_SYNC:
        return make_status("out_of_sync", "Changed here and in Xero. Its sync is paused until you decide.")
    if link and link.problem:
        return make_status("needs_attention", link.problem)
    for state in (OpState.FAILED, OpState.UNCERTAIN, OpState.IN_FLIGHT, OpState.BLOCKED, OpState.PENDING):
        if state in operations:
            return _unfinished(operations[state], connection)
    return _settled(kind, link)


def _disconnected(operations: Mapping[str, _Row]) -> SyncStatus:
    """What was edited since says that it waits; of the rest nothing is known any more."""
    if operations:
        return make_status("paused", "Xero is disconnected. It is sent after reconnecting.")
    return make_status("not_connected", "Xero is disconnected. Changes wait and are sent after reconnecting.")


def _settled(kind: Kind, link: _Row | None) -> SyncStatus:
    if link is None:
        return make_status("not_sent", "It was not sent to Xero yet.")
    if link.state == LinkState.TOMBSTONED:
        words, reason = _REMOVED[kind]
        return make_status("removed", reason, label=words)
    if link.state == LinkState.MERGED:
        return make_status("merged", link.reason)
    return make_status("warned", explain(link.reason)) if link.reason else make_status("synced")


def _unfinished(operation: _Row, connection: _Row) -> SyncStatus:
    is_active = connection.state == ConnectionState.ACTIVE
    if operation.state == OpState.FAILED:
        return make_status("needs_attention", operation.reason)
    if operation.state == OpState.UNCERTAIN:
        return make_status("uncertain", operation.reason, is_moving=is_active)
    if operation.state == OpState.IN_FLIGHT and is_active and not _rests(connection):
        return make_status("sending", "On its way to Xero.", is_moving=True)
    if operation.state == OpState.BLOCKED:
        return _blocked(operation, is_active)
    if connection.state == "stopped":
        return make_status("stopped", f"{Connection.PAUSED} It is sent once they resume it.")
    return _pending(connection) if is_active else make_status("paused", _cut_off(connection))


def _blocked(operation: _Row, is_active: bool) -> SyncStatus:
    if operation.problem:
        what = _KIND_WORDS.get(Kind(operation.extra), "record")
        return make_status("needs_attention", f"The {what} could not be sent to Xero: {operation.problem}")
    if operation.more == Blocker.SETUP:
        return make_status("blocked", f"{operation.reason} It is sent by itself then.")
    if operation.more == Blocker.CONFLICT:
        return make_status("out_of_sync", operation.reason)
    return make_status(
        "waiting", operation.reason, is_moving=is_active and operation.more != Blocker.APPROVAL
    )


def _cut_off(connection: _Row) -> str:
    return f"{connection.reason or 'The connection to Xero needs you.'} It is sent after reconnecting."


def _rests(connection: _Row) -> bool:
    """Whether no call is made: what was stored to be sent was turned away unseen, and waits with the rest."""
    return connection.at is not None and connection.at > timezone.now()


def _pending(connection: _Row) -> SyncStatus:
    rest = connection.at - timezone.now() if connection.at else dt.timedelta()
    if rest > LONG_REST:
        return make_status("paused", connection.more or "Xero takes no calls right now.")
    reason = connection.more if rest > dt.timedelta() else ""
    return make_status("pending", reason or "Goes to Xero in a moment.", is_moving=True)


class States(dict[UUID, SyncStatus]):
    """The standings of a page's records, and of which kind they are."""

    def __init__(self, kind: str, states: Mapping[UUID, SyncStatus]) -> None:
        super().__init__(states)
        self.kind = kind

    @property
    def tell_anything(self) -> bool:
        """Whether any has something to say. Nothing does where Xero is not connected: then no row has a badge."""
        return any(status.code != "not_connected" for status in self.values())
