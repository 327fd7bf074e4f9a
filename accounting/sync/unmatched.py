"""A person decides what becomes of records that were made in the remote system: link, make here, leave there."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from accounting.enums import Priority, Verdict
from accounting.models import Connection, Link, Newcomer, NewcomerRule
from accounting.models.newcomer import REMEMBERED
from accounting.resources.registry import kinds_that_own
from accounting.sync import outbox
from accounting.sync.deciding import CannotDecide
from accounting.sync.newcomers import DECIDED
from workspaces.audit import log_action
from workspaces.models import User

TWICE = "Two of them cannot be linked to the same record. Decide about one of them first."
NOT_OURS = "What is to be linked is linked already, or not here any more. Search again."


@transaction.atomic
def decide(
    *,
    connection: Connection,
    choices: Mapping[UUID, UUID | None],
    verdict: Verdict,
    and_its_own: bool = False,
    by: User,
) -> int:
    """What becomes of these newcomers (by their ids; to link, each with the id of ours). With `and_its_own` what
    belongs to them goes the same way, now and from now on. It is done as soon as they were read again. Returns how many
    there were, what belongs to them included.

    Raises CannotDecide; then nothing is decided.
    """
    mine = Newcomer.objects.select_for_update(of=("self",)).filter(connection=connection)
    rows = list(mine.filter(pk__in=choices).order_by("pk"))
    for row in rows:
        row.verdict, row.decided_by, row.problem = verdict, by, ""
        row.local_id = _ours(connection, row, choices[row.pk]) if verdict == Verdict.LINK else None
    _save(rows)
    theirs = _remember(connection, rows, verdict, by) if and_its_own else []
    _ask_for(connection, [*rows, *theirs])
    if rows:
        told = f"{Verdict(verdict).label}: {', '.join(row.told for row in rows)}"
        log_action(target=connection, action="connection.newcomers_decided", summary=told, by=by)
    return len(rows) + len(theirs)


def _ours(connection: Connection, row: Newcomer, local_id: UUID | None) -> UUID:
    mine = Link.objects.filter(connection=connection, kind=row.kind)
    if local_id is None or mine.filter(local_id=local_id).exists():
        raise CannotDecide(NOT_OURS)
    return local_id


def _save(rows: list[Newcomer]) -> None:
    try:
        with transaction.atomic():
            Newcomer.objects.bulk_update(rows, ["verdict", "local_id", "decided_by", "problem"])
    except IntegrityError:
        raise CannotDecide(TWICE) from None


def _remember(connection: Connection, rows: list[Newcomer], verdict: Verdict, by: User) -> list[Newcomer]:
    """A rule for each that others may belong to, and the same for those that are waiting. Who links or makes the owner
    here wants what belongs to it made here."""
    kept = Verdict.CREATE if verdict in DECIDED else verdict
    owners = [row for row in rows if row.kind in kinds_that_own()]
    mine = NewcomerRule.objects.filter(connection=connection, owner_id__in=[row.remote_id for row in owners])
    mine.delete()
    if kept in REMEMBERED:
        NewcomerRule.objects.bulk_create(
            NewcomerRule(
                workspace_id=connection.workspace_id, connection=connection, owner_kind=row.kind,
                owner_id=row.remote_id, verdict=kept, made_by=by,
            )
            for row in owners
        )  # fmt: skip
    belonging = Newcomer.objects.select_for_update(of=("self",)).filter(
        connection=connection, owner_id__in=[row.remote_id for row in owners]
    )
    found = list(belonging.exclude(verdict=Verdict.LINK).order_by("pk"))
    for row in found:
        row.verdict, row.decided_by, row.problem = kept, by, ""
    _save(found)
    return found


def _ask_for(connection: Connection, rows: list[Newcomer]) -> None:
    for row in rows:
        if row.verdict in DECIDED:
            outbox.record_pull(
                workspace_id=connection.workspace_id,
                connection_id=connection.pk,
                kind=row.kind,
                remote_id=row.remote_id,
                priority=Priority.USER,
            )
