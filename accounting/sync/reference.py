"""Reading what an organisation offers to choose from, and keeping it."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from accounting.models import Connection, RemoteAccount, RemoteTaxRate
from accounting.port.documents import AccountDoc, OrganisationDoc, ReferenceData, TaxRateDoc
from accounting.providers.registry import get_books
from accounting.sync.tokens import fresh_access
from core.transactions import forbid_transaction


def refresh_lists(connection: Connection) -> None:
    """Read the organisation, its accounts, tax rates and currencies, and store them. Raises a ProviderError."""
    forbid_transaction("reading Xero's lists")
    books = get_books(connection, fresh_access(connection))
    store(connection, books.reference_data())


@transaction.atomic
def store(connection: Connection, data: ReferenceData) -> None:
    """Keep the lists as read. What is no longer there stays, marked inactive, so that a choice can be told broken."""
    _store_organisation(connection, data.organisation, data.currencies)
    _store_accounts(connection, data.accounts)
    _store_tax_rates(connection, data.tax_rates)


def _store_organisation(connection: Connection, doc: OrganisationDoc, currencies: tuple[str, ...]) -> None:
    Connection.objects.filter(pk=connection.pk).update(
        tenant_name=doc.name,
        country=doc.country[:2],
        currency=doc.currency,
        short_code=doc.short_code,
        period_lock_date=doc.period_lock_date,
        year_lock_date=doc.year_lock_date,
        currencies=list(currencies),
        reference_data_at=Now(),
    )


def _store_accounts(connection: Connection, docs: tuple[AccountDoc, ...]) -> None:
    fields = [
        "code",
        "name",
        "type",
        "account_class",
        "active",
        "takes_payments",
        "system",
        "currency",
        "tax_code",
    ]
    rows = [
        RemoteAccount(
            workspace_id=connection.workspace_id,
            connection=connection,
            account_id=doc.account_id,
            **{name: getattr(doc, name) for name in fields},
        )
        for doc in docs
    ]
    RemoteAccount.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["connection", "account_id"], update_fields=fields
    )
    gone = RemoteAccount.objects.filter(connection=connection)
    gone.exclude(account_id__in=[doc.account_id for doc in docs]).update(active=False)


def _store_tax_rates(connection: Connection, docs: tuple[TaxRateDoc, ...]) -> None:
    fields = ["name", "percent", "active", "for_revenue"]
    rows = [
        RemoteTaxRate(
            workspace_id=connection.workspace_id,
            connection=connection,
            code=doc.code,
            **{name: getattr(doc, name) for name in fields},
        )
        for doc in docs
    ]
    RemoteTaxRate.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["connection", "code"], update_fields=fields
    )
    gone = RemoteTaxRate.objects.filter(connection=connection)
    gone.exclude(code__in=[doc.code for doc in docs]).update(active=False)
