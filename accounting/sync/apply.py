"""Applying one remote record to ours: the three-way decision, in one transaction, as Xero."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction

from accounting.enums import ErrorClass, EventKind, LinkState
from accounting.models import Connection, Link
from accounting.port.errors import ProviderError
from accounting.port.exchange import RemoteRecord
from accounting.resources.base import Resource
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync import exemptions, lease, links, merges, outbox
from accounting.sync.decide import Outcome, decide, sides_of
from accounting.sync.history import tell_of
from accounting.sync.retry import class_of
from accounting.sync.settlements import apply_settlements
from core.changes import caused_by
from core.refusals import Refused

AGREED = (Outcome.APPLIED, Outcome.MERGED, Outcome.AGREED, Outcome.UNCHANGED)
"""After these the link says how theirs stands; after anything else it would be news again with each read."""

log = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Untaken:
    """Why our side could not take a remote record: for a person. `waits_for` is our record that is in the way, where
    it is another than the one that would change."""

    error_class: ErrorClass
    words: str
    detail: str
    reference: str = ""
    waits_for: UUID | None = None


@transaction.atomic
def apply(
    connection: Connection, theirs: RemoteRecord, desk: Desk, *, force: bool = False
) -> Outcome | Untaken:
    """Bring our record up to date with theirs, or open a conflict. With `force` theirs wins; being a version of
    some time ago, it says nothing about settlements and credit.

    What our side cannot take of the record itself is returned as words for a person; its settlements and credit are
    heard even so.
    """
    lease.renew(connection)
    with caused_by("remote"):
        locked = _lock_both(connection, theirs)
        if isinstance(locked, Outcome):
            return locked
        record, link = locked
        links.find_again(link)
        exemption = exemptions.of(link)
        if exemption and not exemptions.is_ended_by(exemption, theirs, link):
            return Outcome.EXEMPT
        resource = get_resource(link.kind)
        is_moved = not force and links.stands_otherwise(link, theirs.document)
        is_news = is_moved or links.has_ended(link, theirs.document)
        is_heard = is_moved and resource.standing_is_theirs(desk.rules)
        if is_heard:
            links.hear_state(link, theirs.document)
        outcome = _take(link, resource, record, theirs, desk, force=force)
        if not force:
            _take_facts(link, resource, record, theirs)
            apply_settlements(link, record, theirs, desk.rules)
        if is_heard or (is_news and outcome in AGREED):
            outbox.on_moved_there(link)
        if exemption:
            exemptions.end_by_theirs(exemption)
        return outcome


def _take(
    link: Link, resource: Resource, record: Any, theirs: RemoteRecord, desk: Desk, *, force: bool
) -> Outcome | Untaken:
    """The record without its settlements. What is refused leaves no trace."""
    try:
        with transaction.atomic():
            if theirs.document.survivor:
                return _follow(link, resource, record, theirs, desk)
            merges.stand_alone(link)
            return decide(sides_of(link, resource, record, theirs, desk), desk, force=force)
    except ProviderError as error:
        return Untaken(class_of(error), error.message, error.detail, error.reference, error.in_the_way)
    except (ValidationError, Refused) as error:
        return _refused(error)


def _follow(link: Link, resource: Resource, record: Any, theirs: RemoteRecord, desk: Desk) -> Outcome:
    desk.links[link.kind, link.local_id] = link
    merges.follow(link, theirs, is_put_away=resource.intent(record, None, desk.rules) == "hold")
    return Outcome.FOLLOWED


def _take_facts(link: Link, resource: Resource, record: Any, theirs: RemoteRecord) -> None:
    """What only they decide stands, whatever became of the rest."""
    if told := resource.take_facts(record, theirs):
        tell_of(link, EventKind.RECEIVED, told)


def try_apply(
    connection: Connection, theirs: RemoteRecord, desk: Desk, *, force: bool = False
) -> Outcome | Untaken:
    """Like `apply`; what our side cannot take costs this record only, and is returned as words for a person.

    Raises OperationalError when the database is in trouble (a deadlock, a full disk, no connection), and LeaseLost.
    """
    try:
        return apply(connection, theirs, desk, force=force)
    except (ValidationError, Refused) as error:
        return _refused(error)
    except (OperationalError, lease.LeaseLost):  # not the record's trouble: it will be tried again
        raise
    except Exception:
        log.exception("apply_failed", kind=theirs.kind, remote_id=theirs.remote_id)
        return Untaken(ErrorClass.INTERNAL, "Tandem could not take over Xero's change.", "")


def take_whole(connection: Connection, theirs: RemoteRecord, desk: Desk) -> Outcome | Untaken:
    """Like `try_apply` with `force`; then what settles it is heard, of which a forced version says nothing. Returns
    what the record itself came to, or why one of the two could not be taken."""
    outcome = try_apply(connection, theirs, desk, force=True)
    if isinstance(outcome, Untaken):
        return outcome
    heard = try_apply(connection, theirs, desk)
    return heard if isinstance(heard, Untaken) else outcome


def _refused(error: Exception) -> Untaken:
    told = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    words = f"Xero's change could not be taken over: {told}"
    return Untaken(ErrorClass.PERMANENT, words, "", waits_for=getattr(error, "in_the_way", None))


def _lock_both(connection: Connection, theirs: RemoteRecord) -> tuple[Any, Link] | Outcome:
    """Our record and its link, locked; or why theirs needs no applying. The link says which record: it is looked at
    before, and again when both are held."""
    mine = Link.objects.filter(connection=connection, kind=theirs.kind, remote_id=theirs.remote_id)
    found = mine.first()
    if found is None:
        return Outcome.UNKNOWN
    if useless := _no_use(found, theirs):
        return useless
    record, link = links.lock(found)
    if record is None or link is None or link.remote_id != theirs.remote_id:
        return Outcome.UNKNOWN
    return _no_use(link, theirs) or (record, link)


def _no_use(link: Link, theirs: RemoteRecord) -> Outcome | None:
    if link.state == LinkState.TOMBSTONED or theirs.document.is_stray:
        return Outcome.UNKNOWN
    return Outcome.STALE if theirs.version < link.remote_version else None
