"""Payments as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from payments.models import Payment

COLUMNS = (
    "Date", "Invoice", "Customer", "Currency", "Amount", "Reference", "In the bank", "Bank currency", "Rate",
    "Recorded by", "Status",
)  # fmt: skip


def payments_table(payments: Iterable[Payment]) -> Iterator[list[str]]:
    """The heads, then a row for each."""
    yield [*COLUMNS]
    for payment in payments:
        invoice = payment.invoice
        yield [
            payment.date.isoformat(),
            invoice.number,
            invoice.customer.name,
            invoice.currency,
            str(payment.amount),
            payment.reference,
            _plain(payment.bank_amount),
            payment.bank_currency,
            _plain(payment.rate),
            payment.actor_name,
            "Reversed" if payment.is_reversed else "Received",
        ]


def _plain(number: object) -> str:
    return "" if number is None else str(number)
