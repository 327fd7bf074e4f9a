"""Invoices and their lines."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.money import ZERO
from invoices.enums import EDITABLE, ISSUED, InvoiceStage, InvoiceStatus, LineAmounts
from invoices.totals import LineInput, LineTotals, compute_totals
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned
from workspaces.scope import observed_manager

LINE_LIMIT = Decimal("9999999999.99")
"""The largest amount a line may have. Xero's own limit."""

TOTAL_LIMIT = Decimal("999999999999.99")
"""The largest total an invoice may have: what its columns hold."""

NUMBER_LENGTH = 255


def number_problem(number: str) -> str:
    """Why this cannot be an invoice number, in a sentence; "" when it can."""
    if not number:
        return "Give the invoice a number."
    if "," in number:  # Xero splits lists of numbers on commas: such a number could never be looked up there
        return "An invoice number cannot contain a comma."
    if len(number) > NUMBER_LENGTH:
        return f"An invoice number has at most {NUMBER_LENGTH} characters."
    return ""


class NumberSequence(WorkspaceOwned):
    """The workspace's next invoice number: prefix, then digits."""

    prefix = models.CharField(max_length=20, blank=True, default="INV-")
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_number_sequence_per_workspace")
        ]

    def __str__(self) -> str:
        return self.text(self.next_number)

    def text(self, number: int) -> str:
        """The invoice number that this counter value makes."""
        return f"{self.prefix}{number:04d}"


