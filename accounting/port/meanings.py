"""What a refusal means for the people here: why it came, who can do something about it, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

PERIOD_LOCKED = "period locked"
"""The cause of what is refused for its date alone: it is cured when the lock moves."""
PLAN_LIMIT = "plan limit"
"""The cause of what is refused because the plan's number for the month is used up."""


class Fixer(StrEnum):
    """Who can put it right. The value is said to the user after "Can be fixed by"."""

    MEMBER = "anyone in your workspace"
    SUPER_USER = "a super user, in Settings > Accounting"
    BOOKKEEPER = "your bookkeeper, in Xero"
    SUPPORT = "Tandem's support"


class Fix(StrEnum):
    """How it is put right. The value is what a person does, as docs/errors.md lists it."""

    CHOOSE_ACCOUNT = "choose another account"
    CHOOSE_PAYMENT_ACCOUNT = "choose another payment account"
    CHOOSE_RATE = "match the tax rate"
    CHOOSE_TRACKING = "choose another tracking option"
    RENAME = "give the customer another name"
    RENUMBER = "give it another number"
    MEND = "change the record here"
    MOVE_DATE = "move the date to the first open day"
    REVERSE_PAYMENTS = "reverse its payments"
    RESTORE_THERE = "put it right in Xero"
    ENABLE_CURRENCY = "enable the currency in Xero"
    TRY_AGAIN = "try again"


WATCHED = (Fix.RESTORE_THERE, Fix.ENABLE_CURRENCY, Fix.REVERSE_PAYMENTS)
"""Nothing that is done in the record puts it right, so it is looked at again by itself."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One kind of refusal.

    `key` is stored, so it never changes its spelling; all that can be put right in the same way share it, and `cause`,
    which says it in a few words. `names_lists` tells that it is about accounts, tax rates, currencies or lock dates:
    ours may have grown old. `subject` finds what is at fault in the words of the refusal: an account's code, a day.
    `taken` names what another record there has already, and ours may be that one: its number, its name.
    """

    key: str
    cause: str
    fixer: Fixer
    fix: Fix
    words: str
    names_lists: bool = False
    subject: str = ""
    taken: str = ""

    def subject_in(self, said: str) -> str:
        """What is at fault, as these words name it; "" where they do not."""
        found = re.search(self.subject, said, re.IGNORECASE) if self.subject else None
        return " ".join(part.strip() for part in found.groups() if part)[:120] if found else ""
