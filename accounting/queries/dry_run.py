"""What the dry run came to, in numbers, and its decisions a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When

from accounting.enums import UNDER_WAY, Verdict
from accounting.models import Connection, Decision, DryRun
from accounting.providers.registry import cost_of
from accounting.queries.records import Record, records_named
from accounting.resources.registry import get_resource, push_order
from core.words import listed

CALLS_A_MINUTE = 50
"""Of Xero's sixty; the rest is people's."""
STUCK = "stuck"
"""What is to be created, and could not be as it stands, or as what it belongs to stands."""
OUTLOOKS = (*Verdict.values, STUCK)
_STAYS_HERE = Q(waits_for__verdict__in=(Verdict.ASK, Verdict.SKIP))
_OWNER_IS_STUCK = Q(waits_for__verdict=Verdict.CREATE) & ~Q(waits_for__obstacle="")
_OWNER_COMES_BACK = Q(waits_for__verdict=Verdict.LINK, waits_for__is_done=False) & ~Q(waits_for__problem="")
_OWNER_IS_NOT_LINKED = Q(waits_for__verdict__in=(Verdict.ASK, Verdict.SKIP, Verdict.CREATE))
_WAITS = {
    Verdict.ASK: "Waits until you decide about {}.",
    Verdict.LINK: "Waits until you decide about {}.",
    Verdict.SKIP: "{} is left out, so this waits.",
    Verdict.CREATE: "{} cannot be sent yet, so this waits.",
}
_OUTLOOK = Case(
    When(
        Q(verdict=Verdict.LINK, is_done=False) & (~Q(problem="") | _OWNER_IS_NOT_LINKED | _OWNER_COMES_BACK),
        then=Value(Verdict.ASK.value),
    ),
    When(
        Q(verdict=Verdict.CREATE) & (~Q(obstacle="") | _STAYS_HERE | _OWNER_IS_STUCK | _OWNER_COMES_BACK),
        then=Value(STUCK),
    ),
    default=F("verdict"),
    output_field=CharField(),
)
"""What would become of a decision once everything is done as it is decided now."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `counts` are by outlook, `counts_of` and `done_of` by kind and outlook, `calls` and `minutes`
    what doing it costs."""

    run: DryRun
    counts: dict[str, int]
    counts_of: dict[tuple[str, str], int]
    done_of: dict[tuple[str, str], int]
    calls: int
    seen: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def linked(self) -> int:
        """How many of those to be linked are."""
        return sum(count for (_, outlook), count in self.done_of.items() if outlook == Verdict.LINK)

    @property
    def minutes(self) -> int:
        """How long it takes Xero, a minute at the least."""
        return max(ceil(self.calls / CALLS_A_MINUTE), 1)

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is at it, until it is done."""
        return self.run.state in UNDER_WAY


def outcome_of(connection: Connection) -> Outcome | None:
    """What the connection's dry run came to; None where there is none. Two queries."""
    run = DryRun.objects.filter(connection=connection).first()
    if run is None:
        return None
    rows = decisions_of(run).order_by().values_list("kind", "outlook", "is_done")
    counts: Counter[str] = Counter(dict.fromkeys(OUTLOOKS, 0))
    counts_of: Counter[tuple[str, str]] = Counter()
    done_of: Counter[tuple[str, str]] = Counter()
    for kind, outlook, is_done, count in rows.annotate(count=Count("pk")):
        counts[outlook] += count
        counts_of[kind, outlook] += count
        done_of[kind, outlook] += count if is_done else 0
    return Outcome(
        run=run,
        counts=dict(counts),
        counts_of=dict(counts_of),
        done_of=dict(done_of),
        calls=sum(
            calls_for(connection, kind, outlook, count) for (kind, outlook), count in counts_of.items()
        ),
        seen=listed([_counted(kind, run.seen[kind]) for kind in push_order() if kind in run.seen]),
    )


def _counted(kind: str, count: int) -> str:
    return f"{count:,} {get_resource(kind).words.name}{'' if count == 1 else 's'}"


def calls_for(connection: Connection, kind: str, outlook: str, count: int) -> int:
    """A write of each that is created and, of those that are linked, a read and a write."""
    batch = cost_of(connection, kind).batch
    return {Verdict.CREATE.value: 1, Verdict.LINK.value: 2}.get(outlook, 0) * ceil(count / batch)


def decisions_of(run: DryRun, outlook: str = "") -> QuerySet[Decision]:
    """The run's decisions, each with its `outlook`; those of one outlook if it is named."""
    rows = Decision.objects.filter(dry_run=run).select_related("waits_for").annotate(outlook=_OUTLOOK)
    return rows.filter(outlook=outlook) if outlook in OUTLOOKS else rows


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as it is listed: with the page of our record, its outlook in words, and a remark."""

    decision: Any
    record: Record
    label: str
    remark: str


def name_decisions(decisions: list[Any]) -> list[Row]:
    """These as they are listed, in one query a kind."""
    records = records_named({(row.kind, row.local_id) for row in decisions})
    return [
        Row(row, records[row.kind, row.local_id], label_of(row.outlook), remark_on(row)) for row in decisions
    ]


def label_of(outlook: str) -> str:
    """The outlook in words."""
    return "Cannot be sent" if outlook == STUCK else str(Verdict(outlook).label)


def remark_on(row: Any) -> str:
    """What is to be said of a decision with its outlook, in sentences: what stops it, or what it waits for; or ""."""
    if row.outlook == STUCK and row.obstacle:
        return str(row.obstacle)
    if row.problem or row.waits_for is None or row.outlook == row.verdict:
        return str(row.problem)
    if row.outlook == STUCK:
        return _WAITS[Verdict(row.waits_for.verdict)].format(row.waits_for.name)
    return f"{row.waits_for.name} is not linked, so this cannot be linked either."


def file_of(run: DryRun) -> Iterator[tuple[str, ...]]:
    """All decisions as the rows of a file, with a header."""
    yield ("Record", "Kind", "Decision", "In Xero", "Found by", "Remark", "Id", "Version")
    for row in decisions_of(run).iterator(chunk_size=500):
        told = row.name, row.get_kind_display(), row.get_verdict_display(), row.there_told
        yield *told, row.get_why_display(), remark_on(row), str(row.pk), row.updated_at.isoformat()
