"""What becomes of a link when its remote record was merged into another there.

Our record stays as it is. Its link moves to the survivor, which is read next: that one may have been merged in its
turn, and then the link moves on, one read a step. Where another record of ours has the survivor, or ours is put away,
the link stays and names the survivor as its successor: what refers to our record goes there.
"""

from __future__ import annotations

import datetime as dt

from accounting.enums import EventKind, LinkState, Resolution
from accounting.models import Link
from accounting.port.errors import Permanent
from accounting.port.exchange import RemoteRecord
from accounting.resources.registry import get_resource
from accounting.sync import conflicts, outbox
from accounting.sync.history import tell_of
from core.transactions import require_transaction

UNREAD = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""The version of a record that was not read yet: whatever it says is news."""

CIRCLE = "In Xero this was merged in a circle, so nobody can tell which one is left. Restore one there."


def follow(link: Link, theirs: RemoteRecord, *, is_put_away: bool) -> None:
    """Go where theirs was merged to. `is_put_away` tells that our record is archived: it wants no part in the
    survivor. Raises Permanent when the merges lead in a circle."""
    require_transaction("following a merge")
    survivor = theirs.document.survivor
    if survivor in (link.remote_id, *link.came_from):
        raise Permanent(CIRCLE)
    same_kind = Link.objects.filter(connection_id=link.connection_id, kind=link.kind)
    same_kind.filter(successor=link.remote_id).update(successor=survivor)
    holder = same_kind.filter(remote_id=survivor).first()
    if holder is not None or is_put_away:
        _stand_behind(link, theirs, holder)
    else:
        _move(link, survivor)
    outbox.take_up(workspace_id=link.workspace_id, local_ids=[link.local_id])


def _move(link: Link, survivor: str) -> None:
    link.came_from = [*link.came_from, link.remote_id]
    link.remote_id, link.remote_version, link.echo_until = survivor, UNREAD, None
    if link.state == LinkState.MERGED:
        link.state, link.successor = LinkState.ACTIVE, ""
    link.save()
    tell_of(link, EventKind.LINKED, "Merged into another in Xero. What is linked here is now that one.")
    outbox.record_pull(
        workspace_id=link.workspace_id,
        connection_id=link.connection_id,
        kind=link.kind,
        remote_id=survivor,
    )


def _stand_behind(link: Link, theirs: RemoteRecord, holder: Link | None) -> None:
    """The survivor is another's, or not wanted: ours keeps its own link, and points there."""
    conflicts.close(link, Resolution.AGREED)
    is_news = link.successor != theirs.document.survivor
    link.state, link.successor = LinkState.MERGED, theirs.document.survivor
    link.remote_version = theirs.version
    link.note = _words(holder)
    link.save()
    if is_news:
        tell_of(link, EventKind.LINKED, link.note)
        if holder is not None:
            tell_of(
                holder,
                EventKind.LINKED,
                f"In Xero {_label(link)} was merged into this one: the two are one there.",
            )


def _words(holder: Link | None) -> str:
    if holder is None:
        return "Merged into another in Xero. What is still to be sent for it goes there."
    told = f"In Xero this was merged into {_label(holder)}: the two are one there."
    follow = get_resource(holder.kind).words.follow_there
    return f"{told} {follow}; what you change here stays in Tandem."[:300]


def _label(link: Link) -> str:
    resource = get_resource(link.kind)
    record = resource.load([link.local_id]).get(link.local_id)
    return resource.label(record) if record is not None else "another"


def stand_alone(link: Link) -> None:
    """Theirs stands for itself: the way here is forgotten."""
    if link.successor or link.came_from:
        link.state = LinkState.ACTIVE if link.state == LinkState.MERGED else link.state
        link.successor, link.came_from, link.note = "", [], ""
        link.save(update_fields=["state", "successor", "came_from", "note", "updated_at"])
