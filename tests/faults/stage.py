"""A workspace connected to a sandbox in this process, real workers beside it, and the ledger that counts.

For scenario processes only: Django is set up on a database of the scenario's own.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
import threading
import time
import uuid
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection as database
from django.db import connections, transaction
from redis import Redis

from accounting.enums import OpState
from accounting.models import Batch, Connection, Link, Operation, TaxMapping
from accounting.sync import connect as connecting
from accounting.sync import consent
from accounting.sync.sweep import sweep
from catalogue.models import TaxRate
from catalogue.services import create_tax_rate
from core.clock import database_now
from customers.models import Customer
from customers.services import create_customer
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine
from payments.models import Payment
from tests.accounting.conftest import choose, connect
from tests.factories.workspaces import make_workspace
from tests.faults.plant import restart_postgres
from tests.faults.workers import Workers
from workspaces.audit import actor
from workspaces.enums import Role
from workspaces.models import Workspace
from workspaces.scope import scope
from xero_sandbox.config import LimitsConfig, SandboxConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread

DAY = dt.date(2026, 3, 2)
PLENTY = LimitsConfig(minute=1_000_000, day=1_000_000, concurrent=5, app_minute=1_000_000)


class Stage:
    """Everything a scenario plays with."""

    def __init__(self, sandbox: Handle, workspace: Workspace, connection: Connection, rate: TaxRate) -> None:
        self.sandbox = sandbox
        self.workspace = workspace
        self.connection = connection
        self.rate = rate
        folder = tempfile.mkdtemp(prefix="tandem-crash-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.crash_file = Path(folder) / "crash.json"
        self.workers = Workers(sandbox, self.crash_file)
        self.serial = 0
        self.sweeping = threading.Event()

    # -- rows

    def add(self, count: int, *, customers: int = 5, payments: bool = True) -> None:
        """So many approved invoices of new customers, each with a part payment of its own reference."""
        with transaction.atomic():
            mine = [self._customer() for _ in range(customers)]
            invoices = [self._invoice(mine[number % customers]) for number in range(count)]
            Invoice.objects.bulk_create(invoices)
            InvoiceLine.objects.bulk_create([self._line(invoice) for invoice in invoices])
            if payments:
                Payment.objects.bulk_create([self._payment(invoice) for invoice in invoices])

    def _customer(self) -> Customer:
        return create_customer(workspace=self.workspace, by=None, name=f"Customer {uuid.uuid4().hex[:12]}")

    def _invoice(self, customer: Customer) -> Invoice:
        self.serial += 1
        now = database_now()
        return Invoice(
            workspace=self.workspace, customer=customer, number=f"INV-{self.serial:06d}", issue_date=DAY,
            due_date=DAY, currency="NZD", status=InvoiceStatus.APPROVED, net=Decimal("100.00"),
            tax=Decimal("15.00"), total=Decimal("115.00"), amount_paid=Decimal("10.00"), approved_at=now,
            issued_at=now,
        )  # fmt: skip

    def _line(self, invoice: Invoice) -> InvoiceLine:
        return InvoiceLine(
            workspace=self.workspace, invoice=invoice, position=1, description="Work", unit_amount=Decimal(100),
            tax_rate=self.rate, tax_percent=Decimal(15), line_amount=Decimal(100), tax_amount=Decimal(15),
        )  # fmt: skip

    def _payment(self, invoice: Invoice) -> Payment:
        return Payment(
            workspace=self.workspace, invoice=invoice, amount=Decimal("10.00"), date=DAY,
            reference=f"P-{invoice.number}", **actor(None),
        )  # fmt: skip

    # -- time

    @contextmanager
    def swept(self, every: float = 1.0) -> Iterator[None]:
        """The sweep, as beat would send it; it outlives a database and a broker that do not."""
        self.sweeping.clear()
        thread = threading.Thread(target=self._sweep, args=[every], daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.sweeping.set()
            thread.join(30)

    def _sweep(self, every: float) -> None:
        while not self.sweeping.wait(every):
            with suppress(Exception):
                sweep()
            connections.close_all()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether it came true in time. A database that is away is waited for."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(DatabaseError):
                if condition():
                    return True
            if not database.is_usable():
                database.close()
            time.sleep(0.05)
        return False

    def rest(self, seconds: float = 60) -> bool:
        """Whether everything was worked off in time."""
        return self.wait_for(self.is_quiet, seconds)

    def is_quiet(self) -> bool:
        unfinished = Operation.objects.exclude(state=OpState.FAILED).exists()
        return not unfinished and not Batch.objects.exists() and not self._lease_is_held()

    def _lease_is_held(self) -> bool:
        return Connection.objects.filter(lease_until__gt=database_now()).exists()

    def order_crash(self, step: str, passes: int = 1) -> None:
        """The next worker that passes this step for the n-th time kills itself."""
        self.crash_file.with_suffix(".done").unlink(missing_ok=True)
        fresh = self.crash_file.with_suffix(".new")
        fresh.write_text(json.dumps({"step": step, "passes": passes, "run": uuid.uuid4().hex}))
        fresh.rename(self.crash_file)

    def has_crashed(self) -> bool:
        return self.crash_file.with_suffix(".done").exists()

    def restart_postgres(self, mode: str) -> None:
        restart_postgres(Path(os.environ["POSTGRES_DATA"]), mode)
        self.wait_for(lambda: bool(database_now()), 30)

    def reconnect(self, user: int = 0) -> None:
        """What a super user does in the browser; `user` is who they are in Xero."""
        by = self.workspace.memberships.get(role=Role.SUPER_USER).user
        back = self.sandbox.sandbox.redirect_uris[0]
        url = consent.begin(workspace=self.workspace, session_key="browser", redirect_uri=back, by=by)
        state = dict(parse_qsl(urlsplit(url).query))["state"]
        attempt = consent.take_attempt(state=state, session_key="browser", by=by)
        organisation = self.connection.tenant_id
        code = self.sandbox.authorise(organisation, user=user, redirect_uri=back, verifier=attempt.verifier)
        consent.complete(attempt=attempt, code=code, redirect_uri=back)
        connecting.choose_tenant(attempt=attempt, tenant_id=organisation, by=by)

    # -- the ledger

    def ledger(self) -> dict[str, Any]:
        """Jepsen's set: what was written here and is not there, what is there more than once, what differs, and
        what nobody is told of."""
        books = self.sandbox.dump()
        numbers = Counter(row["InvoiceNumber"] for row in books["Invoices"])
        refs = Counter(row["Reference"] for row in books["Payments"] if row["Status"] != "DELETED")
        totals = {row["InvoiceNumber"]: row["Total"] for row in books["Invoices"]}
        names = Counter(row.get("AccountNumber") for row in books["Contacts"] if row.get("AccountNumber"))
        ours = dict(Invoice.objects.values_list("number", "total"))
        paid = set(Payment.objects.values_list("reference", flat=True))
        customers = set(Customer.objects.values_list("reference", flat=True))
        wanted = [(numbers, set(ours)), (refs, paid), (names, customers)]
        return {
            "rows": sum(len(keys) for _, keys in wanted),
            "lost": sum(1 for found, keys in wanted for key in keys if not found[key]),
            "doubled": sum(found[key] - 1 for found, keys in wanted for key in keys if found[key] > 1),
            "differ": sum(
                1 for number, total in ours.items() if number in totals and totals[number] != total
            ),
            "unlinked": sum(len(keys) for _, keys in wanted) - Link.objects.count(),
            "left": Operation.objects.exclude(state=OpState.FAILED).count(),
            "words": [f"{row} {row.state} {row.error}" for row in Operation.objects.order_by("pk")[:4]]
            + [f"{row} {row.state} {row.last_error}" for row in Batch.objects.order_by("pk")[:4]],
            "failed": Operation.objects.filter(state=OpState.FAILED).count(),
            "mismatched_keys": int(self.sandbox.counters()["key_body_mismatch"]),
            "over_limit": int(self.sandbox.counters()["calls_over_limit"]),
        }


@contextmanager
def opened(limits: LimitsConfig = PLENTY, *, latency: float = 0.0) -> Iterator[Stage]:
    """A stage; every process and thread it started ends with it. The broker remembers no earlier one."""
    with Redis.from_url(settings.REDIS_URL) as broker:
        broker.flushall()
    with start_in_thread(SandboxConfig(limits=limits, latency_seconds=latency)) as sandbox:
        for name in ("XERO_LOGIN_URL", "XERO_IDENTITY_URL", "XERO_API_URL"):
            setattr(settings, name, sandbox.url)
        workspace = make_workspace()
        with scope(workspace):
            connection = connect(sandbox, workspace)
            choose(connection)
            rate = create_tax_rate(workspace=workspace, name="GST", percent=15, by=None)
            TaxMapping.objects.create(
                workspace=workspace, connection=connection, tax_rate=rate, code="OUTPUT2"
            )
            sandbox.clear_requests()
            stage = Stage(sandbox, workspace, connection, rate)
            try:
                yield stage
            finally:
                stage.sweeping.set()
                stage.workers.kill()
