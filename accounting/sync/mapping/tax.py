"""Our tax rates and the organisation's that they are."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any
from uuid import UUID

from accounting.models import Connection, RemoteTaxRate, TaxMapping
from accounting.queries.offers import revenue_rates
from accounting.sync.mapping.choices import Change, MappingRefused
from catalogue.models import TaxRate
from catalogue.queries import active_tax_rates, default_tax_rate
from catalogue.services import ensure_tax_rate, make_default
from workspaces.models import User


def save_rates(connection: Connection, wanted: Dict[UUID, str]) -> list[Change]:
    """Match these rates of ours. Returns what changed. Raises MappingRefused for one that does not fit."""
    offered = {rate.code: rate for rate in revenue_rates(connection)}
    rates = {rate.pk: rate for rate in active_tax_rates().filter(pk__in=list(wanted))}
    changes: list[Change] = []
    for pk, rate in rates.items():
        code = wanted[pk]
        if code and (code not in offered or offered[code].percent != rate.percent):
            raise MappingRefused({f"rate_{pk}": _unfit(rate, offered.get(code))})
        changes += _match(connection, rate, code)
    return changes


def _unfit(rate: TaxRate, there: RemoteTaxRate | None) -> str:
    if there is None:
        return "Xero does not offer this tax rate (any more). Choose another."
    return f"“{there}” is not the same percentage as “{rate}”: the totals of both sides would differ."


def _match(connection: Connection, rate: TaxRate, code: str) -> list[Change]:
    before = TaxMapping.objects.filter(connection=connection, tax_rate=rate).first()
    if (before.code if before else "") == code:
        return []
    names: dict[str, Any] = dict(
        RemoteTaxRate.objects.filter(connection=connection).values_list("code", "name")
    )
    if code:
        values = {"workspace_id": connection.workspace_id, "code": code}
        TaxMapping.objects.update_or_create(connection=connection, tax_rate=rate, defaults=values)
    elif before:
        before.delete()
    return [
        (
            f"Tax rate {rate}",
            str(names.get(before.code, before.code)) if before else "",
            str(names.get(code, "")),
        )
    ]


def save_default_rate(connection: Connection, code: str, by: User) -> list[Change]:
    """The organisation's rate becomes ours, under its own name and percentage, and the one new lines start with."""
    if not code:
        return []
    there = revenue_rates(connection).filter(code=code).first()
    if there is None:
        raise MappingRefused(
            {"default_rate": "Xero does not offer this tax rate (any more). Choose another."}
        )
    rate = _ours_for(connection, there, by)
    before = default_tax_rate()
    changes = _match(connection, rate, code)
    if before is None or before.pk != rate.pk:
        make_default(tax_rate=rate, by=by)
        changes.append(("tax_rate", str(before or ""), str(rate)))
    return changes


def _ours_for(connection: Connection, there: RemoteTaxRate, by: User) -> TaxRate:
    """The rate of ours that is matched to it already, the default one first; else one made for it."""
    codes = TaxMapping.objects.filter(connection=connection, code=there.code).values("tax_rate_id")
    matched = active_tax_rates().filter(pk__in=codes, percent=there.percent).order_by("-is_default").first()
    if matched is not None:
        return matched
    return ensure_tax_rate(workspace=connection.workspace, name=there.name, percent=there.percent, by=by)
