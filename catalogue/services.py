"""Writes about what is sold and how it is taxed."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain, count
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import get_text_list

from catalogue.models import Service, TaxRate
from catalogue.queries import active_services, active_tax_rates, services_taxed_at, tax_rate_named
from core.money import unit_price
from workspaces.audit import log_action, say_changes
from workspaces.models import User, Workspace
from workspaces.submissions import once

SERVICE_FIELDS = ("name", "description", "unit_amount", "tax_rate")


class TaxRateRefused(ValidationError):
    """What was asked for cannot be kept. `message_dict` has a sentence for each field at fault."""


class ServiceRefused(ValidationError):
    """What was asked for cannot be kept. `message_dict` has a sentence for each field at fault."""


class StaleEntry(Exception):
    """Somebody else changed the service or rate after the caller read it."""


class TaxRateInUse(Exception):
    """The rate cannot be archived while active services start lines with it. The text names them."""


@transaction.atomic
@once
def create_tax_rate(
    *, workspace: Workspace, name: str, percent: Decimal, by: User | None, is_default: bool = False
) -> TaxRate:
    """A new tax rate; as the default one it takes the place of the one before.

    Raises TaxRateRefused when an active rate has the name or the percentage is not between 0 and 100.
    """
    _one_at_a_time(workspace.pk)
    tax_rate = TaxRate(workspace=workspace, name=_clean(name), percent=_percent(percent))
    _refuse_taken_rate(tax_rate)
    tax_rate.save()
    log_action(target=tax_rate, action="tax_rate.created", summary=f"Created at {_shown(percent)}", by=by)
    return make_default(tax_rate=tax_rate, by=by) if is_default else tax_rate


@transaction.atomic
def rename_tax_rate(
    *, tax_rate: TaxRate, by: User | None, name: str = "", expected_revision: str | None = None
) -> TaxRate:
    """The rate under another name ("": as it was); its percentage never changes.

    Raises TaxRateRefused when the name is taken, StaleEntry when `expected_revision` is not the row's.
    """
    tax_rate = _locked_rate(tax_rate)
    _check_revision(tax_rate, expected_revision)
    name = name or tax_rate.name
    before, tax_rate.name = tax_rate.name, _clean(name)
    if tax_rate.name != before:
        _refuse_taken_rate(tax_rate)
        tax_rate.save(update_fields=["name", "updated_at"])
        log_action(target=tax_rate, action="tax_rate.renamed", summary=f"Renamed from {before}", by=by)
    return tax_rate


@transaction.atomic
def archive_tax_rate(*, tax_rate: TaxRate, by: User | None) -> TaxRate:
    """Offer the rate no more; invoices that have it keep it. Raises TaxRateInUse while services start with it.

    A rate that is archived already stays as it is.
    """
    tax_rate = _locked_rate(tax_rate)
    if tax_rate.archived_at is None:
        _refuse_used(tax_rate)
        tax_rate.archived_at = timezone.now()
        tax_rate.is_default = False
        tax_rate.save(update_fields=["archived_at", "is_default", "updated_at"])
        log_action(target=tax_rate, action="tax_rate.archived", summary="Archived", by=by)
    return tax_rate


@transaction.atomic
def make_default(*, tax_rate: TaxRate, by: User | None) -> TaxRate:
    """New invoice lines start with this rate from now on. Raises TaxRateRefused for an archived one."""
    tax_rate = _locked_rate(tax_rate)
    if tax_rate.archived_at is not None:
        raise TaxRateRefused({"name": f"{tax_rate.name} is archived and cannot be the default."})
    if not tax_rate.is_default:
        _clear_default()
        tax_rate.is_default = True
        tax_rate.save(update_fields=["is_default", "updated_at"])
        log_action(target=tax_rate, action="tax_rate.made_default", summary="Made the default", by=by)
    return tax_rate


@transaction.atomic
def ensure_tax_rate(*, workspace: Workspace, name: str, percent: Decimal, by: User | None) -> TaxRate:
    """An active rate of this percentage, called `name` or, where another rate has that name, nearly so.

    Asking again gives the same rate. Raises TaxRateRefused like `create_tax_rate`.
    """
    _one_at_a_time(workspace.pk)
    name, percent = _clean(name), _percent(percent)
    for candidate in _names_for(name, percent):
        known = tax_rate_named(candidate)
        if known is None:
            return create_tax_rate(workspace=workspace, name=candidate, percent=percent, by=by)
        if known.percent == percent:
            return known
    raise AssertionError("names do not run out")


@transaction.atomic
@once
def create_service(
    *,
    workspace: Workspace,
    by: User | None,
    name: str,
    description: str = "",
    unit_amount: Decimal = Decimal(0),
    tax_rate: TaxRate | None = None,
) -> Service:
    """A new service. Raises ServiceRefused when an active one has the name."""
    _one_at_a_time(workspace.pk)
    service = Service(
        workspace=workspace,
        name=_clean(name),
        description=description.strip(),
        unit_amount=unit_price(unit_amount),
        tax_rate=tax_rate,
    )
    _refuse_taken_service(service)
    service.save()
    log_action(target=service, action="service.created", summary="Created", by=by)
    return service


@transaction.atomic
def update_service(
    *, service: Service, by: User | None, expected_revision: str | None = None, **fields: Any
) -> Service:
    """The service with these of its SERVICE_FIELDS changed, as it is now in the database.

    Only what differs is saved; when nothing does, nothing is. Raises ServiceRefused when the name is taken,
    StaleEntry when `expected_revision` is not the row's.
    """
    unknown = set(fields) - set(SERVICE_FIELDS)
    if unknown:
        raise TypeError(f"not fields of a service that may be changed: {', '.join(sorted(unknown))}")
    service = _locked_service(service)
    _check_revision(service, expected_revision)
    before = {name: getattr(service, name) for name in fields}
    changed = [name for name, value in _cleaned_service(fields).items() if _put(service, name, value)]
    if changed:
        _refuse_taken_service(service)
        service.save(update_fields=[*changed, "updated_at"])
        spoken = say_changes(service, {name: before[name] for name in changed})
        log_action(target=service, action="service.updated", summary=f"Changed {spoken}", by=by)
    return service


@transaction.atomic
def archive_service(*, service: Service, by: User | None) -> Service:
    """Offer the service no more; invoice lines that came from it stay. Archived already, it stays as it is."""
    service = _locked_service(service)
    if service.archived_at is None:
        service.archived_at = timezone.now()
        service.save(update_fields=["archived_at", "updated_at"])
        log_action(target=service, action="service.archived", summary="Archived", by=by)
    return service


def _one_at_a_time(workspace_id: UUID) -> None:
    """Names of a workspace are given under this lock, so that asking "is it free?" stays true."""
    Workspace.objects.select_for_update(of=("self",), no_key=True).get(pk=workspace_id)


def _locked_rate(tax_rate: TaxRate) -> TaxRate:
    _one_at_a_time(tax_rate.workspace_id)
    return TaxRate.objects.select_for_update(of=("self",)).get(pk=tax_rate.pk)


def _locked_service(service: Service) -> Service:
    _one_at_a_time(service.workspace_id)
    return Service.objects.select_for_update(of=("self",)).get(pk=service.pk)


def _check_revision(row: Service | TaxRate, expected: str | None) -> None:
    if expected is not None and expected != row.revision:
        raise StaleEntry(f"{row} was changed while you were editing it.")


def _clean(name: str) -> str:
    return " ".join(name.split())


def _percent(percent: Decimal) -> Decimal:
    percent = unit_price(Decimal(percent))
    if not 0 <= percent <= 100:
        raise TaxRateRefused({"percent": "A tax rate is between 0 and 100 percent."})
    return percent


def _shown(percent: Decimal) -> str:
    """12.5000 as "12.5%"."""
    return f"{Decimal(percent).normalize():f}%"


def _names_for(name: str, percent: Decimal) -> chain[str]:
    """The name, then ever longer ones, within the column's 100 characters."""
    longer = f"{name[:80]} {_shown(percent)}"
    return chain([name[:100], longer], (f"{longer} ({number})" for number in count(2)))


