"""What a refusal means for the people here: why it came, who can do something about it, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fixer(StrEnum):
    """Who can put it right. The value is said to the user after "Can be fixed by"."""

    MEMBER = "anyone in your workspace"
    SUPER_USER = "a super user, in Settings > Accounting"
    BOOKKEEPER = "your bookkeeper, in Xero"
    SUPPORT = "Tandem's support"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One kind of refusal. `cause` is short and the same for all that can be put right in the same way.
    `names_lists` tells that it is about accounts, tax rates, currencies or lock dates: ours may have grown old."""

    cause: str
    fixer: Fixer
    words: str
    names_lists: bool = False
