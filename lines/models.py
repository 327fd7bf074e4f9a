"""Bases of every document that has lines: its header, its lines, and the sequence that numbers it.

All are abstract: the document's own app has the tables, and puts the constraints below into its models' Meta.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from unicodedata import category

from django.db import models
from django.db.models import F, Q

from core.money import ZERO
from core.words import with_article
from lines.enums import LineAmounts
from lines.totals import LineInput, LineTotals, compute_totals
from workspaces.keys import same_workspace
from workspaces.models import WorkspaceOwned
from workspaces.walls import observed_manager

LINE_LIMIT = Decimal("9999999999.99")
"""The largest amount a line may have. Xero's own limit."""

TOTAL_LIMIT = Decimal("999999999999.99")
"""The largest total a document may have: what its columns hold."""

NUMBER_LENGTH = 255


class Header(WorkspaceOwned):
    """What a document says once, above its lines, which it has as `lines`. Amounts are in `currency`, two places,
    written by the services."""

    currency = models.CharField(max_length=3)
    amounts = models.CharField(max_length=10, choices=LineAmounts.choices, default=LineAmounts.EXCLUSIVE)
    net = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    tax = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    total = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts saves; guards stale forms."
    )

    class Meta:
        abstract = True

    def new_line(self, **values: Any) -> Line:
        """A line of this document, unsaved."""
        return self.lines.model(workspace_id=self.workspace_id, **{self.lines.field.name: self}, **values)


def header_constraints(prefix: str) -> list[models.BaseConstraint]:
    """The constraints of every header. `prefix` begins their names."""
    return [
        models.CheckConstraint(condition=Q(amounts__in=LineAmounts.values), name=f"{prefix}_amounts_known"),
        models.CheckConstraint(
            condition=Q(total=F("net") + F("tax")), name=f"{prefix}_total_is_net_plus_tax"
        ),
        models.CheckConstraint(
            condition=Q(currency__regex=r"^[A-Z]{3}$"), name=f"{prefix}_currency_is_iso_code"
        ),
    ]


class NumberedHeader(Header):
    """The header of a document that is known by its number."""

    number = models.CharField(max_length=NUMBER_LENGTH)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number


def number_constraints(prefix: str) -> list[models.BaseConstraint]:
    """The constraints of every numbered header, beside those of headers."""
    return [
        models.UniqueConstraint(
            fields=["workspace", "number"],
            name=f"{prefix}_number_unique",
            violation_error_message=f"This number is taken by another {prefix.replace('_', ' ')}.",
        ),
        models.CheckConstraint(condition=~Q(number=""), name=f"{prefix}_has_a_number"),
    ]


def number_problem(number: str, noun: str) -> str:
    """Why this cannot be the number of a document that is called `noun`, in a sentence; "" when it can."""
    subject = f"{with_article(noun).capitalize()} number"
    if not number:
        return f"Give the {noun} a number."
    if "," in number:  # Xero splits lists of numbers on commas: such a number could never be looked up there
        return f"{subject} cannot contain a comma."
    if any(category(letter).startswith("C") for letter in number):
        return f"{subject} has printable characters only."
    if len(number) > NUMBER_LENGTH:
        return f"{subject} has at most {NUMBER_LENGTH} characters."
    return ""


class Numbering(WorkspaceOwned):
    """A workspace's next number for one type of document: prefix, then digits."""

    prefix = models.CharField(max_length=20, blank=True)
    next_number = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text(self.next_number)

    def text(self, number: int) -> str:
        """The document's number that this counter value makes."""
        return f"{self.prefix}{number:04d}"


class Line(WorkspaceOwned):
    """One line. `tax_percent` is the rate's percentage when the line was written; amounts follow from the rest."""

    position = models.PositiveSmallIntegerField()
    service = models.ForeignKey(
        "catalogue.Service",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
    )
    description = models.CharField(max_length=4000)
    quantity = models.DecimalField(max_digits=13, decimal_places=4, default=Decimal(1), null=True, blank=True)
    unit_amount = models.DecimalField(max_digits=14, decimal_places=4, default=ZERO, null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=ZERO)
    discount_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    tax_rate = models.ForeignKey(
        "catalogue.TaxRate",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
    )
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=ZERO, editable=False)
    account = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The account of the books, by the id it has there; blank for the usual one.",
    )
    line_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)
    tax_amount = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO, editable=False)

    objects = observed_manager()

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return self.description[:60]

    @property
    def is_text(self) -> bool:
        """Whether it only says something: neither quantity nor price."""
        return self.quantity is None

    @property
    def totals(self) -> LineTotals:
        return LineTotals(self.line_amount, self.tax_amount)

    def is_computed_elsewhere(self, amounts: str) -> bool:
        """Whether its amounts are not what Tandem would compute: they were put right by hand in the books."""
        return compute_totals([self.as_input()], amounts).lines[0] != self.totals

    def is_priced_like(self, line: LineInput) -> bool:
        """Whether nothing differs that its amounts follow from."""
        names = ("quantity", "unit_amount", "discount_percent", "discount_amount", "tax_rate", "tax_percent")
        wanted = line.columns()
        return all(getattr(self, name) == wanted[name] for name in names)

    def as_input(self) -> LineInput:
        """The line as an input that keeps it as it is."""
        return LineInput(
            description=self.description,
            quantity=self.quantity,
            unit_amount=self.unit_amount,
            tax_rate=self.tax_rate,
            discount_percent=self.discount_percent,
            discount_amount=self.discount_amount,
            service=self.service,
            account=self.account,
            id=self.pk,
        )


def line_constraints(prefix: str, header: str) -> list[models.BaseConstraint]:
    """The constraints of every line. `prefix` begins their names; `header` is the field that names its document."""
    return [
        models.UniqueConstraint(
            fields=[header, "position"],
            name=f"{prefix}_position_unique",
            deferrable=models.Deferrable.DEFERRED,
        ),
        models.CheckConstraint(
            condition=Q(discount_percent__gte=0) & Q(discount_percent__lte=100),
            name=f"{prefix}_discount_between_0_and_100",
        ),
        models.CheckConstraint(condition=~Q(description=""), name=f"{prefix}_has_a_description"),
        *same_workspace(prefix, header, "service", "tax_rate"),
        models.CheckConstraint(
            condition=Q(discount_amount__isnull=True) | Q(discount_percent=0),
            name=f"{prefix}_has_one_discount",
        ),
        models.CheckConstraint(
            condition=Q(quantity__isnull=False, unit_amount__isnull=False)
            | Q(
                quantity__isnull=True,
                unit_amount__isnull=True,
                discount_amount__isnull=True,
                line_amount=0,
                tax_amount=0,
            ),
            name=f"{prefix}_is_priced_or_only_text",
        ),
    ]
