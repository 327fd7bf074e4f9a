"""What both sides agree on: made, moved forward, ended."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any, cast
from uuid import UUID

from django.utils import timezone

from accounting.enums import Kind, LinkState
from accounting.models import Connection, Link
from accounting.port.documents import Document, InvoiceDoc, RemoteRecord
from accounting.port.snapshots import dump, load
from accounting.resources.invoices import with_refs
from accounting.sync.compare import cents_apart, fingerprint

ECHO_LAG = dt.timedelta(seconds=1)


def agree(
    connection: Connection,
    *,
    local_id: UUID,
    ours: Document,
    theirs: RemoteRecord,
    warnings: tuple[str, ...] = (),
) -> Link:
    """Remember that both sides agree now: ours is what we have, theirs what they returned for it.

    Lines are paired in order, so that each of ours knows its remote id.
    """
    document = with_our_refs(ours, theirs.document)
    values: dict[str, Any] = {
        "workspace_id": connection.workspace_id,
        "remote_id": theirs.remote_id,
        "state": LinkState.ACTIVE,
        "remote_version": theirs.version,
        "fingerprint": fingerprint(ours),
        "base": dump(document),
        "agreed_at": timezone.now(),
        "note": _note(ours, document, warnings),
    }
    link, _ = Link.objects.update_or_create(
        connection=connection, kind=theirs.kind, local_id=local_id, defaults=values
    )
    return link


def with_our_refs(ours: Document, theirs: Document) -> Document:
    """Their document with our line ids, paired in order."""
    if isinstance(ours, InvoiceDoc) and isinstance(theirs, InvoiceDoc):
        return with_refs(theirs, [line.ref for line in ours.lines])
    return theirs


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
