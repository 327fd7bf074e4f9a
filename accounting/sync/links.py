"""What both sides agree on: made, moved forward, ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from django.utils import timezone

from accounting.enums import LinkState
from accounting.models import Connection, Link
from accounting.port.documents import Document, Kind, facts_of
from accounting.port.exchange import PushResult, RemoteRecord
from accounting.port.snapshots import Snapshot, dump, load
from accounting.resources.desk import Desk
from accounting.resources.registry import get_resource
from accounting.sync.compare import comparable, counted, differing, inputs, put_in
from core.transactions import require_transaction

NOTHING: list[Any] = []
"""In place of a field of ours that is to be sent whatever it says: somebody insists on it."""
ECHO_LAG = dt.timedelta(seconds=1)


def lock(found: Link) -> tuple[Any | None, Link | None]:
    """Our record of this link and the link itself as they are now, locked in the order in which everybody locks:
    the record, its link, its conflict, its operations. None for what is gone."""
    require_transaction("locking a record with its link")
    record = get_resource(found.kind).lock(found.local_id)
    mine = Link.objects.select_for_update(of=("self",)).select_related("connection")
    return record, mine.filter(pk=found.pk).first()


def document_of(link: Link, record: Any, desk: Desk) -> Document:
    """Our record in the remote side's terms, on the ground of what this link agrees. Raises Misconfigured."""
    resource = get_resource(link.kind)
    desk.links[link.kind, link.local_id] = link
    desk.load_needs(resource.needs(record))
    return resource.to_document(record, desk)


def stands_otherwise(link: Link, theirs: Document) -> bool:
    """Whether it is a draft, approved or paid there, other than we knew. That it was removed is a change of content,
    and none of these."""
    if not theirs.standing or not link.base:
        return False
    before = base_of(link)
    return (
        bool(before.standing)
        and before.standing != theirs.standing
        and not (before.is_gone or theirs.is_gone)
    )


def has_ended(link: Link, theirs: Document) -> bool:
    """Whether it was removed there for good, other than we knew."""
    return theirs.is_over and bool(link.base) and not base_of(link).is_over


def find_again(link: Link) -> None:
    """Theirs was read: it is not lost, whatever a full proof said."""
    if link.lost_at is not None:
        link.lost_at = None
        link.save(update_fields=["lost_at", "updated_at"])


def hear_state(link: Link, theirs: Document) -> None:
    """Remember how it stands there, whatever becomes of the rest."""
    link.base = {**link.base, theirs.standing_field: theirs.standing}
    link.save(update_fields=["base", "updated_at"])


def rebase(link: Link, base: Snapshot, version: dt.datetime, *, keep: Document | None = None) -> None:
    """Their version is what is agreed from now on: whatever ours says otherwise is our change. Of a document that is to
    be kept here, amounts that they compute otherwise are: what they follow from is sent even if it says the same."""
    link.base, link.otherwise, link.remote_version = base, {}, version
    if keep is not None:
        unlike = falls_apart(keep, base_of(link))
        link.otherwise = {name: NOTHING for name in keep.sources_of(unlike)}
    link.save(update_fields=["base", "otherwise", "remote_version", "updated_at"])


def agree(connection: Connection, *, local_id: UUID, ours: Document, theirs: RemoteRecord) -> Link:
    """Remember that both sides agree on theirs, as it was just taken over. Where ours has to say it otherwise, that is
    remembered too, so that it is no edit."""
    values = _values(connection, ours, theirs, theirs.document.paired_with(ours), ())
    if values["otherwise"]:  # what Xero warned of is not mended as long as ours still says it otherwise
        values.pop("note")
    return _store(connection, local_id, theirs.kind, values)


def agree_sent(
    connection: Connection,
    *,
    local_id: UUID,
    ours: Document,
    changed: Collection[str],
    theirs: RemoteRecord,
    warnings: tuple[str, ...] = (),
) -> bool:
    """Remember what a write has come to: `ours` was sent, of a record that was there the `changed` fields only.

    What the answer says otherwise than was sent, or than was agreed of the rest, is a change of theirs yet to be read:
    it stays out of what is agreed. Returns whether there is such a thing, or ours shows other amounts.
    """
    before = Link.objects.filter(connection=connection, kind=theirs.kind, local_id=local_id).first()
    expected = _expected(before, ours, changed)
    document = theirs.document.paired_with(ours)
    surprises = falls_apart(expected, document) & comparable(ours).keys()
    document = _without(document, surprises, expected)
    values = _values(connection, ours, theirs, document, warnings)
    _store(connection, local_id, theirs.kind, values)
    return bool(surprises or falls_apart(ours, document) - values["otherwise"].keys() - ours_alone(ours))


def agree_new(connection: Connection, made: Sequence[tuple[UUID, Document, PushResult]]) -> list[bool]:
    """Like `agree_sent` for records that were just created there, in one statement. Raises IntegrityError when one of
    them is linked already."""
    rows, surprised = [], []
    for local_id, ours, result in made:
        theirs = cast(RemoteRecord, result.record)
        document = theirs.document.paired_with(ours)
        surprises = falls_apart(ours, document)
        document = _without(document, surprises, ours)
        values = _values(connection, ours, theirs, document, result.warnings)
        rows.append(Link(connection=connection, kind=theirs.kind, local_id=local_id, **values))
        surprised.append(bool(surprises))
    Link.objects.bulk_create(rows)
    return surprised


