"""Everything the sync card of one record shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounting.enums import ConflictState, Lane, OpState
from accounting.models import Conflict, Link, Operation
from accounting.port.meanings import Fixer
from accounting.queries.history import Told, history
from accounting.queries.objections import objections_to
from accounting.queries.problems import fixer_of, said_more
from accounting.queries.records import Record, can_be_paired, records_named
from accounting.queries.status import SyncStatus, states_of
from accounting.resources.registry import get_resource

CUT_OFF = ("not_connected", "paused", "stopped")
"""While Xero cannot be asked there is nothing to link to."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Xero's own words about what failed, what its support finds them by, who can put it right, and the other record
    that is at fault, if it is another's."""

    detail: str = ""
    reference: str = ""
    fixer: str = ""
    culprit: Record | None = None

    @property
    def is_mended_here(self) -> bool:
        """Whether it is this record that has to be changed, and anyone in the workspace can."""
        return self.fixer == Fixer.MEMBER and self.culprit is None


@dataclass(frozen=True, slots=True)
class Panel:
    """One record's standing. `token` changes whenever something worth showing does, `can_send` tells that it was
    never sent and goes as it stands."""

    kind: str
    local_id: UUID
    status: SyncStatus
    events: list[Told]
    token: str
    problem: Problem
    conflict_id: UUID | None
    can_send: bool
    page_to_reopen: str = ""
    can_pair: bool = False


def record_panel(kind: str, record: Any) -> Panel:
    """The sync card of this record."""
    status = states_of(kind, [record])[record.pk]
    events = history(kind, record.pk)
    problem = _problem(kind, record.pk) if status.code == "needs_attention" else Problem()
    return Panel(
        kind=kind,
        local_id=record.pk,
        status=status,
        events=events,
        token=_token(record, status, events),
        problem=problem,
        conflict_id=_conflict_id(kind, record.pk) if status.code == "out_of_sync" else None,
        can_send=status.code == "not_sent" and not status.is_kept_here,
        page_to_reopen=_page_to_reopen(kind, record, status, problem),
        can_pair=can_be_paired(kind) and status.code not in CUT_OFF,
    )


def _page_to_reopen(kind: str, record: Any, status: SyncStatus, problem: Problem) -> str:
    """Where it is the record itself that Xero would not take: no setting mends it, only a draft can be changed."""
    if status.code not in ("blocked", "needs_attention"):
        return ""
    page = get_resource(kind).page_to_reopen(record)
    return page if page and (problem.is_mended_here or objections_to(kind, record)) else ""


def _token(record: Any, status: SyncStatus, events: list[Told]) -> str:
    newest = events[0].id if events else ""
    told = f"{status.code}|{status.reason}|{status.agreed_at}|{newest}|{record.updated_at}"
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _conflict_id(kind: str, local_id: UUID) -> UUID | None:
    mine = Conflict.objects.filter(kind=kind, local_id=local_id, state=ConflictState.OPEN)
    return mine.values_list("pk", flat=True).first()


def operations_in_trouble(kind: str, local_id: UUID) -> Any:
    """The failed work of a record, both ways, and of the record it waits for."""
    pushes = Operation.objects.filter(lane=Lane.PUSH, kind=kind, local_id=local_id)
    remote = Link.objects.filter(kind=kind, local_id=local_id).values("remote_id")
    needed = pushes.filter(state=OpState.BLOCKED).values("blocked_on")
    mine = Q(lane=Lane.PUSH, kind=kind, local_id=local_id) | Q(lane=Lane.PUSH, local_id__in=needed)
    return Operation.objects.filter(
        mine | Q(lane=Lane.PULL, kind=kind, remote_id__in=remote), state=OpState.FAILED
    )


def _problem(kind: str, local_id: UUID) -> Problem:
    operation = operations_in_trouble(kind, local_id).first()
    if operation is None:
        return Problem()
    words = said_more(operation.error, operation.error_detail)
    told = Problem(words, operation.error_reference, fixer_of(operation))
    if operation.local_id is None or operation.local_id == local_id:
        return told
    key = (operation.kind, operation.local_id)
    return replace(told, culprit=records_named([key])[key])
