"""A person decides which of our records is which of theirs: link, unlink, and *both say the same*.

Each decision is made on records that are locked, is told in the record's history with who made it, and can be taken
back by another.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounting.enums import (
    FLYING_STATES,
    WAITING_STATES,
    Blocker,
    EventKind,
    Lane,
    Priority,
    Resolution,
    Until,
)
from accounting.models import Connection, Link, Newcomer, Operation
from accounting.port.documents import Kind, shape_of
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import dump
from accounting.resources.base import SettlementResource
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync import apply, conflicts, exemptions, links, outbox
from accounting.sync.candidates import apart
from accounting.sync.deciding import FLYING, CannotDecide, document_of, lock_whole, name_of
from accounting.sync.history import tell
from accounting.sync.opening import open_books
from core.transactions import forbid_transaction, require_transaction
from workspaces.models import User

NOT_THERE = "Xero has no such record (any more). Search again."
REMOVED = "In Xero it was removed or merged into another, so nothing can be linked to it."
UNLINKED = "Unlinked. What is in Xero stays as it is, and follows this record no more."
SAME = "Compared with Xero and marked as synced: both say the same."


def link(
    *, connection: Connection, kind: Kind, local_id: UUID, remote_id: str, keep_ours: bool, by: User
) -> None:
    """From now on our record is that one of theirs, whatever it was linked to before. Where the two differ ours is
    sent, or theirs is taken. Reads theirs first, in one call.

    Raises CannotDecide, and ProviderError.
    """
    _refuse_settlements(kind)
    _link(connection, read(connection, kind, remote_id), local_id, keep_ours, by)


def _refuse_settlements(kind: Kind) -> None:
    if shape_of(kind).is_settlement:
        raise CannotDecide("It goes with what it pays: decide about that.")


def read(connection: Connection, kind: Kind, remote_id: str) -> RemoteRecord:
    """Theirs as it stands there now, in one call. Raises CannotDecide where it is gone, and ProviderError."""
    forbid_transaction("reading a record for a decision")
    with open_books(connection) as books:
        found = books.fetch(kind, [remote_id])
    if not found.records:
        raise CannotDecide(NOT_THERE)
    return found.records[0]


@transaction.atomic
def _link(
    connection: Connection, theirs: RemoteRecord, local_id: UUID, keep_ours: bool, by: User | None
) -> None:
    record = lock_whole(connection, theirs.kind, local_id)
    join(connection, theirs, record, keep_ours=keep_ours, by=by)


def join(
    connection: Connection,
    theirs: RemoteRecord,
    record: Any,
    *,
    keep_ours: bool,
    by: User | None,
    priority: Priority = Priority.USER,
) -> None:
    """Link this record, locked whole, to theirs as it was read; what it was linked to before is forgotten. Must be
    inside a transaction. Raises CannotDecide."""
    require_transaction("linking a record")
    local_id = record.pk
    _check_theirs(connection, theirs, local_id)
    before = Link.objects.filter(connection=connection, kind=theirs.kind, local_id=local_id).first()
    if before is not None:
        _forget(before)
    made = adopt(connection, theirs, record)
    if not keep_ours:
        _take(connection, theirs)
    go_on(made, priority)
    linked = "Linked to another record in Xero." if before else "Linked to what is in Xero."
    chosen = "Ours is sent where it differs." if keep_ours else "Its version was taken."
    tell(
        connection, EventKind.LINKED, f"{linked} {chosen}",
        kind=theirs.kind, local_id=local_id, remote_id=theirs.remote_id, by=by,
    )  # fmt: skip


def adopt(connection: Connection, theirs: RemoteRecord, record: Any) -> Link:
    """Make the link of a locked record that has none. What theirs says is what is agreed, so that whatever ours says
    otherwise is our change. `go_on` comes last. Raises CannotDecide."""
    desk = open_desk(connection)
    _check_ties(theirs, record, desk)
    document = theirs.document.paired_with(document_of(theirs.kind, record, desk))
    made = Link.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=theirs.kind,
        local_id=record.pk,
        remote_id=theirs.remote_id,
        remote_version=theirs.version,
        base=dump(document),
        agreed_at=timezone.now(),
    )
    Newcomer.objects.filter(connection=connection, kind=theirs.kind, remote_id=theirs.remote_id).delete()
    return made


def go_on(link: Link, priority: Priority = Priority.USER) -> None:
    """After the link was made: what is settled against it there is heard, ours is sent where it differs, and whoever
    waited for it looks again."""
    if exemption := exemptions.of(link):
        exemptions.drop(exemption)
    outbox.record_pull(
        workspace_id=link.workspace_id,
        connection_id=link.connection_id,
        kind=link.kind,
        remote_id=link.remote_id,
    )
    outbox.record(workspace_id=link.workspace_id, kind=link.kind, local_id=link.local_id, priority=priority)
    waited = (Blocker.DEPENDENCY, Blocker.EXEMPT)
    outbox.unblock(link.connection_id, waiting_for=waited, record_id=link.local_id)


def _take(connection: Connection, theirs: RemoteRecord) -> None:
    outcome = apply.try_apply(connection, theirs, open_desk(connection), force=True)
    if isinstance(outcome, apply.Untaken):
        raise CannotDecide(outcome.words)


def _check_theirs(connection: Connection, theirs: RemoteRecord, local_id: UUID) -> None:
    document = theirs.document
    if document.is_stray or document.survivor or document.is_over:
        raise CannotDecide(REMOVED)
    same = Link.objects.filter(connection=connection, kind=theirs.kind, remote_id=theirs.remote_id)
    other = same.exclude(local_id=local_id).first()
    if other is not None:
        name = name_of(other.kind, other.local_id)
        raise CannotDecide(f"In Xero it is linked to {name} already. Unlink that first.")


def _check_ties(theirs: RemoteRecord, record: Any, desk: Desk) -> None:
    """An invoice linked before its customer would be moved there to a contact that is made for it."""
    for kind, local_id, remote_id in get_resource(theirs.kind).ties(record, theirs.document):
        desk.load_links(kind, [local_id])
        if desk.remote_id(kind, local_id) != remote_id:
            name = name_of(kind, local_id)
            raise CannotDecide(f"First link {name} to the one that this belongs to in Xero.")


@transaction.atomic
def unlink(
    *,
    connection: Connection,
    kind: Kind,
    local_id: UUID,
    reason: str = "",
    of_run: bool = False,
    by: User | None,
) -> None:
    """From now on our record is none of theirs, and nothing of it goes either way until it is linked or created there.
    Xero keeps what it has. What stands against it is unlinked with it. One `of_run` is compared again by the next.
    Raises CannotDecide."""
    _refuse_settlements(kind)
    record = lock_whole(connection, kind, local_id)
    found = Link.objects.filter(connection=connection, kind=kind, local_id=local_id).first()
    if found is None:
        raise CannotDecide("It is linked to nothing in Xero.")
    exemptions.exempt(connection, kind, record, until=Until.DECISION, reason=reason, of_run=of_run, by=by)
    _forget(found)
    tell(
        connection, EventKind.DECIDED, f"{UNLINKED} {reason}".strip(),
        kind=kind, local_id=local_id, remote_id=found.remote_id, by=by,
    )  # fmt: skip


def _forget(link: Link) -> None:
    """The link, what was to be decided about it, and the links of what stands against it."""
    for kind in shape_of(link.kind).settled_by:
        resource = get_resource(kind)
        assert isinstance(resource, SettlementResource)
        against = list(resource.against(link.local_id).values_list("pk", flat=True))
        pushes = Operation.objects.filter(connection=link.connection_id, lane=Lane.PUSH, kind=kind)
        if pushes.filter(local_id__in=against, state__in=FLYING_STATES).exists():
            raise CannotDecide(FLYING)
        Link.objects.filter(connection=link.connection_id, kind=kind, local_id__in=against).delete()
    link.delete()


def mark_synced(*, connection: Connection, kind: Kind, local_id: UUID, by: User) -> None:
    """What failed for our record is settled, because both sides say the same: theirs is read and compared first.

    Raises CannotDecide where they do not, naming the fields, and ProviderError.
    """
    found = linked(connection, kind, local_id)
    _mark(connection, read(connection, kind, found.remote_id), local_id, by)


def linked(connection: Connection, kind: Kind, local_id: UUID) -> Link:
    """The link of a record that stands for itself. Raises CannotDecide where there is none."""
    _refuse_settlements(kind)
    found = Link.objects.filter(connection=connection, kind=kind, local_id=local_id).first()
    if found is None:
        raise CannotDecide("It is linked to nothing in Xero. Link it first.")
    return found


@transaction.atomic
def _mark(connection: Connection, theirs: RemoteRecord, local_id: UUID, by: User) -> None:
    record = lock_whole(connection, theirs.kind, local_id)
    ours = document_of(theirs.kind, record, open_desk(connection))
    if theirs.document.is_gone or theirs.document.survivor:
        raise CannotDecide("In Xero it was removed or merged into another.")
    if differing := apart(ours, theirs.document):
        told = ", ".join(name.replace("_", " ") for name, _, _ in differing)
        raise CannotDecide(f"The two do not agree yet: {told}. Make them equal, or decide which is right.")
    agreed = links.agree(connection, local_id=local_id, ours=ours, theirs=theirs)
    conflicts.close(agreed, Resolution.AGREED, by=by)
    mine = Operation.objects.filter(connection=connection, kind=agreed.kind, state__in=WAITING_STATES)
    mine.filter(lane=Lane.PUSH, local_id=local_id).delete()
    mine.filter(lane=Lane.PULL, remote_id=agreed.remote_id).delete()
    outbox.unblock(connection.pk, waiting_for=Blocker.DEPENDENCY, record_id=local_id)
    tell(
        connection, EventKind.DECIDED, SAME,
        kind=agreed.kind, local_id=local_id, remote_id=agreed.remote_id, by=by,
    )  # fmt: skip
