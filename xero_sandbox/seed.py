"""Two small companies with books a bookkeeper would recognise. Ids are fixed, so a link survives `reset`."""

from __future__ import annotations

import uuid
from decimal import Decimal

from xero_sandbox.books import Books
from xero_sandbox.documents import (
    Account,
    Contact,
    Organisation,
    TaxRate,
    TrackingCategory,
    TrackingOption,
)
from xero_sandbox.registration import User
from xero_sandbox.store import Store

_NAMESPACE = uuid.UUID("6f9a2c1e-52f4-4f7c-9a53-7d6a3f1f0b11")
_EVERY_CLASS = ("ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE")
_SALES = ("ASSET", "EQUITY", "LIABILITY", "REVENUE")
_PURCHASES = ("ASSET", "EQUITY", "EXPENSE", "LIABILITY")

USERS = (
    User(
        id=str(uuid.uuid5(_NAMESPACE, "user:robin")),
        email="robin@sandbox.example",
        given_name="Robin",
        family_name="Hale",
    ),
    User(
        id=str(uuid.uuid5(_NAMESPACE, "user:sam")),
        email="sam@sandbox.example",
        given_name="Sam",
        family_name="Okafor",
    ),
)

# code, name, type, class, description
_CHART = (
    ("200", "Sales", "REVENUE", "REVENUE", "Income from any normal business activity"),
    ("260", "Other Revenue", "REVENUE", "REVENUE", "Any other income, not part of normal business"),
    ("270", "Interest Income", "OTHERINCOME", "REVENUE", "Interest earned"),
    ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", "What the goods sold cost to buy or make"),
    ("400", "Advertising", "EXPENSE", "EXPENSE", "Advertising and promotion"),
    ("404", "Bank Fees", "EXPENSE", "EXPENSE", "Fees charged by the bank"),
    ("412", "Consulting and Accounting", "EXPENSE", "EXPENSE", "Advice the business pays for"),
    ("429", "General Expenses", "EXPENSE", "EXPENSE", "Small costs of running the business"),
    ("433", "Insurance", "EXPENSE", "EXPENSE", "Insuring the business' assets"),
    ("445", "Light, Power, Heating", "EXPENSE", "EXPENSE", "Energy for the premises"),
    ("453", "Office Expenses", "EXPENSE", "EXPENSE", "Stationery, coffee, cleaning"),
    ("469", "Rent", "EXPENSE", "EXPENSE", "Renting the premises"),
    ("489", "Telephone and Internet", "EXPENSE", "EXPENSE", "Calls and connections"),
    ("493", "Travel", "EXPENSE", "EXPENSE", "Travel for the business"),
    ("620", "Prepayments", "CURRENT", "ASSET", "Paid in advance"),
    ("710", "Office Equipment", "FIXED", "ASSET", "Equipment used in the office"),
    ("900", "Loan", "NONCURRENT", "LIABILITY", "Money borrowed"),
    ("970", "Owner Funds Introduced", "EQUITY", "EQUITY", "Money the owner put in"),
)
_SYSTEM = (
    ("610", "Accounts Receivable", "CURRENT", "ASSET", "DEBTORS"),
    ("800", "Accounts Payable", "CURRLIAB", "LIABILITY", "CREDITORS"),
    ("820", "Sales Tax", "CURRLIAB", "LIABILITY", "GST"),
    ("860", "Rounding", "CURRLIAB", "LIABILITY", "ROUNDING"),
    ("960", "Retained Earnings", "EQUITY", "EQUITY", "RETAINEDEARNINGS"),
)

_NZ_RATES = (
    ("OUTPUT2", "15% GST on Income", "15", "OUTPUT", _SALES, "ACTIVE"),
    ("INPUT2", "15% GST on Expenses", "15", "INPUT", _PURCHASES, "ACTIVE"),
    ("ZERORATED", "Zero Rated", "0", "OUTPUT", ("LIABILITY", "REVENUE"), "ACTIVE"),
    ("GSTONIMPORTS", "GST on Imports", "0", "GSTONIMPORTS", ("LIABILITY",), "ACTIVE"),
    ("OUTPUT", "12.5% GST on Income", "12.5", "OUTPUT", _SALES, "DELETED"),
    ("NONE", "No GST", "0", "NONE", _EVERY_CLASS, "ACTIVE"),
)
_UK_RATES = (
    ("OUTPUT2", "20% (VAT on Income)", "20", "OUTPUT", _SALES, "ACTIVE"),
    ("INPUT2", "20% (VAT on Expenses)", "20", "INPUT", _PURCHASES, "ACTIVE"),
    ("RROUTPUT", "5% (VAT on Income)", "5", "OUTPUT", _SALES, "ACTIVE"),
    ("RRINPUT", "5% (VAT on Expenses)", "5", "INPUT", _PURCHASES, "ACTIVE"),
    ("ZERORATEDOUTPUT", "Zero Rated Income", "0", "OUTPUT", ("LIABILITY", "REVENUE"), "ACTIVE"),
    ("ZERORATEDINPUT", "Zero Rated Expenses", "0", "INPUT", ("ASSET", "EXPENSE", "LIABILITY"), "ACTIVE"),
    ("EXEMPTOUTPUT", "Exempt Income", "0", "OUTPUT", ("LIABILITY", "REVENUE"), "ACTIVE"),
    ("SROUTPUT", "15% (VAT on Income)", "15", "OUTPUT", _SALES, "ARCHIVED"),
    ("NONE", "No VAT", "0", "NONE", _EVERY_CLASS, "ACTIVE"),
)
_NZ_TRACKING = ("Region", ("Eastside", "North", "South"), "West Coast")
_UK_TRACKING = ("Department", ("Hire", "Productions"), "Printing")
"""A tracking category, its active options, and one that was archived."""
_NZ_CONTACTS = (
    ("Bayside Café", "Mere", "Parata", "accounts@bayside-cafe.example"),
    ("City Limousines", "Joan", "Wu", "joan@citylimos.example"),
    ("Ridgeway University", "", "", "payables@ridgeway.example"),
)
_UK_CONTACTS = (
    ("Northgate Theatre", "Priya", "Nair", "priya@northgate.example"),
    ("Pemberton & Sons", "", "", "office@pemberton.example"),
    ("Tide Records", "Leo", "Marsh", "leo@tiderecords.example"),
)


