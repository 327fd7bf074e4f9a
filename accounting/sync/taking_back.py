"""Taking back what a person decided about a record that was out of sync, as long as nothing of it was sent.

Each decision remembers how our record and its link stood before it and after it. As long as both stand as the decision
left them, they are put back as they were before, the conflict is open again as it was shown, and the pushes wait again.
The locks are those of every decision, in the same order: a worker that has just stored the write wins, and one that was
about to finds that what it read has moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounting.enums import FLYING_STATES, ConflictState, EventKind, Lane, Resolution
from accounting.models import Conflict, Link, Operation, SyncEvent
from accounting.resources.rows import Rows, columns_of, put_rows_back, rows_of, values_of
from accounting.sync import conflicts, links, outbox
from accounting.sync.history import tell_of
from core.changes import caused_by
from core.transactions import require_transaction
from workspaces.audit import log_action
from workspaces.models import User

AGREED = ("base", "otherwise", "remote_version", "state", "successor")
"""Of a link, what a decision settles; whatever else stands in it is no part of that."""
NOT_ANY_MORE = "It waits for a decision again."
BY_ITSELF = "It closed by itself, so there is no decision to take back."
FLYING = "It is on its way to Xero right now, so it can no longer be taken back."
SENT = "It was sent to Xero, so it can no longer be taken back. Change the record instead."
MOVED = "The record has changed since, here or in Xero, so the decision can no longer be taken back."


class CannotTakeBack(Exception):
    """It is too late. The message says why, in a sentence for people."""


def standing_of(link: Link) -> dict[str, Any]:
    """How our record of this link and the link stand, as JSON-ready values. None of ours is told where it is gone."""
    there = Link.objects.get(pk=link.pk)
    return {"link": columns_of(there, AGREED), "record": rows_of(link.kind, link.local_id)}


def remember(conflict: Conflict, link: Link, before: dict[str, Any]) -> None:
    """Keep with a decision that was just made how things stood before it, and how they stand now."""
    require_transaction("remembering a decision")
    memory = {"before": before, "after": standing_of(link)}
    Conflict.objects.filter(pk=conflict.pk).update(memory=memory)


@transaction.atomic
def take_back(*, conflict: Conflict, by: User) -> None:
    """Undo the decision about this conflict: record, link and base are as they were before it, and it waits for
    another. Raises CannotTakeBack."""
    record, link = links.lock(conflict.link)
    mine = Conflict.objects.select_for_update(of=("self",)).filter(link=conflict.link_id)
    current = next((row for row in mine.order_by("pk") if row.pk == conflict.pk), None)
    if record is None or link is None or current is None:
        raise CannotTakeBack(MOVED)
    list(_pushes_of(link).select_for_update(of=("self",)).order_by("pk"))
    if words := why_not(current, link):
        raise CannotTakeBack(words)
    _put_back(current, link, record, by)


def why_not(conflict: Conflict, link: Link) -> str:
    """Why the decision about this conflict cannot be taken back, in a sentence; "" when it can. Reads only."""
    if conflict.state == ConflictState.OPEN:
        return NOT_ANY_MORE
    if not conflict.memory:
        return BY_ITSELF
    if _pushes_of(link).filter(state__in=FLYING_STATES).exists():
        return FLYING
    if standing_of(link) == conflict.memory["after"] and not _has_another(conflict):
        return ""
    return SENT if _was_sent(conflict, link) else MOVED


def _pushes_of(link: Link) -> Any:
    mine = Operation.objects.filter(connection=link.connection_id, kind=link.kind, local_id=link.local_id)
    return mine.filter(lane=Lane.PUSH)


def _has_another(conflict: Conflict) -> bool:
    others = Conflict.objects.filter(link=conflict.link_id, resolved_at__gt=conflict.resolved_at)
    return others.exists()


def _was_sent(conflict: Conflict, link: Link) -> bool:
    told = SyncEvent.objects.filter(connection=link.connection_id, kind=link.kind, local_id=link.local_id)
    sent = (EventKind.SENT, EventKind.REMOVED)
    return told.filter(event__in=sent, created_at__gte=conflict.resolved_at).exists()


def _put_back(conflict: Conflict, link: Link, record: Any, by: User) -> None:
    before, after = conflict.memory["before"], conflict.memory["after"]
    for name, value in values_of(Link, before["link"]).items():
        setattr(link, name, value)
    decided = Resolution(conflict.resolution)
    if before["record"] != after["record"]:
        _put_record_back(link, record, before["record"], by)
    link.save(update_fields=[*AGREED, "updated_at"])
    _open_again(conflict)
    outbox.record(workspace_id=link.workspace_id, kind=link.kind, local_id=link.local_id)
    conflicts.pause_pushes(link)
    tell_of(link, EventKind.DECIDED, f"Taken back: {decided.label}. It waits for a decision again.", by=by)


def _put_record_back(link: Link, record: Any, rows: Rows, by: User) -> None:
    with caused_by("remote"):  # parts that are deleted for it are nobody's edit
        put_rows_back(link.kind, link.local_id, rows)
    told = "Put back as it was before the decision about its two versions."
    log_action(target=record, action=f"{link.kind}.put_back", summary=told, by=by)


def _open_again(conflict: Conflict) -> None:
    conflict.state, conflict.resolution = ConflictState.OPEN, Resolution.NONE
    conflict.resolved_at = conflict.resolved_by = None
    conflict.picks = conflict.result = conflict.memory = {}
    conflict.save()


def take_back_many(*, decided: Iterable[Conflict], by: User) -> tuple[int, list[tuple[Conflict, str]]]:
    """Take back each of these decisions. Returns how many were, and the others, each with why it could not be."""
    done, refused = 0, []
    for conflict in decided:
        try:
            take_back(conflict=conflict, by=by)
            done += 1
        except CannotTakeBack as late:
            refused.append((conflict, str(late)))
    return done, refused
