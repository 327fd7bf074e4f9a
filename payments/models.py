"""Money received against invoices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from workspaces.keys import same_workspace
from workspaces.models import Attributed, WorkspaceOwned, actor_fits
from workspaces.walls import observed_manager


class Payment(WorkspaceOwned, Attributed):
    """A payment of an invoice, in its currency, and who recorded it. A reversed one stays, with the time of that.

    Where the money came into a bank account of another currency, `bank_amount` is what came there.
    """

    invoice = models.ForeignKey(
        "invoices.Invoice", on_delete=models.PROTECT, related_name="payments", db_constraint=False
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    date = models.DateField()
    reference = models.CharField(max_length=255, blank=True)
    bank_amount = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What came into a bank account of another currency.",
    )
    bank_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    rate = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        null=True,
        blank=True,
        editable=False,
        help_text="Units of its currency for one of the organisation's. Only Xero tells it.",
    )
    reversed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["date", "id"]
        indexes = [models.Index(fields=["invoice", "date"], name="payment_by_invoice")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(bank_amount__isnull=True, bank_currency="")
                | Q(bank_amount__isnull=False, bank_amount__gt=0, bank_currency__regex=r"^[A-Z]{3}$"),
                name="payment_bank_amount_has_a_currency",
            ),
            models.CheckConstraint(
                condition=Q(rate__isnull=True) | Q(rate__gt=0), name="payment_rate_positive"
            ),
            *same_workspace("payment", "invoice"),
            actor_fits("payment_actor_fits"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.date}"

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None
