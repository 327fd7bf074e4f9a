"""Lines, and what is the same with every document that has lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from accounting.port.documents.base import Document
from accounting.port.documents.facts import Fact, Shown, facts_of
from accounting.port.documents.picks import LINES, OURS, Picks, fields_apart, keys_of

Amounts = Literal["exclusive", "inclusive", "no_tax"]
State = Literal["draft", "submitted", "authorised", "paid", "voided", "deleted"]
ENDED = ("voided", "deleted")
STEPS = ("draft", "submitted", "authorised")
PRICED = (
    "quantity", "unit_amount", "discount_percent", "discount_amount", "tax_code", "line_amount", "tax_amount",
)  # fmt: skip


class Tracked(Struct, frozen=True, kw_only=True, gc=False):
    """An option of a tracking category, by their remote ids."""

    category_id: str
    option_id: str


class LineDoc(Struct, frozen=True, kw_only=True, gc=False):
    """One line. `ref` is our id for it (empty when born at the remote side), `remote_id` theirs.

    `line_amount` and `tax_amount` are what the side the document comes from computed. A line that is only text has
    neither quantity nor unit amount (None). A discount is a percentage or, where `discount_amount` is given, an amount.
    `tracking` is what a line is made with that is not there yet; what is there keeps its own, so it is never compared.
    """

    description: Annotated[str, Fact("Description")]
    quantity: Annotated[Decimal | None, Fact("Quantity", Shown.QUANTITY)]
    unit_amount: Annotated[Decimal | None, Fact("Unit price", Shown.PRICE)]
    discount_percent: Annotated[Decimal, Fact("Discount", Shown.PERCENT)] = Decimal(0)
    discount_amount: Annotated[Decimal | None, Fact("Discount", Shown.MONEY)] = None
    tax_code: Annotated[str, Fact("Tax rate", Shown.TAX)] = ""
    account_code: Annotated[str, Fact("Account", Shown.ACCOUNT)] = ""
    line_amount: Annotated[Decimal, Fact("Amount", Shown.MONEY, computed=True)] = Decimal(0)
    tax_amount: Annotated[Decimal, Fact("Tax", Shown.MONEY, computed=True)] = Decimal(0)
    tracking: tuple[Tracked, ...] = ()
    ref: str = ""
    remote_id: str = ""

    @property
    def is_text(self) -> bool:
        return self.quantity is None and self.unit_amount is None

    def is_priced_like(self, other: LineDoc) -> bool:
        """Whether it comes to the same, and by the same."""
        return all(getattr(self, name) == getattr(other, name) for name in PRICED)

    def without_ids(self) -> LineDoc:
        """What it says, whichever line it is."""
        return replace(self, ref="", remote_id="", tracking=())


@dataclass(frozen=True, slots=True)
class LinePair:
    """One line as both sides have it; None where a side lacks it."""

    key: str
    ours: LineDoc | None
    theirs: LineDoc | None

    @property
    def choices(self) -> tuple[str, ...]:
        """Field by field where both have it; the whole line where one side lacks it, where only one of them is priced,
        and where nothing differs but what was computed."""
        name = f"{LINES}.{self.key}"
        if self.ours and self.theirs and self.ours.without_ids() == self.theirs.without_ids():
            return ()
        return tuple(f"{name}.{cell}" for cell in self._cells()) or (name,)

    def picked(self, picks: Picks) -> LineDoc | None:
        """What stands of it; None where it is left out. It keeps the ids of both sides."""
        if self.ours is None or self.theirs is None:
            return self.ours if picks.get(f"{LINES}.{self.key}") == OURS else self.theirs
        mine = {choice for choice in self.choices if picks.get(choice) == OURS}
        if mine == {*self.choices}:
            return replace(self.ours, remote_id=self.theirs.remote_id)
        cells = [cell for cell in self._cells() if f"{LINES}.{self.key}.{cell}" in mine]
        values = {cell: getattr(self.ours, cell) for cell in cells}
        return replace(self.theirs, **values, ref=self.ours.ref)

    def _cells(self) -> list[str]:
        if self.ours is None or self.theirs is None or self.ours.is_text != self.theirs.is_text:
            return []
        return [fact.name for fact in fields_apart(self.ours, self.theirs)]


def pair_lines(ours: Iterable[LineDoc], theirs: Iterable[LineDoc]) -> list[LinePair]:
    """Ours in their order, then those that only the other side has."""
    mine, other = _by_key(ours), _by_key(theirs)
    return [LinePair(key, mine.get(key), other.get(key)) for key in dict.fromkeys([*mine, *other])]


def _by_key(lines: Iterable[LineDoc]) -> dict[str, LineDoc]:
    rows = list(lines)
    return dict(zip(keys_of((line.ref, line.remote_id) for line in rows), rows, strict=True))


def _has_ended(snapshot: Any) -> bool:
    return snapshot["state"] in ENDED


def _step(snapshot: Any) -> str | None:
    """How far it has come; being paid follows from payments, and an end is told by itself."""
    state = "authorised" if snapshot["state"] == "paid" else snapshot["state"]
    return state if state in STEPS else None


class LinedDocument(Document, frozen=True, kw_only=True):
    """A document with a number, a contact, lines and totals.

    `state` is None in a document to be sent when the remote side's own state is to be kept. `rate` is foreign
    units per unit of base currency, None for the base currency.
    """

    standing_field: ClassVar[str] = "state"
    day_field: ClassVar[str] = "issue_date"
    worth_field: ClassVar[str] = "total"
    derived: ClassVar[tuple[Fact, ...]] = (
        Fact("Voided", name="voided", decides=True, source="state", told_by=_has_ended),
        Fact("Status", Shown.STANDING, name="status", source="state", told_by=_step, steps=STEPS),
    )

    number: Annotated[str, Fact("Number")]
    contact_id: Annotated[str, Fact("Customer", Shown.RECORD, refers="customer")]
    reference: Annotated[str, Fact("Reference")] = ""
    issue_date: Annotated[dt.date, Fact("Issue date", Shown.DATE, decides=True)]
    due_date: Annotated[dt.date | None, Fact("Due date", Shown.DATE, decides=True)]
    currency: Annotated[str, Fact("Currency")]
    amounts: Annotated[Amounts, Fact("Amounts are", Shown.AMOUNTS)]
    state: State | None = None
    net: Annotated[Decimal, Fact("Subtotal", Shown.MONEY, decides=True, computed=True)] = Decimal(0)
    tax: Annotated[Decimal, Fact("Tax", Shown.MONEY, decides=True, computed=True)] = Decimal(0)
    total: Annotated[Decimal, Fact("Total", Shown.MONEY, decides=True, computed=True)] = Decimal(0)
    lines: Annotated[tuple[LineDoc, ...], Fact("Lines", Shown.LINES, decides=True)] = ()
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
        return replace(self, **{name: getattr(other, name) for name in fields})

    def choices(self, ours: Self) -> tuple[str, ...]:
        if self.is_gone != ours.is_gone:
            return ()
        pairs = pair_lines(ours.lines, self.lines)
        fields = (fact.name for fact in fields_apart(ours, self))
        return (*fields, *(choice for pair in pairs for choice in pair.choices))

    def picked(self, ours: Self, picks: Picks) -> Self:
        """Ours keep their order; lines that only the remote side has come after them."""
        fields = {name for name in self.choices(ours) if not name.startswith(f"{LINES}.")}
        document = self.with_fields_of(ours, {name for name in fields if picks.get(name) == OURS})
        stand = (pair.picked(picks) for pair in pair_lines(ours.lines, self.lines))
        return replace(document, lines=tuple(line for line in stand if line is not None))

    def sources_of(self, names: Collection[str]) -> frozenset[str]:
        facts = facts_of(type(self))
        computed = any(facts[name].computed or facts[name].shown == Shown.LINES for name in names)
        return frozenset({"lines"} if computed else ())

    def with_ids_of(self, there: Self) -> Self:
        ids = [line.remote_id for line in there.lines] + [""] * len(self.lines)
        lines = tuple(
            replace(line, remote_id=line.remote_id or remote_id)
            for line, remote_id in zip(self.lines, ids, strict=False)
        )
        return replace(self, lines=lines)

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
        return self if self.rate is None else replace(self, rate=there.rate)

    def _with_refs(self, refs: Iterable[str]) -> Self:
        lines = (replace(line, ref=ref) for line, ref in zip(self.lines, refs, strict=True))
        return replace(self, lines=tuple(lines))
