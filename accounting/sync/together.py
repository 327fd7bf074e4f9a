"""A record that a person puts together from both sides: field by field, line by line."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from accounting.enums import EventKind, Resolution
from accounting.models import Conflict, Link
from accounting.port.documents import OURS, SIDES, Document, Picks
from accounting.port.errors import ProviderError
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import dump, load
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource
from accounting.sync import links
from accounting.sync.compare import changes, comparable
from accounting.sync.history import tell_of
from accounting.sync.keeping import why_refused
from core.changes import caused_by
from core.refusals import Refused


class CannotResolve(Exception):
    """It cannot be settled like this. The message says why, in a sentence for people."""


def choices_of(conflict: Conflict) -> tuple[str, ...]:
    """What there is to pick, by name; nothing where one of the two versions stands as a whole."""
    return load(conflict.kind, conflict.theirs).choices(load(conflict.kind, conflict.ours))


def known_picks(conflict: Conflict, picks: Picks) -> Picks:
    """Those of the picks that this conflict asks for. Raises CannotResolve when one is missing."""
    wanted = choices_of(conflict)
    if not wanted:
        raise CannotResolve("Here one of the two versions stands as a whole. Keep ours, or take Xero's.")
    if any(picks.get(name) not in SIDES for name in wanted):
        raise CannotResolve("Pick a side for everything that differs, then settle.")
    return {name: picks[name] for name in wanted}


def amounts_to(conflict: Conflict, picks: Picks) -> Resolution:
    """What the picks come to: all of one side is that side. Raises CannotResolve when one is missing."""
    sides = {*known_picks(conflict, picks).values()}
    if sides == {OURS}:
        return Resolution.KEEP_OURS
    return Resolution.MERGE if OURS in sides else Resolution.TAKE_THEIRS


def put_together(conflict: Conflict, link: Link, record: Any, picks: Picks) -> Document:
    """Write the picked document here and make theirs what is agreed, so that what differs is our change. Returns our
    document as it is then. Raises CannotResolve, in words, when our side cannot take it."""
    ours, theirs = (load(conflict.kind, side) for side in (conflict.ours, conflict.theirs))
    picked, desk = theirs.picked(ours, picks), open_desk(link.connection)
    try:
        mine = _write(conflict, link, record, picked, desk)
    except (ProviderError, ValidationError, Refused) as error:
        raise CannotResolve(_words(error)) from error
    if told := changes(comparable(ours), mine):
        tell_of(link, EventKind.RECEIVED, "Put together from both versions.", changes=told)
    return mine


def _write(conflict: Conflict, link: Link, record: Any, picked: Document, desk: Desk) -> Document:
    resource, theirs = get_resource(link.kind), load(conflict.kind, conflict.theirs)
    with caused_by("remote"):
        known = RemoteRecord(conflict.kind, link.remote_id, conflict.remote_version, theirs)
        resource.apply_picked(record, picked, known, desk)
    record = resource.load([link.local_id])[link.local_id]
    links.rebase(link, conflict.theirs, conflict.remote_version)
    mine = links.document_of(link, record, desk)
    base = theirs.known_by(mine.with_ids_of(picked))  # lines of theirs that are ours too from now on
    links.rebase(link, dump(base), conflict.remote_version)
    mine = links.document_of(link, record, desk)
    links.rebase(link, link.base, conflict.remote_version, keep=mine)
    refuse_what_xero_would(link, record, mine, theirs, desk)
    return mine


def refuse_what_xero_would(link: Link, record: Any, wanted: Document, theirs: Document, desk: Desk) -> None:
    """Raises CannotResolve where Xero is known not to take this document of ours over theirs."""
    if words := why_refused(link, record, wanted, theirs, desk):
        raise CannotResolve(words)


def _words(error: Exception) -> str:
    if isinstance(error, ProviderError):
        return error.message
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
