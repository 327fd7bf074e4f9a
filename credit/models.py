"""Credit of customers: the notes that give it, where it was applied, and what was paid back of it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.money import ZERO
from credit.enums import EDITABLE, CreditNoteStatus
from lines.models import (
    Line,
    NumberedHeader,
    Numbering,
    header_constraints,
    line_constraints,
    number_constraints,
)
from workspaces.keys import same_workspace, workspace_key
from workspaces.models import Attributed, WorkspaceOwned, actor_fits
from workspaces.walls import observed_manager


class CreditNumberSequence(Numbering):
    """The workspace's next credit note number."""

    prefix = models.CharField(max_length=20, blank=True, default="CN-")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="one_credit_sequence_per_workspace")
        ]


class CreditNote(NumberedHeader):
    """What a customer need not pay, in the note's currency. Dates are calendar dates.

    `invoice` is the one that it was raised from, if any; it may be applied to others. `applied` and `refunded` follow
    from its allocations and refunds, which stand by themselves.
    """

    reference = models.CharField(max_length=255, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="credit_notes", db_constraint=False
    )
    invoice = models.ForeignKey(
        "invoices.Invoice",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="credit_notes",
        db_constraint=False,
    )
    issue_date = models.DateField()
    status = models.CharField(max_length=20, choices=CreditNoteStatus.choices, default=CreditNoteStatus.DRAFT)
    notes = models.TextField(
        max_length=4000, blank=True, help_text="Shown on the credit note. Kept in Tandem."
    )
    applied = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    refunded = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
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
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["-issue_date", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-issue_date", "-id"], name="credit_note_list"),
            models.Index(fields=["workspace", "status"], name="credit_note_by_status"),
        ]
        constraints = [
            *header_constraints("credit_note"),
            *number_constraints("credit_note"),
            models.CheckConstraint(
                condition=Q(status__in=CreditNoteStatus.values), name="credit_note_status_known"
            ),
            models.CheckConstraint(condition=Q(applied__gte=0), name="credit_note_applied_not_negative"),
            models.CheckConstraint(condition=Q(refunded__gte=0), name="credit_note_refunded_not_negative"),
            models.CheckConstraint(
                condition=Q(status=CreditNoteStatus.VOIDED, voided_at__isnull=False)
                | (~Q(status=CreditNoteStatus.VOIDED) & Q(voided_at__isnull=True)),
                name="credit_note_voided_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=CreditNoteStatus.APPROVED) | Q(approved_at__isnull=False),
                name="credit_note_issued_was_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(issued_at__isnull=False),
                name="credit_note_approved_was_issued",
            ),
            workspace_key("credit_note"),
            *same_workspace("credit_note", "customer", "invoice"),
        ]

    @property
    def remaining(self) -> Decimal:
        """What is left to apply or to pay back: nothing before it is approved, nothing once it is voided."""
        return self.total - self.applied - self.refunded if self.is_issued else ZERO

    @property
    def is_issued(self) -> bool:
        return self.status == CreditNoteStatus.APPROVED

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE


class CreditNoteLine(Line):
    """One line of a credit note."""

    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.CASCADE, related_name="lines", db_constraint=False
    )

    class Meta(Line.Meta):
        constraints = line_constraints("credit_note_line", "credit_note")


class Allocation(WorkspaceOwned, Attributed):
    """Credit of a note applied to an invoice of the same customer and currency. One that was taken off stays, with the
    time of that.

    Where the invoice is only in the books and not here, `elsewhere` is its number there and `invoice` is empty.
    """

    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.PROTECT, related_name="allocations", db_constraint=False
    )
    invoice = models.ForeignKey(
        "invoices.Invoice",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="allocations",
        db_constraint=False,
    )
    elsewhere = models.CharField(max_length=255, blank=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    date = models.DateField()
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["date", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="allocation_amount_positive"),
            models.CheckConstraint(
                condition=Q(invoice__isnull=False, elsewhere="") | Q(invoice__isnull=True) & ~Q(elsewhere=""),
                name="allocation_names_one_invoice",
            ),
            *same_workspace("allocation", "credit_note", "invoice"),
            actor_fits("allocation_actor_fits"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.date}"

    @property
    def is_removed(self) -> bool:
        return self.removed_at is not None


class Refund(WorkspaceOwned, Attributed):
    """Credit of a note that was paid back to the customer, in the note's currency. One that was reversed stays, with
    the time of that."""

    credit_note = models.ForeignKey(
        CreditNote, on_delete=models.PROTECT, related_name="refunds", db_constraint=False
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    date = models.DateField()
    reference = models.CharField(max_length=255, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["date", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            *same_workspace("refund", "credit_note"),
            actor_fits("refund_actor_fits"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.date}"

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None
