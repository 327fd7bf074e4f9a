"""Xero's validation messages as data: a part of the message, and what it means for the people who use Tandem.

Xero docs: Invoices, Contacts, Payments; collected from integrators' reports. The first part that is found in a message,
without regard to case, decides. docs/errors.md shows the same table to people.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from accounting.port.meanings import Fix, Fixer, Meaning

_HERE, _SETTINGS, _THERE = Fixer.MEMBER, Fixer.SUPER_USER, Fixer.BOOKKEEPER
_CODE = r"account code '([^']+)'"
_RATE = r"taxtype code '([^']+)'"
_DAY = r"currently set at (\d+ \w+ \d+)"

_closed = partial(Meaning, "closed-there", "closed in Xero", _THERE, Fix.RESTORE_THERE)
_paid = partial(Meaning, "has-payments", "has payments", _THERE, Fix.REVERSE_PAYMENTS)
_account = partial(
    Meaning, "account-unusable", "account unusable", _SETTINGS, Fix.CHOOSE_ACCOUNT, names_lists=True
)
_tax_fit = partial(Meaning, "tax-misfit", "tax does not fit", _SETTINGS, Fix.CHOOSE_RATE, names_lists=True)
_locked = partial(
    Meaning, "period-locked", "period locked", _THERE, Fix.MOVE_DATE, names_lists=True, subject=_DAY
)
_name = partial(Meaning, "name-taken", "name taken", _HERE, Fix.RENAME, taken="name")
_archived = partial(
    Meaning, "contact-archived", "contact archived", _THERE, Fix.RESTORE_THERE,
    "The contact is archived in Xero. Restore it there, then try again.",
)  # fmt: skip
_gone = partial(Meaning, "gone-there", "gone in Xero", _THERE, Fix.RESTORE_THERE)
_bank = partial(
    Meaning, "payment-account", "payment account unusable", _SETTINGS, Fix.CHOOSE_PAYMENT_ACCOUNT,
    names_lists=True,
)  # fmt: skip
_foreign_bank = partial(
    Meaning, "bank-currency", "bank account in another currency", _SETTINGS, Fix.CHOOSE_PAYMENT_ACCOUNT,
    "The bank account must be in the organisation's own currency. Choose another in Settings > Accounting.",
    names_lists=True,
)  # fmt: skip

MEANINGS: Mapping[str, Meaning] = {
    "invoice # must be unique": Meaning(
        "number-taken", "number taken", _HERE, Fix.RENUMBER,
        "Another invoice in Xero has this number. Give this one another number, or link them.", taken="number",
    ),
    "not of valid status for modification": _closed(
        "In Xero this invoice is paid, voided or deleted and cannot be changed."
    ),
    "cannot be applied to the invoice because it has payments": _paid(
        "Remove its payments first: in Xero it still has payments or credit notes."
    ),
    "cannot be edited as it has a payment or credit note": _paid(
        "In Xero it has a payment or credit note, so amounts cannot change."
    ),
    "must supply a lineitemid": _paid("In Xero it is paid, so lines cannot be added or replaced."),
    "duedate field must be specified": Meaning(
        "due-date-missing", "due date missing", _HERE, Fix.MEND, "Set a due date."
    ),
    "one or more line items must be specified": Meaning(
        "no-lines", "no lines", _HERE, Fix.MEND, "Add at least one line."
    ),
    "each line item must have a description": Meaning(
        "description-missing", "description missing", _HERE, Fix.MEND, "Describe each line."
    ),
    "description cannot be longer than": Meaning(
        "description-too-long", "description too long", _HERE, Fix.MEND,
        "A line is described in more words than Xero takes. Shorten it.",
    ),
    "field cannot be longer than": Meaning(
        "too-long", "too long for Xero", _HERE, Fix.MEND,
        "Something in it is longer than Xero takes. Shorten it.", subject=r"the (\w+) field",
    ),
    "has been archived and cannot be used": Meaning(
        "account-archived", "account archived", _SETTINGS, Fix.CHOOSE_ACCOUNT,
        "The account was archived in Xero. Choose another in Settings > Accounting, or have it restored.",
        names_lists=True, subject=_CODE,
    ),
    "is not a valid code for this document": _account(
        "The account cannot be used on invoices. Choose another in Settings > Accounting.", subject=_CODE
    ),
    "has been removed as it does not match a recognised account": _account(
        "Xero knows no such account and left it out. Choose another in Settings > Accounting.", subject=_CODE
    ),
    "account code or id must be specified": Meaning(
        "account-missing", "account missing", _SETTINGS, Fix.CHOOSE_ACCOUNT,
        "Xero wants an account on each line. Choose one in Settings > Accounting.", names_lists=True,
    ),
    "cannot be used with account code": _tax_fit(
        "The tax rate does not fit the account. Change one of them in Settings > Accounting.",
        subject=rf"{_RATE} cannot be used with account code '([^']+)'",
    ),
    "tax rate must be active": Meaning(
        "tax-rate-removed", "tax rate removed", _SETTINGS, Fix.CHOOSE_RATE,
        "The tax rate was removed in Xero. Match it to another in Settings > Accounting.", names_lists=True,
    ),
    "does not exist or cannot be used for this type": Meaning(
        "tax-rate-unknown", "tax rate unknown in Xero", _SETTINGS, Fix.CHOOSE_RATE,
        "Xero has no such tax rate for sales. Match it to another in Settings > Accounting.",
        names_lists=True, subject=_RATE,
    ),
    "tracking option": Meaning(
        "tracking-option-unusable", "tracking option unusable", _SETTINGS, Fix.CHOOSE_TRACKING,
        "Xero does not take the tracking option. Choose another in Settings > Accounting, or have it restored.",
        names_lists=True, subject=r"tracking option '([^']+)' of tracking category '([^']+)'",
    ),
    "taxamount cannot be greater than unitamount": Meaning(
        "tax-too-large", "tax too large", _HERE, Fix.MEND, "The tax is more than the price."
    ),
    "total of an approved document cannot be negative": Meaning(
        "negative-total", "less than zero", _HERE, Fix.MEND,
        "It comes to less than zero, which Xero does not take.",
    ),
    "lineamount cannot be greater than": Meaning(
        "amount-too-large", "amount too large", _HERE, Fix.MEND, "A line comes to more than Xero takes."
    ),
    "does not match the expected line total": Meaning(
        "totals-differ", "totals differ", Fixer.SUPPORT, Fix.TRY_AGAIN,
        "Xero comes to another total for a line than Tandem.",
    ),
    "not subscribed to currency": Meaning(
        "currency-not-enabled", "currency not enabled", _THERE, Fix.ENABLE_CURRENCY,
        "This currency is not enabled in Xero. Enable it there, or change the currency.",
        names_lists=True, subject=r"subscribed to currency (\w{3})",
    ),
    "must use the same currency as the organisations base currency": _foreign_bank(),
    "currency must be the currency of the document": _foreign_bank(),
    "payment account was not found": _bank(
        "Xero knows no such payment account. Choose another in Settings > Accounting."
    ),
    "must be a bank account or have payments enabled": _bank(
        "The payment account takes no payments. Choose another in Settings > Accounting."
    ),
    "payment account is archived": Meaning(
        "payment-account-archived", "payment account archived", _SETTINGS, Fix.CHOOSE_PAYMENT_ACCOUNT,
        "The payment account was archived in Xero. Choose another in Settings > Accounting.", names_lists=True,
    ),
    "period lock date": _locked(
        "The date lies in a period that is locked in Xero. Change the date, or have the lock moved."
    ),
    "end of year lock date": _locked(
        "The date lies in a year that is locked in Xero. Change the date, or have the lock moved."
    ),
    "already assigned to another contact": _name(
        "Another contact in Xero has this name. Give this customer another name, or rename that contact.",
        subject=r"contact name (.+?) is already assigned",
    ),
    "enter a unique name": _name("Another contact in Xero has this name. Give this customer another name."),
    "contact name cannot": Meaning(
        "name-refused", "name refused", _HERE, Fix.RENAME,
        "Xero does not take this name: no angle brackets, and no space at its ends or two in a row.",
    ),
    "contact name must be specified": Meaning(
        "name-missing", "name missing", _HERE, Fix.RENAME, "Give the customer a name."
    ),
    "matched an archived contact": _archived(),
    "archived contacts cannot": _archived(),
    "website must be valid": Meaning(
        "website-refused", "website refused", _THERE, Fix.RESTORE_THERE,
        "In Xero the contact has a website that Xero itself no longer takes. Correct it there, then try again.",
    ),
    "account number already exists": Meaning(
        "reference-taken", "reference taken", _HERE, Fix.MEND,
        "Another contact in Xero has this reference as its account number. Give this customer another reference.",
        taken="reference",
    ),
    "email address must be valid": Meaning(
        "e-mail-refused", "e-mail refused", _HERE, Fix.MEND, "Xero does not accept the e-mail address."
    ),
    "country of an address": Meaning(
        "country-refused", "country refused", _HERE, Fix.MEND, "Xero takes only letters in a country's name."
    ),
    "exceeds the amount outstanding": Meaning(
        "more-than-due", "more than is due", _HERE, Fix.MEND, "The payment is more than what is still due in Xero."
    ),
    "payment amount must be greater than zero": Meaning(
        "payment-not-positive", "payment of nothing", _HERE, Fix.MEND, "A payment must be more than zero."
    ),
    "only be made against authorised documents": Meaning(
        "not-payable", "not payable in Xero", _THERE, Fix.RESTORE_THERE,
        "In Xero the invoice takes no payment as it stands.",
    ),
    "supplied id was not found for this endpoint": _gone("In Xero the record it belongs to is gone."),
    "specified creditnoteid could not be found": _gone("In Xero the credit note is gone."),
    "limit of invoices you can approve": Meaning(
        "plan-limit", "plan limit", _THERE, Fix.RESTORE_THERE,
        "The Xero plan allows no more approved invoices this month. Upgrade it, or create them as drafts.",
    ),
    "reconciled with a bank statement": Meaning(
        "reconciled", "reconciled", _THERE, Fix.RESTORE_THERE,
        "In Xero it is reconciled with the bank, so it cannot change.",
    ),
    "created by xero expenses": Meaning(
        "made-by-expenses", "made by Xero Expenses", _THERE, Fix.RESTORE_THERE,
        "Xero Expenses made it, so it can only be changed there.",
    ),
    "purchaseorder status change is invalid": _closed(
        "In Xero the purchase order cannot change in this way any more."
    ),
    "deleted purchaseorders cannot be updated": _closed("In Xero the purchase order is deleted."),
    "insufficient stock": Meaning(
        "out-of-stock", "out of stock", _THERE, Fix.RESTORE_THERE, "Xero has too few of the item in stock."
    ),
    "idempotency key": Meaning(
        "request-mixed-up", "request mixed up", Fixer.SUPPORT, Fix.TRY_AGAIN,
        "Xero kept an earlier version of this request. Try again.",
    ),
}  # fmt: skip
