"""Xero's validation messages, and what each means for the people who use Tandem.

Matched by substring, without regard to case; an unknown message is shown as Xero wrote it (Xero docs:
Invoices, Contacts, Payments; collected from integrators' reports).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounting.port.meanings import Fixer, Meaning

_MEANINGS: Mapping[str, Meaning] = {
    "invoice # must be unique": Meaning(
        "number taken",
        Fixer.MEMBER,
        "Another invoice in Xero has this number. Give this one another number, or link them.",
    ),
    "not of valid status for modification": Meaning(
        "closed in Xero",
        Fixer.BOOKKEEPER,
        "In Xero this invoice is paid, voided or deleted and cannot be changed.",
    ),
    "cannot be applied to the invoice because it has payments": Meaning(
        "has payments",
        Fixer.BOOKKEEPER,
        "Remove its payments first: in Xero it still has payments or credit notes.",
    ),
    "cannot be edited as it has a payment or credit note": Meaning(
        "has payments",
        Fixer.BOOKKEEPER,
        "In Xero it has a payment or credit note, so amounts cannot change.",
    ),
    "must supply a lineitemid": Meaning(
        "has payments", Fixer.BOOKKEEPER, "In Xero it is paid, so lines cannot be added or replaced."
    ),
    "duedate field must be specified": Meaning("due date missing", Fixer.MEMBER, "Set a due date."),
    "one or more line items must be specified": Meaning("no lines", Fixer.MEMBER, "Add at least one line."),
    "is not a valid code for this document": Meaning(
        "account unusable",
        Fixer.SUPER_USER,
        "The account cannot be used on invoices. Choose another in Settings > Accounting.",
        names_lists=True,
    ),
    "has been removed as it does not match a recognised account": Meaning(
        "account unusable",
        Fixer.SUPER_USER,
        "Xero knows no such account and left it out. Choose another in Settings > Accounting.",
        names_lists=True,
    ),
    "cannot be used with account code": Meaning(
        "tax does not fit",
        Fixer.SUPER_USER,
        "The tax rate does not fit the account. Change one of them in Settings > Accounting.",
        names_lists=True,
    ),
    "tax rate must be active": Meaning(
        "tax rate removed",
        Fixer.SUPER_USER,
        "The tax rate was removed in Xero. Match it to another in Settings > Accounting.",
        names_lists=True,
    ),
    "taxamount cannot be greater than unitamount": Meaning(
        "tax too large", Fixer.MEMBER, "The tax is more than the price."
    ),
    "not subscribed to currency": Meaning(
        "currency not enabled",
        Fixer.BOOKKEEPER,
        "This currency is not enabled in Xero. Enable it there, or change the currency.",
        names_lists=True,
    ),
    "must use the same currency as the organisations base currency": Meaning(
        "bank account in another currency",
        Fixer.SUPER_USER,
        "The bank account must be in the organisation's own currency. Choose another in Settings > Accounting.",
        names_lists=True,
    ),
    "period lock date": Meaning(
        "period locked",
        Fixer.BOOKKEEPER,
        "The date lies in a period that is locked in Xero. Change the date, or have the lock moved.",
        names_lists=True,
    ),
    "end of year lock date": Meaning(
        "period locked",
        Fixer.BOOKKEEPER,
        "The date lies in a year that is locked in Xero. Change the date, or have the lock moved.",
        names_lists=True,
    ),
    "already assigned to another contact": Meaning(
        "name taken",
        Fixer.MEMBER,
        "Another contact in Xero has this name. Give this customer another name, or rename that contact.",
    ),
    "enter a unique name": Meaning(
        "name taken",
        Fixer.MEMBER,
        "Another contact in Xero has this name. Give this customer another name.",
    ),
    "matched an archived contact": Meaning(
        "contact archived",
        Fixer.BOOKKEEPER,
        "The contact is archived in Xero. Restore it there, then try again.",
    ),
    "archived contacts cannot": Meaning(
        "contact archived",
        Fixer.BOOKKEEPER,
        "The contact is archived in Xero. Restore it there, then try again.",
    ),
    "website must be valid": Meaning(
        "website refused",
        Fixer.BOOKKEEPER,
        "In Xero the contact has a website that Xero itself no longer takes. Correct it there, then try again.",
    ),
    "account number already exists": Meaning(
        "reference taken",
        Fixer.MEMBER,
        "Another contact in Xero has this reference as its account number. Give this customer another reference.",
    ),
    "email address must be valid": Meaning(
        "e-mail refused", Fixer.MEMBER, "Xero does not accept the e-mail address."
    ),
    "exceeds the amount outstanding": Meaning(
        "more than is due", Fixer.MEMBER, "The payment is more than what is still due in Xero."
    ),
    "only be made against authorised documents": Meaning(
        "not payable in Xero",
        Fixer.BOOKKEEPER,
        "In Xero the invoice takes no payment as it stands.",
    ),
    "supplied id was not found for this endpoint": Meaning(
        "gone in Xero", Fixer.BOOKKEEPER, "In Xero the record it belongs to is gone."
    ),
    "specified creditnoteid could not be found": Meaning(
        "gone in Xero", Fixer.BOOKKEEPER, "In Xero the credit note is gone."
    ),
    "limit of invoices you can approve": Meaning(
        "plan limit",
        Fixer.BOOKKEEPER,
        "The Xero plan allows no more approved invoices this month. Upgrade it, or create them as drafts.",
    ),
    "reconciled with a bank statement": Meaning(
        "reconciled", Fixer.BOOKKEEPER, "In Xero it is reconciled with the bank, so it cannot change."
    ),
    "created by xero expenses": Meaning(
        "made by Xero Expenses",
        Fixer.BOOKKEEPER,
        "Xero Expenses made it, so it can only be changed there.",
    ),
    "purchaseorder status change is invalid": Meaning(
        "closed in Xero",
        Fixer.BOOKKEEPER,
        "In Xero the purchase order cannot change in this way any more.",
    ),
    "deleted purchaseorders cannot be updated": Meaning(
        "closed in Xero", Fixer.BOOKKEEPER, "In Xero the purchase order is deleted."
    ),
    "insufficient stock": Meaning("out of stock", Fixer.BOOKKEEPER, "Xero has too few of the item in stock."),
    "idempotency key": Meaning(
        "request mixed up", Fixer.SUPPORT, "Xero kept an earlier version of this request. Try again."
    ),
}

_TAKEN = ("must be unique", "already assigned", "unique name")
_NOT_PAYABLE = "only be made against authorised"


def explain(messages: Sequence[str]) -> str:
    """One sentence or more for the user; unknown messages are passed on as they are."""
    return " ".join(dict.fromkeys(_words(message) for message in messages))


def _words(message: str) -> str:
    meaning = meaning_of(message)
    return meaning.words if meaning else f"Xero says: {message}"


def meaning_of(message: str) -> Meaning | None:
    """What Xero's words mean; None when they are not known: a person has to read them."""
    lowered = message.lower()
    return next((meaning for part, meaning in _MEANINGS.items() if part in lowered), None)


def is_taken(messages: Sequence[str]) -> bool:
    """Whether Xero says that something else has the number or the name already."""
    return any(part in message.lower() for message in messages for part in _TAKEN)


def is_not_payable(messages: Sequence[str]) -> bool:
    """Whether Xero says that the document takes no payment as it stands."""
    return any(_NOT_PAYABLE in message.lower() for message in messages)
