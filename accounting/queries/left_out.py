"""What goes neither way because a person said so, or waits for one to say."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from accounting.models import Exemption
from accounting.queries.records import Record, records_named


def left_out() -> QuerySet[Exemption]:
    """All that is left out of the workspace's sync, the newest first."""
    return Exemption.objects.select_related("made_by").order_by("-id")


def left_out_among(ids: Collection[UUID]) -> list[Exemption]:
    """Those of these that are left out still."""
    return list(left_out().filter(pk__in=ids).select_related("connection"))


def name_left_out(rows: Collection[Exemption]) -> list[tuple[Exemption, Record]]:
    """Each with the record that it is about, one query a kind."""
    records = records_named({(row.kind, row.local_id) for row in rows})
    return [(row, records[row.kind, row.local_id]) for row in rows]
