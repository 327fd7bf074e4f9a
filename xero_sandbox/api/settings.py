"""/Organisation, /Accounts, /TaxRates, /Currencies, /TrackingCategories: read only, never paged."""

from __future__ import annotations

from typing import Any

from xero_sandbox.api.call import Call
from xero_sandbox.api.listing import candidates, list_page
from xero_sandbox.api.where import Getter
from xero_sandbox.books import Books
from xero_sandbox.currencies import NAMES
from xero_sandbox.documents import Account, Organisation, TaxRate, TrackingCategory
from xero_sandbox.errors import NotFound
from xero_sandbox.standing import STANDINGS
from xero_sandbox.wire import ms_date, ms_stamp

Listed = tuple[list[dict[str, Any]], dict[str, int] | None]
_CLASSES = {
    "ASSET": "CanApplyToAssets",
    "EQUITY": "CanApplyToEquity",
    "EXPENSE": "CanApplyToExpenses",
    "LIABILITY": "CanApplyToLiabilities",
    "REVENUE": "CanApplyToRevenue",
}
_ACTIONS = (
    "CreateDraftInvoice",
    "CreateApprovedInvoice",
    "CreateDraftBill",
    "CreateApprovedBill",
    "CreateInvoicePayment",
    "AttachFilesIntoInvoice",
    "UseMulticurrency",
    "ApproveTransactionsBeforePeriodLockDate",
)
_ACCOUNT_FIELDS: dict[str, Getter] = {
    "accountid": lambda account: account.id,
    "code": lambda account: account.code,
    "name": lambda account: account.name,
    "type": lambda account: account.type,
    "class": lambda account: account.account_class,
    "status": lambda account: account.status,
    "enablepaymentstoaccount": lambda account: account.enable_payments,
}
_TAX_FIELDS: dict[str, Getter] = {
    "name": lambda rate: rate.name,
    "taxtype": lambda rate: rate.id,
    "status": lambda rate: rate.status,
}
_TRACKING_FIELDS: dict[str, Getter] = {
    "name": lambda category: category.name,
    "status": lambda category: category.status,
    "trackingcategoryid": lambda category: category.id,
}


def list_organisation(call: Call, books: Books) -> Listed:
    return [organisation_json(books.organisation)], None


def get_actions(call: Call, books: Books, key: str) -> dict[str, Any]:
    """/Organisation/Actions: what the plan and the user's role allow."""
    if key.lower() != "actions":
        raise NotFound()
    forbidden = {"ApproveTransactionsBeforePeriodLockDate"}  # nobody here is an adviser
    if len(books.organisation.currencies) == 1:
        forbidden.add("UseMulticurrency")
    if not STANDINGS[books.organisation.standing].writes:
        forbidden.update(_ACTIONS)
    return {
        "Actions": [
            {"Name": name, "Status": "NOT-ALLOWED" if name in forbidden else "ALLOWED"} for name in _ACTIONS
        ]
    }


def organisation_json(organisation: Organisation) -> dict[str, Any]:
    """Lock dates stand in the answer only when they are set."""
    shape: dict[str, Any] = {
        "Name": organisation.name,
        "LegalName": organisation.legal_name,
        "PaysTax": True,
        "Version": organisation.version,
        "OrganisationType": "COMPANY",
        "BaseCurrency": organisation.base_currency,
        "CountryCode": organisation.country_code,
        "IsDemoCompany": False,
        "OrganisationStatus": STANDINGS[organisation.standing].status,
        "TaxNumber": organisation.tax_number,
        "FinancialYearEndDay": organisation.financial_year_end_day,
        "FinancialYearEndMonth": organisation.financial_year_end_month,
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "TWOMONTHS",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": ms_stamp(organisation.created),
        "OrganisationEntityType": "COMPANY",
        "Timezone": organisation.timezone,
        "ShortCode": organisation.short_code,
        "OrganisationID": organisation.id,
        "Edition": "BUSINESS",
        "Class": organisation.plan_class,
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }
    locks = {
        "PeriodLockDate": organisation.period_lock_date,
        "EndOfYearLockDate": organisation.end_of_year_lock_date,
    }
    return shape | {name: ms_date(day) for name, day in locks.items() if day}


