from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.sandbox.conftest import Api


def accounts(api: Api, query: str = "") -> dict[str, dict]:
    return {item["Name"]: item for item in api.get(f"Accounts{query}").json()["Accounts"]}


def test_organisation_names_its_country_currency_and_plan(api: Api) -> None:
    organisation = api.get("Organisation").json()["Organisations"][0]

    assert organisation["OrganisationID"] == api.tenant_id
    assert (organisation["Name"], organisation["BaseCurrency"]) == ("Maple Florist", "NZD")
    assert (organisation["CountryCode"], organisation["Version"]) == ("NZ", "NZ")
    assert organisation["Timezone"] == "NEWZEALANDSTANDARDTIME"
    assert organisation["ShortCode"].startswith("!")
    assert organisation["Class"] == "GROW"


def test_organisation_shows_lock_dates_only_when_set(api: Api) -> None:
    books = api.handle.books()
    assert "PeriodLockDate" not in api.get("Organisation").json()["Organisations"][0]

    books.put(replace(books.organisation, period_lock_date=date(2018, 12, 31)))

    organisation = api.get("Organisation").json()["Organisations"][0]
    assert organisation["PeriodLockDate"] == "/Date(1546214400000+0000)/"
    assert "EndOfYearLockDate" not in organisation


def test_organisation_actions_are_listed(api: Api) -> None:
    actions = {item["Name"]: item["Status"] for item in api.get("Organisation/Actions").json()["Actions"]}

    assert actions["CreateApprovedInvoice"] == "ALLOWED"


def test_chart_has_what_a_mapping_needs_and_its_traps(api: Api) -> None:
    chart = accounts(api)

    assert (chart["Sales"]["Code"], chart["Sales"]["Class"], chart["Sales"]["TaxType"]) == (
        "200",
        "REVENUE",
        "OUTPUT2",
    )
    assert chart["Accounts Receivable"]["SystemAccount"] == "DEBTORS"
    assert "Code" not in chart["Savings Account"]
    bank = chart["Business Bank Account"]
    assert (bank["Type"], bank["EnablePaymentsToAccount"], bank["CurrencyCode"]) == ("BANK", False, "NZD")
    assert chart["Owner Drawings"]["EnablePaymentsToAccount"] is True
    assert chart["Repairs (old)"]["Status"] == "ARCHIVED"


def test_accounts_can_be_filtered(api: Api) -> None:
    assert set(accounts(api, '?where=Type=="BANK"')) == {
        "Business Bank Account",
        "Savings Account",
        "US Dollar Account",
    }


def test_account_by_id(api: Api) -> None:
    sales = accounts(api)["Sales"]

    assert api.get(f"Accounts/{sales['AccountID']}").json()["Accounts"] == [sales]


def test_accounts_are_never_paged(api: Api) -> None:
    body = api.get("Accounts?page=1&pageSize=1").json()

    assert "pagination" not in body


def test_tax_rates_say_what_they_apply_to(api: Api) -> None:
    rates = {item["TaxType"]: item for item in api.get("TaxRates").json()["TaxRates"]}

    assert rates["OUTPUT2"]["EffectiveRate"] == 15
    assert (rates["OUTPUT2"]["CanApplyToRevenue"], rates["OUTPUT2"]["CanApplyToExpenses"]) == (True, False)
    assert rates["INPUT2"]["CanApplyToRevenue"] is False
    assert rates["OUTPUT"]["Status"] == "DELETED"


def test_second_organisation_is_british(api: Api) -> None:
    tokens = api.handle.connect("harbour-studio")
    headers = {"Authorization": f"Bearer {tokens['access_token']}", "xero-tenant-id": tokens["tenant_id"]}

    rates = {item["TaxType"]: item for item in api.get("TaxRates", headers=headers).json()["TaxRates"]}
    organisation = api.get("Organisation", headers=headers).json()["Organisations"][0]

    assert rates["OUTPUT2"]["EffectiveRate"] == 20
    assert (organisation["BaseCurrency"], organisation["CountryCode"]) == ("GBP", "GB")


def test_ids_differ_between_organisations(api: Api) -> None:
    maple, harbour = (api.handle.books(slug) for slug in ("maple-florist", "harbour-studio"))

    assert not {row.id for row in maple.accounts.all()} & {row.id for row in harbour.accounts.all()}


def test_currencies_are_listed(api: Api) -> None:
    codes = [item["Code"] for item in api.get("Currencies").json()["Currencies"]]

    assert codes == ["NZD", "AUD", "USD"]


def test_tracking_categories_show_what_is_archived_only_when_asked(api: Api) -> None:
    def options(query: str = "") -> list[str]:
        [region] = api.get(f"TrackingCategories{query}").json()["TrackingCategories"]
        return [f"{region['Name']} {item['Name']} {item['Status']}" for item in region["Options"]]

    assert options() == ["Region Eastside ACTIVE", "Region North ACTIVE", "Region South ACTIVE"]
    assert options("?includeArchived=true") == [*options(), "Region West Coast ARCHIVED"]
