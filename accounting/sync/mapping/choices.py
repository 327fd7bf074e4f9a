"""What a person chose, and what is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from django.core.exceptions import ValidationError

from accounting.resources.rules import Owners

Change = tuple[str, str, str]
"""What was chosen, by its name; what it was; what it is now. In words."""


class MappingRefused(ValidationError):
    """A choice the organisation does not offer. `message_dict` has a sentence for each field at fault."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose. Empty means: not chosen, and of a rule: as before. `rates` is our tax rate -> the
    organisation's code; `services` is our service -> the id of an account, `currency_accounts` a currency -> the id of
    one. `tracking` is our service (None for all others) and the id of a tracking category -> the id of an option; what
    it does not name stays. Without a day to start on (None) everything is kept in tandem, of whatever day it is."""

    revenue_account_id: str = ""
    payment_account_id: str = ""
    invoice_status: str = ""
    locked_period: str = ""
    born_there: str = ""
    sent_there: str = ""
    payments_way: str = ""
    owners: Owners | None = None
    match_by: str = ""
    unmatched: str = ""
    start_date: dt.date | Literal[""] | None = ""
    default_rate: str = ""
    rates: Dict[UUID, str] = field(default_factory=dict)
    services: Dict[UUID, str] = field(default_factory=dict)
    currency_accounts: Dict[str, str] = field(default_factory=dict)
    tracking: Dict[tuple[UUID | None, str], str] | None = None
