"""Marking a record out of sync, and noticing that it no longer is."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounting.enums import (
    WAITING_STATES,
    Blocker,
    ConflictState,
    EventKind,
    Lane,
    LinkState,
    OpState,
    Resolution,
)
from accounting.models import Conflict, Link, Operation
from accounting.port.documents import Document, Kind, Picks
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import Snapshot, dump
from accounting.sync import outbox
from accounting.sync.compare import FieldDiff, agrees, counted
from accounting.sync.history import tell_of
from core.transactions import require_transaction

PAUSED = "Out of sync: decide which version is right."
KEPT = 10
"""So many earlier versions of a conflict are kept, for those who answer to one of them."""


def open_conflict(link: Link, *, ours: Document, theirs: RemoteRecord, diffs: list[FieldDiff]) -> Conflict:
    """Mark the link out of sync and pause its pushes; others go on. An open one is brought up to date."""
    require_transaction("opening a conflict")
    conflict = open_conflict_of(link)
    if conflict is None:
        conflict = _create(link, ours, theirs, diffs)
        _tell_opened(link, diffs)
        outbox.unblock(link.connection_id, waiting_for=Blocker.APPROVAL, record_id=link.local_id)
    else:
        show(conflict, ours=dump(ours), theirs=dump(theirs.document), version=theirs.version, diffs=diffs)
    Link.objects.filter(pk=link.pk).update(state=LinkState.OUT_OF_SYNC)
    link.state = LinkState.OUT_OF_SYNC
    pause_pushes(link)
    return conflict


def _create(link: Link, ours: Document, theirs: RemoteRecord, diffs: list[FieldDiff]) -> Conflict:
    return Conflict.objects.create(
        link=link,
        workspace_id=link.workspace_id,
        connection_id=link.connection_id,
        kind=link.kind,
        local_id=link.local_id,
        base=link.base,
        ours=dump(ours),
        theirs=dump(theirs.document),
        remote_version=theirs.version,
        fields=[diff.field for diff in diffs],
    )


def show(
    conflict: Conflict, *, ours: Snapshot, theirs: Snapshot, version: dt.datetime, diffs: list[FieldDiff]
) -> bool:
    """Bring the open conflict up to date. What it showed until now is kept beside, and the change is counted, where a
    field that counts has moved. Returns whether one has."""
    moved = not (
        _says_the_same(conflict, conflict.ours, ours) and _says_the_same(conflict, conflict.theirs, theirs)
    )
    if moved:
        shown = {
            **conflict.earlier,
            str(conflict.version): {"ours": conflict.ours, "theirs": conflict.theirs},
        }
        conflict.earlier = {number: shown[number] for number in sorted(shown, key=int)[-KEPT:]}
        conflict.version += 1
    elif conflict.remote_version == version:
        return False
    conflict.ours, conflict.theirs, conflict.remote_version = ours, theirs, version
    conflict.fields = [diff.field for diff in diffs]
    conflict.save()
    return moved


def _says_the_same(conflict: Conflict, before: Snapshot, now: Snapshot) -> bool:
    return agrees(counted(conflict.kind, before), counted(conflict.kind, now))


def _tell_opened(link: Link, diffs: list[FieldDiff]) -> None:
    words = "Changed here and in Xero since they last agreed. Its sync is paused until you decide."
    told = [(diff.field, diff.ours, diff.theirs) for diff in diffs]
    tell_of(link, EventKind.OUT_OF_SYNC, words, changes=told)


def pause_pushes(link: Link) -> None:
    """Hold this record's waiting pushes until the decision."""
    Operation.objects.filter(
        connection_id=link.connection_id,
        lane=Lane.PUSH,
        kind=link.kind,
        local_id=link.local_id,
        state__in=WAITING_STATES,
    ).update(state=OpState.BLOCKED, blocker=Blocker.CONFLICT, error=PAUSED, error_class="")


def resume_pushes(link: Link) -> None:
    """The decision was made: this record's held pushes go on."""
    Operation.objects.filter(
        connection_id=link.connection_id,
        lane=Lane.PUSH,
        kind=link.kind,
        local_id=link.local_id,
        state=OpState.BLOCKED,
        blocker=Blocker.CONFLICT,
    ).update(state=OpState.PENDING, blocker="", error="", error_class="")


def open_conflict_of(link: Link) -> Conflict | None:
    """The link's open conflict, locked, if it has one."""
    return (
        Conflict.objects.select_for_update(of=("self",)).filter(link=link, state=ConflictState.OPEN).first()
    )


def close(
    link: Link,
    resolution: Resolution,
    *,
    by: Any = None,
    picks: Picks | None = None,
    result: Document | None = None,
) -> bool:
    """Close the link's open conflict, if there is one. The caller re-bases the link in the same transaction. What was
    put together from both says by which picks, and what it came to."""
    require_transaction("closing a conflict")
    closed = Conflict.objects.filter(link=link, state=ConflictState.OPEN).update(
        state=ConflictState.RESOLVED,
        resolution=resolution,
        resolved_at=timezone.now(),
        resolved_by=by,
        picks=picks or {},
        result=dump(result) if result else {},
    )
    if closed:
        Link.objects.filter(pk=link.pk, state=LinkState.OUT_OF_SYNC).update(state=LinkState.ACTIVE)
        link.state = LinkState.ACTIVE
        resume_pushes(link)
        outbox.on_moved_there(link)  # while it was open, how theirs stands was not taken for known
        tell_of(link, EventKind.RESOLVED, _CLOSED[resolution], by=by)
    return bool(closed)


def settle_deleted(kind: Kind, local_id: UUID) -> None:
    """Our record, which is locked, is about to be deleted: whoever does that has decided, and the removal is sent."""
    require_transaction("settling what is deleted")
    mine = Link.objects.select_for_update(of=("self",)).select_related("connection")
    link = mine.filter(kind=kind, local_id=local_id, state=LinkState.OUT_OF_SYNC).first()
    if link is not None:
        close(link, Resolution.KEEP_OURS)


_CLOSED = {
    Resolution.KEEP_OURS: "Settled: Tandem's version was kept and is sent to Xero.",
    Resolution.TAKE_THEIRS: "Settled: Xero's version was taken.",
    Resolution.MERGE: "Settled: put together from both versions. What differs is sent to Xero.",
    Resolution.AGREED: "Settled by itself: both sides are equal again.",
}
