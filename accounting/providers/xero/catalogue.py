"""Xero's validation messages, and what each means for the people who use Tandem.

Matched by substring, without regard to case; an unknown message is shown as Xero wrote it (Xero docs:
Invoices, Contacts, Payments; collected from integrators' reports).
"""

from __future__ import annotations

from collections.abc import Sequence

_MEANINGS: tuple[tuple[str, str], ...] = (
    (
        "invoice # must be unique",
        "Another invoice in Xero has this number. Give this one another number, or link them.",
    ),
    (
        "not of valid status for modification",
        "In Xero this invoice is paid, voided or deleted and cannot be changed.",
    ),
    (
        "cannot be applied to the invoice because it has payments",
        "Remove its payments first: in Xero it still has payments or credit notes.",
    ),
    (
        "cannot be edited as it has a payment or credit note",
        "In Xero it has a payment or credit note, so amounts cannot change.",
    ),
    ("must supply a lineitemid", "In Xero it is paid, so lines cannot be added or replaced."),
    ("duedate field must be specified", "Set a due date."),
    ("one or more line items must be specified", "Add at least one line."),
    (
        "is not a valid code for this document",
        "The account cannot be used on invoices. Choose another in Settings > Accounting.",
    ),
    (
        "cannot be used with account code",
        "The tax rate does not fit the account. Change one of them in Settings > Accounting.",
    ),
    (
        "tax rate must be active",
        "The tax rate was removed in Xero. Match it to another in Settings > Accounting.",
    ),
    (
        "not subscribed to currency",
        "This currency is not enabled in Xero. Enable it there, or change the currency.",
    ),
    (
        "period lock date",
        "The date lies in a period that is locked in Xero. Change the date, or have the lock moved.",
    ),
    (
        "end of year lock date",
        "The date lies in a year that is locked in Xero. Change the date, or have the lock moved.",
    ),
    (
        "already assigned to another contact",
        "Another contact in Xero has this name. Give this customer another name, or rename that contact.",
    ),
    ("matched an archived contact", "The contact is archived in Xero. Restore it there, then try again."),
    ("archived contacts cannot", "The contact is archived in Xero. Restore it there, then try again."),
    ("enter a unique name", "Another contact in Xero has this name. Give this customer another name."),
    ("email address must be valid", "Xero does not accept the e-mail address."),
    ("exceeds the amount outstanding", "The payment is more than what is still due in Xero."),
    (
        "only be made against authorised documents",
        "In Xero the invoice is not approved (or is already paid), so it takes no payment.",
    ),
    ("supplied id was not found for this endpoint", "In Xero the record it belongs to is gone."),
    (
        "limit of invoices you can approve",
        "The Xero plan allows no more approved invoices this month. Upgrade it, or create them as drafts.",
    ),
    ("reconciled with a bank statement", "In Xero it is reconciled with the bank, so it cannot change."),
    ("created by xero expenses", "Xero Expenses made it, so it can only be changed there."),
    ("taxamount cannot be greater than unitamount", "The tax is more than the price."),
    ("idempotency key", "Xero kept an earlier version of this request. Try again."),
)  # fmt: skip  (one row a message reads best)


def explain(messages: Sequence[str]) -> str:
    """One sentence or more for the user; unknown messages are passed on as they are."""
    return " ".join(dict.fromkeys(_meaning(message) for message in messages))


def _meaning(message: str) -> str:
    lowered = message.lower()
    return next((meaning for part, meaning in _MEANINGS if part in lowered), f"Xero says: {message}")
