"""Where sales and payments are booked."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from uuid import UUID

from accounting.models import Connection, Mapping, RemoteAccount, ServiceMapping
from accounting.queries.offers import payment_accounts, revenue_accounts, service_accounts
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
            _keep(connection, service.pk, account)
            changes.append((f"Account of {service}", names.get(was, ""), names.get(account, "")))
    return changes


def _keep(connection: Connection, service_id: UUID, account: str) -> None:
    mine = ServiceMapping.objects.filter(connection=connection, service_id=service_id)
    if not account:
        mine.delete()
    elif not mine.update(account_id=account):
        ServiceMapping.objects.create(
            workspace_id=connection.workspace_id,
            connection=connection,
            service_id=service_id,
            account_id=account,
        )


def _names(connection: Connection) -> dict[str, str]:
    return {row.account_id: str(row) for row in RemoteAccount.objects.filter(connection=connection)}
