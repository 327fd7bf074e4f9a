"""Money that stands against a document, brought here with it: new, changed, gone.

The document is applied first, and locked; what settles it is whatever its snapshot shows. Nothing here knows what kind
of money it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounting import wakeup
from accounting.enums import FLYING_STATES, WAITING_STATES, Blocker, EventKind, Lane, LinkState, Priority
from accounting.models import Connection, Link, Operation
from accounting.port.documents import Settlement, shape_of
from accounting.port.exchange import RemoteRecord
from accounting.port.snapshots import dump
from accounting.resources.base import SettlementResource
from accounting.resources.registry import push_order, settlements_of
from accounting.resources.rules import Rules
from accounting.sync import links, outbox
from accounting.sync.history import tell


def apply_settlements(parent: Link, record: Any, theirs: RemoteRecord, rules: Rules) -> None:
    """Make what settles this record of ours what theirs shows. Called inside the record's apply, as Xero. What is new
    there comes as the rules let it; what is linked follows whatever they say: both sides share it."""
    for resource in settlements_of(theirs.document):
        shown = {doc.remote_id: doc for doc in theirs.document.settlements if doc.kind == resource.kind}
        _Settling(parent, record, theirs, resource, shown, resource.comes(rules)).settle()


def ask_for_untaken(connection: Connection, resource: SettlementResource) -> None:
    """Have those read again that show settlements of this kind, as we know them, that are not here. Must be inside a
    transaction."""
    linked = Link.objects.filter(connection=connection, kind=resource.kind)
    known = set(linked.values_list("remote_id", flat=True))
    for parent in filter(lambda kind: resource.kind in shape_of(kind).settled_by, push_order()):
        for link in Link.objects.filter(connection=connection, kind=parent, state=LinkState.ACTIVE):
            shown = links.base_of(link).settlements if link.base else ()
            if any(row.kind == resource.kind and row.remote_id not in known for row in shown):
                outbox.record_pull(
                    workspace_id=link.workspace_id,
                    connection_id=connection.pk,
                    kind=link.kind,
                    remote_id=link.remote_id,
                    priority=Priority.BACKFILL,
                )


def have_moved(local_id: UUID | None, theirs: RemoteRecord) -> bool:
    """Whether theirs shows other settlements than those linked to ours; a record that was just made there (None) has
    none."""
    shown = {doc.remote_id for doc in theirs.document.settlements}
    if local_id is None:
        return bool(shown)
    return shown != set(_linked_against(theirs, local_id))


def _linked_against(theirs: RemoteRecord, local_id: UUID) -> Iterable[str]:
    for resource in settlements_of(theirs.document):
        mine = resource.against(local_id).order_by().values("pk")
        known = Link.objects.filter(kind=resource.kind, state=LinkState.ACTIVE, local_id__in=mine)
        yield from known.values_list("remote_id", flat=True)


@dataclass(slots=True)
class _Settling:
    """One kind of settlement of one record."""

    parent: Link
    record: Any
    theirs: RemoteRecord
    resource: SettlementResource
    shown: dict[str, Settlement]
    comes: bool

    def settle(self) -> None:
        ours = {row.pk: row for row in self.resource.against(self.parent.local_id)}
        known = self._links(ours)
        for link in known:
            self._reverse_if_gone(ours, link)
        for document in self.shown.values():
            mine = next((link for link in known if link.remote_id == document.remote_id), None)
            if mine is None:
                known += filter(None, [self._take_new(ours, known, document)])
            elif mine.state == LinkState.ACTIVE:
                self._take_change(ours.get(mine.local_id), mine, document)

    def _links(self, ours: dict[UUID, Any]) -> list[Link]:
        mine = Link.objects.filter(connection_id=self.parent.connection_id, kind=self.resource.kind)
        return list(mine.filter(local_id__in=ours) | mine.filter(remote_id__in=self.shown))

    def _reverse_if_gone(self, ours: dict[UUID, Any], link: Link) -> None:
        """What is linked and no longer shown was removed there."""
        record = ours.get(link.local_id)
        if link.state != LinkState.ACTIVE or link.remote_id in self.shown or record is None:
            return
        if not self.resource.is_reversed(record):
            self.resource.reverse(record)
            self._tell(self.resource.say_gone(record), link.remote_id)
        links.end(link)
        self._drop_removal(link)

    def _drop_removal(self, link: Link) -> None:
        """What was to be removed there, and was refused, is gone by itself: what waited for that goes on."""
        mine = Operation.objects.filter(
            connection_id=link.connection_id, lane=Lane.PUSH, local_id=link.local_id
        )
        mine.filter(state__in=WAITING_STATES).delete()
        if outbox.unblock(link.connection_id, waiting_for=Blocker.DEPENDENCY, record_id=link.local_id):
            wakeup.kick(workspace_id=link.workspace_id, connection_id=link.connection_id)

    def _take_new(self, ours: dict[UUID, Any], known: list[Link], document: Settlement) -> Link | None:
        """One we do not know: the same one recorded here and not yet sent is linked, not doubled; else it is new, and
        comes where that is the rule."""
        found = self._waiting_twin(ours, known, document)
        if found is None and not self.comes:
            return None
        if found is None:
            mine = self.resource.record(self.record, document)
            self._tell(self.resource.say_new(mine), document.remote_id)
        else:
            mine = self.resource.change(found, document)
            self._tell(self.resource.say_found(mine), document.remote_id)
        ours[mine.pk] = mine
        there = RemoteRecord(document.kind, document.remote_id, self.theirs.version, document)
        same = self.resource.document_like(mine, document)
        return links.agree(self.parent.connection, local_id=mine.pk, ours=same, theirs=there)

    def _waiting_twin(self, ours: dict[UUID, Any], known: list[Link], document: Settlement) -> Any | None:
        linked = {link.local_id for link in known}
        for record in self.resource.twins(ours.values(), document):
            if record.pk in linked:
                continue
            mine = Operation.objects.filter(
                connection_id=self.parent.connection_id, lane=Lane.PUSH, local_id=record.pk
            )
            if not mine.filter(state__in=FLYING_STATES).exists():
                mine.filter(state__in=WAITING_STATES).delete()
                return record
        return None

    def _take_change(self, record: Any | None, link: Link, document: Settlement) -> None:
        if record is None or self.resource.is_reversed(record) or not self.resource.differs(record, document):
            return
        self.resource.change(record, document)
        Link.objects.filter(pk=link.pk).update(base=dump(document))

    def _tell(self, message: str, remote_id: str) -> None:
        """In the history of what it settles: it has no page of its own."""
        tell(
            self.parent.connection,
            EventKind.RECEIVED,
            message,
            kind=self.parent.kind,
            local_id=self.parent.local_id,
            remote_id=remote_id,
        )
