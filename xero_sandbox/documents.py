"""The records the books are made of. All frozen: a change is a new record in place of the old one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from datetime import date as Day
from decimal import Decimal
from typing import Any, ClassVar

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ZERO = Decimal(0)
ONE = Decimal(1)
NIL_ID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Organisation:
    id: str
    slug: str
    name: str
    legal_name: str
    short_code: str
    base_currency: str
    country_code: str
    version: str
    timezone: str
    zone: str
    tax_number: str
    currencies: tuple[str, ...]
    plan_class: str = "GROW"
    financial_year_end_day: int = 31
    financial_year_end_month: int = 3
    invoice_prefix: str = "INV-"
    credit_note_prefix: str = "CN-"
    period_lock_date: Day | None = None
    end_of_year_lock_date: Day | None = None
    standing: str = "open"
    """Whether one may work in it: see `xero_sandbox.standing`."""
    created: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    type: str
    account_class: str
    code: str | None = None
    status: str = "ACTIVE"
    tax_type: str = "NONE"
    description: str = ""
    system_account: str | None = None
    enable_payments: bool = False
    bank_account_number: str | None = None
    currency_code: str | None = None
    updated: datetime = EPOCH

    @property
    def takes_payments(self) -> bool:
        """Bank accounts do, although they answer EnablePaymentsToAccount=false (Xero docs, "Payments")."""
        return self.type == "BANK" or self.enable_payments

    @property
    def takes_lines(self) -> bool:
        """Bank and system accounts cannot stand on a document's line (Xero docs, "Accounts")."""
        return self.type != "BANK" and self.system_account is None


@dataclass(frozen=True, slots=True)
class TaxRate:
    id: str
    name: str
    rate: Decimal
    report_tax_type: str
    applies_to: tuple[str, ...]
    status: str = "ACTIVE"
    component: str = "Tax"
    updated: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class TrackingOption:
    id: str
    name: str
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class TrackingCategory:
    id: str
    name: str
    options: tuple[TrackingOption, ...] = ()
    status: str = "ACTIVE"
    updated: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    status: str = "ACTIVE"
    contact_number: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    addresses: tuple[dict[str, str], ...] = ()
    phones: tuple[dict[str, str], ...] = ()
    persons: tuple[dict[str, Any], ...] = ()
    merged_to: str | None = None
    created_by: str | None = None
    updated: datetime = EPOCH


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    description: str = ""
    quantity: Decimal | None = None
    unit_amount: Decimal | None = None
    account_code: str | None = None
    account_id: str | None = None
    tax_type: str | None = None
    tax_amount: Decimal = ZERO
    line_amount: Decimal = ZERO
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    tracking: tuple[dict[str, str], ...] = ()

    @property
    def is_text_only(self) -> bool:
        """A line of words: Xero docs allow a description with no figures and no account."""
        return self.quantity is None and self.unit_amount is None


@dataclass(frozen=True, slots=True)
class Document:
    """What every document of lines has: invoices and bills, credit notes, money through the bank."""

    number_field: ClassVar[str] = ""
    """Under which name its number is sent and answered."""
    noun: ClassVar[str] = "document"

    id: str
    type: str
    status: str
    contact_id: str
    date: Day
    currency_code: str
    due_date: Day | None = None
    number: str = ""
    reference: str = ""
    line_amount_types: str = "Exclusive"
    currency_rate: Decimal = ONE
    lines: tuple[Line, ...] = ()
    sub_total: Decimal = ZERO
    total_tax: Decimal = ZERO
    total: Decimal = ZERO
    total_discount: Decimal = ZERO
    url: str = ""
    branding_theme_id: str = ""
    sent_to_contact: bool = False
    fully_paid_on: Day | None = None
    created_by: str | None = None
    updated: datetime = EPOCH

    @property
    def is_dead(self) -> bool:
        return self.status in ("VOIDED", "DELETED")

    @property
    def is_approved(self) -> bool:
        return self.status in ("AUTHORISED", "PAID")

    @property
    def is_settled_in_part(self) -> bool:
        """Something hangs on it: its amounts are fixed and it cannot be voided."""
        return False

    @property
    def open_amount(self) -> Decimal:
        """What of it is still to be settled."""
        return ZERO if self.is_dead else self.total


@dataclass(frozen=True, slots=True)
class Credit:
    """What of a credit note, a prepayment or an overpayment was applied to one document, as the document sees it."""

    id: str
    """That of the credit, not of the allocation."""
    number: str
    date: Day
    amount: Decimal
    allocation_id: str = ""
    kind: str = "CreditNote"


@dataclass(frozen=True, slots=True)
class Invoice(Document):
    """A sales invoice (ACCREC) or a bill (ACCPAY)."""

    number_field: ClassVar[str] = "InvoiceNumber"
    noun: ClassVar[str] = "invoice"

    amount_paid: Decimal = ZERO
    credits: tuple[Credit, ...] = ()
    expected_payment_date: Day | None = None
    planned_payment_date: Day | None = None

    @property
    def amount_due(self) -> Decimal:
        """What is still owed; nothing is owed on a document that was voided or deleted."""
        return ZERO if self.is_dead else self.total - self.amount_paid - self.amount_credited

    @property
    def open_amount(self) -> Decimal:
        return self.amount_due

    @property
    def amount_credited(self) -> Decimal:
        return sum((credit.amount for credit in self.credits), ZERO)

    @property
    def is_settled_in_part(self) -> bool:
        """Payments or credit hold it."""
        return self.amount_paid != ZERO or bool(self.credits)


@dataclass(frozen=True, slots=True)
class Payment:
    id: str
    invoice_id: str
    """Empty where it pays credit out."""
    account_id: str
    date: Day
    amount: Decimal
    reference: str = ""
    currency_rate: Decimal = ONE
    bank_amount: Decimal = ZERO
    is_reconciled: bool = False
    status: str = "AUTHORISED"
    credit_id: str = ""
    """The credit note, prepayment or overpayment that it pays out."""
    updated: datetime = EPOCH