def _refuse_taken_rate(tax_rate: TaxRate) -> None:
    if not tax_rate.name:
        raise TaxRateRefused({"name": "A tax rate needs a name."})
    if active_tax_rates().filter(name__iexact=tax_rate.name).exclude(pk=tax_rate.pk).exists():
        raise TaxRateRefused({"name": f"Another tax rate is called {tax_rate.name}."})


def _refuse_taken_service(service: Service) -> None:
    if not service.name:
        raise ServiceRefused({"name": "A service needs a name."})
    if active_services().filter(name__iexact=service.name).exclude(pk=service.pk).exists():
        raise ServiceRefused({"name": f"Another service is called {service.name}."})


def _refuse_used(tax_rate: TaxRate) -> None:
    names = list(services_taxed_at(tax_rate).values_list("name", flat=True)[:4])
    if names:
        listed = f"{', '.join(names[:3])} and more" if len(names) > 3 else get_text_list(names, "and")
        raise TaxRateInUse(f"{tax_rate.name} is the tax rate of {listed}. Give them another rate first.")


def _clear_default() -> None:
    """By save(), not update(): who watches tax rates hears of it as of any other change."""
    for before in TaxRate.objects.filter(is_default=True):
        before.is_default = False
        before.save(update_fields=["is_default", "updated_at"])


def _cleaned_service(fields: dict[str, Any]) -> dict[str, Any]:
    if "name" in fields:
        fields["name"] = _clean(fields["name"])
    if "unit_amount" in fields:
        fields["unit_amount"] = unit_price(fields["unit_amount"])
    return fields


def _put(service: Service, name: str, value: Any) -> bool:
    """Set the field and say whether that changed it."""
    if getattr(service, name) == value:
        return False
    setattr(service, name, value)
    return True
