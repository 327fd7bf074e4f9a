"""Where sales and payments are booked."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from typing import Any
from uuid import UUID

from accounting.models import Connection, Mapping, PaymentMapping, RemoteAccount, ServiceMapping
from accounting.queries.offers import (
    payment_accounts,
    payment_accounts_by_currency,
    revenue_accounts,
    service_accounts,
    takes,
)
from accounting.sync.mapping.choices import Change, Choices, MappingRefused
from catalogue.queries import active_services

NOT_OFFERED = "Xero does not offer this account (any more). Choose another."


def choose_accounts(mapping: Mapping, connection: Connection, choices: Choices) -> list[Change]:
    """Set the default accounts, unsaved. Returns what changed. Raises MappingRefused for one that is not offered."""
    names = _names(connection)
    offered = {
        "revenue_account_id": set(revenue_accounts(connection).values_list("account_id", flat=True)),
        "payment_account_id": set(payment_accounts(connection).values_list("account_id", flat=True)),
    }
    changes = []
    for field, ids in offered.items():
        before, wanted = getattr(mapping, field), getattr(choices, field)
        if wanted and wanted not in ids:
            raise MappingRefused({field: NOT_OFFERED})
        if wanted != before:
            changes.append((field.removesuffix("_id"), names.get(before, ""), names.get(wanted, "")))
            setattr(mapping, field, wanted)
    return changes


def save_currencies(connection: Connection, wanted: Dict[str, str]) -> list[Change]:
    """Keep the account of each of these currencies; blank for the payment account. Returns what changed. Raises
    MappingRefused for an account that is not offered, or does not take the currency."""
    names, before = _names(connection), payment_accounts_by_currency(connection)
    offered = {row.account_id: row for row in payment_accounts(connection)}
    changes = []
    for currency, account in wanted.items():
        was = before.get(currency, "")
        if account and not (account in offered and takes(offered[account], currency, connection)):
            raise MappingRefused({f"currency_{currency}": NOT_OFFERED})
        if account != was:
            _keep(PaymentMapping, connection, account, currency=currency)
            changes.append((f"Payment account for {currency}", names.get(was, ""), names.get(account, "")))
    return changes


def save_services(connection: Connection, wanted: Dict[UUID, str]) -> list[Change]:
    """Keep the account of each of these services; blank for the default one. Returns what changed. Raises
    MappingRefused for an account that is not offered."""
    names, before = _names(connection), service_accounts(connection)
    offered = set(revenue_accounts(connection).values_list("account_id", flat=True))
    changes = []
    for service in active_services().filter(pk__in=list(wanted)):
        was, account = before.get(service.pk, ""), wanted[service.pk]
        if account and account not in offered:
            raise MappingRefused({f"service_{service.pk}": NOT_OFFERED})
        if account != was:
            _keep(ServiceMapping, connection, account, service_id=service.pk)
            changes.append((f"Account of {service}", names.get(was, ""), names.get(account, "")))
    return changes


def _keep(
    model: type[PaymentMapping | ServiceMapping], connection: Connection, account: str, **key: Any
) -> None:
    """The account of what `key` names; none where it is blank."""
    if not account:
        model.objects.filter(connection=connection, **key).delete()
        return
    values = {"workspace_id": connection.workspace_id, "account_id": account}
    model.objects.update_or_create(connection=connection, **key, defaults=values)


def _names(connection: Connection) -> dict[str, str]:
    return {row.account_id: str(row) for row in RemoteAccount.objects.filter(connection=connection)}
