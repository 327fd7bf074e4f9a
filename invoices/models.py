"""Invoices and their lines."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.money import ZERO
from invoices.enums import ISSUED, InvoiceStatus, LineAmounts
from workspaces.models import WorkspaceOwned


class NumberSequence(WorkspaceOwned):
    """The workspace's next invoice number: prefix, then digits."""

    prefix = models.CharField(max_length=20, blank=True, default="INV-")
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_number_sequence_per_workspace")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}{self.next_number:04d}"


class Invoice(WorkspaceOwned):
    """A sales invoice. Dates are calendar dates; amounts are in `currency`, two places, written by the services."""

    number = models.CharField(max_length=255)
    reference = models.CharField(max_length=255, blank=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="invoices")
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
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts saves; guards stale forms."
    )

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
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="invoice_currency_is_iso_code"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount_due(self) -> Decimal:
        return self.total - self.amount_paid

    @property
    def is_issued(self) -> bool:
        return self.status in ISSUED

    @property
    def is_paid(self) -> bool:
        return self.is_issued and self.total > 0 and self.amount_due <= 0

    @property
    def is_part_paid(self) -> bool:
        return self.is_issued and 0 < self.amount_paid < self.total


class InvoiceLine(WorkspaceOwned):
    """One line. `tax_percent` is the rate's percentage when the line was written; amounts follow from the rest."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    service = models.ForeignKey(
        "catalogue.Service", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    description = models.CharField(max_length=4000)
    quantity = models.DecimalField(max_digits=13, decimal_places=4, default=Decimal(1))
    unit_amount = models.DecimalField(max_digits=14, decimal_places=4, default=ZERO)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=ZERO)
    tax_rate = models.ForeignKey(
        "catalogue.TaxRate", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=ZERO, editable=False)
    line_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    tax_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)

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
        ]

    def __str__(self) -> str:
        return self.description[:60]
