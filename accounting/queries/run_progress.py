"""How far a confirmed run is, when the rest will be done and why then, and what it came to in the end."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone
from django.utils.html import format_html

from accounting.enums import DryRunState, Verdict
from accounting.models import Connection, Decision, DryRun, Link
from accounting.queries.dry_run import CALLS_A_MINUTE, STUCK, Outcome, calls_for
from accounting.queries.unsent import is_going
from core.templatetags.display import moment


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of so many records that are to be linked or created, and in words when the rest will be."""

    done: int
    of: int
    eta: str


def progress_of(connection: Connection, outcome: Outcome) -> Progress | None:
    """How far the run is; None when it is not confirmed yet, or over. A fixed number of queries."""
    if outcome.run.state not in (DryRunState.LINKING, DryRunState.DONE) or not is_going(connection):
        return None
    created = _created(outcome.run)
    left = {
        key: count - (created.get(key[0], 0) if key[1] == Verdict.CREATE else outcome.done_of[key])
        for key, count in outcome.counts_of.items()
    }
    calls = sum(calls_for(connection, *key, max(count, 0)) for key, count in left.items())
    of = outcome.counts[Verdict.LINK] + outcome.counts[Verdict.CREATE]
    done = min(outcome.linked + sum(created.values()), of)
    return Progress(done, of, say_eta(connection, outcome.run, calls))


def report_of(connection: Connection, outcome: Outcome) -> dict[str, int]:
    """What a run that is over came to: how many were `created`, and how many of those to be created still wait."""
    created = sum(_created(outcome.run).values())
    wanted = outcome.counts[Verdict.CREATE] + outcome.counts[STUCK]
    return {"created": created, "waiting": max(wanted - created, 0)}


def _created(run: DryRun) -> dict[str, int]:
    """How many of those to be created are there by now, by kind."""
    there = Link.objects.filter(
        connection=run.connection_id, kind=OuterRef("kind"), local_id=OuterRef("local_id")
    )
    rows = Decision.objects.filter(Exists(there), dry_run=run, verdict=Verdict.CREATE).order_by()
    return dict(rows.values_list("kind").annotate(Count("pk")))


def say_eta(connection: Connection, run: DryRun, calls: int) -> str:
    """When so many calls will have been made, and why then, in sentences."""
    if run.paused_at is not None:
        return "It goes on once you say so. Nothing is lost."
    if connection.is_paused:
        return f"{Connection.PAUSED} It goes on once they resume it."
    if connection.unplanned_since is not None:
        return "It goes on once your plan has integrations again."
    if connection.resume_at is not None and connection.resume_at > timezone.now():
        words = connection.resume_reason or "Xero takes no calls right now."
        return format_html("{} It goes on at {}.", words, moment(connection.resume_at))
    return _say_calls(connection, calls)


def _say_calls(connection: Connection, calls: int) -> str:
    left, counted = connection.day_left, f"{calls:,} call{'' if calls == 1 else 's'}"
    if left is not None and calls > max(left - Connection.DAY_RESERVE, 0):
        return f"{counted} to go, and Xero takes {left:,} more today: the rest goes tomorrow."
    minutes = ceil(calls / CALLS_A_MINUTE)
    if minutes <= 1:
        return f"Under a minute to go: {counted} to Xero."
    return f"About {minutes:,} minutes to go: {counted}, and Xero takes 60 a minute, a few of them kept for people."
