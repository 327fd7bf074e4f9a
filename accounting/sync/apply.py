"""Applying one remote record to ours: the three-way decision, in one transaction, as Xero."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Any
from uuid import UUID

import structlog
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils import timezone

from accounting.enums import ErrorClass, EventKind, Kind, LinkState, Resolution
from accounting.models import Connection, Link
from accounting.port.documents import ContactDoc, Document, InvoiceDoc, RemoteRecord
from accounting.port.errors import ProviderError
from accounting.port.snapshots import Snapshot, dump, load
from accounting.resources.base import Desk, Resource
from accounting.resources.registry import get_resource
from accounting.sync import conflicts, lease, links, merges, outbox
from accounting.sync.compare import (
    FieldDiff,
    agrees,
    changes,
    comparable,
    counted,
    edits,
    is_conflict,
    three_way,
)
from accounting.sync.history import tell
from accounting.sync.payments import apply_payments
from accounting.sync.retry import class_of
from core.changes import caused_by
from core.refusals import Refused

log = structlog.get_logger(__name__)


class Outcome(enum.Enum):
    """What applying a remote record came to."""

    UNKNOWN = "not linked here"
    STALE = "older than what we know"
    UNCHANGED = "nothing new"
    APPLIED = "written here"
    MERGED = "both changed different fields; merged"
    AGREED = "both changed to the same"
    CONFLICT = "both changed; a person must decide"
    FOLLOWED = "merged into another there; the link follows"


@dataclasses.dataclass(frozen=True, slots=True)
class Untaken:
    """Why our side could not take a remote record: for a person. `waits_for` is our record that is in the way, where
    it is another than the one that would change."""

    error_class: ErrorClass
    words: str
    detail: str
    reference: str = ""
    waits_for: UUID | None = None


@dataclasses.dataclass(slots=True)
class Sides:
    """One record in its three versions."""

    link: Link
    resource: Resource
    record: Any
    base: Snapshot
    ours: Document
    theirs: RemoteRecord
    answered: dt.datetime

    @property
    def remote_changed(self) -> bool:
        return not agrees(self.base, comparable(self.theirs.document))

    @property
    def local_changed(self) -> bool:
        return bool(edits(links.agreed_of_ours(self.link), self.ours))

    @property
    def is_answer(self) -> bool:
        """Whether theirs is what they made of our own write: nobody has touched it since."""
        return self.theirs.version == self.answered

    @property
    def is_apart(self) -> bool:
        """Whether ours shows something else than theirs, though neither was changed: it was not known before."""
        return not agrees(comparable(self.ours), {**comparable(self.theirs.document), **self.link.otherwise})


@transaction.atomic
def apply(
    connection: Connection, theirs: RemoteRecord, desk: Desk, *, force: bool = False
) -> Outcome | Untaken:
    """Bring our record up to date with theirs, or open a conflict. With `force` theirs wins; being a version of
    some time ago, it says nothing about payments and credit.

    What our side cannot take of the record itself is returned as words for a person; its payments and credit are
    heard even so.
    """
    lease.renew(connection)
    with caused_by("remote"):
        locked = _lock_both(connection, theirs)
        if isinstance(locked, Outcome):
            return locked
        record, link = locked
        resource = get_resource(link.kind)
        is_news = not force and links.hear_state(link, theirs.document)
        outcome = _take(link, resource, record, theirs, desk, force=force)
        if not force:
            _take_facts(link, resource, record, theirs)
        if theirs.kind == Kind.INVOICE and not force:
            apply_payments(connection, record, theirs, desk)
        if is_news:
            outbox.on_moved_there(link)
        return outcome


def _take(
    link: Link, resource: Resource, record: Any, theirs: RemoteRecord, desk: Desk, *, force: bool
) -> Outcome | Untaken:
    """The record without its payments. What is refused leaves no trace."""
    try:
        with transaction.atomic():
            if theirs.document.survivor:
                return _follow(link, resource, record, theirs, desk)
            merges.stand_alone(link)
            return _decide(_sides(link, resource, record, theirs, desk), desk, force=force)
    except ProviderError as error:
        return Untaken(class_of(error), error.message, error.detail, error.reference, error.in_the_way)
    except (ValidationError, Refused) as error:
        return _refused(error)


def _follow(link: Link, resource: Resource, record: Any, theirs: RemoteRecord, desk: Desk) -> Outcome:
    desk.links[link.kind, link.local_id] = link
    merges.follow(link, theirs, is_put_away=resource.intent(record, None) == "hold")
    return Outcome.FOLLOWED


def _take_facts(link: Link, resource: Resource, record: Any, theirs: RemoteRecord) -> None:
    """What only they decide stands, whatever became of the rest."""
    if told := resource.take_facts(record, theirs):
        _tell(link, EventKind.RECEIVED, told, [])


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
    if link.state == LinkState.TOMBSTONED or _is_purchase(theirs.document):
        return Outcome.UNKNOWN
    return Outcome.STALE if theirs.version < link.remote_version else None


def _is_purchase(document: Document) -> bool:
    """A bill has the shape of an invoice, and is none of ours."""
    return isinstance(document, InvoiceDoc) and not document.is_sale


def _sides(link: Link, resource: Resource, record: Any, theirs: RemoteRecord, desk: Desk) -> Sides:
    ours = links.document_of(link, record, desk)
    document = links.with_known_refs(load(theirs.kind, link.base), theirs.document)
    known = dataclasses.replace(theirs, document=document)
    base = counted(link.kind, link.base)
    return Sides(link, resource, record, base, ours, known, link.remote_version)


def _decide(sides: Sides, desk: Desk, *, force: bool) -> Outcome:
    if force:
        return _take_theirs(sides, desk)
    if not sides.local_changed and (sides.remote_changed or sides.is_apart):
        return _take_theirs(sides, desk)
    if not sides.remote_changed:
        return _keep_step(sides)
    diffs = three_way(sides.base, sides.ours, sides.theirs.document)
    if not diffs or (_ended(sides.ours) and _ended(sides.theirs.document)):
        return _agree(sides)
    if is_conflict(diffs):
        conflicts.open_conflict(sides.link, ours=sides.ours, theirs=sides.theirs, diffs=diffs)
        return Outcome.CONFLICT
    return _merge(sides, diffs, desk)


def _keep_step(sides: Sides) -> Outcome:
    """Theirs is what was agreed (again). An open conflict is over: only our change is left to send."""
    local_changed = sides.local_changed
    links.keep_step(sides.link, ours=sides.ours, theirs=sides.theirs)
    if conflicts.close(sides.link, Resolution.AGREED) and local_changed:
        _send(sides)
    return Outcome.UNCHANGED


def _take_theirs(sides: Sides, desk: Desk) -> Outcome:
    before = comparable(sides.ours)
    sides.resource.apply_remote(sides.record, sides.theirs, desk)
    sides.record = sides.resource.load([sides.link.local_id])[sides.link.local_id]
    _rebase(sides, desk)
    conflicts.close(sides.link, Resolution.TAKE_THEIRS)
    outbox.take_up(workspace_id=sides.link.workspace_id, local_ids=[sides.link.local_id])
    if _lost_our_reference(sides):
        _send(sides)
    told = changes(before, sides.ours)
    if told:
        _tell(sides.link, EventKind.RECEIVED, _sentence(sides, before, told), told)
    return Outcome.APPLIED


def _sentence(sides: Sides, before: Snapshot, told: list[tuple[str, Any, Any]]) -> str:
    if any(name == "voided" and after for name, _, after in told):
        return "Voided in Xero."
    if any(name == "archived" and after for name, _, after in told):
        return "Archived in Xero."
    if not edits(before, sides.ours):
        return "Xero computes other amounts. Tandem shows Xero's."
    if sides.is_answer:
        return "Xero made something else of what was sent: " + _named(told)
    return "Changed in Xero: " + _named(told)


def _named(told: list[tuple[str, Any, Any]]) -> str:
    return ", ".join(name.replace("_", " ") for name, _, _ in told) + "."


def _rebase(sides: Sides, desk: Desk) -> None:
    """Base becomes theirs; then our document is built again on it, with what only they know (ids of lines, codes)."""
    ours = links.document_of(sides.link, sides.record, desk)
    document = links.with_our_refs(ours, sides.theirs.document)
    sides.link.base = dump(document)
    sides.ours = sides.resource.to_document(sides.record, desk)
    theirs = dataclasses.replace(sides.theirs, document=document)
    sides.link = links.agree(
        sides.link.connection, local_id=sides.link.local_id, ours=sides.ours, theirs=theirs
    )
    desk.links[sides.link.kind, sides.link.local_id] = sides.link
    if _ended(sides.theirs.document):
        links.end(sides.link, sides.theirs.version)


def _ended(document: Document) -> bool:
    return isinstance(document, InvoiceDoc) and document.state in ("voided", "deleted")


def _lost_our_reference(sides: Sides) -> bool:
    """Our reference finds the contact again, so it is put back when it was changed there (not in an archive)."""
    ours, theirs = sides.ours, sides.theirs.document
    if not (isinstance(ours, ContactDoc) and isinstance(theirs, ContactDoc)):
        return False
    return ours.reference != theirs.reference and not theirs.archived


def _agree(sides: Sides) -> Outcome:
    links.agree(sides.link.connection, local_id=sides.link.local_id, ours=sides.ours, theirs=sides.theirs)
    conflicts.close(sides.link, Resolution.AGREED)
    if _ended(sides.theirs.document):
        links.end(sides.link, sides.theirs.version)
    return Outcome.AGREED


def _merge(sides: Sides, diffs: list[FieldDiff], desk: Desk) -> Outcome:
    """Each side changed other, lesser fields: ours keep ours, the rest is theirs, and the result is sent."""
    kept = {diff.field: getattr(sides.ours, diff.field) for diff in diffs if diff.ours != diff.base}
    merged = dataclasses.replace(sides.theirs, document=dataclasses.replace(sides.theirs.document, **kept))
    sides.resource.apply_remote(sides.record, merged, desk)
    Link.objects.filter(pk=sides.link.pk).update(
        remote_version=sides.theirs.version,
        base=dump(sides.theirs.document),
        otherwise={},
        agreed_at=timezone.now(),
    )
    taken = [(diff.field, diff.ours, diff.theirs) for diff in diffs if diff.field not in kept]
    _tell(sides.link, EventKind.RECEIVED, "Changes made in Xero were merged with ours.", taken)
    conflicts.close(sides.link, Resolution.AGREED)
    _send(sides)
    return Outcome.MERGED


def _send(sides: Sides) -> None:
    """What must go back is recorded by name: capture is off while Xero's changes are applied."""
    outbox.record(
        workspace_id=sides.link.workspace_id,
        kind=Kind(sides.link.kind),
        local_id=sides.link.local_id,
    )


def _tell(link: Link, event: EventKind, message: str, told: list[tuple[str, Any, Any]]) -> None:
    tell(
        link.connection,
        event,
        message,
        kind=link.kind,
        local_id=link.local_id,
        remote_id=link.remote_id,
        changes=told,
    )
