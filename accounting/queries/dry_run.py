"""What the dry run came to, in numbers, and its decisions a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from django.db.models import Count, QuerySet

from accounting.enums import DryRunState, Verdict
from accounting.models import Connection, Decision, DryRun
from accounting.providers.registry import cost_of
from accounting.queries.records import Record, records_named
from accounting.resources.registry import get_resource, push_order
from core.words import listed

CALLS_A_MINUTE = 50
"""Of Xero's sixty; the rest is people's."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `counts` are by verdict, `calls` and `minutes` what doing it costs."""

    run: DryRun
    counts: dict[str, int]
    done: int
    calls: int
    seen: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def minutes(self) -> int:
        """How long it takes Xero, a minute at the least."""
        return max(ceil(self.calls / CALLS_A_MINUTE), 1)

    @property
    def is_under_way(self) -> bool:
        return self.run.state in (DryRunState.READING, DryRunState.LINKING)


def outcome_of(connection: Connection) -> Outcome | None:
    """What the connection's dry run came to; None where there is none. Two queries."""
    run = DryRun.objects.filter(connection=connection).first()
    if run is None:
        return None
    rows = Decision.objects.filter(dry_run=run).order_by().values_list("kind", "verdict", "is_done")
    counted = [
        (kind, verdict, done, count) for kind, verdict, done, count in rows.annotate(count=Count("pk"))
    ]
    counts: Counter[str] = Counter({verdict: 0 for verdict in Verdict.values})
    for _, verdict, _, count in counted:
        counts[verdict] += count
    return Outcome(
        run=run,
        counts=dict(counts),
        done=sum(count for _, _, done, count in counted if done),
        calls=sum(_calls(connection, kind, verdict, count) for kind, verdict, _, count in counted),
        seen=listed([_counted(kind, run.seen[kind]) for kind in push_order() if kind in run.seen]),
    )


def _counted(kind: str, count: int) -> str:
    return f"{count:,} {get_resource(kind).words.name}{'' if count == 1 else 's'}"


def _calls(connection: Connection, kind: str, verdict: str, count: int) -> int:
    """A write of each that is created and, of those that are linked, a read and a write."""
    batch = cost_of(connection, kind).batch
    return {Verdict.CREATE: 1, Verdict.LINK: 2}.get(Verdict(verdict), 0) * ceil(count / batch)


def decisions_of(run: DryRun, verdict: str = "") -> QuerySet[Decision]:
    """The run's decisions, those of one verdict if it is named."""
    rows = Decision.objects.filter(dry_run=run)
    return rows.filter(verdict=verdict) if verdict in Verdict.values else rows


def name_decisions(decisions: list[Decision]) -> list[tuple[Decision, Record]]:
    """These with the page of our record, in one query a kind."""
    records = records_named({(row.kind, row.local_id) for row in decisions})
    return [(row, records[row.kind, row.local_id]) for row in decisions]


def file_of(run: DryRun) -> Iterator[tuple[str, ...]]:
    """All decisions as the rows of a file, with a header."""
    yield ("Record", "Kind", "Decision", "In Xero", "Found by", "Remark")
    for row in decisions_of(run).iterator(chunk_size=500):
        decided, found_by = row.get_verdict_display(), row.get_why_display()
        yield row.name, row.get_kind_display(), decided, row.there_told, found_by, row.problem
