"""What is owed here beside what is owed there, in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounting.models import Connection
from accounting.port.documents import Kind
from accounting.resources.registry import get_resource
from core.money import ZERO
from core.templatetags.display import money


@dataclass(frozen=True, slots=True)
class Owed:
    """Both figures. `difference` is theirs less ours; None where the two are in different currencies and cannot be set
    beside each other."""

    ours: str
    theirs: str
    difference: Decimal | None
    currency: str

    @property
    def agrees(self) -> bool:
        return self.difference == 0


def owed_beside(connection: Connection, kind: Kind, record: Any, theirs: Decimal) -> Owed:
    """What a record of ours owes here beside `theirs`, which is in the organisation's currency.

    Xero does not say whether credit that waits to be applied is taken off its figure (Xero docs: Contacts,
    "Balances"), so ours with it and without it are both looked at, and the nearer one is told.
    """
    base = connection.currency
    ours = get_resource(kind).owes(record) or {}
    open_in = sorted(code for code, amounts in ours.items() if any(amounts))
    if any(code != base for code in open_in):
        told = " and ".join(money(ours[code][0], code) for code in open_in)
        return Owed(told, money(theirs, base), None, base)
    due, left = ours.get(base, (ZERO, ZERO))
    nearer = min((due, due - left), key=lambda figure: abs(theirs - figure))
    return Owed(money(nearer, base), money(theirs, base), theirs - nearer, base)