def seed(store: Store, organisations: int = 2) -> None:
    """Fill an empty store with the users and as many organisations as asked (the first two are known by name)."""
    for user in USERS:
        store.put(user)
    for number in range(organisations):
        _open(store, number)


def organisation_id(number: int) -> str:
    return _fixed(f"organisation:{number}")


def _fixed(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))


def _open(store: Store, number: int) -> None:
    british = number % 2 == 1
    organisation = _harbour(number) if british else _maple(number)
    books = store.add_organisation(organisation)
    with books.atomic():
        _add_tax_rates(books, _UK_RATES if british else _NZ_RATES, "VAT" if british else "GST")
        _add_accounts(books)
        _add_banks(books)
        _add_tracking(books, *(_UK_TRACKING if british else _NZ_TRACKING))
        _add_contacts(books, _UK_CONTACTS if british else _NZ_CONTACTS)


def _maple(number: int) -> Organisation:
    suffix = "" if number == 0 else f" {number + 1}"
    return Organisation(
        id=organisation_id(number),
        slug="maple-florist" + suffix.replace(" ", "-"),
        name="Maple Florist" + suffix,
        legal_name=f"Maple Florist{suffix} Limited",
        short_code=f"!mPl{number:02d}",
        base_currency="NZD",
        country_code="NZ",
        version="NZ",
        timezone="NEWZEALANDSTANDARDTIME",
        zone="Pacific/Auckland",
        tax_number="101-202-303",
        currencies=("NZD", "AUD", "USD"),
    )


def _harbour(number: int) -> Organisation:
    suffix = "" if number == 1 else f" {number + 1}"
    return Organisation(
        id=organisation_id(number),
        slug="harbour-studio" + suffix.replace(" ", "-"),
        name="Harbour Studio" + suffix,
        legal_name=f"Harbour Studio{suffix} Ltd",
        short_code=f"!hBr{number:02d}",
        base_currency="GBP",
        country_code="GB",
        version="UK",
        timezone="GMTSTANDARDTIME",
        zone="Europe/London",
        tax_number="GB 123 4567 89",
        currencies=("GBP", "EUR", "USD"),
    )


def _add_tax_rates(
    books: Books, rates: tuple[tuple[str, str, str, str, tuple[str, ...], str], ...], word: str
) -> None:
    for code, name, rate, report, applies_to, status in rates:
        books.put(TaxRate(code, name, Decimal(rate), report, applies_to, status, component=word))


def _add_accounts(books: Books) -> None:
    for code, name, kind, account_class, description in _CHART:
        tax = {"REVENUE": "OUTPUT2", "EXPENSE": "INPUT2"}.get(account_class, "NONE")
        tax = "NONE" if name in ("Interest Income", "Bank Fees") else tax
        books.put(_account(books, code, name, kind, account_class, tax_type=tax, description=description))
    for code, name, kind, account_class, system in _SYSTEM:
        books.put(_account(books, code, name, kind, account_class, system_account=system))
    books.put(_account(books, "881", "Owner Drawings", "EQUITY", "EQUITY", enable_payments=True))
    books.put(
        _account(books, "479", "Repairs (old)", "EXPENSE", "EXPENSE", status="ARCHIVED", tax_type="INPUT2")
    )


def _add_banks(books: Books) -> None:
    """One bank account with a code, one without (Xero docs: bank accounts may have none), one in dollars."""
    base = books.organisation.base_currency
    for code, name, number, currency in (
        ("090", "Business Bank Account", "01-0123-0123456-00", base),
        (None, "Savings Account", "01-0123-0123456-01", base),
        ("092", "US Dollar Account", "01-0123-0123456-02", "USD"),
    ):
        account = _account(
            books, code, name, "BANK", "ASSET", bank_account_number=number, currency_code=currency
        )
        books.put(account)


def _add_tracking(books: Books, name: str, active: tuple[str, ...], archived: str) -> None:
    stem = f"{books.id}:tracking:{name}"
    options = [TrackingOption(_fixed(f"{stem}:{option}"), option) for option in active]
    options.append(TrackingOption(_fixed(f"{stem}:{archived}"), archived, "ARCHIVED"))
    books.put(TrackingCategory(_fixed(stem), name, tuple(options)))


def _account(
    books: Books, code: str | None, name: str, kind: str, account_class: str, **rest: object
) -> Account:
    identity = _fixed(f"{books.id}:account:{code or name}")
    return Account(identity, name, kind, account_class, code=code, **rest)  # type: ignore[arg-type]


def _add_contacts(books: Books, contacts: tuple[tuple[str, str, str, str], ...]) -> None:
    for name, first, last, email in contacts:
        details = {"EmailAddress": email, "FirstName": first, "LastName": last}
        identity = _fixed(f"{books.id}:contact:{name}")
        books.put(Contact(identity, name, details={key: value for key, value in details.items() if value}))
