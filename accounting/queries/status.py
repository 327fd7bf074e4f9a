"""Where each record stands between us and Xero, in words. One query answers for a whole page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounting.enums import Blocker, ConnectionState, LinkState, OpState, Until
from accounting.models import Connection
from accounting.models.exemption import say_left_out
from accounting.port.documents import Kind
from accounting.providers.registry import explain, record_url
from accounting.queries.allowed import lacking_in, name_of
from accounting.queries.plan import say_lost
from accounting.queries.standings import Row, read_standings
from accounting.resources.registry import get_resource
from accounting.resources.rules import Rules, rules_read
from core.clock import day_in
from core.templatetags.display import day

LONG_REST = dt.timedelta(seconds=60)
"""A connection that rests for less is still on its way; one that rests for longer is paused."""


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """A record's standing. `reason` is a sentence, `is_moving` tells that it will change without anybody's help,
    `is_kept_here` that it was never sent and is not meant to be as it stands."""

    code: str
    label: str
    tone: str
    icon: str = ""
    reason: str = ""
    remote_url: str = ""
    is_moving: bool = False
    is_linked: bool = False
    is_kept_here: bool = False
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
    "unplanned": ("Waiting: not in your plan", "neutral", "pause"),
    "held": ("Held here", "info", "edit"),
    "merged": ("Merged in Xero", "warning", "link"),
    "ignored": ("Ignored", "neutral", "ban"),
    "unlinked": ("Not linked", "warning", "link"),
    "removed": ("Removed", "neutral", "ban"),
    "not_connected": ("Not connected", "neutral", "circle"),
    "not_sent": ("Not sent", "neutral", "minus"),
}

STANDS_STILL = (Blocker.APPROVAL, Blocker.INCOMPLETE, Blocker.PERIOD, Blocker.EXEMPT)
"""What is blocked by these goes on only when somebody does something."""
_WAITING = ("pending", "paused", "stopped", "unplanned", "waiting", "blocked")


def make_status(code: str, reason: str = "", **facts: Any) -> SyncStatus:
    """The status of this code with its tone, and its label unless another is given."""
    label, tone, icon = _WORDS[code]
    return SyncStatus(code, facts.pop("label", label), tone, icon, reason, **facts)


@dataclass(slots=True)
class _Found:
    """What the query told about one record."""

    link: Row | None = None
    exemption: Row | None = None
    operations: dict[str, Row] = field(default_factory=dict)


def status_for(kind: str, local_ids: Iterable[UUID]) -> dict[UUID, SyncStatus]:
    """The standing of these records of one kind, in one query."""
    connection, found = _read(kind, list(local_ids))
    return {local_id: _status(kind, connection, told) for local_id, told in found.items()}


def _read(kind: Kind, local_ids: list[UUID]) -> tuple[Row | None, dict[UUID, _Found]]:
    """What the query told about the connection and about each record."""
    connection: Row | None = None
    found: dict[UUID, _Found] = {local_id: _Found() for local_id in local_ids}
    for row in read_standings(kind, local_ids) if local_ids else ():
        if row.local_id is None:
            connection = row
        elif row.source == "link":
            found[row.local_id].link = row
        elif row.source == "exemption":
            found[row.local_id].exemption = row
        else:
            found[row.local_id].operations[row.state] = row
    return connection, found


def states_of(kind: str, records: Iterable[Any]) -> dict[UUID, SyncStatus]:
    """Like `status_for`, for records at hand: it also tells what is not meant for Xero yet. One query."""
    rows = list(records)
    connection, found = _read(kind, [record.pk for record in rows])
    rules = rules_read(connection.rule) if connection else Rules()
    states = {}
    for record in rows:
        told = found[record.pk]
        status = _status(kind, connection, told)
        if told.link is None:
            states[record.pk] = _kept_here(kind, record, status, rules)
        else:
            why = get_resource(kind).held_back(record, told.link.more, rules)
            states[record.pk] = _held_back(status, why)
    return states


def _kept_here(kind: Kind, record: Any, status: SyncStatus, rules: Rules) -> SyncStatus:
    """A record that the engine would hold back waits for a person here, not for Xero."""
    if status.code not in ("not_sent", *_WAITING):
        return status
    resource = get_resource(kind)
    if not rules.covers(resource.day(record)):
        words = f"It is {rules.before_start}."
        return make_status("not_sent", words, label="Before the start", is_kept_here=True)
    if resource.intent(record, None, rules) != "hold":
        return status
    return make_status("not_sent", resource.kept_here(record, rules), is_kept_here=True)


def _held_back(status: SyncStatus, why: str) -> SyncStatus:
    """A record that Xero has, and that stays here for now: what they have there is an older version."""
    if not why or status.code not in ("synced", *_WAITING):
        return status
    assert status.agreed_at is not None
    agreed_on = day(day_in(timezone.get_current_timezone(), status.agreed_at))
    words = f"{why} Xero still has the version of {agreed_on}."
    facts = {"remote_url": status.remote_url, "is_linked": True, "agreed_at": status.agreed_at}
    return make_status("held", words, **facts)


def _status(kind: Kind, connection: Row | None, found: _Found) -> SyncStatus:
    status = _standing(kind, connection, found)
    if connection is None or found.link is None:
        return status
    return replace(
        status, remote_url=_url(connection, kind, found.link), is_linked=True, agreed_at=found.link.at
    )


def _url(connection: Row, kind: Kind, link: Row) -> str:
    return record_url(Connection(short_code=connection.extra), kind, link.extra)


def _standing(kind: Kind, connection: Row | None, found: _Found) -> SyncStatus:
    """The first of these that holds; what needs a person comes before what goes by itself."""
    if connection is None:
        return make_status("not_connected", "Xero is not connected.")
    link, operations = found.link, found.operations
    if connection.state == ConnectionState.DISCONNECTED:
        return _disconnected(operations)
    if found.exemption:
        return _left_out(found.exemption)
    if link and link.state == LinkState.OUT_OF_SYNC:
        return make_status("out_of_sync", "Changed here and in Xero. Its sync is paused until you decide.")
    if link and link.problem:
        return make_status("needs_attention", link.problem)
    for state in (OpState.FAILED, OpState.UNCERTAIN, OpState.IN_FLIGHT, OpState.BLOCKED, OpState.PENDING):
        if state in operations:
            return _unfinished(kind, operations[state], connection)
    return _settled(kind, link)


def _left_out(exemption: Row) -> SyncStatus:
    words = say_left_out(exemption.state, dt.date.fromisoformat(exemption.more) if exemption.more else None)
    told = f"{words} {exemption.reason}".strip()
    return make_status("unlinked" if exemption.state == Until.DECISION else "ignored", told)


def _disconnected(operations: Mapping[str, Row]) -> SyncStatus:
    """What was edited since says that it waits; of the rest nothing is known any more."""
    if operations:
        return make_status("paused", "Xero is disconnected. It is sent after reconnecting.")
    return make_status("not_connected", "Xero is disconnected. Changes wait and are sent after reconnecting.")


def _settled(kind: Kind, link: Row | None) -> SyncStatus:
    if link is None:
        return make_status("not_sent", "It was not sent to Xero yet.")
    if link.state == LinkState.TOMBSTONED:
        words = get_resource(kind).words
        return make_status("removed", words.removed_there, label=words.removed)
    if link.state == LinkState.MERGED:
        return make_status("merged", link.reason)
    return make_status("warned", explain(link.reason)) if link.reason else make_status("synced")


def _unfinished(kind: Kind, operation: Row, connection: Row) -> SyncStatus:
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
    if connection.state == "unplanned":
        assert connection.at is not None
        return make_status("unplanned", f"{say_lost(connection.at)} It is sent once it has them.")
    if not is_active:
        return make_status("paused", _cut_off(connection))
    return _not_allowed(kind, connection) or _pending(connection)


def _not_allowed(kind: Kind, connection: Row) -> SyncStatus | None:
    """Why it waits where Xero lets us do nothing with its kind; None where it does."""
    if connection.scopes is None or kind not in lacking_in(connection.scopes.split()):
        return None
    return make_status("waiting", f"Xero must allow {name_of(kind)} first. It is sent by itself then.")


def _blocked(operation: Row, is_active: bool) -> SyncStatus:
    if operation.problem:
        what = get_resource(operation.extra).words.name
        return make_status("needs_attention", f"The {what} could not be sent to Xero: {operation.problem}")
    if operation.more == Blocker.SETUP:
        return make_status("blocked", f"{operation.reason} It is sent by itself then.")
    if operation.more == Blocker.CONFLICT:
        return make_status("out_of_sync", operation.reason)
    moves_on = is_active and operation.more not in STANDS_STILL
    return make_status("waiting", operation.reason, is_moving=moves_on)


def _cut_off(connection: Row) -> str:
    return f"{connection.reason or 'The connection to Xero needs you.'} It is sent after reconnecting."


def _rests(connection: Row) -> bool:
    """Whether no call is made: what was stored to be sent was turned away unseen, and waits with the rest."""
    return connection.at is not None and connection.at > timezone.now()


def _pending(connection: Row) -> SyncStatus:
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
