"""How far the regular check has come, kept with the connection page by page: what is applied is not read again.

A finished kind has a cursor, the instant up to which its changes are applied. One under way has a place instead, in the
words of the books that named it. A kind that nothing may be done with is left out, and keeps its cursor: later it is
read from there, or from the very beginning where a walk from there has left it out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.port.exchange import FetchReply
from accounting.queries.allowed import allowed_kinds
from accounting.resources.registry import kinds_read_by_themselves
from accounting.resources.rules import rules_of
from accounting.sync import lease

OVERLAP = dt.timedelta(minutes=5)
"""Xero's times are not exact to the second, and what has just changed may show up late (Xero docs:
"If-Modified-Since")."""

FIRST_OVERLAP = dt.timedelta(days=1)

UNDER_WAY = "walk"
NEXT, AGAIN = "next", "again"
ALL = "all"
READING, READ = "reading", "read"
SINCE = "since"
LATER = "later"


@dataclass(slots=True)
class Walk:
    """Through the changes of each kind: the one that was left, or a new one."""

    connection: Connection
    left: dict[str, dict[str, str]]

    @classmethod
    def of(cls, connection: Connection) -> Walk:
        may_go = set(allowed_kinds(connection))
        under_way = connection.cursors.get(UNDER_WAY, {})
        _note_later(connection.cursors, [kind for kind in under_way if kind not in may_go])
        left = {kind: place for kind, place in under_way.items() if kind in may_go}
        return cls(connection, left or _begin(connection, may_go))

    @property
    def kind(self) -> Kind | None:
        """What is read next; None at the end."""
        return next((kind for kind in kinds_read_by_themselves() if kind in self.left), None)

    def place(self, kind: Kind) -> str:
        return self.left[kind][NEXT]

    def move(self, kind: Kind, page: FetchReply) -> None:
        """This page is applied: go on behind it, or end with it."""
        cursors = dict(self.connection.cursors)
        if page.next is None:
            reached = self.left.pop(kind).get(AGAIN) or _reached(page)
            cursors[kind] = max(reached, cursors.get(kind, ""))
            _forget_later(cursors, kind)
        else:
            self.left[kind] |= {NEXT: page.next, **_looked_at_too_soon(self.left[kind], page)}
        cursors.pop(UNDER_WAY, None)
        if self.left:
            cursors[UNDER_WAY] = self.left
        elif cursors.get(ALL) == READING:
            cursors[ALL] = READ
        _keep(self.connection, cursors)


@transaction.atomic
def _keep(connection: Connection, cursors: dict[str, object]) -> None:
    lease.renew(connection)
    lease.row_of(connection).update(cursors=cursors)
    connection.cursors = cursors


def _note_later(cursors: dict[str, Any], left_out: list[Kind]) -> None:
    """These are to be read from the very beginning once they may be, where all is being read from there."""
    if left_out and cursors.get(ALL) == READING:
        cursors[LATER] = sorted({*cursors.get(LATER, ()), *left_out})


def _forget_later(cursors: dict[str, Any], read: Kind) -> None:
    if read in (later := cursors.pop(LATER, [])):
        later = [kind for kind in later if kind != read]
    if later:
        cursors[LATER] = later


def _begin(connection: Connection, may_go: Collection[Kind]) -> dict[str, dict[str, str]]:
    """A walk from the cursors; from the very beginning once, where what was made there is listed: it may be old. Again,
    where what is dated earlier than before is listed."""
    rules, cursors = rules_of(connection), connection.cursors
    kinds = [kind for kind in kinds_read_by_themselves() if kind in may_go]
    since = rules.start_date.isoformat() if rules.start_date else ""
    if not rules.queues_born_there:
        cursors.pop(ALL, None)
        cursors.pop(LATER, None)
    elif cursors.get(ALL) != READ or cursors.get(SINCE, "") > since:
        cursors.pop(LATER, None)
        cursors |= {ALL: READING, SINCE: since}
        _note_later(cursors, [kind for kind in kinds_read_by_themselves() if kind not in may_go])
        return {kind: {NEXT: ""} for kind in kinds}
    later = cursors.get(LATER, ())
    return {kind: {NEXT: "" if kind in later else _start(connection, kind)} for kind in kinds}


def _start(connection: Connection, kind: Kind) -> str:
    """From where to read: the cursor less an overlap. At first a day before the connection was made: that moment
    is by our clock, and it stays when the organisation is connected again."""
    text = connection.cursors.get(kind)
    start = dt.datetime.fromisoformat(text) - OVERLAP if text else connection.created_at - FIRST_OVERLAP
    return start.isoformat()


def _reached(page: FetchReply) -> str:
    """By Xero's own times: the newest change seen, or when Xero answered, so that a quiet organisation is not read
    again."""
    times = [record.version for record in page.records] + ([page.at] if page.at else [])
    return max(times).isoformat() if times else ""


def _looked_at_too_soon(place: dict[str, str], page: FetchReply) -> dict[str, str]:
    """What changed minutes before it was read may not have been complete, and the rest of the walk goes on behind it.
    The next walk then begins with what was new when this one first came so near to the present."""
    is_new = page.at and any(record.version > page.at - OVERLAP for record in page.records)
    return {AGAIN: page.at.isoformat()} if is_new and page.at and AGAIN not in place else {}
