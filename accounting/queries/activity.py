"""What happened in the whole workspace: narrowed, a page at a time, and all of it for a file.

Pages follow one another by id, which tells the time too: a page costs the same however long the history is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from accounting.enums import WAYS, EventKind, Way
from accounting.models import SyncEvent
from accounting.queries.history import Told, tell_activity
from core.ids import first_id_at
from workspaces.days import start_of
from workspaces.enums import ActorKind
from workspaces.models import Workspace
from workspaces.scope import scope

SHOWS = {
    "failed": [EventKind.FAILED, EventKind.REFUSED, EventKind.UNCERTAIN],
    "out_of_sync": [EventKind.OUT_OF_SYNC, EventKind.RESOLVED],
}
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of what happened; what is left empty narrows nothing. `show` is one of SHOWS, `kind` a Kind, `way` a Way,
    `by` an ActorKind or the id of a person; `since` and `until` are days of the workspace, both of them included."""

    show: str = ""
    kind: str = ""
    way: str = ""
    by: str = ""
    since: dt.date | None = None
    until: dt.date | None = None


def list_activity(workspace: Workspace, wanted: Wanted) -> QuerySet[SyncEvent]:
    """What happened in the workspace, newest first."""
    where = Q(workspace=workspace)
    if wanted.show:
        where &= Q(event__in=SHOWS[wanted.show])
    if wanted.kind:
        where &= Q(kind=wanted.kind)
    if wanted.way:
        where &= _went(wanted.way)
    if wanted.by:
        where &= Q(actor_kind=wanted.by) if wanted.by in ActorKind else Q(actor=wanted.by)
    if wanted.since:
        where &= Q(id__gte=first_id_at(start_of(wanted.since, workspace)))
    if wanted.until:
        where &= Q(id__lt=first_id_at(start_of(wanted.until + dt.timedelta(days=1), workspace)))
    return SyncEvent.objects.filter(where).order_by("-id")


def _went(way: str) -> Q:
    """`SyncEvent.way` in a query."""
    always = Q(event__in=WAYS.get(Way(way), _HERE))
    failed = Q(event=EventKind.FAILED)
    ways = {
        Way.TO_XERO: always | (failed & Q(remote_id="")),
        Way.FROM_XERO: always | (failed & ~Q(remote_id="")),
    }
    return ways.get(Way(way), always)


_HERE = [event for event in EventKind if event != EventKind.FAILED and event not in sum(WAYS.values(), ())]


@dataclass(frozen=True, slots=True)
class Page:
    """Some of what happened, newest first. `oldest` is the id after which there is more, None at the end."""

    events: list[Told]
    oldest: UUID | None


def page_of(rows: QuerySet[SyncEvent], before: UUID | None, size: int) -> Page:
    """The newest of these rows that are older than `before`, at most so many."""
    older = rows.filter(id__lt=before) if before else rows
    found = list(older[: size + 1])
    shown = found[:size]
    return Page(tell_activity(shown), shown[-1].pk if len(found) > size else None)


def walk_activity(workspace: Workspace, wanted: Wanted) -> Iterator[Told]:
    """All of it, newest first, whoever reads on and wherever: a few statements for some hundred rows, and never more
    than those in memory. Nothing is open while the reader takes its time."""
    before = None
    while True:
        with scope(workspace):
            page = page_of(list_activity(workspace, wanted), before, AT_ONCE)
        yield from page.events
        if page.oldest is None:
            return
        before = page.oldest


def people_of_activity() -> list[tuple[str, str]]:
    """The id and name of everybody who did any of it, those too who are gone, by name."""
    by_people = SyncEvent.objects.filter(actor__isnull=False).order_by("actor", "-id").distinct("actor")
    people = by_people.values_list("actor", "actor_name")
    return sorted(((str(pk), name) for pk, name in people), key=lambda person: person[1].casefold())
