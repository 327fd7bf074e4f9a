"""Decisions about a record that is out of sync: a person's word, or our side made equal by hand. They re-base in the
same transaction, so the conflict closes."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounting import wakeup
from accounting.enums import Resolution
from accounting.models import Conflict, Link
from accounting.port.documents import Document, Picks
from accounting.port.errors import Misconfigured
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import dump, load
from accounting.resources.desk import Desk, open_desk
from accounting.sync import apply, conflicts, links, outbox, taking_back, together
from accounting.sync.compare import counted, same, same_inputs, three_way
from accounting.sync.together import CannotResolve
from workspaces.models import User

MOVED = "One of the two versions has changed since you looked."


class ConflictClosed(CannotResolve):
    """It was settled meanwhile."""


class ConflictMoved(CannotResolve):
    """One of the two versions is no longer the one that was seen. Nothing was changed but what the conflict shows."""


def resolve(
    *, conflict: Conflict, choice: Resolution, seen: int, by: User, picks: Picks | None = None
) -> None:
    """Keep ours (and send it), take theirs (and write it here), or put both together by `picks` (and do both). `seen`
    is the version of the conflict that was decided on. Raises ConflictClosed when it is settled already, ConflictMoved
    when either side is another than was seen, CannotResolve when our side cannot take what was decided.

    If Xero's version has moved on since it was read, the next look finds that out and opens a new conflict:
    nothing is overwritten unseen.
    """
    if not _settle(conflict, choice, seen, by, picks or {}):
        raise ConflictMoved(MOVED)


def rehearse(*, conflict: Conflict, picks: Picks, seen: int) -> Document:
    """What both sides will say after `resolve` with these picks: it is done, and undone, so nothing is written. Raises
    what `resolve` raises."""
    try:
        with transaction.atomic():
            found = _as_seen(conflict, seen)
            if found is None:
                raise ConflictMoved(MOVED)
            raise _Undone(_put_together(*found, picks))
    except _Undone as undone:
        return undone.result


class _Undone(Exception):
    def __init__(self, result: Document) -> None:
        self.result = result


@transaction.atomic
def _settle(conflict: Conflict, choice: Resolution, seen: int, by: User, picks: Picks) -> bool:
    """Returns False when what was seen is not what there is; then the conflict shows what there is."""
    found = _as_seen(conflict, seen)
    if found is None:
        return False
    current, link, record = found
    before = taking_back.standing_of(link)
    if choice == Resolution.MERGE:
        choice = together.amounts_to(current, picks)
    if choice == Resolution.KEEP_OURS:
        _keep_ours(current, link, record, by)
    elif choice == Resolution.TAKE_THEIRS:
        _take_theirs(current, link, by)
    else:
        _merge(current, link, record, picks, by)
    if record is not None:
        taking_back.remember(current, link, before)
    wakeup.kick(workspace_id=link.workspace_id, connection_id=link.connection_id)
    return True


def _as_seen(conflict: Conflict, seen: int) -> tuple[Conflict, Link, Any] | None:
    """The conflict, its link and our record, locked. None when what was seen is not what there is; then the conflict
    shows what there is. Raises ConflictClosed."""
    record, link = links.lock(conflict.link)
    current = conflicts.open_conflict_of(link) if link else None
    if link is None or current is None or current.pk != conflict.pk:
        raise ConflictClosed("This was settled meanwhile.")
    if record is not None and _show_ours(current, _ours(link, record)):
        return None
    return (current, link, record) if current.version == seen else None


def _ours(link: Link, record: Any) -> Document:
    try:
        return links.document_of(link, record, open_desk(link.connection))
    except Misconfigured as error:
        raise CannotResolve(error.message) from error


@transaction.atomic
def look_again(found: Link, desk: Desk) -> None:
    """Our side was saved while it is out of sync. Made equal to theirs by hand, it is settled; else the conflict shows
    ours as it is now."""
    record, link = links.lock(found)
    if record is None or link is None:
        return
    conflict = conflicts.open_conflict_of(link)
    if conflict is None:
        _go_on(link)
        return
    try:
        ours = links.document_of(link, record, desk)
    except Misconfigured:  # the operation says so
        return
    theirs = load(conflict.kind, conflict.theirs)
    if same_inputs(ours, theirs):
        links.rebase(link, conflict.theirs, conflict.remote_version)
        conflicts.close(link, Resolution.AGREED)
        if not same(ours, theirs):  # what they compute otherwise is read, and taken
            outbox.record_pull(
                workspace_id=link.workspace_id,
                connection_id=link.connection_id,
                kind=link.kind,
                remote_id=link.remote_id,
            )
        _go_on(link)
    else:
        _show_ours(conflict, ours)


def _go_on(link: Link) -> None:
    conflicts.resume_pushes(link)
    wakeup.kick(workspace_id=link.workspace_id, connection_id=link.connection_id)


def _show_ours(conflict: Conflict, ours: Document) -> bool:
    """Whether ours is another than the conflict showed; now it shows it."""
    diffs = three_way(counted(conflict.kind, conflict.base), ours, load(conflict.kind, conflict.theirs))
    return conflicts.show(
        conflict, ours=dump(ours), theirs=conflict.theirs, version=conflict.remote_version, diffs=diffs
    )


def _keep_ours(conflict: Conflict, link: Link, record: Any, by: User) -> None:
    """Theirs becomes the base, so that ours is the only change left; then it is sent."""
    ours, theirs = load(conflict.kind, conflict.ours), load(conflict.kind, conflict.theirs)
    if record is not None:
        together.refuse_what_xero_would(link, record, ours, theirs, open_desk(link.connection))
    links.rebase(link, conflict.theirs, conflict.remote_version, keep=ours)
    conflicts.close(link, Resolution.KEEP_OURS, by=by)
    outbox.record(workspace_id=link.workspace_id, kind=link.kind, local_id=link.local_id)


def _merge(conflict: Conflict, link: Link, record: Any, picks: Picks, by: User) -> None:
    """The result is written here, and what differs from theirs is sent."""
    result = _put_together(conflict, link, record, picks)
    asked = together.known_picks(conflict, picks)
    conflicts.close(link, Resolution.MERGE, by=by, picks=asked, result=result)
    outbox.record(workspace_id=link.workspace_id, kind=link.kind, local_id=link.local_id)


def _put_together(conflict: Conflict, link: Link, record: Any, picks: Picks) -> Document:
    return together.put_together(conflict, link, record, together.known_picks(conflict, picks))


def _take_theirs(conflict: Conflict, link: Link, by: User) -> None:
    document = load(conflict.kind, conflict.theirs)
    theirs = RemoteRecord(conflict.kind, link.remote_id, conflict.remote_version, document)
    conflicts.close(link, Resolution.TAKE_THEIRS, by=by)
    outcome = apply.try_apply(link.connection, theirs, open_desk(link.connection), force=True)
    if isinstance(outcome, apply.Untaken):
        raise CannotResolve(outcome.words)
