"""Random picks over random conflicting invoices: both sides end as it was shown, and none comes back by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from accounting.enums import ConflictState, Kind, Resolution
from accounting.models import Conflict, Connection
from accounting.port.snapshots import load
from accounting.sync.resolve import CannotResolve, rehearse, resolve
from accounting.sync.together import choices_of
from catalogue.models import TaxRate
from invoices.enums import InvoiceStatus
from invoices.models import Invoice
from lines.totals import LineInput
from tests.accounting.apart import Apart, said
from tests.accounting.bookkeeper import Bookkeeper
from tests.factories.invoices import make_invoice, make_line
from workspaces.models import User
from xero_sandbox.handle import Handle

pytestmark = [pytest.mark.long]
SEEDS = range(40)


def _price(dice: Random) -> str:
    return str(Decimal(dice.randint(1, 99999)) / dice.choice((100, 1000, 10000)))


def _line(dice: Random, rate: TaxRate) -> LineInput:
    discount = dice.choice(("0", "0", "12.5"))
    quantity = str(Decimal(dice.randint(1, 400)) / 8)
    words = dice.choice(("Design", "Print", "Courier"))
    return make_line(
        words, quantity=quantity, unit_amount=_price(dice), discount_percent=discount, tax_rate=rate
    )


def _ours(dice: Random, rate: TaxRate) -> Callable[[list[LineInput]], list[LineInput]]:
    """Each line stays, goes, or is changed; one may come."""

    def change(lines: list[LineInput]) -> list[LineInput]:
        kept = [line for line in lines if dice.random() < 0.8] or lines[:1]
        changed = [_changed(line, dice) if dice.random() < 0.6 else line for line in kept]
        return [*changed, *([_line(dice, rate)] if dice.random() < 0.4 else [])]

    return change


def _changed(line: LineInput, dice: Random) -> LineInput:

    name = dice.choice(("quantity", "unit_amount", "description"))
    return replace(line, **{name: "Ours" if name == "description" else Decimal(_price(dice))})


def _theirs(dice: Random) -> Callable[[list[dict[str, object]]], list[dict[str, object]]]:
    def change(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        kept = [row for row in rows if dice.random() < 0.8] or rows[:1]
        for row in kept:
            name = dice.choice(("Quantity", "UnitAmount", "Description", "TaxAmount", ""))
            if name:
                row[name] = _values(dice)[name]
        new = {
            "Description": "Parking",
            "Quantity": 3,
            "UnitAmount": 4.55,
            "AccountCode": "200",
            "TaxType": "OUTPUT2",
        }
        return [*kept, *([new] if dice.random() < 0.4 else [])]

    return change


def _values(dice: Random) -> dict[str, object]:
    """The tax is a cent, put in by hand: no line's tax may be more than its price."""
    price = round(float(_price(dice)), 2) + 0.01
    return {"Quantity": price, "UnitAmount": price, "Description": "Theirs", "TaxAmount": 0.01}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_picks_end_on_both_sides_as_they_were_shown(
    sandbox: Handle,
    connected: Connection,
    gst: TaxRate,
    sync: Callable[[], None],
    super_user: User,
    seed: int,
) -> None:
    dice = Random(seed)
    lines = [_line(dice, gst) for _ in range(dice.randint(1, 4))]
    made = make_invoice(connected.workspace, status=InvoiceStatus.APPROVED, lines=lines)
    sync()
    bookkeeper = Bookkeeper(sandbox, connected)
    apart = Apart(connected, bookkeeper, sync, Invoice.objects.get(pk=made.pk), Kind.INVOICE)
    theirs, ours = _theirs(dice), _ours(dice, gst)
    apart.bookkeeper.change_invoice(apart.link.remote_id, DueDate="2026-05-01")
    conflict = apart.open(
        lambda apart: apart.rework(ours, due_date=dt.date(2026, 4, 1)), lambda apart: apart.edit_lines(theirs)
    )
    picks = {name: dice.choice(("ours", "theirs")) for name in choices_of(conflict)}
    if not load(Kind.INVOICE, conflict.theirs).picked(load(Kind.INVOICE, conflict.ours), picks).lines:
        with pytest.raises(CannotResolve, match="at least one line"):
            rehearse(conflict=conflict, picks=picks, seen=1)
        return
    shown = said(rehearse(conflict=conflict, picks=picks, seen=1))
    resolve(conflict=conflict, choice=Resolution.MERGE, picks=picks, seen=1, by=super_user)
    apart.sync()
    apart.hear()
    assert (apart.here(), apart.there()) == (shown, shown)
    assert not Conflict.objects.filter(state=ConflictState.OPEN).exists()
