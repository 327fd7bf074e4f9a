"""Decisions of a dry run, edited in a spreadsheet: what can be taken is taken, and the rest is told by its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction

from accounting.enums import Verdict
from accounting.models import Decision, DryRun
from accounting.sync import dry_run
from workspaces.models import User

ID, VERSION, WANTED = "Id", "Version", "Decision"
WORDS = {str(verdict.label).casefold(): verdict for verdict in Verdict}
UNKNOWN = "This row is of another comparison. Download the file again."
STALE = "It was decided otherwise since the file was downloaded. Look again."
TWICE = "It is in the file twice."
NO_PAIR = "Nothing in Xero was found for it, so it cannot be linked."
TAKEN = "Another record is linked to the same one in Xero."
OVER = "It is being done already."
Row = tuple[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its line in the file, what it was about, and why, in a sentence."""

    line: int
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file came to: how many decisions were changed by it, and the rows that were not taken."""

    changed: int
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class _Wish:
    line: int
    decision: Decision
    verdict: Verdict


def version_of(decision: Decision) -> str:
    """By which a later look tells whether somebody has decided otherwise since."""
    return decision.updated_at.isoformat()


@transaction.atomic
def decide_by_file(*, run: DryRun, rows: Iterable[Row], by: User) -> Taken:
    """Decide as these rows say, each by itself. A row that says what is decided already changes nothing."""
    DryRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    refused: list[Refused] = []
    wishes = list(_read(run, list(rows), refused))
    changed = sum(_decide(run, lot, refused, by) for lot in _in_order(wishes))
    return Taken(changed, tuple(sorted(refused, key=lambda row: row.line)))


def _read(run: DryRun, rows: list[Row], refused: list[Refused]) -> Iterator[_Wish]:
    known = {str(row.pk): row for row in Decision.objects.filter(dry_run=run, is_done=False)}
    seen: set[str] = set()
    for line, cells in rows:
        decision = known.get(cells.get(ID, "").lower())
        verdict = WORDS.get(cells.get(WANTED, "").casefold())
        why = _objection(cells, decision, verdict, seen)
        if why:
            refused.append(Refused(line, decision.name if decision else cells.get("Record", ""), why))
        elif decision and verdict and decision.verdict != verdict:
            yield _Wish(line, decision, verdict)


def _objection(
    cells: Mapping[str, str], decision: Decision | None, verdict: Verdict | None, seen: set[str]
) -> str:
    if decision is None:
        return UNKNOWN
    if str(decision.pk) in seen:
        return TWICE
    seen.add(str(decision.pk))
    if verdict is None:
        choices = ", ".join(str(each.label) for each in Verdict)
        return f"“{cells.get(WANTED, '')[:40]}” is no decision. Write one of: {choices}."
    return "" if cells.get(VERSION) == version_of(decision) else STALE


def _in_order(wishes: list[_Wish]) -> Iterator[list[_Wish]]:
    """What is given up first, all of a sort at once: it is free for another then. Links by themselves."""
    for verdict in (Verdict.SKIP, Verdict.CREATE, Verdict.ASK):
        if lot := [wish for wish in wishes if wish.verdict == verdict]:
            yield lot
    yield from ([wish] for wish in wishes if wish.verdict == Verdict.LINK)


def _decide(run: DryRun, lot: list[_Wish], refused: list[Refused], by: User) -> int:
    ids = [wish.decision.pk for wish in lot]
    count = dry_run.decide(run=run, ids=ids, verdict=lot[0].verdict, by=by)
    if not count:
        refused += [Refused(wish.line, wish.decision.name, _why_not(wish)) for wish in lot]
    return count


def _why_not(wish: _Wish) -> str:
    if wish.verdict != Verdict.LINK:
        return OVER
    return TAKEN if wish.decision.remote_id else NO_PAIR
