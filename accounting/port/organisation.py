"""Who let us in where, and what an organisation offers to choose from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token set. `life` is how long the access token lives from now: an instant would need a clock that all machines
    agree on. `user_id` is the remote user it belongs to; `session_id` the sign-in it came from."""

    access: str
    refresh: str
    life: dt.timedelta
    scopes: tuple[str, ...]
    user_id: str
    session_id: str = ""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A remote organisation that the user let us into. `connection_id` is what a disconnect names. `country` and
    `currency` are codes, "" while nobody has asked the organisation for them."""

    tenant_id: str
    connection_id: str
    name: str
    session_id: str = ""
    updated_at: str = ""
    country: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationDoc:
    """`time_zone` is an IANA name, "" where it is not told; `is_open` whether work can be done in it."""

    name: str
    country: str
    currency: str
    short_code: str = ""
    period_lock_date: dt.date | None = None
    year_lock_date: dt.date | None = None
    time_zone: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class AccountDoc:
    account_id: str
    code: str
    name: str
    type: str
    account_class: str
    active: bool
    takes_payments: bool
    system: bool = False
    currency: str = ""
    tax_code: str = ""


@dataclass(frozen=True, slots=True)
class TaxRateDoc:
    code: str
    name: str
    percent: Decimal
    active: bool
    for_revenue: bool


@dataclass(frozen=True, slots=True)
class TrackingOptionDoc:
    """One option of a tracking category, which lines are told apart by in reports. It is active while its category is
    as well."""

    category_id: str
    category: str
    option_id: str
    name: str
    active: bool


@dataclass(frozen=True, slots=True)
class Allowance:
    """Something that the organisation's plan and the role of whoever connected allow, or not: `act` says it after "may"
    ("approve invoices"). Without an `essential` one part of the work cannot be done."""

    act: str
    allowed: bool
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Survey:
    """The organisation, what may be done in it, and when the remote side said so by its own clock."""

    organisation: OrganisationDoc
    allowances: tuple[Allowance, ...]
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """What the organisation offers to choose from, and what whoever connected may do in it."""

    organisation: OrganisationDoc
    accounts: tuple[AccountDoc, ...]
    tax_rates: tuple[TaxRateDoc, ...]
    currencies: tuple[str, ...]
    tracking: tuple[TrackingOptionDoc, ...] = ()
    may_approve: bool = True
    passes_period_lock: bool = False
