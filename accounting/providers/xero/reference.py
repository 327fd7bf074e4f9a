"""What an organisation offers to choose from: accounts, tax rates, currencies, tracking categories (Xero docs:
Accounts, TaxRates, Tracking categories); and what it allows (Xero docs: Organisation, "Actions")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from accounting.port.errors import Retryable
from accounting.port.organisation import (
    AccountDoc,
    Allowance,
    OrganisationDoc,
    ReferenceData,
    Survey,
    TaxRateDoc,
    TrackingOptionDoc,
)
from accounting.providers.xero import wire
from accounting.providers.xero.client import Reply
from accounting.providers.xero.timezones import iana_name
from accounting.providers.xero.wire import Json

if TYPE_CHECKING:
    from xero_python.accounting import AccountingApi


ACTS = {
    "CreateDraftInvoice": ("create draft invoices", True),
    "CreateApprovedInvoice": ("approve invoices", True),
    "CreateInvoicePayment": ("record payments on invoices", True),
    "UseMulticurrency": ("use several currencies", False),
}
"""What Tandem needs of Xero's actions, and whether it is of no use without."""


def read_organisation(reply: Reply) -> OrganisationDoc:
    """The organisation of an answer to GET /Organisation. Raises a ProviderError."""
    return _organisation(_first(_read(reply, "Organisations")))


def read_survey(api: AccountingApi, tenant_id: str) -> Survey:
    """Two reads. An action that Xero does not name is not held to be forbidden. Raises a ProviderError."""
    organisation = read_organisation(cast(Reply, api.get_organisations(tenant_id, _preload_content=False)))
    reply: Any = api.get_organisation_actions(tenant_id, _preload_content=False)
    said = _said_of_actions(reply)
    allowances = tuple(
        Allowance(act, said.get(name) != "NOT-ALLOWED", essential) for name, (act, essential) in ACTS.items()
    )
    return Survey(organisation, allowances, cast(Reply, reply).answered_at())


def _said_of_actions(reply: Any) -> dict[str, str]:
    return {wire.text(row, "Name"): wire.text(row, "Status") for row in _read(reply, "Actions")}


def _first(organisations: list[Json]) -> Json:
    if not organisations:
        raise Retryable("Xero's answer could not be read.")
    return organisations[0]


def read_reference_data(api: AccountingApi, tenant_id: str) -> ReferenceData:
    """Six reads, none of them paged. Raises a ProviderError."""
    said = _said_of_actions(api.get_organisation_actions(tenant_id, _preload_content=False))
    return ReferenceData(
        organisation=read_organisation(cast(Reply, api.get_organisations(tenant_id, _preload_content=False))),
        accounts=tuple(
            _account(row) for row in _read(api.get_accounts(tenant_id, _preload_content=False), "Accounts")
        ),
        tax_rates=tuple(
            _tax_rate(row) for row in _read(api.get_tax_rates(tenant_id, _preload_content=False), "TaxRates")
        ),
        currencies=tuple(
            wire.text(row, "Code")
            for row in _read(api.get_currencies(tenant_id, _preload_content=False), "Currencies")
        ),
        tracking=_tracking(api, tenant_id),
        may_approve=said.get("CreateApprovedInvoice") != "NOT-ALLOWED",
        passes_period_lock=said.get("ApproveTransactionsBeforePeriodLockDate") == "ALLOWED",
    )


def _tracking(api: AccountingApi, tenant_id: str) -> tuple[TrackingOptionDoc, ...]:
    """Every option, archived ones as well: what was chosen once is to be named when it is gone."""
    reply: Any = api.get_tracking_categories(tenant_id, include_archived=True, _preload_content=False)
    return tuple(
        _option(option, category)
        for category in _read(reply, "TrackingCategories")
        for option in wire.objects(category, "Options")
    )


def _option(option: Json, category: Json) -> TrackingOptionDoc:
    return TrackingOptionDoc(
        category_id=wire.text(category, "TrackingCategoryID"),
        category=wire.text(category, "Name"),
        option_id=wire.text(option, "TrackingOptionID"),
        name=wire.text(option, "Name"),
        active=wire.text(category, "Status") == wire.text(option, "Status") == "ACTIVE",
    )


def _read(reply: Any, envelope: str) -> list[Json]:
    return wire.objects(cast(Reply, reply).json(wrote=False), envelope)


def _organisation(row: Json) -> OrganisationDoc:
    return OrganisationDoc(
        name=wire.text(row, "Name"),
        country=wire.text(row, "CountryCode"),
        currency=wire.text(row, "BaseCurrency"),
        short_code=wire.text(row, "ShortCode"),
        period_lock_date=wire.date_or_none(row, "PeriodLockDate"),
        year_lock_date=wire.date_or_none(row, "EndOfYearLockDate"),
        time_zone=iana_name(wire.text(row, "Timezone")),
        is_open=wire.text(row, "OrganisationStatus") in ("", "ACTIVE"),  # Xero docs: Organisation
    )


def _account(row: Json) -> AccountDoc:
    """Payments may go to bank accounts and to those that allow it (Xero docs: Payments, "Account")."""
    return AccountDoc(
        account_id=wire.text(row, "AccountID"),
        code=wire.text(row, "Code"),
        name=wire.text(row, "Name"),
        type=wire.text(row, "Type"),
        account_class=wire.text(row, "Class"),
        active=wire.text(row, "Status") == "ACTIVE",
        takes_payments=wire.text(row, "Type") == "BANK" or row.get("EnablePaymentsToAccount") is True,
        system=bool(wire.text(row, "SystemAccount")),
        currency=wire.text(row, "CurrencyCode"),
        tax_code=wire.text(row, "TaxType"),
    )


def _tax_rate(row: Json) -> TaxRateDoc:
    return TaxRateDoc(
        code=wire.text(row, "TaxType"),
        name=wire.text(row, "Name"),
        percent=wire.decimal(row, "EffectiveRate"),
        active=wire.text(row, "Status") == "ACTIVE",
        for_revenue=row.get("CanApplyToRevenue") is not False,
    )
