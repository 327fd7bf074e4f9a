"""What was made in the remote system and is linked to nothing here: noted as it is read, and what a person decided
about it, or about all that belongs to its owner, carried out.

A decision is stored first and asks for a read; the read carries it out, so that it is made on what stands there now, in
batches, and survives whatever happens to the worker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.db.models.fields.json import KT

from accounting.enums import EventKind, Priority, Verdict
from accounting.models import Connection, Link, Newcomer, NewcomerRule
from accounting.port.documents import Kind, shape_of
from accounting.port.errors import ProviderError
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import dump
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource, kinds_read_by_themselves
from accounting.resources.rules import rules_of
from accounting.sync import apply, lease, pairs
from accounting.sync.deciding import CannotDecide, lock_whole
from accounting.sync.history import tell
from core.changes import caused_by
from core.refusals import Refused
from core.transactions import require_transaction

log = structlog.get_logger(__name__)

DECIDED = (Verdict.LINK, Verdict.CREATE)
READ_ANEW = ["remote_version", "there", "told", "owner_kind", "owner_id", "worth", "worth_in"]
TAKEN = "It is linked to another record in Xero meanwhile."
MADE = "Made from what was born in Xero."


def worth_reading(connection: Connection, kind: Kind, remote_ids: Sequence[str]) -> set[str]:
    """Those of these, linked to nothing here, that are to be read even so: all where they are listed, else those that
    somebody decided about."""
    if not remote_ids:
        return set()
    if rules_of(connection).queues_born_there:
        return set(remote_ids)
    mine = Newcomer.objects.filter(connection=connection, kind=kind, remote_id__in=remote_ids)
    return set(mine.filter(verdict__in=DECIDED).values_list("remote_id", flat=True))


def meet(connection: Connection, records: Sequence[RemoteRecord], desk: Desk) -> None:
    """Note those of these records of one kind that are linked to nothing here, and do what was decided about them."""
    if not records:
        return
    kind = records[0].kind
    known = _rows_of(connection, kind, records)
    if not (known or desk.rules.queues_born_there):
        return
    forget(connection, kind, [row.remote_id for row in records if not _is_offered(row)])
    offered = [row for row in records if _is_offered(row)]
    if desk.rules.queues_born_there:
        covered = [row for row in offered if desk.rules.covers(row.document.day)]
        _note(connection, _unlinked(connection, kind, covered))
        known = _rows_of(connection, kind, offered)
    for theirs in offered:
        row = known.get(theirs.remote_id)
        if row is not None and row.verdict in DECIDED:
            _carry_out(connection, theirs, row, desk)


def forget(connection: Connection, kind: Kind, remote_ids: Iterable[str]) -> None:
    """These are not there any more, or nothing for us: there is nothing to decide about them."""
    if ids := list(remote_ids):
        Newcomer.objects.filter(connection=connection, kind=kind, remote_id__in=ids).delete()


def forget_before(connection: Connection, start: dt.date) -> None:
    """What is dated before this day is nobody's to decide about any more; what somebody decided stands."""
    for kind in kinds_read_by_themselves():
        if day_field := shape_of(kind).day_field:
            mine = Newcomer.objects.filter(connection=connection, kind=kind).exclude(verdict__in=DECIDED)
            mine.annotate(day=KT(f"there__{day_field}")).filter(day__lt=start.isoformat()).delete()


def _rows_of(connection: Connection, kind: Kind, records: Iterable[RemoteRecord]) -> dict[str, Newcomer]:
    mine = Newcomer.objects.filter(connection=connection, kind=kind)
    found = mine.filter(remote_id__in=[record.remote_id for record in records])
    return {row.remote_id: row for row in found}


def _is_offered(theirs: RemoteRecord) -> bool:
    document = theirs.document
    return document.is_of_sales and not (document.is_stray or document.survivor or document.is_gone)


def _unlinked(connection: Connection, kind: Kind, records: list[RemoteRecord]) -> list[RemoteRecord]:
    ids = [row.remote_id for row in records]
    linked = Link.objects.filter(connection=connection, kind=kind, remote_id__in=ids)
    taken = set(linked.values_list("remote_id", flat=True))
    forget(connection, kind, taken)
    return [row for row in records if row.remote_id not in taken]