def list_accounts(call: Call, books: Books) -> Listed:
    page = list_page(call, candidates(call, books.accounts), [], _ACCOUNT_FIELDS)
    return [account_json(account) for account in page.records], None


def get_account(call: Call, books: Books, key: str) -> dict[str, Any]:
    account = books.accounts.get(key.lower())
    if account is None:
        raise NotFound()
    return account_json(account)


def account_json(account: Account) -> dict[str, Any]:
    """Bank accounts answer EnablePaymentsToAccount=false although they take payments."""
    shape: dict[str, Any] = {
        "AccountID": account.id,
        "Name": account.name,
        "Status": account.status,
        "Type": account.type,
        "TaxType": account.tax_type,
        "Class": account.account_class,
        "EnablePaymentsToAccount": account.enable_payments,
        "ShowInExpenseClaims": False,
        "BankAccountType": "BANK" if account.type == "BANK" else "",
        "ReportingCode": account.account_class[:3],
        "HasAttachments": False,
        "UpdatedDateUTC": ms_stamp(account.updated),
        "AddToWatchlist": False,
    }
    optional = {
        "Code": account.code,
        "Description": account.description,
        "BankAccountNumber": account.bank_account_number,
        "CurrencyCode": account.currency_code,
        "SystemAccount": account.system_account,
    }
    return shape | {name: value for name, value in optional.items() if value}


def list_tax_rates(call: Call, books: Books) -> Listed:
    page = list_page(call, books.tax_rates.all(), [], _TAX_FIELDS)
    return [tax_rate_json(rate) for rate in page.records], None


def get_tax_rate(call: Call, books: Books, key: str) -> dict[str, Any]:
    rate = books.tax_rates.get(key.upper())
    if rate is None:
        raise NotFound()
    return tax_rate_json(rate)


def tax_rate_json(rate: TaxRate) -> dict[str, Any]:
    component = {"Name": rate.component, "Rate": rate.rate, "IsCompound": False, "IsNonRecoverable": False}
    return {
        "Name": rate.name,
        "TaxType": rate.id,
        "ReportTaxType": rate.report_tax_type,
        **{field: kind in rate.applies_to for kind, field in _CLASSES.items()},
        "DisplayTaxRate": rate.rate,
        "EffectiveRate": rate.rate,
        "Status": rate.status,
        "TaxComponents": [component],
    }


def list_currencies(call: Call, books: Books) -> Listed:
    return [
        {"Code": code, "Description": NAMES.get(code, code)} for code in books.organisation.currencies
    ], None


def list_tracking_categories(call: Call, books: Books) -> Listed:
    """Without includeArchived only what is active, options too (Xero docs, "Tracking categories")."""
    archived = call.flag("includeArchived", default=False)
    found = [row for row in books.tracking_categories.all() if archived or row.status == "ACTIVE"]
    page = list_page(call, found, [], _TRACKING_FIELDS)
    return [tracking_json(category, archived=archived) for category in page.records], None


def get_tracking_category(call: Call, books: Books, key: str) -> dict[str, Any]:
    category = books.tracking_categories.get(key.lower())
    if category is None:
        raise NotFound()
    return tracking_json(category, archived=True)


def tracking_json(category: TrackingCategory, *, archived: bool) -> dict[str, Any]:
    return {
        "Name": category.name,
        "Status": category.status,
        "TrackingCategoryID": category.id,
        "Options": [
            {"TrackingOptionID": option.id, "Name": option.name, "Status": option.status}
            for option in category.options
            if archived or option.status == "ACTIVE"
        ],
    }
