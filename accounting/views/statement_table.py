"""The agreement statement as a table: a line per kind and currency, then one for each field that is apart."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urljoin

from django.urls import reverse

from accounting.enums import Kind
from accounting.models import Connection, Statement
from accounting.queries.statement import Apart, Line, differences_of, lines_of, name_differences
from accounting.queries.words import Change
from core.money import cents
from workspaces.models import Workspace
from workspaces.scope import scope

COLUMNS = (
    "Line", "Kind", "Currency", "Records", "Apart", "On their way", "Record", "Apart since", "Field", "In Tandem",
    "In Xero", "Difference", "What settles it", "Link",
)  # fmt: skip
AT_ONCE = 200


def statement_table(
    connection: Connection, statement: Statement, workspace: Workspace, site: str
) -> Iterator[list[str]]:
    """The heads, the sums, then what is apart. `site` is the address that links begin with."""
    yield [f"As of ({workspace.time_zone})", *COLUMNS]
    as_of = f"{statement.as_of.astimezone(workspace.zone):%Y-%m-%d %H:%M:%S}"
    for line in lines_of(statement):
        yield [as_of, *_sum(line)]
    for apart in _walk(connection, statement, workspace):
        link = _link(apart, workspace, site)
        for change in apart.fields or (Change("", "", ""),):
            yield [as_of, *_difference(apart, change, link)]


def _walk(connection: Connection, statement: Statement, workspace: Workspace) -> Iterator[Apart]:
    """All that was apart, some hundred at a time, whoever reads on and wherever."""
    begin = 0
    while True:
        with scope(workspace):
            some = list(differences_of(statement)[begin : begin + AT_ONCE])
            told = name_differences(connection, some)
        yield from told
        if len(some) < AT_ONCE:
            return
        begin += AT_ONCE


def _sum(line: Line) -> list[str]:
    counts = [str(line.count), str(line.apart), str(line.waiting)]
    amounts = [_plain(amount) for amount in (line.ours, line.theirs, line.difference)]
    return ["Sum", line.title, line.currency, *counts, "", "", "", *amounts, "", ""]


def _difference(apart: Apart, change: Change, link: str) -> list[str]:
    row = apart.row
    kind = dict(Kind.choices).get(row.kind, row.kind)
    about = [apart.record.name, row.first_day.isoformat(), change.label]
    both = [change.before, change.after, _plain(apart.difference)]
    remedy = row.words or row.get_remedy_display()
    return ["Apart", kind, row.currency, "", "", "", *about, *both, remedy, link]


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else str(cents(amount))


def _link(apart: Apart, workspace: Workspace, site: str) -> str:
    record = apart.record
    if not record.page:
        return ""
    return urljoin(site, reverse(record.page, args=[workspace.slug, record.page_id]))
