"""Reads about services and tax rates, inside the workspace in scope."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from catalogue.models import Service, TaxRate


def active_tax_rates() -> QuerySet[TaxRate]:
    """The rates that can be chosen, the highest first."""
    return TaxRate.objects.filter(archived_at=None).order_by("-percent", "name")


def default_tax_rate() -> TaxRate | None:
    """The rate new invoice lines start with, or None when nobody chose one."""
    return active_tax_rates().filter(is_default=True).first()


def tax_rate_named(name: str) -> TaxRate | None:
    """The active rate of this name, whatever the case of its letters."""
    return active_tax_rates().filter(name__iexact=name).first()


def get_tax_rate(pk: UUID) -> TaxRate:
    """The active rate. Raises TaxRate.DoesNotExist."""
    return active_tax_rates().get(pk=pk)


def active_services() -> QuerySet[Service]:
    """The services that can be put on an invoice, by name, each with its tax rate."""
    return Service.objects.filter(archived_at=None).select_related("tax_rate").order_by("name")


def get_service(pk: UUID) -> Service:
    """The active service. Raises Service.DoesNotExist."""
    return active_services().get(pk=pk)


def services_taxed_at(tax_rate: TaxRate) -> QuerySet[Service]:
    """The active services that start an invoice line with this rate."""
    return active_services().filter(tax_rate=tax_rate)
