"""Two books that know nothing of each other, filled at the demo's back door: as many records as nobody makes by hand.

A process of its own, because the demo's settings are other than the tests'. It prints what there is in the sandbox.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.demo.environment import variables
from config.demo.options import Options
from config.embedded_postgres import EmbeddedPostgres
from config.env import ROOT
from tests.e2e.running_demo import RunningDemo

OURS, THEIRS = 120, 300
"""Customers and contacts."""
INVOICES, THEIR_INVOICES = 500, 2_000
SAME_NAME, SAME_EMAIL, ALIKE = range(60), range(60, 80), range(80, 90)
"""Which of the first contacts are what to the customer of the same place; the others are strangers."""
SAME_NUMBER, OTHER_TOTAL, EMPTY = range(250), range(250, 300), range(490, 500)
"""Which of our invoices are there already, which number is another's there, which have no line yet."""
AT_ONCE = 500


def run(demo: RunningDemo, what: str) -> dict[str, int]:
    """Fill "here" or "there", or "count" what is there: how many living contacts and invoices, and how many of their
    names and numbers differ."""
    ports = [address.rpartition(":")[2] for address in (demo.site, demo.sandbox)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.two_books", str(demo.data), *ports, what],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _main(data: str, port: str, sandbox_port: str, what: str) -> None:
    import django  # noqa: PLC0415  (after the settings are known)

    options = Options(int(port), int(sandbox_port), Path(data), reset=False)
    postgres = EmbeddedPostgres(options.data / "postgres")
    urls = {"DATABASE_URL": postgres.url(), "MIGRATION_DATABASE_URL": postgres.owner_url()}
    os.environ.update(variables(options, urls))
    django.setup()
    from workspaces.models import Workspace  # noqa: PLC0415
    from workspaces.scope import scope  # noqa: PLC0415

    workspace = Workspace.objects.get(slug="northwind-design")
    with scope(workspace):
        if what == "here":
            _fill_here(workspace)
        print(
            json.dumps(
                _count(options) if what == "count" else _fill_there(options) if what == "there" else {}
            )
        )


def customer_name(place: int) -> str:
    return f"Tarn{place:03d} Joinery Ltd"


def _fill_here(workspace: Any) -> None:
    from datetime import date, timedelta  # noqa: PLC0415
    from decimal import Decimal  # noqa: PLC0415

    from catalogue.models import TaxRate  # noqa: PLC0415
    from customers.services import create_customer  # noqa: PLC0415
    from invoices.services import create_invoice  # noqa: PLC0415
    from lines.totals import LineInput  # noqa: PLC0415

    rate = TaxRate.objects.get(is_default=True)
    customers = [
        create_customer(
            workspace=workspace, by=None, name=customer_name(place), email=f"hello@tarn{place:03d}.example"
        )
        for place in range(OURS)
    ]
    for number in range(INVOICES):
        line = LineInput(
            description="Work", quantity=Decimal(1), unit_amount=Decimal(100 + number), tax_rate=rate
        )
        create_invoice(
            workspace=workspace, customer=customers[number % OURS], by=None, number=f"OLD-{number:04d}",
            lines=[] if number in EMPTY else [line], approve=number not in EMPTY,
            issue_date=date(2026, 10, 1), due_date=date(2026, 10, 1) + timedelta(days=30),
        )  # fmt: skip


def _fill_there(options: Options) -> dict[str, int]:
    ids = [row["ContactID"] for row in _put(options, "Contacts", list(_contacts()))]
    _put(options, "Invoices", list(_invoices(ids)))
    return _count(options)


def _contacts() -> Iterator[dict[str, str]]:
    for place in range(THEIRS):
        if place in SAME_NAME:
            yield {"Name": customer_name(place)}
        elif place in SAME_EMAIL:
            yield {"Name": f"Beck{place:03d} Holdings", "EmailAddress": f"hello@tarn{place:03d}.example"}
        elif place in ALIKE:
            yield {"Name": f"Tarn{place:03d} Joiners"}
        else:
            yield {"Name": f"Moor{place:03d} Trading"}


def _invoices(contacts: list[str]) -> Iterator[dict[str, Any]]:
    shared = [number for number in (*SAME_NUMBER, *OTHER_TOTAL) if number % OURS in SAME_NAME]
    for number in shared:
        amount = 100 + number + (1 if number in OTHER_TOTAL else 0)
        yield _invoice(f"OLD-{number:04d}", contacts[number % OURS], amount)
    for number in range(THEIR_INVOICES - len(shared)):
        yield _invoice(f"THEIRS-{number:04d}", contacts[OURS + number % (THEIRS - OURS)], 50)


def _invoice(number: str, contact: str, amount: int) -> dict[str, Any]:
    line = {
        "Description": "Work",
        "Quantity": 1,
        "UnitAmount": amount,
        "AccountCode": "200",
        "TaxType": "OUTPUT2",
    }
    return {
        "Type": "ACCREC", "InvoiceNumber": number, "Contact": {"ContactID": contact}, "Status": "AUTHORISED",
        "Date": "2026-10-01", "DueDate": "2026-10-31", "LineAmountTypes": "Exclusive", "LineItems": [line],
    }  # fmt: skip


def _call(options: Options, method: str, path: str, **more: Any) -> Any:
    import requests  # noqa: PLC0415

    from accounting.models import Connection  # noqa: PLC0415

    connection = Connection.objects.select_related("grant").get()
    headers = {
        "Authorization": f"Bearer {connection.grant.access_token}", "xero-tenant-id": connection.tenant_id,
        "Accept": "application/json",
    }  # fmt: skip
    url = f"{options.sandbox_url}/api.xro/2.0/{path}"
    answer = requests.request(method, url, headers=headers, timeout=60, **more)
    assert answer.ok, answer.text[:2000]
    return answer.json()


def _put(options: Options, envelope: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    made = []
    for start in range(0, len(rows), AT_ONCE):
        part = {envelope: rows[start : start + AT_ONCE]}
        made += _call(options, "PUT", f"{envelope}?summarizeErrors=false", json=part)[envelope]
    assert [row for row in made if row.get("HasErrors")] == []
    return made


def _count(options: Options) -> dict[str, int]:
    names = [row["Name"].casefold() for row in _all(options, "Contacts")]
    numbers = [row["InvoiceNumber"] for row in _all(options, "Invoices") if row["Type"] == "ACCREC"]
    return {
        "contacts": len(names), "names": len(set(names)), "invoices": len(numbers), "numbers": len(set(numbers))
    }  # fmt: skip


def _all(options: Options, envelope: str) -> Iterator[dict[str, Any]]:
    for page in range(1, 99):
        rows = _call(options, "GET", f"{envelope}?page={page}&pageSize=1000&summaryOnly=true")[envelope]
        yield from rows
        if len(rows) < 1000:
            return


if __name__ == "__main__":
    _main(*sys.argv[1:])
