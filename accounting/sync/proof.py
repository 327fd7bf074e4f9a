"""The full proof: every record of Xero's is read again in summaries, whatever its time of change, and compared with
what is known of it. What differs is kept as found apart, and asked for as a pull, which takes it or opens a conflict.

In turns, like all that nobody waits for. The place stands in the statement and moves with each page.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounting import wakeup
from accounting.enums import Priority, Reading, StatementState
from accounting.models import Connection, Link, Statement
from accounting.port.documents import Kind, shape_of
from accounting.port.errors import NeedsReauth, ProviderError
from accounting.port.exchange import FetchReply, RemoteRecord
from accounting.port.provider import Books
from accounting.port.snapshots import dump
from accounting.resources.registry import kinds_read_by_themselves, settlements_of
from accounting.resources.rules import rules_of
from accounting.sync import lease, turns
from accounting.sync.agreement import Look, Said, Verdict, look_at, told_otherwise
from accounting.sync.compare import counted, differing
from accounting.sync.opening import open_books
from accounting.sync.permissions import may_compare
from accounting.sync.pull import request_pull
from accounting.sync.regain import on_refused
from accounting.sync.state import Paused, callable_now, note_success, rest_after
from accounting.sync.statement import LIVING, complete, note
from core import shutdown
from core.clock import database_now, day_in
from core.transactions import after_commit, forbid_transaction
from workspaces.scope import all_workspaces

log = structlog.get_logger(__name__)

TURN_SECONDS = 8
SILENT = dt.timedelta(minutes=1)
"""After which a proof that is under way, and that nobody has moved on, is taken up again."""


def begin(*, connection: Connection, by: Any = None) -> bool:
    """Begin a full proof, unless one is under way. Returns whether it was begun."""
    now = database_now()
    try:
        with transaction.atomic():
            Statement.objects.create(
                connection=connection,
                workspace_id=connection.workspace_id,
                reading=Reading.FULL,
                state=StatementState.RUNNING,
                day=day_in(connection.workspace.zone, now),
                as_of=now,
                asked_by=by,
            )
    except IntegrityError:
        return False
    _wake(connection.workspace_id, connection.pk)
    return True


def _wake(workspace_id: UUID, connection_id: UUID) -> None:
    after_commit(lambda: wakeup.send(wakeup.PROOF, workspace_id=workspace_id, connection_id=connection_id))


def wake_forgotten() -> int:
    """Take up the proofs that nobody is at. Returns how many."""
    with all_workspaces("proofs go on in every workspace"):
        mine = Statement.objects.filter(callable_now("connection__"), state=StatementState.RUNNING)
        still = mine.filter(updated_at__lt=Now() - SILENT)
        found = list(still.values_list("workspace_id", "connection_id"))
    for workspace_id, connection_id in found:
        _wake(workspace_id, connection_id)
    return len(found)


def take_turn(connection_id: UUID) -> None:
    """Read on for some seconds; what is left goes on by itself, and at the end the statement is made."""
    forbid_transaction("proving")
    connection = Connection.objects.select_related("workspace").filter(pk=connection_id).first()
    if connection is None or not may_compare(connection):
        return
    statement = Statement.objects.filter(connection=connection, state=StatementState.RUNNING).first()
    if statement is None:
        return
    statement.connection = connection
    with lease.held(connection_id) as token:
        if token is None:
            return
        connection.refresh_from_db()
        goes_on = _try_turn(statement)
    turns.wake_again(connection)
    if goes_on:
        _wake(connection.workspace_id, connection.pk)


def _try_turn(statement: Statement) -> bool:
    """Whether to go on at once; else the net behind the wake-ups takes it up, or it is done."""
    connection = statement.connection
    try:
        return _take_turn(statement)
    except (lease.LeaseLost, Paused):
        log.info("proof_stopped", connection=str(connection.pk))
    except NeedsReauth as error:
        on_refused(connection, error)
    except ProviderError as error:
        rest_after(connection, error)
    return False


def _take_turn(statement: Statement) -> bool:
    with open_books(statement.connection) as books:
        books.nobody_waits(True)
        return _read_on(statement, books)


def _read_on(statement: Statement, books: Books) -> bool:
    connection, ends = statement.connection, time.monotonic() + TURN_SECONDS
    while kind := _kind(statement):
        if turns.somebody_waits(connection) or turns.must_spare(connection, Priority.RECONCILE):
            return False
        if shutdown.is_under_way() or time.monotonic() > ends:
            return True
        page = books.summaries(kind, statement.place.get("next", ""))
        note_success(connection, page.quota)
        _prove_page(statement, kind, page)
    complete(statement, as_of=statement.as_of)
    return False


def _kind(statement: Statement) -> Kind | None:
    """What is read next; None at the end."""
    done = statement.place.get("done", [])
    return next((kind for kind in kinds_read_by_themselves() if kind not in done), None)


def _prove_page(statement: Statement, kind: Kind, page: FetchReply) -> None:
    """The place moves when the page is compared, and not before. A page that comes twice finds the same."""
    connection = statement.connection
    there = {row.remote_id: row for row in page.records if not row.document.is_stray}
    linked = Link.objects.filter(connection=connection, kind=kind, remote_id__in=there)
    looks = look_at(connection, kind, list(linked.filter(state__in=LIVING)))
    takes_settled = all(row.comes(rules_of(connection)) for row in settlements_of(shape_of(kind)))
    for look in looks:
        theirs = there[look.link.remote_id]
        if told := _hidden(look, theirs, page.untold, takes_settled=takes_settled):
            _note(statement, look, theirs, told)
    _mark_listed(statement, kind, [*there, *dict(page.unreadable)])
    if page.next is None:
        _mark_lost(statement, kind)
    _move(statement, kind, page, strangers=_strangers(kind, there, linked))


def _mark_listed(statement: Statement, kind: Kind, remote_ids: list[str]) -> None:
    """What could not be read is there as well."""
    mine = Link.objects.filter(connection=statement.connection, kind=kind, remote_id__in=remote_ids)
    _mark(statement, mine, listed_at=statement.as_of, lost_at=None)


def _mark_lost(statement: Statement, kind: Kind) -> None:
    """After the last page of a kind: what was linked before the proof began, and stood on none of them."""
    mine = Link.objects.filter(connection=statement.connection, kind=kind, state__in=LIVING)
    unseen = mine.filter(Q(listed_at=None) | Q(listed_at__lt=statement.as_of))
    _mark(statement, unseen.filter(created_at__lt=statement.as_of), lost_at=statement.as_of)


@transaction.atomic
def _mark(statement: Statement, found: Any, **times: dt.datetime | None) -> None:
    """Locked in their order first, like by everybody who locks several."""
    lease.renew(statement.connection)
    ids = list(found.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    Link.objects.filter(pk__in=ids).update(**times)


def _strangers(kind: Kind, there: dict[str, RemoteRecord], linked: Any) -> int:
    """How many documents that are money, and stand there, are linked to nothing here."""
    if not shape_of(kind).worth_field:
        return 0
    known = set(linked.values_list("remote_id", flat=True))
    return sum(not (pk in known or row.document.is_gone) for pk, row in there.items())


def _hidden(
    look: Look, theirs: RemoteRecord, untold: frozenset[str], *, takes_settled: bool
) -> tuple[Said, ...]:
    """Where theirs says something that we do not know of. What is to be read anyway is on its way, and what was read
    since the page was is newer. Where settlements that are born there stay there, they tell nothing."""
    link = look.link
    if not link.base or look.verdict == Verdict.WAITING or theirs.version < link.remote_version:
        return ()
    said = dump(theirs.document)
    shown = counted(link.kind, said)
    told = {name: value for name, value in shown.items() if name not in untold}
    apart = [(name, look.known[name], told[name]) for name in sorted(differing(look.known, told))]
    credited = told_otherwise(type(theirs.document).told_there, link.base, said)
    return (*apart, *credited, *(_paid_otherwise(look, theirs) if takes_settled else ()))


def _paid_otherwise(look: Look, theirs: RemoteRecord) -> tuple[Said, ...]:
    """That its settlements come to something else there than those that are linked."""
    fact = theirs.document.settled_fact
    if fact is None or look.settled is None or theirs.document.is_gone:
        return ()
    paid = getattr(theirs.document, fact.name)
    return () if paid == look.settled else ((fact.name, str(look.settled), str(paid)),)


@transaction.atomic
def _note(statement: Statement, look: Look, theirs: RemoteRecord, told: tuple[Said, ...]) -> None:
    lease.renew(statement.connection)
    found = Look(look.link, Verdict.APART, look.currency, look.ours, theirs.document.worth, told)
    note(statement, found, at=statement.as_of, reading=Reading.FULL)
    request_pull(statement.connection, look.link.kind, look.link.remote_id, priority=Priority.RECONCILE)


def _move(statement: Statement, kind: Kind, page: FetchReply, *, strangers: int) -> None:
    """With the place goes what was counted on the page, so that it is counted once."""
    place, alone = dict(statement.place), dict(statement.only_there)
    if page.next is None:
        place = {"done": [*place.get("done", []), kind]}
    else:
        place["next"] = page.next
    if strangers:
        alone[kind] = alone.get(kind, 0) + strangers
    moved = {"place": place, "only_there": alone, "calls": F("calls") + 1, "updated_at": Now()}
    Statement.objects.filter(pk=statement.pk).update(**moved)
    statement.place, statement.only_there, statement.calls = place, alone, statement.calls + 1