class Invoice(WorkspaceOwned):
    """A sales invoice. Dates are calendar dates; amounts are in `currency`, two places, written by the services."""

    number = models.CharField(max_length=NUMBER_LENGTH)
    reference = models.CharField(max_length=255, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="invoices", db_constraint=False
    )
    issue_date = models.DateField()
    due_date = models.DateField()
    currency = models.CharField(max_length=3)
    amounts = models.CharField(max_length=10, choices=LineAmounts.choices, default=LineAmounts.EXCLUSIVE)
    status = models.CharField(max_length=20, choices=InvoiceStatus.choices, default=InvoiceStatus.DRAFT)
    notes = models.TextField(max_length=4000, blank=True, help_text="Shown on the invoice. Kept in Tandem.")
    net = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    tax = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    total = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    amount_paid = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    credited = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        default=ZERO,
        db_default=ZERO,
        editable=False,
        help_text="Credit applied in Xero: credit notes, overpayments, prepayments. Only Xero writes it.",
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    issued_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When it was first approved. Never cleared: what was once issued is voided, not deleted.",
    )
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts saves; guards stale forms."
    )

    objects = observed_manager()

    class Meta:
        ordering = ["-issue_date", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-issue_date", "-id"], name="invoice_list"),
            models.Index(fields=["workspace", "status", "due_date"], name="invoice_by_status"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "number"],
                name="invoice_number_unique",
                violation_error_message="This number is taken by another invoice.",
            ),
            models.CheckConstraint(condition=~Q(number=""), name="invoice_has_a_number"),
            models.CheckConstraint(condition=Q(status__in=InvoiceStatus.values), name="invoice_status_known"),
            models.CheckConstraint(condition=Q(amounts__in=LineAmounts.values), name="invoice_amounts_known"),
            models.CheckConstraint(
                condition=Q(total=F("net") + F("tax")), name="invoice_total_is_net_plus_tax"
            ),
            models.CheckConstraint(condition=Q(amount_paid__gte=0), name="invoice_paid_not_negative"),
            models.CheckConstraint(condition=Q(credited__gte=0), name="invoice_credited_not_negative"),
            models.CheckConstraint(
                condition=Q(status=InvoiceStatus.VOIDED, voided_at__isnull=False)
                | (~Q(status=InvoiceStatus.VOIDED) & Q(voided_at__isnull=True)),
                name="invoice_voided_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ISSUED) | Q(approved_at__isnull=False),
                name="invoice_issued_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(issued_at__isnull=False),
                name="invoice_approved_was_issued",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="invoice_currency_is_iso_code"
            ),
            workspace_key("invoice"),
            *same_workspace("invoice", "customer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def settled(self) -> Decimal:
        """What was paid and credited."""
        return self.amount_paid + self.credited

    @property
    def amount_due(self) -> Decimal:
        return self.total - self.settled

    @property
    def overpaid(self) -> Decimal:
        """What was received or credited beyond the total; nothing as long as something is due."""
        return max(-self.amount_due, ZERO)

    @property
    def is_issued(self) -> bool:
        return self.status in ISSUED

    @property
    def is_paid(self) -> bool:
        """Nothing is left to pay. An issued invoice of zero is paid at once, as in Xero."""
        return self.is_issued and self.amount_due <= 0

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE

    @property
    def stage(self) -> InvoiceStage:
        """What it is called, whatever the day: an overdue one awaits payment."""
        if self.is_issued:
            return InvoiceStage.PAID if self.is_paid else InvoiceStage.AWAITING_PAYMENT
        return InvoiceStage(self.status)

    @property
    def is_part_paid(self) -> bool:
        return self.is_issued and 0 < self.settled < self.total


class InvoiceLine(WorkspaceOwned):
    """One line. `tax_percent` is the rate's percentage when the line was written; amounts follow from the rest."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    position = models.PositiveSmallIntegerField()
    service = models.ForeignKey(
        "catalogue.Service",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
    )
    description = models.CharField(max_length=4000)
    quantity = models.DecimalField(max_digits=13, decimal_places=4, default=Decimal(1), null=True, blank=True)
    unit_amount = models.DecimalField(max_digits=14, decimal_places=4, default=ZERO, null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=ZERO)
    discount_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    tax_rate = models.ForeignKey(
        "catalogue.TaxRate",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
    )
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=ZERO, editable=False)
    line_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    tax_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice", "position"],
                name="line_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0) & Q(discount_percent__lte=100),
                name="line_discount_between_0_and_100",
            ),
            models.CheckConstraint(condition=~Q(description=""), name="line_has_a_description"),
            *same_workspace("line", "invoice", "service", "tax_rate"),
            models.CheckConstraint(
                condition=Q(discount_amount__isnull=True) | Q(discount_percent=0),
                name="line_has_one_discount",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=False, unit_amount__isnull=False)
                | Q(
                    quantity__isnull=True,
                    unit_amount__isnull=True,
                    discount_amount__isnull=True,
                    line_amount=0,
                    tax_amount=0,
                ),
                name="line_is_priced_or_only_text",
            ),
        ]

    def __str__(self) -> str:
        return self.description[:60]

    @property
    def is_text(self) -> bool:
        """Whether it only says something: neither quantity nor price."""
        return self.quantity is None

    @property
    def totals(self) -> LineTotals:
        return LineTotals(self.line_amount, self.tax_amount)

    @property
    def is_computed_elsewhere(self) -> bool:
        """Whether its amounts are not what Tandem would compute: they were put right by hand in the books."""
        return compute_totals([self.as_input()], self.invoice.amounts).lines[0] != self.totals

    def is_priced_like(self, line: LineInput) -> bool:
        """Whether nothing differs that its amounts follow from."""
        names = ("quantity", "unit_amount", "discount_percent", "discount_amount", "tax_rate", "tax_percent")
        wanted = line.columns()
        return all(getattr(self, name) == wanted[name] for name in names)

    def as_input(self) -> LineInput:
        """The line as an input that keeps it as it is."""
        return LineInput(
            description=self.description,
            quantity=self.quantity,
            unit_amount=self.unit_amount,
            tax_rate=self.tax_rate,
            discount_percent=self.discount_percent,
            discount_amount=self.discount_amount,
            service=self.service,
            id=self.pk,
        )
