"""A person's choices: accounts, tax rates, the status of new invoices. Only what the organisation offers."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounting.enums import EventKind, InvoiceStatusRule, Priority
from accounting.models import Connection, Mapping, RemoteAccount, RemoteTaxRate, TaxMapping
from accounting.queries.setup import payment_accounts, revenue_accounts, revenue_rates
from accounting.resources.registry import get_resource, push_order
from accounting.resources.rules import rules_from
from accounting.sync import outbox
from accounting.sync.connect import resume_setup
from accounting.sync.history import tell
from catalogue.models import TaxRate
from catalogue.queries import active_tax_rates, default_tax_rate
from catalogue.services import ensure_tax_rate, make_default
from workspaces.models import User

Change = tuple[str, str, str]


class MappingRefused(ValidationError):
    """A choice the organisation does not offer. `message_dict` has a sentence for each field at fault."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose. Empty means: not chosen, and of the rule of invoices: as before. `rates` is our tax rate ->
    the organisation's code."""

    revenue_account_id: str = ""
    payment_account_id: str = ""
    invoice_status: str = ""
    default_rate: str = ""
    rates: Dict[UUID, str] = field(default_factory=dict)


@transaction.atomic
def save_mapping(*, connection: Connection, choices: Choices, by: User) -> list[Change]:
    """Keep these choices; what waited for one of them goes on. Returns what changed, in words.

    Raises MappingRefused for an account or rate that the organisation does not offer (any more), or a rate of
    another percentage: the totals of both sides would differ.
    """
    mapping, _ = Mapping.objects.select_for_update(of=("self",)).get_or_create(
        connection=connection, defaults={"workspace_id": connection.workspace_id}
    )
    changes = [
        *_choose_rule(mapping, connection, choices.invoice_status),
        *_save_accounts(mapping, connection, choices),
        *_save_rates(connection, choices.rates),
        *_save_default_rate(connection, choices.default_rate, by),
    ]
    if changes:
        tell(
            connection, EventKind.SETTINGS, "The choices for Xero were changed.", changes=list(changes), by=by
        )
    resume_setup(connection)
    return changes


def _save_accounts(mapping: Mapping, connection: Connection, choices: Choices) -> list[Change]:
    accounts = {row.account_id: row for row in RemoteAccount.objects.filter(connection=connection)}
    offered = {
        "revenue_account_id": set(revenue_accounts(connection).values_list("account_id", flat=True)),
        "payment_account_id": set(payment_accounts(connection).values_list("account_id", flat=True)),
    }
    changes = []
    for name, ids in offered.items():
        before, wanted = getattr(mapping, name), getattr(choices, name)
        if wanted and wanted not in ids:
            raise MappingRefused({name: "Xero does not offer this account (any more). Choose another."})
        if wanted != before:
            told = [str(accounts.get(value, "")) for value in (before, wanted)]
            changes.append((name.removesuffix("_id"), told[0], told[1]))
            setattr(mapping, name, wanted)
    mapping.save()
    return changes


def _choose_rule(mapping: Mapping, connection: Connection, wanted: str) -> list[Change]:
    """What stands otherwise there, and keeps step from now on, follows behind everything else."""
    before = mapping.invoice_status
    if wanted and wanted not in InvoiceStatusRule.values:
        raise MappingRefused({"invoice_status": "Choose one of these."})
    if not wanted or wanted == before:
        return []
    mapping.invoice_status = wanted
    for kind in push_order():
        moved = list(get_resource(kind).moved_by(rules_from(mapping), connection))
        outbox.record_many(
            workspace_id=connection.workspace_id, kind=kind, local_ids=moved, priority=Priority.BACKFILL
        )
    words = dict(InvoiceStatusRule.choices)
    return [("invoice_status", str(words[before]), str(words[wanted]))]


def _save_rates(connection: Connection, wanted: Dict[UUID, str]) -> list[Change]:
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


def _save_default_rate(connection: Connection, code: str, by: User) -> list[Change]:
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
