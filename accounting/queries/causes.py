"""Why something failed: a key for all that is put right in the same way, and what is at fault.

Xero's words are known to its adapter's table, or were taught by an administrator; ours are in the table here. What
nobody knows is kept whole: its key is
`unknown`, and what is at fault are the words themselves without the numbers, ids and days in them.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from accounting.enums import ErrorClass
from accounting.port.meanings import Fix, Fixer, Meaning
from accounting.providers.registry import meaning_of
from accounting.queries.lessons import taught_meaning

_choose = partial(Meaning, fixer=Fixer.SUPER_USER, words="", names_lists=True)
_account = partial(_choose, fix=Fix.CHOOSE_ACCOUNT)
_bank = partial(_choose, fix=Fix.CHOOSE_PAYMENT_ACCOUNT)
_rate = partial(_choose, fix=Fix.CHOOSE_RATE, subject="“(.+?)”")
_there = partial(Meaning, fixer=Fixer.BOOKKEEPER, fix=Fix.RESTORE_THERE, words="")
_paid = partial(Meaning, fixer=Fixer.BOOKKEEPER, fix=Fix.REVERSE_PAYMENTS, words="")
_here = partial(Meaning, fixer=Fixer.MEMBER, fix=Fix.MEND, words="")
_ours = partial(Meaning, fixer=Fixer.SUPPORT, fix=Fix.TRY_AGAIN, words="")

_tracking = partial(_choose, fix=Fix.CHOOSE_TRACKING)

OWN: tuple[tuple[str, Meaning], ...] = (
    (
        "tracking option",
        _tracking(
            key="tracking-option-gone", cause="tracking option gone", subject=r"option (.+?) is archived"
        ),
    ),
    ("the default revenue account", _account(key="account-not-chosen", cause="revenue account not chosen")),
    ("choose the payment account", _bank(key="payment-not-chosen", cause="payment account not chosen")),
    ("the payment account", _bank(key="payment-account-archived", cause="payment account archived")),
    (
        "archived in xero: choose another",
        _account(key="account-archived", cause="account archived", subject=r"account (\S+)"),
    ),
    ("choose a tax rate for the line", _here(key="tax-rate-missing", cause="tax rate missing on a line")),
    ("match the tax rate", _rate(key="tax-rate-not-matched", cause="tax rate not matched")),
    ("is not among those tandem knows of", _rate(key="tax-rate-strange", cause="tax rate unknown here")),
    ("stands on it there, and", _paid(key="has-payments", cause="has payments")),
    ("can be recorded once it is approved", _here(key="unapproved-here", cause="not approved here")),
    ("a voided invoice takes none", _here(key="voided-here", cause="payment on a voided invoice")),
    ("so it does not go to xero", _here(key="needs-another", cause="waits for a record that stays here")),
    ("moved to a contact that is no customer", _there(key="contact-strange", cause="contact unknown here")),
    ("the contact is archived in xero", _there(key="contact-archived", cause="contact archived")),
    ("was removed for good", _there(key="removed-there", cause="removed in Xero")),
    ("xero no longer has this record", _there(key="gone-there", cause="gone in Xero")),
    ("went on in xero meanwhile", _there(key="went-on-there", cause="deleted here, went on in Xero")),
    ("was deleted here, and", _there(key="went-on-there", cause="deleted here, went on in Xero")),
    ("in xero the invoice is", _there(key="not-payable", cause="not payable in Xero")),
    ("xero's record could not be read", _ours(key="unreadable", cause="Xero's record could not be read")),
    ("and yet it is not there", _ours(key="not-arrived", cause="taken by Xero, and not there")),
)
"""A part of a sentence of ours, and what it means. The sentence itself tells what to do."""

UNKNOWN = Meaning("unknown", "not seen before", Fixer.BOOKKEEPER, Fix.TRY_AGAIN, "")
FAULT = Meaning("fault", "a fault in Tandem", Fixer.SUPPORT, Fix.TRY_AGAIN, "")
_PARTICULAR = re.compile(r"“[^”]*”|'[^']*'|\b[\w-]*\d[\w.,:/-]*", re.ASCII)


class Cause(NamedTuple):
    """What all of one row have in common: the key of its meaning, and what is at fault."""

    key: str
    subject: str


def cause_of(error_class: str, words: str, detail: str) -> Cause:
    """The cause of a failure that is told in these words of ours and came with this `detail` of the remote side."""
    meaning = meaning_of_failure(error_class, words, detail)
    if meaning is UNKNOWN or meaning is FAULT:
        return Cause(meaning.key, _general(detail or words))
    return Cause(meaning.key, meaning.subject_in(detail) or meaning.subject_in(words))


def meaning_of_failure(error_class: str, words: str, detail: str) -> Meaning:
    """What it means; UNKNOWN where nobody has seen these words before, FAULT where Tandem itself stumbled."""
    known = (meaning_of(detail) if detail else None) or taught_meaning(detail) or _own(words)
    if known is not None:
        return known
    return FAULT if error_class == ErrorClass.INTERNAL else UNKNOWN


def _own(words: str) -> Meaning | None:
    lowered = words.lower()
    return next((meaning for part, meaning in OWN if part in lowered), None)


def _general(said: str) -> str:
    """The words without what differs from record to record."""
    return " ".join(_PARTICULAR.sub("…", said).split())[:120]
