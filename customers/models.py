"""Who is invoiced, and who bills us. Xero knows one contact for both, and so do we (ADR 41)."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from customers.enums import CUSTOMERS, SUPPLIERS, Side
from workspaces.keys import workspace_key
from workspaces.models import WorkspaceOwned
from workspaces.walls import observed_manager


class Customer(WorkspaceOwned):
    """A contact: a customer, a supplier, or both. Field lengths are Xero's, so that what is typed here fits there (Xero
    docs: Contacts)."""

    reference = models.CharField(
        max_length=50, help_text="Our reference. Xero keeps it as the contact's account number."
    )
    name = models.CharField(max_length=255)
    first_name = models.CharField("contact's first name", max_length=255, blank=True)
    last_name = models.CharField("contact's last name", max_length=255, blank=True)
    email = models.EmailField("e-mail", max_length=255, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    website = models.URLField(max_length=255, blank=True)
    address_line = models.CharField("address", max_length=500, blank=True)
    city = models.CharField(max_length=255, blank=True)
    region = models.CharField(max_length=255, blank=True)
    postal_code = models.CharField(max_length=50, blank=True)
    country = models.CharField(max_length=50, blank=True)
    tax_number = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3)
    payment_terms_days = models.PositiveSmallIntegerField(
        "payment terms (days)", default=14, validators=[MaxValueValidator(365)]
    )
    is_customer = models.BooleanField("customer", default=True)
    is_supplier = models.BooleanField("supplier", default=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = observed_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("name"),
                condition=Q(archived_at=None),
                name="customer_name_unique_while_active",
                violation_error_message="Another customer has this name. Xero needs every name to be different.",
            ),
            models.UniqueConstraint(
                fields=["workspace", "reference"],
                name="customer_reference_unique",
                violation_error_message="Another customer has this reference.",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="customer_currency_is_iso_code"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_a_name"),
            models.CheckConstraint(
                condition=Q(is_customer=True) | Q(is_supplier=True), name="customer_or_supplier_or_both"
            ),
            workspace_key("customer"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def revision(self) -> str:
        """Another one after every change; guards stale forms."""
        return self.updated_at.isoformat()

    @property
    def side(self) -> Side:
        """What it is first of all, and among which pages it stands."""
        return CUSTOMERS if self.is_customer else SUPPLIERS

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
