"""What is sold, and how it is taxed."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from workspaces.keys import same_workspace, workspace_key
from workspaces.models import WorkspaceOwned


class TaxRate(WorkspaceOwned):
    """A rate of sales tax in percent. Its percentage never changes; a new rate is a new row."""

    name = models.CharField(max_length=100)
    percent = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    is_default = models.BooleanField(default=False, help_text="New invoice lines start with it.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-percent", "name"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                condition=Q(archived_at=None),
                name="tax_rate_name_unique_while_active",
                violation_error_message="Another tax rate has this name.",
            ),
            models.UniqueConstraint(
                fields=["workspace"], condition=Q(is_default=True), name="one_default_tax_rate"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0) & Q(percent__lte=100), name="tax_percent_between_0_and_100"
            ),
            workspace_key("tax_rate"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def revision(self) -> str:
        """Another one after every change; guards stale forms."""
        return self.updated_at.isoformat()


class Service(WorkspaceOwned):
    """Something sold often: what a new invoice line starts with."""

    name = models.CharField(max_length=120)
    description = models.CharField(max_length=4000, blank=True)
    unit_amount = models.DecimalField(max_digits=14, decimal_places=4, default=Decimal(0))
    tax_rate = models.ForeignKey(
        TaxRate, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                condition=Q(archived_at=None),
                name="service_name_unique_while_active",
                violation_error_message="Another service has this name.",
            ),
            workspace_key("service"),
            *same_workspace("service", "tax_rate"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def revision(self) -> str:
        """Another one after every change; guards stale forms."""
        return self.updated_at.isoformat()
