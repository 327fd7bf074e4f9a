"""Our totals and Xero's, to the cent, over the whole wire: and a cent that differs is shown, never hidden.

300 random invoices, and 10,000 in CI; ROUNDINGS=n for more.
"""

from __future__ import annotations

import datetime as dt
import html
import os
import random
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client

from accounting.models import Connection, Link
from accounting.port.documents import InvoiceDoc, LineDoc
from accounting.port.exchange import Outgoing
from accounting.port.provider import Books
from accounting.providers.registry import get_books
from accounting.providers.xero import limits
from accounting.sync.drain import drain
from accounting.sync.tokens import fresh_access
from catalogue.models import TaxRate
from customers.services import create_customer
from invoices.services import approve_invoice, create_invoice
from lines.enums import LineAmounts
from lines.totals import LineInput, Totals, compute_totals
from tests.properties.direct import DirectSandbox
from workspaces.models import User
from xero_sandbox import documents
from xero_sandbox.rules import money

COUNT = int(os.environ.get("ROUNDINGS", "300"))
SEED = 20260302
BATCH = 50
DAY = dt.date(2026, 3, 2)
RATES = tuple(TaxRate(name=text, percent=Decimal(text)) for text in (
    "0", "5", "5.5", "7.7", "8.25", "8.875", "12.5", "15", "20", "33.3333",
))  # fmt: skip
Drawn = tuple[str, list[LineInput]]


def _draw(dice: random.Random) -> Drawn:
    """One invoice: how its amounts are meant, and its lines."""
    return str(dice.choice(LineAmounts.values)), [_draw_line(dice) for _ in range(dice.randint(1, 6))]


def _draw_line(dice: random.Random) -> LineInput:
    quantity = dice.choice([Decimal(dice.randint(-3, 40)), _number(dice, 200, 4), Decimal("0.3333")])
    price = dice.choice(
        [_number(dice, 500, 2), _number(dice, 500, 4), -_number(dice, 50, 4), Decimal("0.005")]
    )
    discount = dice.choice([Decimal(0), Decimal(0), _number(dice, 100, 2), Decimal(100)])
    return LineInput("Work", quantity, price, dice.choice(RATES), discount)


def _number(dice: random.Random, most: int, places: int) -> Decimal:
    return Decimal(dice.randint(0, most * 10**places)).scaleb(-places)


def _document(drawn: Drawn, number: int, contact_id: str) -> InvoiceDoc:
    amounts, lines = drawn
    told = tuple(
        LineDoc(
            description=line.description,
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            discount_percent=line.discount_percent,
            tax_code=_code(line),
            account_code="200",
        )
        for line in lines
    )
    return InvoiceDoc(
        number=f"R-{number}", contact_id=contact_id, issue_date=DAY, due_date=DAY, currency="NZD",
        amounts=amounts, lines=told, state="draft",  # type: ignore[arg-type]
    )  # fmt: skip


def _code(line: LineInput) -> str:
    assert line.tax_rate is not None
    return f"RATE{RATES.index(line.tax_rate)}"


def _differing(books: Books, invoices: list[Drawn], contact_id: str) -> Iterator[str]:
    """A sentence for each invoice that Xero sums up in another way."""
    for start in range(0, len(invoices), BATCH):
        group = invoices[start : start + BATCH]
        documents = [_document(drawn, start + n, contact_id) for n, drawn in enumerate(group)]
        sent = [books.encode("invoice", "create", Outgoing(document)) for document in documents]
        limits.reset("memory://")  # a minute later
        reply = books.send(books.freeze("invoice", "create", sent, str(uuid.uuid4())))
        for (amounts, lines), result in zip(group, reply.results, strict=True):
            assert result.record is not None, result
            theirs = result.record.document
            assert isinstance(theirs, InvoiceDoc)
            ours = compute_totals(lines, amounts)
            if _figures(ours) != (
                [theirs.net, theirs.tax, theirs.total],
                [(line.line_amount, line.tax_amount) for line in theirs.lines],
            ):
                yield f"{amounts} {lines}: ours {ours}, theirs {theirs}"


def _figures(totals: Totals) -> tuple[list[Decimal], list[tuple[Decimal, Decimal]]]:
    lines = [(line.line_amount, line.tax_amount) for line in totals.lines]
    return [totals.net, totals.tax, totals.total], lines


def _cut_off(amount: Decimal, rate: Decimal, amount_types: str) -> Decimal:
    return (amount * rate / 100).quantize(money.CENT, "ROUND_DOWN")


@pytest.fixture
def books(direct: DirectSandbox, joined: Connection) -> Books:
    """Xero's side, with a tax rate for each of ours."""
    there = next(iter(direct.sandbox.store.books.values()))
    with there.atomic():
        for number, rate in enumerate(RATES):
            kinds = ("REVENUE",)
            there.put(documents.TaxRate(f"RATE{number}", rate.name, rate.percent, "OUTPUT", kinds))
    return get_books(joined, fresh_access(joined))


@pytest.fixture
def contact_id(direct: DirectSandbox, joined: Connection) -> str:
    return str(direct.dump()["Contacts"][0]["ContactID"])


def _invoices(count: int) -> list[Drawn]:
    dice = random.Random(SEED)
    return [_draw(dice) for _ in range(count)]


@pytest.mark.slow
def test_every_figure_agrees_to_the_cent(books: Books, contact_id: str) -> None:
    """Exclusive, inclusive and no tax; discounts, four decimals, negative lines, ten rates."""
    print(f"\n{COUNT} invoices, seed {SEED}")
    assert list(_differing(books, _invoices(COUNT), contact_id)) == []


def test_control_sees_half_even(books: Books, contact_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were Xero to round halves to even, the comparison would notice."""
    monkeypatch.setattr(money, "ROUND_HALF_UP", "ROUND_HALF_EVEN")
    assert len(list(_differing(books, _invoices(200), contact_id))) > 0


def test_control_sees_tax_on_the_total(
    books: Books, contact_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were Xero to cut tax off instead of rounding it on each line, the comparison would notice."""
    monkeypatch.setattr(money, "line_tax", _cut_off)
    assert len(list(_differing(books, _invoices(200), contact_id))) > 0


def test_cent_that_xero_computes_otherwise_is_taken_and_told(
    joined: Connection,
    tax_rates: list[TaxRate],
    super_user: User,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """15 % of 0.30 is 0.05 here; where Xero says 0.04, that is what the customer pays, and the history says so."""
    monkeypatch.setattr(money, "line_tax", _cut_off)
    customer = create_customer(workspace=joined.workspace, by=None, name="Somebody")
    line = LineInput("Work", Decimal(1), Decimal("0.30"), tax_rates[0])
    invoice = create_invoice(
        workspace=joined.workspace, customer=customer, lines=[line], by=None, issue_date=DAY, due_date=DAY
    )
    approve_invoice(invoice=invoice, by=None)

    assert drain(joined.pk)

    said = "Xero computes other amounts. Tandem shows Xero's."
    invoice.refresh_from_db()
    assert (invoice.total, Link.objects.get(local_id=invoice.pk).note) == (Decimal("0.34"), "")
    client.force_login(super_user)
    page = client.get(f"/w/{joined.workspace.slug}/invoices/{invoice.pk}/")
    assert said in html.unescape(page.content.decode())
