"""The three-way decision about one record: what both last agreed on, ours, theirs. Inside the transaction that holds
the record and its link."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounting.choices import Owner
from accounting.enums import EventKind, Resolution
from accounting.models import Link
from accounting.port.documents import Document
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import Snapshot, dump, load
from accounting.resources.base import Resource
from accounting.resources.desk import Desk
from accounting.sync import conflicts, links, outbox
from accounting.sync.compare import (
    FieldDiff,
    agrees,
    changes,
    comparable,
    counted,
    edits,
    has_moved,
    is_conflict,
    three_way,
)
from accounting.sync.history import tell_of


class Outcome(enum.Enum):
    """What applying a remote record came to."""

    UNKNOWN = "not linked here"
    STALE = "older than what we know"
    UNCHANGED = "nothing new"
    APPLIED = "written here"
    MERGED = "both changed different fields; merged"
    AGREED = "both changed to the same"
    CONFLICT = "both changed; a person must decide"
    EXEMPT = "left out of the sync by a person"
    FOLLOWED = "merged into another there; the link follows"


@dataclass(slots=True)
class Sides:
    """One record in its three versions."""

    link: Link
    resource: Resource
    record: Any
    base: Snapshot
    ours: Document
    theirs: RemoteRecord
    answered: dt.datetime
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def remote_changed(self) -> bool:
        return has_moved(self.base, self.theirs.document, self.ours) or self._is_due_to(Owner.THEIRS)

    @property
    def local_changed(self) -> bool:
        return bool(edits(links.agreed_of_ours(self.link), self.ours)) or self._is_due_to(Owner.OURS)

    def _is_due_to(self, owner: Owner) -> bool:
        """Whether the two differ in what only this side decides: then that stands, whoever has changed it."""
        return bool(self.owners) and any(diff.owner == owner for diff in self.diffs)

    @property
    def diffs(self) -> list[FieldDiff]:
        """Where the two differ now."""
        return three_way(self.base, self.ours, self.theirs.document, self.owners)

    @property
    def is_answer(self) -> bool:
        """Whether theirs is what they made of our own write: nobody has touched it since."""
        return self.theirs.version == self.answered

    @property
    def is_apart(self) -> bool:
        """Whether ours shows something else than theirs, though neither was changed: it was not known before."""
        return not agrees(comparable(self.ours), {**comparable(self.theirs.document), **self.link.otherwise})


def sides_of(link: Link, resource: Resource, record: Any, theirs: RemoteRecord, desk: Desk) -> Sides:
    """The record in its three versions, theirs with our ids of its parts. Raises Misconfigured."""
    ours = links.document_of(link, record, desk)
    known = theirs.saying(theirs.document.known_by(load(theirs.kind, link.base)))
    base = counted(link.kind, link.base)
    owners = desk.rules.owners_of(link.kind)
    return Sides(link, resource, record, base, ours, known, link.remote_version, owners)


def decide(sides: Sides, desk: Desk, *, force: bool) -> Outcome:
    """Settle what both sides say: take theirs, keep ours, merge, or ask a person. With `force` theirs wins."""
    if force:
        return _take_theirs(sides, desk)
    if not sides.local_changed and (sides.remote_changed or sides.is_apart):
        return _take_theirs(sides, desk)
    if not sides.remote_changed:
        return _keep_step(sides)
    diffs = sides.diffs
    if not diffs or (sides.ours.is_over and sides.theirs.document.is_over):
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
    was = sides.ours
    sides.resource.apply_remote(sides.record, sides.theirs, desk)
    sides.record = sides.resource.load([sides.link.local_id])[sides.link.local_id]
    _rebase(sides, desk)
    conflicts.close(sides.link, Resolution.TAKE_THEIRS)
    outbox.take_up(workspace_id=sides.link.workspace_id, local_ids=[sides.link.local_id])
    if _lost_what_is_ours(sides):
        _send(sides)
    told = changes(comparable(was), sides.ours)
    if told:
        tell_of(sides.link, EventKind.RECEIVED, _sentence(sides, was, told), changes=told)
    return Outcome.APPLIED


def _sentence(sides: Sides, was: Document, told: list[tuple[str, Any, Any]]) -> str:
    if sides.ours.is_gone and not was.is_gone:
        return sides.resource.say_removed(sides.theirs.document)
    if not edits(comparable(was), sides.ours):
        return "Xero computes other amounts. Tandem shows Xero's."
    if sides.is_answer:
        return "Xero made something else of what was sent: " + _named(told)
    return "Changed in Xero: " + _named(told)


def _named(told: list[tuple[str, Any, Any]]) -> str:
    return ", ".join(name.replace("_", " ") for name, _, _ in told) + "."


def _rebase(sides: Sides, desk: Desk) -> None:
    """Base becomes theirs; then our document is built again on it, with what only they know (ids of lines, codes)."""
    ours = links.document_of(sides.link, sides.record, desk)
    document = sides.theirs.document.paired_with(ours)
    sides.link.base = dump(document)
    sides.ours = sides.resource.to_document(sides.record, desk)
    theirs = sides.theirs.saying(document)
    sides.link = links.agree(
        sides.link.connection, local_id=sides.link.local_id, ours=sides.ours, theirs=theirs
    )
    desk.links[sides.link.kind, sides.link.local_id] = sides.link
    if sides.theirs.document.is_over:
        links.end(sides.link, sides.theirs.version)


def _lost_what_is_ours(sides: Sides) -> bool:
    """What they only keep for us is put back when it was changed there (not in what was removed)."""
    theirs = sides.theirs.document
    names = links.ours_alone(sides.ours) & links.falls_apart(sides.ours, theirs)
    return bool(names) and not theirs.is_gone


def _agree(sides: Sides) -> Outcome:
    links.agree(sides.link.connection, local_id=sides.link.local_id, ours=sides.ours, theirs=sides.theirs)
    conflicts.close(sides.link, Resolution.AGREED)
    if sides.theirs.document.is_over:
        links.end(sides.link, sides.theirs.version)
    return Outcome.AGREED


def _merge(sides: Sides, diffs: list[FieldDiff], desk: Desk) -> Outcome:
    """Each side changed other, lesser fields: ours keep ours, the rest is theirs, and the result is sent."""
    kept = {diff.field for diff in diffs if diff.is_ours}
    document = sides.theirs.document.with_fields_of(sides.ours, kept)
    merged = sides.theirs.saying(document)
    sides.resource.apply_remote(sides.record, merged, desk)
    Link.objects.filter(pk=sides.link.pk).update(
        remote_version=sides.theirs.version,
        base=dump(sides.theirs.document),
        otherwise={},
        agreed_at=timezone.now(),
    )
    taken = [(diff.field, diff.ours, diff.theirs) for diff in diffs if diff.field not in kept]
    tell_of(sides.link, EventKind.RECEIVED, "Changes made in Xero were merged with ours.", changes=taken)
    conflicts.close(sides.link, Resolution.AGREED)
    _send(sides)
    return Outcome.MERGED


def _send(sides: Sides) -> None:
    """What must go back is recorded by name: capture is off while Xero's changes are applied."""
    outbox.record(
        workspace_id=sides.link.workspace_id,
        kind=sides.link.kind,
        local_id=sides.link.local_id,
    )