@transaction.atomic
def _note(connection: Connection, records: list[RemoteRecord]) -> None:
    """One statement. What was noted before keeps what was decided about it."""
    lease.renew(connection)
    rules = _rules_for(connection, records)
    Newcomer.objects.bulk_create(
        [_row(connection, record, rules) for record in {row.remote_id: row for row in records}.values()],
        update_conflicts=True,
        unique_fields=["connection", "kind", "remote_id"],
        update_fields=READ_ANEW,
    )


def _rules_for(connection: Connection, records: Iterable[RemoteRecord]) -> dict[tuple[str, str], Verdict]:
    owners = [owner for record in records if (owner := record.document.owner)]
    if not owners:
        return {}
    mine = NewcomerRule.objects.filter(
        connection=connection, owner_id__in=[owner.remote_id for owner in owners]
    )
    return {(rule.owner_kind, rule.owner_id): Verdict(rule.verdict) for rule in mine}


def _row(connection: Connection, theirs: RemoteRecord, rules: dict[tuple[str, str], Verdict]) -> Newcomer:
    document = theirs.document
    owner = document.owner or ("", "")
    return Newcomer(
        workspace_id=connection.workspace_id,
        connection=connection,
        kind=theirs.kind,
        remote_id=theirs.remote_id,
        remote_version=theirs.version,
        there=dump(document),
        told=", ".join(filter(None, get_resource(theirs.kind).describe(document)))[:300],
        owner_kind=owner[0],
        owner_id=owner[1],
        worth=document.worth,
        worth_in=str(getattr(document, "currency", "")),
        verdict=rules.get((owner[0], owner[1]), Verdict.ASK),
    )


@transaction.atomic
def _carry_out(connection: Connection, theirs: RemoteRecord, row: Newcomer, desk: Desk) -> None:
    """One decision with all it changes. What cannot be done is a question for a person again."""
    lease.renew(connection)
    try:
        with transaction.atomic():
            if row.verdict == Verdict.LINK:
                _link(connection, theirs, row)
            else:
                take_in(connection, theirs, desk, by=row.decided_by)
    except (OperationalError, lease.LeaseLost):  # not the record's trouble: it will be read again
        raise
    except Exception as error:
        mine = Newcomer.objects.filter(pk=row.pk, verdict=row.verdict)
        mine.update(verdict=Verdict.ASK, local_id=None, problem=_words(error, theirs)[:300])
    else:
        Newcomer.objects.filter(pk=row.pk).delete()


def _words(error: Exception, theirs: RemoteRecord) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, ProviderError | CannotDecide | Refused):
        return str(getattr(error, "message", error))
    log.exception("taking_in_failed", kind=theirs.kind, remote_id=theirs.remote_id)
    return "Tandem could not take it in. Try again, or make it by hand and link it."


def _link(connection: Connection, theirs: RemoteRecord, row: Newcomer) -> None:
    assert row.local_id is not None
    record = lock_whole(connection, theirs.kind, row.local_id)
    if Link.objects.filter(connection=connection, kind=theirs.kind, local_id=row.local_id).exists():
        raise CannotDecide(TAKEN)
    pairs.join(connection, theirs, record, keep_ours=False, by=row.decided_by, priority=Priority.WEBHOOK)


def take_in(connection: Connection, theirs: RemoteRecord, desk: Desk, *, by: Any) -> Any:
    """Make the record here that theirs is, linked, with what settles it. Must be inside a transaction. Returns ours.

    Raises CannotDecide, and what the kind's services refuse it with.
    """
    require_transaction("taking in a record")
    with caused_by("remote"):
        record = get_resource(theirs.kind).admit(theirs, desk)
    pairs.adopt(connection, theirs, record)
    outcome = apply.take_whole(connection, theirs, desk)
    if isinstance(outcome, apply.Untaken):
        raise CannotDecide(outcome.words)
    tell(
        connection, EventKind.LINKED, MADE,
        kind=theirs.kind, local_id=record.pk, remote_id=theirs.remote_id, by=by,
    )  # fmt: skip
    return record
