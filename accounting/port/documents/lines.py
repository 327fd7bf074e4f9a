"""Lines, and what is the same with every document that has lines."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from accounting.port.documents.base import Document
from accounting.port.documents.facts import Fact, Shown, fact, facts_of

Amounts = Literal["exclusive", "inclusive", "no_tax"]
State = Literal["draft", "submitted", "authorised", "paid", "voided", "deleted"]
ENDED = ("voided", "deleted")
STEPS = ("draft", "submitted", "authorised")


@dataclass(frozen=True, slots=True)
class LineDoc:
    """One line. `ref` is our id for it (empty when born at the remote side), `remote_id` theirs.

    `line_amount` and `tax_amount` are what the side the document comes from computed. A line that is only text has
    neither quantity nor unit amount (None). A discount is a percentage or, where `discount_amount` is given, an amount.
    """

    description: str = fact("Description")
    quantity: Decimal | None = fact("Quantity", Shown.QUANTITY)
    unit_amount: Decimal | None = fact("Unit price", Shown.PRICE)
    discount_percent: Decimal = fact("Discount", Shown.PERCENT, default=Decimal(0))
    discount_amount: Decimal | None = fact("Discount", Shown.MONEY, default=None)
    tax_code: str = fact("Tax rate", Shown.TAX, default="")
    account_code: str = fact("Account", Shown.ACCOUNT, default="")
    line_amount: Decimal = fact("Amount", Shown.MONEY, computed=True, default=Decimal(0))
    tax_amount: Decimal = fact("Tax", Shown.MONEY, computed=True, default=Decimal(0))
    ref: str = ""
    remote_id: str = ""

    def without_ids(self) -> LineDoc:
        """What it says, whichever line it is."""
        return dataclasses.replace(self, ref="", remote_id="")


def _has_ended(snapshot: Any) -> bool:
    return snapshot["state"] in ENDED


def _step(snapshot: Any) -> str | None:
    """How far it has come; being paid follows from payments, and an end is told by itself."""
    state = "authorised" if snapshot["state"] == "paid" else snapshot["state"]
    return state if state in STEPS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinedDocument(Document):
    """A document with a number, a contact, lines and totals.

    `state` is None in a document to be sent when the remote side's own state is to be kept. `rate` is foreign
    units per unit of base currency, None for the base currency.
    """

    standing_field: ClassVar[str] = "state"
    derived: ClassVar[tuple[Fact, ...]] = (
        Fact("voided", "Voided", decides=True, source="state", told_by=_has_ended),
        Fact("status", "Status", Shown.STANDING, source="state", told_by=_step, steps=STEPS),
    )

    number: str = fact("Number")
    contact_id: str = fact("Customer", Shown.RECORD, refers="customer")
    reference: str = fact("Reference", default="")
    issue_date: dt.date = fact("Issue date", Shown.DATE, decides=True)
    due_date: dt.date | None = fact("Due date", Shown.DATE, decides=True)
    currency: str = fact("Currency")
    amounts: Amounts = fact("Amounts are", Shown.AMOUNTS)
    state: State | None = None
    net: Decimal = fact("Subtotal", Shown.MONEY, decides=True, computed=True, default=Decimal(0))
    tax: Decimal = fact("Tax", Shown.MONEY, decides=True, computed=True, default=Decimal(0))
    total: Decimal = fact("Total", Shown.MONEY, decides=True, computed=True, default=Decimal(0))
    lines: tuple[LineDoc, ...] = fact("Lines", Shown.LINES, decides=True, default=())
    rate: Decimal | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return (self.number,)

    @property
    def identity(self) -> tuple[Any, ...]:
        return self.number, self.contact_id, self.currency, self.total, self.issue_date

    @property
    def is_gone(self) -> bool:
        return self.state in ENDED

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(line.remote_id for line in self.lines)

    def with_fields_of(self, other: Self, names: Collection[str]) -> Self:
        """Totals follow from the lines and from how they are meant, so they come along."""
        facts, wanted = facts_of(type(self)), set(names)
        if wanted & {"lines", "amounts"}:
            wanted |= {"lines"} | {name for name, told in facts.items() if told.computed}
        fields = {facts[name].source or name for name in wanted}
        return dataclasses.replace(self, **{name: getattr(other, name) for name in fields})

    def sources_of(self, names: Collection[str]) -> frozenset[str]:
        facts = facts_of(type(self))
        computed = any(facts[name].computed or facts[name].shown == Shown.LINES for name in names)
        return frozenset({"lines"} if computed else ())

    def with_ids_of(self, there: Self) -> Self:
        ids = [line.remote_id for line in there.lines] + [""] * len(self.lines)
        lines = tuple(
            dataclasses.replace(line, remote_id=line.remote_id or remote_id)
            for line, remote_id in zip(self.lines, ids, strict=False)
        )
        return dataclasses.replace(self, lines=lines)

    def paired_with(self, ours: Self) -> Self:
        known = {line.remote_id: line.ref for line in ours.lines if line.remote_id}
        new = iter([line.ref for line in ours.lines if not line.remote_id])
        return self._with_refs(known.get(line.remote_id) or next(new, "") for line in self.lines)

    def known_by(self, agreed: Self) -> Self:
        if [line.without_ids() for line in self.lines] == [line.without_ids() for line in agreed.lines]:
            return self._with_refs(line.ref for line in agreed.lines)
        known = {line.remote_id: line.ref for line in agreed.lines if line.remote_id}
        return self._with_refs(known.get(line.remote_id, "") for line in self.lines)

    def as_it_stands(self, there: Self) -> Self:
        """With the rate that is there now: lines sent without it would reset it (Xero docs: Invoices,
        "CurrencyRate")."""
        return self if self.rate is None else dataclasses.replace(self, rate=there.rate)

    def _with_refs(self, refs: Iterable[str]) -> Self:
        lines = (dataclasses.replace(line, ref=ref) for line, ref in zip(self.lines, refs, strict=True))
        return dataclasses.replace(self, lines=tuple(lines))
