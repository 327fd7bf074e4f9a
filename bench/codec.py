"""G10: the CPU of one batch, the SDK's models against our codec."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import requests
from xero_python.accounting import AccountingApi, Contact, CurrencyCode, Invoice, Invoices, LineItem
from xero_python.api_client import ApiClient
from xero_python.api_client.serializer import serialize

from accounting.port.documents import InvoiceDoc, LineDoc
from accounting.port.exchange import Outgoing
from accounting.providers.xero import shapes, wire
from accounting.providers.xero.client import Settings
from accounting.providers.xero.kinds.registry import codec_of
from accounting.providers.xero.provider import XeroBooks
from bench.figure import Figure, at_least
from bench.scale import Scale
from bench.stage import Stage, connected_stage

BATCH, LINES = 50, 5
DAY = dt.date(2026, 3, 2)


def measure(scale: Scale) -> list[Figure]:
    """Both ways, taking turns, in this process's own CPU time; the answer read is the sandbox's."""
    rounds = scale.pick(tiny=2, usual=51, full=201)
    with connected_stage() as stage:
        answer = _answer(stage)
    ours, theirs = _turns(rounds, lambda: _ours(answer), lambda: _sdk(answer.decode()))
    return [
        at_least(
            "G10 CPU of a batch, SDK's models / ours", theirs / ours, 10,
            method=f"Build, serialise and read {BATCH} invoices of {LINES} lines; medians of {rounds} turns each.",
            beside=f"SDK {theirs * 1000:.1f} ms, ours {ours * 1000:.1f} ms",
        )
    ]  # fmt: skip


def _answer(stage: Stage) -> bytes:
    """What the sandbox answers to a batch of such invoices of one contact."""
    session = requests.Session()
    session.headers.update(stage.headers())
    api = f"{stage.sandbox.url}/api.xro/2.0"
    contact = session.put(f"{api}/Contacts", json={"Contacts": [{"Name": "Somebody"}]}, timeout=10)
    contact_id = contact.json()["Contacts"][0]["ContactID"]
    elements = [
        {
            **codec_of("invoice").element("create", Outgoing(_document(n))),
            "Contact": {"ContactID": contact_id},
        }
        for n in range(BATCH)
    ]
    answer = session.put(f"{api}/Invoices?unitdp=4", wire.dump({"Invoices": elements}).encode(), timeout=10)
    answer.raise_for_status()
    return answer.content


def _turns(rounds: int, *ways: Callable[[], object]) -> list[float]:
    """The median CPU seconds of each way."""
    spent: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for times, way in zip(spent, ways, strict=True):
            began = time.process_time()
            way()
            times.append(time.process_time() - began)
    return [statistics.median(times) for times in spent]


def _books() -> XeroBooks:
    return XeroBooks(Settings("", "", "http://localhost", "", "", (), ()), access_token="", tenant_id="t")


_BOOKS = _books()


def _ours(answer: bytes) -> None:
    elements = [_BOOKS.encode("invoice", "create", Outgoing(_document(n))) for n in range(BATCH)]
    _BOOKS.freeze("invoice", "create", elements, "key")
    codec = codec_of("invoice")
    for element in codec.elements(shapes.opened(answer)):
        codec.record(element)


def _document(n: int) -> InvoiceDoc:
    lines = tuple(
        LineDoc(
            description=f"Work {k}",
            quantity=Decimal("1.5"),
            unit_amount=Decimal("33.3333"),
            discount_percent=Decimal("12.5"),
            tax_code="OUTPUT2",
            account_code="200",
        )
        for k in range(LINES)
    )
    due = DAY + dt.timedelta(days=14)
    return InvoiceDoc(
        number=f"INV-{n}", reference="ref", contact_id=str(uuid.UUID(int=n + 1)), issue_date=DAY, due_date=due,
        currency="NZD", amounts="exclusive", lines=lines, state="authorised",
    )  # fmt: skip


_CLIENT = ApiClient()
_MODELS = AccountingApi(_CLIENT).get_model_finder()


def _sdk(answer: str) -> None:
    models = Invoices(invoices=[_model(n) for n in range(BATCH)])
    json.dumps(serialize(models))
    _CLIENT.deserialize(SimpleNamespace(text=answer), "Invoices", _MODELS)


def _model(n: int) -> Invoice:
    lines = [
        LineItem(
            description=f"Work {k}", quantity=1.5, unit_amount=33.3333, discount_rate=12.5, tax_type="OUTPUT2",
            account_code="200",
        )
        for k in range(LINES)
    ]  # fmt: skip
    return Invoice(
        type="ACCREC", contact=Contact(contact_id=str(uuid.UUID(int=n + 1))), invoice_number=f"INV-{n}",
        reference="ref", date=DAY, due_date=DAY + dt.timedelta(days=14), currency_code=CurrencyCode.NZD,
        line_items=lines, status="AUTHORISED",
    )  # fmt: skip
