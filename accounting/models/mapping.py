"""How our words map to the organisation's. Chosen from its own lists by a person, never guessed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounting.choices import MatchBy, PaymentsWay, SentThere, Unmatched
from accounting.enums import BornThere, InvoiceStatusRule, LockedPeriod
from accounting.models.connection import Connection
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned


class Mapping(WorkspaceOwned):
    """A connection's choices. Account ids are kept, because a code may be changed in Xero and an id never is."""

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, related_name="mapping", db_constraint=False
    )
    revenue_account_id = models.CharField(max_length=64, blank=True)
    payment_account_id = models.CharField(max_length=64, blank=True)
    invoice_status = models.CharField(
        max_length=12, choices=InvoiceStatusRule.choices, default=InvoiceStatusRule.WITH_STATUS
    )
    born_there = models.CharField(
        max_length=12, choices=BornThere.choices, default=BornThere.OFF, db_default=BornThere.OFF
    )
    locked_period = models.CharField(
        max_length=12, choices=LockedPeriod.choices, default=LockedPeriod.BLOCK, db_default=LockedPeriod.BLOCK
    )
    sent_there = models.CharField(
        max_length=8, choices=SentThere.choices, default=SentThere.LEAVE, db_default=SentThere.LEAVE
    )
    payments_way = models.CharField(
        max_length=4, choices=PaymentsWay.choices, default=PaymentsWay.BOTH, db_default=PaymentsWay.BOTH
    )
    owners = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        help_text="Kind -> field -> who decides about it alone. What is not named, both sides do.",
    )
    match_by = models.CharField(
        max_length=12, choices=MatchBy.choices, default=MatchBy.ANY, db_default=MatchBy.ANY
    )
    unmatched = models.CharField(
        max_length=8, choices=Unmatched.choices, default=Unmatched.CREATE, db_default=Unmatched.CREATE
    )
    start_date = models.DateField(
        null=True, blank=True, help_text="What is dated before it, and linked to nothing, goes neither way."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(locked_period__in=LockedPeriod.values), name="mapping_locked_period_known"
            ),
            models.CheckConstraint(
                condition=Q(invoice_status__in=InvoiceStatusRule.values), name="mapping_status_known"
            ),
            models.CheckConstraint(
                condition=Q(born_there__in=BornThere.values), name="mapping_born_there_known"
            ),
            models.CheckConstraint(
                condition=Q(sent_there__in=SentThere.values), name="mapping_sent_there_known"
            ),
            models.CheckConstraint(
                condition=Q(payments_way__in=PaymentsWay.values), name="mapping_payments_way_known"
            ),
            models.CheckConstraint(
                condition=Q(match_by__in=MatchBy.values) & Q(unmatched__in=Unmatched.values),
                name="mapping_matching_known",
            ),
            *same_workspace("mapping", "connection"),
        ]

    def __str__(self) -> str:
        return f"Mapping of {self.connection_id}"


class ServiceMapping(WorkspaceOwned):
    """One of our services and the account that its lines start with. Without one they have the default account."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="service_mappings", db_constraint=False
    )
    service = models.ForeignKey(
        "catalogue.Service", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    account_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "service"], name="service_mapped_once"),
            models.CheckConstraint(condition=~Q(account_id=""), name="service_mapping_names_an_account"),
            *same_workspace("service_mapping", "connection", "service"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} is {self.account_id}"


class TrackingMapping(WorkspaceOwned):
    """The option of a tracking category that new lines start with: those of one service, or all others."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="tracking_mappings", db_constraint=False
    )
    service = models.ForeignKey(
        "catalogue.Service",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
    )
    category_id = models.CharField(max_length=64)
    option_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "category_id", "service"],
                name="service_tracked_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~Q(category_id="") & ~Q(option_id=""), name="tracking_mapping_names_an_option"
            ),
            *same_workspace("tracking_mapping", "connection", "service"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id or 'All others'}: {self.option_id}"


class PaymentMapping(WorkspaceOwned):
    """The account that payments in one currency are booked to. Without one they go to the payment account."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="payment_mappings", db_constraint=False
    )
    currency = models.CharField(max_length=3)
    account_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "currency"], name="currency_mapped_once"),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$") & ~Q(account_id=""),
                name="payment_mapping_names_currency_and_account",
            ),
            *same_workspace("payment_mapping", "connection"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} is {self.account_id}"


class TaxMapping(WorkspaceOwned):
    """Our tax rate and the organisation's that it is."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="tax_mappings", db_constraint=False
    )
    tax_rate = models.ForeignKey(
        "catalogue.TaxRate", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    code = models.CharField(max_length=50)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "tax_rate"], name="tax_rate_mapped_once"),
            *same_workspace("tax_mapping", "connection", "tax_rate"),
        ]

    def __str__(self) -> str:
        return f"{self.tax_rate_id} is {self.code}"
