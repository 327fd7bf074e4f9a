"""Ten thousand documents in step on both sides, without ten thousand calls: one goes the ordinary way, the others are
its copies here, there and in what both agree on."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from django.db import connection as database
from django.db.models import Model

from accounting.enums import Kind
from accounting.models import Connection, Link
from core.testing import owning
from invoices.models import Invoice, InvoiceLine
from xero_sandbox.handle import Handle

PAGE = 1_000


def copy_invoice(connection: Connection, sandbox: Handle, invoice: Invoice, count: int) -> list[Invoice]:
    """So many copies of an invoice of one line that is in step, in step as well."""
    link = Link.objects.get(kind=Kind.INVOICE, local_id=invoice.pk)
    made = []
    for first in range(0, count, PAGE):
        copies = [_copied(invoice, f"MANY-{first + at:05}") for at in range(min(PAGE, count - first))]
        made += _store(connection, sandbox, link, invoice.lines.get(), copies)
    _let_the_planner_know(Invoice, InvoiceLine, Link)
    return made


def _let_the_planner_know(*models: type[Model]) -> None:
    """Of rows that came all at once nothing is known yet: each query would be planned as for a handful."""
    with owning(), database.cursor() as cursor:
        for model in models:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _copied(row: Any, *values: str, **more: Any) -> Any:
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    columns |= {"id": uuid.uuid4(), **more}
    if values:
        columns["number"] = values[0]
    return type(row)(**columns)


def _store(
    connection: Connection, sandbox: Handle, link: Link, line: InvoiceLine, copies: list[Invoice]
) -> list[Invoice]:
    lines = [_copied(line, invoice_id=row.pk) for row in copies]
    Invoice._base_manager.bulk_create(copies)
    InvoiceLine._base_manager.bulk_create(lines)
    there, pairs = sandbox.books(), list(zip(copies, lines, strict=True))
    document = next(row for row in there.invoices.all() if row.id == link.remote_id)
    links = []
    for row, own in pairs:
        remote_id, part = str(uuid.uuid4()), str(uuid.uuid4())
        (theirs,) = document.lines
        there.load(replace(document, id=remote_id, number=row.number, lines=(replace(theirs, id=part),)))
        links.append(_linked(link, row, own, remote_id, part))
    Link.objects.bulk_create(links)
    return copies


def _linked(link: Link, row: Invoice, line: InvoiceLine, remote_id: str, part: str) -> Link:
    (agreed,) = link.base["lines"]
    base = {**link.base, "number": row.number, "lines": [{**agreed, "ref": str(line.pk), "remote_id": part}]}
    return _copied(link, local_id=row.pk, remote_id=remote_id, base=base)
