"""Money received against invoices."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned
from workspaces.scope import observed_manager


class Payment(WorkspaceOwned):
    """A payment of an invoice, in the invoice's currency. A reversed payment stays, with the time it was reversed."""

    invoice = models.ForeignKey(
        "invoices.Invoice", on_delete=models.PROTECT, related_name="payments", db_constraint=False
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    date = models.DateField()
    reference = models.CharField(max_length=255, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    reversed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["date", "id"]
        indexes = [models.Index(fields=["invoice", "date"], name="payment_by_invoice")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            *same_workspace("payment", "invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.date}"

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None
