"""What crosses the port: provider-neutral snapshots. Frozen, hashable, without Django and without a vendor's words.

Money is Decimal in the document's currency, dates are calendar dates, instants are aware UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Literal

Kind = str
""""customer", "invoice" or "payment"."""
Amounts = Literal["exclusive", "inclusive", "no_tax"]
InvoiceState = Literal["draft", "submitted", "authorised", "paid", "voided", "deleted"]


class _Doc:
    """What the engine asks of every document."""

    __slots__ = ()

    @property
    def credit(self) -> Decimal:
        """What only the remote side sets against it: read, kept, never sent and never compared."""
        return Decimal(0)

    @property
    def survivor(self) -> str:
        """The remote id of the record it was merged into; empty while it stands for itself."""
        return ""


@dataclass(frozen=True, slots=True)
class ContactDoc(_Doc):
    """A customer. `reference` is ours and finds the contact again."""

    kind: ClassVar[Kind] = "customer"

    reference: str
    name: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    address_line: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    tax_number: str = ""
    archived: bool = False
    merged_into: str = ""

    @property
    def survivor(self) -> str:
        return self.merged_into


@dataclass(frozen=True, slots=True)
class LineDoc:
    """One line. `ref` is our id for it (empty when born at the remote side), `remote_id` theirs.

    `line_amount` and `tax_amount` are what the side the document comes from computed. A line that is only text has
    neither quantity nor unit amount (None). A discount is a percentage or, where `discount_amount` is given, an amount.
    """

    description: str
    quantity: Decimal | None
    unit_amount: Decimal | None
    discount_percent: Decimal = Decimal(0)
    tax_code: str = ""
    account_code: str = ""
    line_amount: Decimal = Decimal(0)
    tax_amount: Decimal = Decimal(0)
    discount_amount: Decimal | None = None
    ref: str = ""
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class PaymentDoc(_Doc):
    """Money received against one invoice, in the invoice's currency."""

    kind: ClassVar[Kind] = "payment"

    invoice_id: str
    amount: Decimal
    date: dt.date
    reference: str = ""
    account_id: str = ""
    removed: bool = False
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceDoc(_Doc):
    """A sales invoice. `contact_id` is the remote id of its customer.

    `state` is None in a document to be sent when the remote side's own state is to be kept.
    `rate` is foreign units per unit of base currency, None for the base currency. `payments` are only
    read: they are the live payments the remote side shows on the invoice. A bill that was received is read in the same
    shape; `is_sale` tells them apart, and nothing of ours is ever one.
    """

    kind: ClassVar[Kind] = "invoice"

    number: str
    contact_id: str
    issue_date: dt.date
    due_date: dt.date | None
    currency: str
    amounts: Amounts
    lines: tuple[LineDoc, ...]
    reference: str = ""
    state: InvoiceState | None = None
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    amount_paid: Decimal = Decimal(0)
    amount_credited: Decimal = Decimal(0)
    rate: Decimal | None = None
    url: str = ""
    payments: tuple[PaymentDoc, ...] = ()
    is_sale: bool = True

    @property
    def credit(self) -> Decimal:
        return self.amount_credited


Document = ContactDoc | InvoiceDoc | PaymentDoc


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """A document as the remote side holds it. `version` is its time of last change there. `source` is its own form of
    the record, with the parts that documents do not model; only the adapter reads it."""

    kind: Kind
    remote_id: str
    version: dt.datetime
    document: Document
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One element of a write: the document, and the remote record it changes (empty id: a new one).

    Of a record that is there only the `changed` fields are written. `agreed` is what both sides last agreed on and
    `source` the record as it was just read: what the remote side replaces as a whole is sent back from it.
    """

    document: Document
    remote_id: str = ""
    changed: frozenset[str] = frozenset()
    agreed: Document | None = None
    source: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One element of a write as text, ready to stand in a request's body."""

    body: str
    remote_id: str = ""


Verb = Literal["create", "update", "remove"]


@dataclass(frozen=True, slots=True)
class FrozenRequest:
    """A write as it will be sent, byte for byte. Storing it first is what makes a repeat safe."""

    kind: Kind
    verb: Verb
    method: str
    path: str
    body: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of one element, in the order sent: the `record`, or why there is none.

    `errors` are the remote side's own words and nothing else, `advice` what a refusal means for the user. `unreadable`
    marks an element that was applied but whose echo could not be understood. `taken` marks a create refused because
    something with its number or name is there already, `not_payable` a payment refused because of how its invoice
    stands there. `reference` is by which the remote side's support finds a
    refusal.
    """

    record: RemoteRecord | None = None
    errors: tuple[str, ...] = ()
    advice: str = ""
    taken: bool = False
    not_payable: bool = False
    warnings: tuple[str, ...] = ()
    unreadable: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many calls the remote side still allows; None where it did not say."""

    minute: int | None = None
    day: int | None = None
    app_minute: int | None = None


@dataclass(frozen=True, slots=True)
class PushReply:
    results: tuple[PushResult, ...]
    quota: Quota = field(default_factory=Quota)


@dataclass(frozen=True, slots=True)
class FetchReply:
    """Records that were found. `missing` are asked-for ids the remote side does not know (any more).

    `unreadable` are ids whose record could not be understood, with the reason. `at` is when it was answered, by
    the remote side's own clock, if it said so. `next` is where a walk through changes goes on; None at its end.
    """

    records: tuple[RemoteRecord, ...]
    missing: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    quota: Quota = field(default_factory=Quota)
    at: dt.datetime | None = None
    next: str | None = None


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
    """A remote organisation that the user let us into. `connection_id` is what a disconnect names."""

    tenant_id: str
    connection_id: str
    name: str
    session_id: str = ""
    updated_at: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationDoc:
    """`time_zone` is an IANA name, "" where it is not told."""

    name: str
    country: str
    currency: str
    short_code: str = ""
    period_lock_date: dt.date | None = None
    year_lock_date: dt.date | None = None
    time_zone: str = ""


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
class ReferenceData:
    """What the organisation offers to choose from."""

    organisation: OrganisationDoc
    accounts: tuple[AccountDoc, ...]
    tax_rates: tuple[TaxRateDoc, ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One thing the remote side says has changed. `key` is the same for repeats of the same event."""

    key: str
    tenant_id: str
    category: str
    change: str
    remote_id: str
    at: dt.datetime | None
    kind: Kind | None
