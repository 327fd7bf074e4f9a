"""G11: the page with the invoices of a workspace that has very many, against one that has few."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unittest import mock

from django.db import connection as database
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from accounting import wakeup
from accounting.models import Connection
from bench.echo import paper_connection
from bench.figure import Figure, at_most
from bench.rows import make_customers, make_invoices
from bench.scale import Scale
from bench.stage import new_workspace
from bench.writes import Statements
from catalogue.services import create_tax_rate
from core.changes import caused_by
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from workspaces.models import Workspace
from workspaces.scope import scope

FEW = 100
"""Of a hundred invoices 84 are paid, 8 wait for payment, 5 are drafts and 3 void; the copies of them, too."""


@dataclass
class Reader:
    """A member who opens the list over and over."""

    workspace: Workspace
    client: Client = field(default_factory=lambda: Client(SERVER_NAME="localhost"))
    times: list[float] = field(default_factory=list)
    queries: int = 0

    def __post_init__(self) -> None:
        self.client.force_login(self.workspace.memberships.get().user)

    def look(self) -> None:
        statements = Statements()
        began = time.perf_counter()
        with database.execute_wrapper(statements):
            answer = self.client.get(f"/w/{self.workspace.slug}/invoices/")
        self.times.append(time.perf_counter() - began)
        self.queries = statements.number
        if answer.status_code != 200 or b"BENCH-" not in answer.content:
            raise RuntimeError(f"the list answered {answer.status_code}")

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)


def measure(scale: Scale) -> list[Figure]:
    """Both pages by turns."""
    many = scale.pick(tiny=2000, usual=100_000, full=100_000)
    rounds = scale.pick(tiny=3, usual=21, full=101)
    with mock.patch.object(wakeup, "send"):
        small, large = Reader(_workspace(FEW)), Reader(_workspace(many))
    for reader in (small, large):
        reader.look()
        reader.times.clear()
    for _ in range(rounds):
        small.look()
        large.look()
    method = (
        f"The first page of all invoices through the whole stack of middleware, {rounds} times each, by turns"
    )
    return [
        at_most(
            f"G11 queries of the list, {many} invoices - {FEW}", large.queries - small.queries, 0,
            method=method + "; each statement is counted.",
            beside=f"{large.queries} and {small.queries}",
        ),
        at_most(
            f"G11 time of the list, {many} invoices / {FEW}", large.seconds / small.seconds, 1.5,
            method=method + "; medians.",
            beside=f"{1000 * large.seconds:.0f} ms against {1000 * small.seconds:.0f} ms",
        ),
    ]  # fmt: skip


def _workspace(number: int) -> Workspace:
    """A connected workspace with so many invoices over years, each linked."""
    workspace = new_workspace()
    with scope(workspace):
        connection = paper_connection(workspace)
        rate = create_tax_rate(workspace=workspace, name="GST", percent=Decimal(15), by=None, is_default=True)
        with caused_by("backfill"):
            _spread(make_invoices(make_customers(workspace, 20), FEW, rate))
        _multiply(number // FEW - 1)
        _link(connection)
    return workspace


def _spread(invoices: list[Invoice]) -> None:
    """Stages as a business has them."""
    ids = [invoice.pk for invoice in invoices]
    drafts, void, paid = ids[:5], ids[5:8], ids[16:]
    never = {"approved_at": None, "issued_at": None}
    Invoice.objects.filter(pk__in=drafts).update(status=InvoiceStatus.DRAFT, **never)
    Invoice.objects.filter(pk__in=void).update(status=InvoiceStatus.VOIDED, voided_at=Now())
    Invoice.objects.filter(pk__in=paid).update(amount_paid=F("total"))


def _multiply(copies: int) -> None:
    """So many copies of each invoice of the workspace in scope, each of another day; without their lines, which the
    list does not read."""
    own = {
        "id": "gen_random_uuid()",
        "number": "number || '-' || n",
        "issue_date": "issue_date - n",
        "due_date": "due_date - n",
    }
    names = [str(field.column) for field in Invoice._meta.local_concrete_fields]
    values = ", ".join(own.get(name, f"i.{name}") for name in names)
    _run(
        f"INSERT INTO invoices_invoice ({', '.join(names)}) SELECT {values}"
        " FROM invoices_invoice AS i CROSS JOIN generate_series(1, %s) AS n",
        [copies],
        "invoices_invoice",
    )


def _link(connection: Connection) -> None:
    """Each invoice of the workspace in scope is in step."""
    _run(
        """
        INSERT INTO accounting_link
               (id, workspace_id, connection_id, kind, local_id, remote_id, state, remote_version, base, otherwise,
                agreed_at, note, created_at, updated_at)
        SELECT gen_random_uuid(), workspace_id, %s, 'invoice', id, gen_random_uuid()::text, 'active', now(), '{}', '{}',
               now(), '', now(), now()
          FROM invoices_invoice
        """,
        [connection.pk],
        "accounting_link",
    )


def _run(statement: str, values: Sequence[Any], table: str) -> None:
    """The wall of the database shows no other workspace's rows."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.execute(f"ANALYZE {table}")
