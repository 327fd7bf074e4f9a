"""One decision about several records that are out of sync: first what it overwrites, then the doing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounting.enums import Resolution
from accounting.models import Conflict
from accounting.queries.overwriting import chosen_conflicts, overwriting
from accounting.queries.records import Record, records_named
from accounting.sync.keeping import prospects_of
from accounting.sync.resolve_many import Outcomes, resolve_many
from core.ids import read_id

CHOICES = (Resolution.KEEP_OURS, Resolution.TAKE_THEIRS)
MOST = 100


@require_http_methods(["GET", "HEAD", "POST"])
def decide_many(request: HttpRequest) -> HttpResponse:
    """What the decision overwrites, record by record; confirmed, each is settled by the version that was seen. What has
    changed since is left as it is, and named."""
    data = request.POST if request.method == "POST" else request.GET
    choice, seen = data.get("choice", ""), _chosen(data.getlist("chosen"))
    if choice not in CHOICES or not seen:
        messages.error(request, "Choose the records, then one of the two versions.")
        return redirect("accounting:conflicts", request.workspace.slug)
    rows = chosen_conflicts(seen)
    if request.method == "POST":
        answers = [(row, seen[row.pk]) for row in rows]
        outcomes = resolve_many(answers=answers, choice=Resolution(choice), by=request.user)
        _tell(request, outcomes, missing=len(seen) - len(rows))
        return redirect("accounting:conflicts", request.workspace.slug)
    keeps_ours = choice == Resolution.KEEP_OURS
    kept, refused = _sorted(rows) if keeps_ours else (rows, [])
    facts = {
        "rows": overwriting(kept, keeps_ours=keeps_ours),
        "refused": refused,
        "choice": choice,
        "keeps_ours": keeps_ours,
    }
    return render(request, "accounting/conflict_bulk.html", facts)


def _sorted(rows: list[Conflict]) -> tuple[list[Conflict], list[tuple[Record, str]]]:
    """Those of which ours can be kept, and the others: each record with why Xero would not take ours."""
    prospects = prospects_of(rows)
    refused = [row for row in rows if prospects[row.pk].refused]
    records = records_named({(row.kind, row.local_id) for row in refused})
    told = [(records[row.kind, row.local_id], prospects[row.pk].refused) for row in refused]
    return [row for row in rows if row not in refused], told


def _chosen(told: Iterable[str]) -> dict[UUID, int]:
    """By the conflict's id the version that was seen, of a form's "id:version"; what is no such thing is left out."""
    pairs = (text.partition(":") for text in list(told)[:MOST])
    return {
        conflict: int(version) if version.isdecimal() else 0
        for pk, _, version in pairs
        if (conflict := read_id(pk))
    }


def _tell(request: HttpRequest, outcomes: Outcomes, *, missing: int) -> None:
    if outcomes.settled:
        messages.success(request, f"Settled: {len(outcomes.settled)}.")
    if outcomes.moved:
        named = _named(outcomes.moved)
        messages.warning(
            request, f"Changed since you looked, so nothing was settled for {named}. Look again."
        )
    if gone := missing + len(outcomes.closed):
        messages.info(request, f"Settled meanwhile by somebody else, or by itself: {gone}.")
    for conflict, why in outcomes.refused:
        messages.error(request, f"{_named([conflict])} could not be settled: {why}")


def _named(conflicts: list[Conflict]) -> str:
    records = records_named({(row.kind, row.local_id) for row in conflicts})
    return ", ".join(records[row.kind, row.local_id].name for row in conflicts)
