"""What a customer owes, and what it came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import F, Q, Sum

from core.money import ZERO
from credit.enums import CreditNoteStatus
from credit.models import CreditNote
from customers.models import Customer
from invoices.enums import ISSUED
from invoices.models import Invoice
from invoices.queries import SETTLED
from ledger.enums import Moved
from ledger.moves import moves_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One document that moved what a customer owes, and what they owed after it (below zero: they have credit)."""

    day: dt.date
    moved: Moved
    document: UUID
    number: str
    note: str
    amount: Decimal
    balance: Decimal

    @property
    def is_of_invoice(self) -> bool:
        """Whether its page is an invoice's; else it is a credit note's."""
        return self.moved in (Moved.INVOICE, Moved.CREDIT_ELSEWHERE, Moved.PAYMENT)


@dataclass(frozen=True, slots=True)
class Account:
    """What a customer owes in one currency: what is to be paid, what of it is overdue, and the credit that is left."""

    currency: str
    due: Decimal = ZERO
    overdue: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        """What they owe in all; below zero, what is owed to them."""
        return self.due - self.credit

    @property
    def owed(self) -> Decimal:
        """That, whoever owes it."""
        return abs(self.balance)


def accounts_of(customer: Customer, *, today: dt.date) -> list[Account]:
    """One for each currency that the customer was ever invoiced or credited in, by its code; the customer's own where
    there is none. Two queries."""
    owed = _owed(customer, today)
    left = _credit_left(customer)
    currencies = sorted({*owed, *left}) or [customer.currency]
    return [Account(code, *owed.get(code, (ZERO, ZERO)), left.get(code, ZERO)) for code in currencies]


def open_amounts_of(customer: Customer) -> dict[str, tuple[Decimal, Decimal]]:
    """What the customer is to pay in each currency, and the credit that is left in it. Two queries."""
    left = _credit_left(customer)
    issued = Invoice.objects.filter(customer=customer, status__in=ISSUED).order_by()
    due = dict(
        issued.values("currency").annotate(due=Sum(F("total") - SETTLED)).values_list("currency", "due")
    )
    return {code: (due.get(code, ZERO), left.get(code, ZERO)) for code in {*due, *left}}


def _owed(customer: Customer, today: dt.date) -> dict[str, tuple[Decimal, Decimal]]:
    issued = Invoice.objects.filter(customer=customer, status__in=ISSUED).order_by()
    left = F("total") - SETTLED
    is_late = Q(due_date__lt=today, total__gt=SETTLED)
    rows = issued.values("currency").annotate(due=Sum(left), overdue=Sum(left, filter=is_late, default=ZERO))
    return {row["currency"]: (row["due"], row["overdue"]) for row in rows}


def _credit_left(customer: Customer) -> dict[str, Decimal]:
    notes = CreditNote.objects.filter(customer=customer, status=CreditNoteStatus.APPROVED).order_by()
    rows = notes.values("currency").annotate(left=Sum(F("total") - F("applied") - F("refunded")))
    return {row["currency"]: row["left"] for row in rows}


class Ledger(Sequence[Entry]):
    """All that moved what a customer owes in one currency, the newest first, read by the page."""

    def __init__(self, customer: Customer, currency: str) -> None:
        self._moves = moves_of(customer, currency)
        first, *others = self._moves
        newest_first = ("-move_day", "-move_moved", "-move_row")
        self._rows = first.union(*others, all=True).order_by(*newest_first)

    @cached_property
    def balance(self) -> Decimal:
        """What all of it comes to: what they owe today."""
        sums = (rows.aggregate(sum=Sum("move_amount"))["sum"] for rows in self._moves)
        return sum((each or ZERO for each in sums), ZERO)

    @cached_property
    def _count(self) -> int:
        return self._rows.count()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, wanted: Any) -> Any:
        if not isinstance(wanted, slice):
            return self[wanted : wanted + 1][0]
        start, stop, _ = wanted.indices(len(self))
        newer = sum((row[-1] for row in self._rows[:start]), ZERO)
        return list(_with_balances(self._rows[start:stop], self.balance - newer))

    def __iter__(self) -> Iterator[Entry]:
        return _with_balances(self._rows.iterator(), self.balance)


def _with_balances(rows: Iterable[Any], after: Decimal) -> Iterator[Entry]:
    """The entries of these rows, the newest first; `after` is what was owed after the first of them."""
    for day, moved, _, document, number, note, amount in rows:
        yield Entry(day, Moved(moved), document, number, note, amount, after)
        after -= amount
