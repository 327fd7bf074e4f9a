"""The reading of a dry run: every page of the organisation's, each record set against ours, and nothing written."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounting.enums import DryRunState, Mark, Taken, Verdict
from accounting.models import Connection, Decision, DryRun, Link
from accounting.port.documents import Kind
from accounting.port.exchange import RemoteRecord
from accounting.port.provider import Books
from accounting.port.snapshots import dump
from accounting.queries.unsent import comparable_of
from accounting.resources.base import Resource
from accounting.resources.desk import Desk, open_desk
from accounting.resources.registry import get_resource, kinds_read_by_themselves, kinds_that_own
from accounting.resources.rules import Rules
from accounting.sync import lease
from accounting.sync.foreseeing import Foreseen, foresee
from accounting.sync.matching import Index, Known, suggest
from accounting.sync.taken import alike, names_of

AT_ONCE = 500


@dataclass(slots=True)
class Match:
    """One of theirs that one of ours may be: by which mark, and whether all else agrees."""

    theirs: RemoteRecord
    why: Mark
    agrees: bool


@dataclass(slots=True)
class Book:
    """Ours of one kind, and what was found for each (by its place) as theirs were read. `called` are the places of
    ours by what only one may be called there, `taken` what another is called there already."""

    kind: Kind
    ours: list[Any]
    index: Index[UUID]
    names: dict[int, str]
    called: dict[tuple[Taken, str], int]
    sure_by: Mark | None = None
    creates: bool = True
    taken: dict[int, str] = field(default_factory=dict)
    matches: dict[int, list[Match]] = field(default_factory=dict)
    claims: Counter[str] = field(default_factory=Counter)
    their_names: dict[str, RemoteRecord] = field(default_factory=dict)
    versions: dict[str, dt.datetime] = field(default_factory=dict)
    standing: set[str] = field(default_factory=set)


def compare(run: DryRun, books: Books) -> None:
    """Read everything, and note down what would become of each of ours. Raises ProviderError: then nothing is noted,
    and it is begun anew."""
    books.nobody_waits(True)
    began, calls, seen = timezone.now(), 0, {}
    decisions: list[Decision] = []
    chosen, desk = _owners(run.connection), open_desk(run.connection)
    for kind in kinds_read_by_themselves():
        book = _open(run.connection, kind, desk.rules)
        for page in _pages(books, kind):
            calls += 1
            lease.renew(run.connection)
            _read(run.connection, book, page)
        seen[kind] = len(book.standing)
        made = list(_decide(run, book, chosen))
        _look_ahead(run, book, made, desk, {(row.kind, row.local_id): row for row in decisions})
        chosen |= {(kind, row.local_id): row.remote_id for row in made if row.verdict == Verdict.LINK}
        decisions += made
    _note(run, decisions, {"calls": calls, "seen": seen, "read_at": began})


def _pages(books: Books, kind: Kind) -> Iterator[tuple[RemoteRecord, ...]]:
    place: str | None = ""
    while place is not None:
        page = books.changes(kind, place)
        yield page.records
        place = page.next


def _open(connection: Connection, kind: Kind, rules: Rules) -> Book:
    resource = get_resource(kind)
    ours = list(comparable_of(kind, connection))
    known = [Known(record.pk, tuple(resource.marks(record))) for record in ours]
    names = {place: text for place, row in enumerate(known) for mark, text in row.marks if mark == Mark.NAME}
    called = {
        (what, alike(text)): place
        for place, record in enumerate(ours)
        for what, text in resource.names(record)
    }
    asked = resource.sure_by(rules), resource.creates_unmatched(rules)
    return Book(kind, ours, Index(known), names, called, *asked)


def _read(connection: Connection, book: Book, records: Iterable[RemoteRecord]) -> None:
    resource = get_resource(book.kind)
    records = [row for row in records if _is_news(book, row)]
    _note_names(book, resource, records)
    page = [row for row in records if _stands_for_itself(row)]
    ids = [row.remote_id for row in page]
    linked = Link.objects.filter(connection=connection, kind=book.kind, remote_id__in=ids)
    taken = set(linked.values_list("remote_id", flat=True))
    book.standing.update(ids)
    for theirs in page:
        if theirs.remote_id not in taken:
            _set_against_ours(book, resource, theirs)


def _is_news(book: Book, theirs: RemoteRecord) -> bool:
    """Some come twice (`Books.changes`): the same again claims nothing more, and what changed meanwhile stands as it
    came last."""
    known = book.versions.get(theirs.remote_id)
    if known is not None and theirs.version <= known:
        return False
    if known is not None:
        _forget(book, theirs.remote_id)
    book.versions[theirs.remote_id] = theirs.version
    return True


def _forget(book: Book, remote_id: str) -> None:
    book.standing.discard(remote_id)
    book.claims.pop(remote_id, None)
    book.their_names.pop(remote_id, None)
    kept = {
        place: [match for match in found if match.theirs.remote_id != remote_id]
        for place, found in book.matches.items()
    }
    book.matches = {place: found for place, found in kept.items() if found}


def _note_names(book: Book, resource: Resource, records: Sequence[RemoteRecord]) -> None:
    for key, theirs in names_of(resource, records):
        if (place := book.called.get(key)) is not None:
            told = ", ".join(filter(None, resource.describe(theirs.document)))
            book.taken.setdefault(place, f"Its {key[0].label.lower()} is taken in Xero: {told}.")


def _stands_for_itself(row: RemoteRecord) -> bool:
    return not (row.document.is_stray or row.document.survivor or row.document.is_over)


def _set_against_ours(book: Book, resource: Resource, theirs: RemoteRecord) -> None:
    marks = list(resource.marks_there(theirs.document))
    hits = book.index.hits(marks)
    sure = book.index.hits(row for row in marks if row[0] == book.sure_by) if book.sure_by else hits
    for place, why in hits.items():
        agrees = place in sure and resource.may_be(book.ours[place], theirs.document)
        book.claims[theirs.remote_id] += 1
        book.matches.setdefault(place, []).append(Match(theirs, why, agrees))
    if any(mark == Mark.NAME for mark, _ in marks) and book.names:
        book.their_names[theirs.remote_id] = theirs


def _decide(run: DryRun, book: Book, chosen: dict[tuple[Kind, UUID], str]) -> Iterator[Decision]:
    """Sure pairs are linked; what is found and not sure is asked; the rest is created."""
    suggested = _suggestions(book)
    for place, record in enumerate(book.ours):
        found = book.matches.get(place, [])
        sure = [match for match in found if match.agrees and book.claims[match.theirs.remote_id] == 1]
        if len(sure) == 1 and _fits_its_owner(book.kind, record, sure[0], chosen):
            yield _decision(run, book.kind, record, Verdict.LINK, sure[0])
        elif found:
            yield _decision(run, book.kind, record, Verdict.ASK, _surest(found))
        elif place in suggested:
            yield _decision(run, book.kind, record, Verdict.ASK, suggested[place])
        else:
            yield _decision(run, book.kind, record, Verdict.CREATE if book.creates else Verdict.ASK, None)


def _look_ahead(
    run: DryRun, book: Book, made: list[Decision], desk: Desk, decided: Mapping[tuple[Kind, UUID], Decision]
) -> None:
    """Say of each what would keep it from being created, or linked."""
    taken = {book.ours[place].pk: words for place, words in book.taken.items()}
    for start in range(0, len(made), AT_ONCE):
        lot = made[start : start + AT_ONCE]
        lease.renew(run.connection)
        known = foresee(book.kind, [row.local_id for row in lot], desk, decided)
        for row in lot:
            foreseen = known.get(row.local_id, Foreseen())
            row.waits_for = decided.get(foreseen.waits_for) if foreseen.waits_for else None
            _note_ahead(row, foreseen, taken.get(row.local_id, ""))


def _note_ahead(row: Decision, known: Foreseen, taken: str) -> None:
    row.obstacle = (taken or known.obstacle)[:300]
    if row.remote_id and known.problem:
        row.problem = known.problem
        row.verdict = Verdict.ASK


def _surest(found: list[Match]) -> Match:
    return min(found, key=lambda match: (not match.agrees, list(Mark).index(match.why)))


def _suggestions(book: Book) -> dict[int, Match]:
    """For those that no mark found: the most alike of the names that nobody else has claimed."""
    mine = {place: name for place, name in book.names.items() if place not in book.matches}
    free = {pk: row for pk, row in book.their_names.items() if not book.claims[pk]}
    resource = get_resource(book.kind)
    names = {
        pk: text
        for pk, row in free.items()
        for mark, text in resource.marks_there(row.document)
        if mark == Mark.NAME
    }
    return {place: Match(free[pk], Mark.ALIKE, False) for place, pk in suggest(mine, names).items()}


def _fits_its_owner(kind: Kind, record: Any, match: Match, chosen: dict[tuple[Kind, UUID], str]) -> bool:
    """Whether what it belongs to is linked, or to be linked, to what theirs belongs to."""
    for owner_kind, local_id, remote_id in get_resource(kind).ties(record, match.theirs.document):
        if chosen.get((owner_kind, local_id)) != remote_id:
            return False
    return True


def _owners(connection: Connection) -> dict[tuple[Kind, UUID], str]:
    """What is linked already of the kinds that others belong to."""
    found = Link.objects.filter(connection=connection, kind__in=kinds_that_own())
    rows = found.values_list("kind", "local_id", "remote_id")
    return {(kind, local_id): remote_id for kind, local_id, remote_id in rows.iterator()}


def _decision(run: DryRun, kind: Kind, record: Any, verdict: Verdict, match: Match | None) -> Decision:
    resource = get_resource(kind)
    row = Decision(
        workspace_id=run.workspace_id,
        dry_run=run,
        kind=kind,
        local_id=record.pk,
        name=resource.label(record)[:300],
        verdict=verdict,
        local_version=record.updated_at,
    )
    if match is not None:
        row.remote_id, row.why = match.theirs.remote_id, match.why
        row.there, row.remote_version = dump(match.theirs.document), match.theirs.version
        row.there_told = ", ".join(filter(None, resource.describe(match.theirs.document)))[:300]
    return row


@transaction.atomic
def _note(run: DryRun, decisions: list[Decision], values: dict[str, Any]) -> None:
    lease.renew(run.connection)
    mine = DryRun.objects.filter(pk=run.pk, state=DryRunState.READING)
    if mine.update(state=DryRunState.READY, problem="", **values):
        Decision.objects.filter(dry_run=run).delete()
        Decision.objects.bulk_create(decisions, batch_size=AT_ONCE)
