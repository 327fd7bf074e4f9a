"""Money received against invoices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from workspaces.keys import same_workspace
from workspaces.models import Attributed, WorkspaceOwned, actor_fits
from workspaces.walls import observed_manager


class Payment(WorkspaceOwned, Attributed):
    """A payment of an invoice, in its currency, and who recorded it. A reversed one stays, with the time of that."""

    invoice = models.ForeignKey(
        "invoices.Invoice", on_delete=models.PROTECT, related_name="payments", db_constraint=False
    )
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    date = models.DateField()
    reference = models.CharField(max_length=255, blank=True)
    reversed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["date", "id"]
        indexes = [models.Index(fields=["invoice", "date"], name="payment_by_invoice")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            *same_workspace("payment", "invoice"),
            actor_fits("payment_actor_fits"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.date}"

    @property
    def is_reversed(self) -> bool:
        return self.reversed_at is not None
