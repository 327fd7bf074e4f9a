"""Who and what the demo starts with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PASSWORD = "tandem-demo"  # noqa: S105  (the demo prints it)
ADMINISTRATOR = "admin@tandem.example"
ADMINISTRATORS_SECRET = "TANDEMDEMOTANDEMDEMOTANDEMDEMOTA"  # noqa: S105
"""Of the administrator's authenticator app. Everybody may know it: the demo answers on this machine only."""


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Something sold, at the workspace's default tax rate."""

    name: str
    description: str
    unit_amount: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """A workspace, its people, and what it works with. The first tax rate is the default."""

    name: str
    currency: str
    time_zone: str
    super_user: Person
    staff: Person
    tax_rates: tuple[tuple[str, Decimal], ...]
    offers: tuple[Offer, ...]
    customers: tuple[dict[str, str], ...]


ACME = Plan(
    name="Acme Studio",
    currency="NZD",
    time_zone="Pacific/Auckland",
    super_user=Person("olivia@acme.example", "Olivia Hart"),
    staff=Person("sam@acme.example", "Sam Tane"),
    tax_rates=(("GST 15%", Decimal(15)), ("Zero rated", Decimal(0))),
    offers=(
        Offer("Design day", "A day of design work in our studio", Decimal("1150.00")),
        Offer("Workshop", "Half-day workshop, up to eight people", Decimal("1800.00")),
        Offer("Care plan", "Website care, one month", Decimal("249.50")),
        Offer("Small change", "Per quarter of an hour", Decimal("31.2500")),
    ),
    customers=(
        {
            "name": "Harbour Bakery",
            "first_name": "Mere",
            "last_name": "Walker",
            "email": "accounts@harbourbakery.example",
            "phone": "+64 9 555 0117",
            "address_line": "12 Quay Street",
            "city": "Auckland",
            "postal_code": "1010",
            "country": "New Zealand",
        },
        {
            "name": "Southern Alps Guiding",
            "first_name": "Tom",
            "last_name": "Reid",
            "email": "office@alpsguiding.example",
            "city": "Wanaka",
            "country": "New Zealand",
        },
        {
            "name": "Kererū Books",
            "first_name": "Ana",
            "last_name": "Ngata",
            "email": "ana@kererubooks.example",
            "city": "Wellington",
            "country": "New Zealand",
        },
    ),
)

NORTHWIND = Plan(
    name="Northwind Design",
    currency="GBP",
    time_zone="Europe/London",
    super_user=Person("nora@northwind.example", "Nora Whitby"),
    staff=Person("ben@northwind.example", "Ben Okafor"),
    tax_rates=(("VAT 20%", Decimal(20)), ("VAT 5%", Decimal(5)), ("Zero rated", Decimal(0))),
    offers=(
        Offer("Consulting day", "A day on site", Decimal("780.00")),
        Offer("Brand review", "Written review of a brand", Decimal("1450.00")),
    ),
    customers=(
        {
            "name": "Thornbury & Daughters",
            "first_name": "Grace",
            "last_name": "Thornbury",
            "email": "grace@thornbury.example",
            "city": "Bristol",
            "country": "United Kingdom",
        },
        {
            "name": "Pennine Outdoor Ltd",
            "first_name": "Idris",
            "last_name": "Shaw",
            "email": "finance@pennine.example",
            "city": "Leeds",
            "country": "United Kingdom",
        },
    ),
)

WORKSPACES = (ACME, NORTHWIND)


def administrators_code() -> str:
    """What the administrator's authenticator app shows now."""
    from allauth.mfa.totp.internal import auth  # noqa: PLC0415  (models: only after django.setup)

    counter = next(auth.yield_hotp_counters_from_time())
    return auth.format_hotp_value(auth.hotp_value(ADMINISTRATORS_SECRET, counter))
