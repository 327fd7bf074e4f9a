"""Invoices and their lines."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.money import ZERO
from invoices.enums import EDITABLE, ISSUED, InvoiceStage, InvoiceStatus
from lines.models import (
    Line,
    NumberedHeader,
    Numbering,
    header_constraints,
    line_constraints,
    number_constraints,
)
from workspaces.keys import same_workspace, workspace_key
from workspaces.walls import observed_manager


class NumberSequence(Numbering):
    """The workspace's next invoice number."""

    prefix = models.CharField(max_length=20, blank=True, default="INV-")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_number_sequence_per_workspace")
        ]


class Invoice(NumberedHeader):
    """A sales invoice. Dates are calendar dates."""

    reference = models.CharField(max_length=255, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="invoices", db_constraint=False
    )
    issue_date = models.DateField()
    due_date = models.DateField()
    status = models.CharField(max_length=20, choices=InvoiceStatus.choices, default=InvoiceStatus.DRAFT)
    notes = models.TextField(max_length=4000, blank=True, help_text="Shown on the invoice. Kept in Tandem.")
    amount_paid = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    credited = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        default=ZERO,
        db_default=ZERO,
        editable=False,
        help_text="Credit applied to it, wherever that was done.",
    )
    credited_elsewhere = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        default=ZERO,
        db_default=ZERO,
        editable=False,
        help_text="What of that credit comes from documents that are not here. Only Xero tells it.",
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

    objects = observed_manager()

    class Meta:
        ordering = ["-issue_date", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-issue_date", "-id"], name="invoice_list"),
            models.Index(fields=["workspace", "status", "due_date"], name="invoice_by_status"),
        ]
        constraints = [
            *header_constraints("invoice"),
            *number_constraints("invoice"),
            models.CheckConstraint(condition=Q(status__in=InvoiceStatus.values), name="invoice_status_known"),
            models.CheckConstraint(condition=Q(amount_paid__gte=0), name="invoice_paid_not_negative"),
            models.CheckConstraint(
                condition=Q(credited__gte=F("credited_elsewhere")) & Q(credited_elsewhere__gte=0),
                name="invoice_credited_not_negative",
            ),
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
            workspace_key("invoice"),
            *same_workspace("invoice", "customer"),
        ]

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


class InvoiceLine(Line):
    """One line of an invoice."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", db_constraint=False)

    class Meta(Line.Meta):
        constraints = line_constraints("line", "invoice")
