"""What the organisation offers to choose from, as last read."""

from __future__ import annotations

from django.db import models

from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned


class RemoteAccount(WorkspaceOwned):
    """One account of the organisation's chart."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="accounts", db_constraint=False
    )
    account_id = models.CharField(max_length=64)
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=150)
    type = models.CharField(max_length=30)
    account_class = models.CharField(max_length=20, blank=True)
    active = models.BooleanField(default=True)
    takes_payments = models.BooleanField(default=False)
    system = models.BooleanField(default=False)
    currency = models.CharField(max_length=3, blank=True)
    tax_code = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["code", "name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "account_id"], name="remote_account_once"),
            *same_workspace("remote_account", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class RemoteTaxRate(WorkspaceOwned):
    """One tax rate of the organisation."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="tax_rates", db_constraint=False
    )
    code = models.CharField(max_length=50)
    name = models.CharField(max_length=100)
    percent = models.DecimalField(max_digits=9, decimal_places=4)
    active = models.BooleanField(default=True)
    for_revenue = models.BooleanField(default=True)

    class Meta:
        ordering = ["-percent", "name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "code"], name="remote_tax_rate_once"),
            *same_workspace("remote_tax_rate", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.percent.normalize():f}%)"

    @property
    def unfit(self) -> str:
        """Why no sale can bear it, to go on with its name; "" when one can."""
        if not self.active:
            return "was removed in Xero"
        return "" if self.for_revenue else "does not go with sales in Xero"


class RemoteTrackingOption(WorkspaceOwned):
    """One option of a tracking category of the organisation. It is active while its category is as well."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="tracking_options", db_constraint=False
    )
    category_id = models.CharField(max_length=64)
    category = models.CharField(max_length=100)
    option_id = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["category", "name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "option_id"], name="remote_tracking_option_once"),
            *same_workspace("remote_tracking_option", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.name}"
