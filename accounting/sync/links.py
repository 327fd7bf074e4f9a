"""What both sides agree on: made, moved forward, ended."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django.utils import timezone

from accounting.enums import Kind, LinkState
from accounting.models import Connection, Link
from accounting.port.documents import ContactDoc, Document, InvoiceDoc, PushResult, RemoteRecord
from accounting.port.snapshots import dump, load
from accounting.resources.invoices import with_refs
from accounting.sync.compare import cents_apart, comparable, fingerprint

ECHO_LAG = dt.timedelta(seconds=1)


def agree(
    connection: Connection,
    *,
    local_id: UUID,
    ours: Document,
    theirs: RemoteRecord,
    warnings: tuple[str, ...] = (),
) -> Link:
    """Remember that both sides agree now: ours is what we have, theirs what they returned for it."""
    values = _agreed(connection, ours, theirs, warnings)
    link, _ = Link.objects.update_or_create(
        connection=connection, kind=theirs.kind, local_id=local_id, defaults=values
    )
    return link


def agree_new(connection: Connection, made: Sequence[tuple[UUID, Document, PushResult]]) -> None:
    """The same for records that were just created there, in one statement. Raises IntegrityError when one of them
    is linked already."""
    Link.objects.bulk_create(
        Link(
            connection=connection,
            kind=result.record.kind,
            local_id=local_id,
            **_agreed(connection, ours, result.record, result.warnings),
        )
        for local_id, ours, result in made
        if result.record is not None
    )


def _agreed(
    connection: Connection, ours: Document, theirs: RemoteRecord, warnings: tuple[str, ...]
) -> dict[str, Any]:
    """Lines are paired in order, so that each of ours knows its remote id. Where theirs says something else than ours
    (`falls_apart`), ours is what was agreed: what they have made of it is a change of theirs, yet to be read.
    """
    document = with_our_refs(ours, theirs.document)
    if falls_apart(ours, document):
        document = _with_their_ids(ours, document)
    return {
        "workspace_id": connection.workspace_id,
        "remote_id": theirs.remote_id,
        "state": LinkState.ACTIVE,
        "remote_version": theirs.version,
        "fingerprint": fingerprint(ours),
        "base": dump(document),
        "agreed_at": timezone.now(),
        "note": _note(ours, document, warnings),
    }


def falls_apart(ours: Document, theirs: Document) -> bool:
    """Whether theirs differs from ours in something that can be taken over. Totals follow from lines, and a
    contact's reference is ours alone."""
    mine, other = comparable(ours), comparable(theirs)
    follow = {"net", "tax", "total", "reference"} if "archived" in mine else {"net", "tax", "total"}
    return any(mine[name] != other[name] for name in mine if name not in follow)


def _with_their_ids(ours: Document, theirs: Document) -> Document:
    """Our document with what only they know: the ids of lines and the account a payment went to."""
    if not (isinstance(ours, InvoiceDoc) and isinstance(theirs, InvoiceDoc)):
        return ours
    ids = [line.remote_id for line in theirs.lines] + [""] * len(ours.lines)
    lines = tuple(
        dataclasses.replace(line, remote_id=line.remote_id or remote_id)
        for line, remote_id in zip(ours.lines, ids, strict=False)
    )
    alive = ours.state if theirs.state in ("voided", "deleted") else theirs.state
    return dataclasses.replace(ours, lines=lines, rate=theirs.rate, state=alive)


def with_our_refs(ours: Document, theirs: Document) -> Document:
    """Their document with our line ids, paired in order."""
    if isinstance(ours, InvoiceDoc) and isinstance(theirs, InvoiceDoc):
        return with_refs(theirs, [line.ref for line in ours.lines])
    return theirs


def with_their_line_ids(ours: Document, theirs: Document) -> Document:
    """Our document with their line ids, paired in order; without them when their lines are no longer ours."""
    if not (isinstance(ours, InvoiceDoc) and isinstance(theirs, InvoiceDoc)):
        return ours
    if len(ours.lines) != len(theirs.lines):
        return ours
    pairs = zip(ours.lines, theirs.lines, strict=True)
    lines = tuple(dataclasses.replace(line, remote_id=there.remote_id) for line, there in pairs)
    return dataclasses.replace(ours, lines=lines)


def with_known_refs(base: Document, theirs: Document) -> Document:
    """Their document with our line ids, paired by the remote line ids that were agreed."""
    if not (isinstance(base, InvoiceDoc) and isinstance(theirs, InvoiceDoc)):
        return theirs
    known = {line.remote_id: line.ref for line in base.lines if line.remote_id}
    return with_refs(theirs, [known.get(line.remote_id, "") for line in theirs.lines])


def base_of(link: Link) -> Document:
    """What both sides last agreed on."""
    return load(link.kind, link.base)


def with_current_rate(ours: InvoiceDoc, theirs: InvoiceDoc) -> InvoiceDoc:
    """Our document with the rate Xero has now: lines sent without it would reset it."""
    return ours if ours.rate is None else dataclasses.replace(ours, rate=theirs.rate)


def _note(ours: Document, theirs: Document, warnings: tuple[str, ...]) -> str:
    notes = list(warnings)
    if isinstance(ours, InvoiceDoc):
        there = cast(InvoiceDoc, theirs)
        apart = cents_apart(ours, there)
        if apart and there.state not in ("voided", "deleted"):
            notes.append(f"Xero's total is {there.total}, {apart} apart from ours.")
    return " ".join(notes)[:300]


def put_away(link: Link, theirs: RemoteRecord) -> None:
    """We had it removed there. An archived contact may come back, so its link lives; anything else is over."""
    if not isinstance(theirs.document, ContactDoc):
        end(link, theirs.version)
        return
    link.base, link.fingerprint = dump(theirs.document), fingerprint(theirs.document)
    link.remote_version, link.state, link.agreed_at = theirs.version, LinkState.ACTIVE, timezone.now()
    link.save(update_fields=["base", "fingerprint", "remote_version", "state", "agreed_at", "updated_at"])


def end(link: Link, version: dt.datetime | None = None) -> None:
    """Both sides removed it: keep the link as a memory."""
    Link.objects.filter(pk=link.pk).update(
        state=LinkState.TOMBSTONED, remote_version=version or link.remote_version, agreed_at=timezone.now()
    )
    link.state = LinkState.TOMBSTONED


def expect_echo(connection: Connection, kind: Kind, remote_id: str, until: dt.datetime) -> None:
    """Changes of this remote record about `until` are our own doing (a payment changes its invoice).

    Xero gives the payment's time of change, not the invoice's, which is a moment later. A stranger's change in
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