def keep_step(link: Link, *, ours: Document, theirs: RemoteRecord) -> None:
    """Remember theirs anew where nothing of it that we knew has changed. What is known of it only now must not look
    like an edit of ours."""
    before, mine = inputs(ours.kind, agreed_of_ours(link)), put_in(ours)
    quiet = differing(put_in(theirs.document), mine) - differing(before, mine) - ours_alone(ours)
    link.base, link.remote_version = dump(theirs.document), theirs.version
    link.otherwise = {**link.otherwise, **{name: mine[name] for name in quiet}}
    link.save(update_fields=["base", "remote_version", "otherwise", "updated_at"])


def _store(connection: Connection, local_id: UUID, kind: str, values: dict[str, Any]) -> Link:
    link, _ = Link.objects.update_or_create(
        connection=connection, kind=kind, local_id=local_id, defaults=values
    )
    return link


def _values(
    connection: Connection,
    ours: Document,
    theirs: RemoteRecord,
    document: Document,
    warnings: tuple[str, ...],
) -> dict[str, Any]:
    base = dump(document)
    return {
        "workspace_id": connection.workspace_id,
        "remote_id": theirs.remote_id,
        "state": LinkState.ACTIVE,
        "successor": "",
        "came_from": [],
        "remote_version": theirs.version,
        "base": base,
        "otherwise": _otherwise(ours, document),
        "recoded": {},
        "agreed_at": timezone.now(),
        "note": " ".join(warnings)[:300],
    }


def _otherwise(ours: Document, agreed: Document) -> dict[str, Any]:
    """What ours says in other words than what was agreed. What is ours alone is put back where theirs lost it, not got
    used to."""
    mine = put_in(ours)
    names = differing(put_in(agreed), mine) - ours_alone(ours)
    return {name: mine[name] for name in names}


def ours_alone(document: Document) -> frozenset[str]:
    """The fields that the remote side only keeps for us."""
    facts = facts_of(type(document)).values()
    return frozenset(fact.name for fact in facts if fact.ours_alone)


def agreed_of_ours(link: Link) -> dict[str, Any]:
    """What our document said (its counted fields) when both sides last agreed."""
    return {**counted(link.kind, link.base), **link.otherwise}


def insisted(link: Link) -> frozenset[str]:
    """The fields that somebody chose to keep as they are here, and that were not written since."""
    return frozenset(name for name, value in link.otherwise.items() if value == NOTHING)


def _expected(before: Link | None, ours: Document, changed: Collection[str]) -> Document:
    """What the answer to a write should say: what was sent, and of the rest what was agreed."""
    if before is None or not before.base:
        return ours
    return base_of(before).with_fields_of(ours, comparable(ours).keys() & changed)


def falls_apart(expected: Document, theirs: Document) -> frozenset[str]:
    """The fields in which theirs is not what was expected."""
    return differing(comparable(expected), comparable(theirs))


def _without(document: Document, surprises: frozenset[str], expected: Document) -> Document:
    """The document as it was expected where it surprises, with what only they know: ids of lines, rates, payments."""
    return document.with_fields_of(expected, surprises).with_ids_of(document)


def base_of(link: Link) -> Document:
    """What both sides last agreed on."""
    return load(link.kind, link.base)


def put_away(link: Link, theirs: RemoteRecord) -> None:
    """We had it removed there. What may come back keeps a living link; anything else is over."""
    if not theirs.document.may_return:
        end(link, theirs.version)
        return
    link.base, link.otherwise = dump(theirs.document), {}
    link.remote_version, link.state, link.agreed_at = theirs.version, _alive(link), timezone.now()
    link.save(update_fields=["base", "otherwise", "remote_version", "state", "agreed_at", "updated_at"])


def _alive(link: Link) -> LinkState:
    return LinkState.MERGED if link.successor else LinkState.ACTIVE


def end(link: Link, version: dt.datetime | None = None) -> None:
    """Both sides removed it: keep the link as a memory."""
    Link.objects.filter(pk=link.pk).update(
        state=LinkState.TOMBSTONED, remote_version=version or link.remote_version, agreed_at=timezone.now()
    )
    link.state = LinkState.TOMBSTONED


def expect_echo(connection: Connection, kind: Kind, remote_id: str, until: dt.datetime) -> None:
    """Changes of this remote record about `until` are our own doing (a settlement changes what it settles).

    Xero gives a settlement's time of change, not its document's, which is a moment later. A stranger's change in
    that moment is not lost: only its event is, and the regular check reads by version.
    """
    mine = Link.objects.filter(connection=connection, kind=kind, remote_id=remote_id)
    mine.update(echo_until=until + ECHO_LAG)


def is_echo(link: Link, at: dt.datetime | None) -> bool:
    """Whether a change reported for this instant is one we know already."""
    if at is None:
        return False
    known = max(link.remote_version, link.echo_until or link.remote_version)
    return at <= known
