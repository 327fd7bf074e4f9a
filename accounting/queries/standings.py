"""What the database knows of records' standing: their connection, unfinished pushes and links, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, F, Func, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, JSONObject, NullIf

from accounting.enums import ConnectionState, Lane, OpState, Provider
from accounting.models import Connection, Exemption, Link, Operation
from accounting.port.documents import Kind, shape_of
from plans.enums import Feature
from plans.queries import lost_at


class Row(NamedTuple):
    """A line of the one query: the connection, an unfinished push, a link, or what a person left out.

    `more` is what a connection says of its rest, what a push waits for, how a link's record stands there, until which
    day something is left out; `rule` are the connection's rules, as JSON; `scopes` what it allows, None for anything.
    """

    source: str
    local_id: UUID | None
    state: str
    reason: str
    more: str
    extra: str
    problem: str
    rule: str
    scopes: str | None
    at: dt.datetime | None


ASKED = ("invoice_status", "start_date", "payments_way")
"""The rules by which something stays here."""


def read_standings(kind: Kind, local_ids: list[UUID]) -> Iterable[Row]:
    """Connection, unfinished pushes and links in one statement; a disconnected workspace has the first at most."""
    parts = (
        _connections(),
        _operations(kind, local_ids),
        _links(kind, local_ids),
        _exemptions(kind, local_ids),
    )
    first, *rest = (part.order_by() for part in parts)
    return (Row(*row) for row in first.union(*rest, all=True))


def _text(value: Any) -> Any:
    return Cast(value, CharField())


def _columns(rows: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    names = ("source", "record", "standing", "reason", "more", "extra", "problem", "rule", "scopes", "at")
    return rows.annotate(**{f"{name}_": columns[name] for name in names}).values_list(
        *(f"{name}_" for name in names)
    )


_STOPPED = Q(state=ConnectionState.ACTIVE, paused_at__isnull=False)
"""Paused by Tandem's support: no super user can lift it, so it is another standing than what they can."""


_UNPLANNED = ~Q(state=ConnectionState.DISCONNECTED) & Q(unplanned__isnull=False)
"""The workspace's plan has no integrations: then its row tells since when."""


def _connections() -> QuerySet[Any]:
    return _columns(
        Connection.objects.filter(provider=Provider.XERO).annotate(unplanned=lost_at(Feature.INTEGRATIONS)),
        source=_text(Value("connection")),
        record=Cast(Value(None), UUIDField()),
        standing=_text(
            Case(
                When(_UNPLANNED, then=Value("unplanned")),
                When(_STOPPED, then=Value("stopped")),
                default=F("state"),
            )
        ),
        reason=_text(F("state_reason")),
        more=_text(F("resume_reason")),
        extra=_text(F("short_code")),
        problem=_text(F("tenant_name")),
        rule=_text(JSONObject(**{name: f"mapping__{name}" for name in ASKED})),
        scopes=Func(F("grant__scopes"), Value(" "), function="array_to_string", output_field=CharField()),
        at=Coalesce(F("unplanned"), F("resume_at")),
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
        rule=_text(Value("")),
        scopes=_text(Value(None)),
        at=F("not_before"),
    )


def _links(kind: Kind, local_ids: list[UUID]) -> QuerySet[Any]:
    standing = shape_of(kind).standing_field
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
        more=_text(Coalesce(KT(f"base__{standing}"), Value("")) if standing else Value("")),
        extra=_text(Coalesce(NullIf(F("successor"), Value("")), F("remote_id"))),
        problem=_text(Coalesce(Subquery(refused.values("error")[:1]), Value(""))),
        rule=_text(Value("")),
        scopes=_text(Value(None)),
        at=F("agreed_at"),
    )


def _exemptions(kind: Kind, local_ids: list[UUID]) -> QuerySet[Any]:
    return _columns(
        Exemption.objects.filter(kind=kind, local_id__in=local_ids),
        source=_text(Value("exemption")),
        record=F("local_id"),
        standing=_text(F("until")),
        reason=_text(F("reason")),
        more=_text(Coalesce(Cast(F("day"), CharField()), Value(""))),
        extra=_text(Value("")),
        problem=_text(Value("")),
        rule=_text(Value("")),
        scopes=_text(Value(None)),
        at=F("since"),
    )
