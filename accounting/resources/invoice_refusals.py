"""What Xero is known not to take over an invoice as it stands there, and what works instead."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounting.enums import Kind, LockedPeriod
from accounting.port.documents import InvoiceDoc, LineDoc, pair_lines
from accounting.resources.desk import Desk
from core.templatetags.display import day
from invoices.models import Invoice

VOIDED = (
    "In Xero this invoice was voided, and a voided invoice cannot be changed. Take Xero's version, or unlink it and "
    "create it in Xero anew: a voided invoice keeps its number, so give this one another."
)
DELETED = (
    "In Xero this invoice was deleted, and a deleted invoice cannot be changed. Take Xero's version, or unlink it and "
    "create it in Xero anew."
)
FROZEN = (
    "In Xero there is a payment or credit on this invoice, so its amounts, its issue date and its number of lines stay "
    "as they are there. Take Xero's version, or take the payment or credit off in Xero first."
)
NOT_TO_BE_VOIDED = (
    "In Xero there is a payment or credit on this invoice, so it cannot be voided there. Take Xero's version, or take "
    "the payment or credit off in Xero first."
)


def refused_over(record: Invoice, wanted: InvoiceDoc, theirs: InvoiceDoc, desk: Desk) -> str:
    """Why Xero takes `wanted` not over `theirs` (Xero docs: Invoices, "Status codes" and "Updating paid invoices")."""
    if theirs.is_gone:
        return "" if wanted.is_gone else DELETED if theirs.state == "deleted" else VOIDED
    if _is_settled(record, theirs, desk):
        if wanted.is_gone:
            return NOT_TO_BE_VOIDED
        if _moves_money(wanted, theirs):
            return FROZEN
    return _locked(desk, wanted.issue_date, theirs.issue_date)


def _is_settled(record: Invoice, theirs: InvoiceDoc, desk: Desk) -> bool:
    """Whether anything stands against it there that is not about to be taken off by us."""
    reversed_here = (row.pk for row in record.payments.all() if row.is_reversed)
    leaving = {desk.remote_id(Kind.PAYMENT, pk) for pk in reversed_here}
    off = sum((row.amount for row in theirs.payments if row.remote_id in leaving), Decimal(0))
    return theirs.amount_paid - off > 0 or theirs.credit > 0


def _moves_money(wanted: InvoiceDoc, theirs: InvoiceDoc) -> bool:
    if _head(wanted) != _head(theirs):
        return True
    return any(_is_other(pair.ours, pair.theirs) for pair in pair_lines(wanted.lines, theirs.lines))


def _head(document: InvoiceDoc) -> tuple[object, ...]:
    return document.issue_date, document.currency, document.amounts, document.tax, document.total


def _is_other(ours: LineDoc | None, theirs: LineDoc | None) -> bool:
    return ours is None or theirs is None or not ours.is_priced_like(theirs)


def _locked(desk: Desk, *days: dt.date) -> str:
    """Where such a record may wait for the lock to move, nothing is refused."""
    connection = desk.connection
    if desk.rules.locked_period == LockedPeriod.PARK or not any(map(connection.is_locked_on, days)):
        return ""
    last = day(connection.first_open_day - dt.timedelta(days=1))
    return (
        f"Xero's books are locked up to {last}, and nothing that is dated until then can be changed there. Take Xero's "
        "version, or have your bookkeeper move the lock date and read the lists again in Settings > Accounting."
    )
