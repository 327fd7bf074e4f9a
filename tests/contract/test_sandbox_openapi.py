"""The sandbox's answers, and requests it accepts, against Xero's own OpenAPI files.

The accounting file is a megabyte and describes hundreds of schemas, so it is read once with the C loader, and
schemas are looked up as values are walked. Checked: types, formats, enums, lengths and unknown keys.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from xero_sandbox.config import LimitsConfig, SandboxConfig
from xero_sandbox.handle import Handle
from xero_sandbox.server import start_in_thread

pytestmark = pytest.mark.contract

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = Path(os.environ.get("XERO_OPENAPI_DIR", _ROOT.parent / "shared" / "xero-openapi"))
_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_MS_DATE = re.compile(r"^/Date\(-?\d+(\+0000)?\)/$")
_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
# On the wire, and in Xero's own examples, but in no schema.
_UNDOCUMENTED = {
    "Id",
    "ID",
    "Status",
    "ProviderName",
    "DateTimeUTC",
    "Attachments",
    "DateString",
    "DueDateString",
    "InvoicePaymentServices",
    "HasValidationErrors",
}


def _file(name: str) -> Path:
    path = _FOLDER / name
    if not path.exists():
        pytest.skip(f"Xero's OpenAPI files are not in {_FOLDER} (set XERO_OPENAPI_DIR)")
    return path


@cache
def _document(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(_file(name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  (its loader is a safe one)
    return document


def problems(value: Any, schema: dict[str, Any], document: dict[str, Any], at: str = "") -> Iterator[str]:
    """Every way in which `value` is not what the schema says."""
    if "$ref" in schema:
        name = schema["$ref"].split("/")[-1]
        yield from problems(value, document["components"]["schemas"][name], document, at)
        return
    kind = schema.get("type", "object" if "properties" in schema else None)
    if kind and not _TYPES[kind](value):
        yield f"{at}: {value!r} is no {kind}"
        return
    yield from _scalar_problems(value, schema, at)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from problems(item, schema["items"], document, f"{at}[{index}]")
    if isinstance(value, dict) and schema.get("properties"):
        yield from _object_problems(value, schema["properties"], document, at)


def _object_problems(
    value: dict[str, Any], properties: dict[str, Any], document: dict[str, Any], at: str
) -> Iterator[str]:
    for name, item in value.items():
        if name in properties:
            yield from problems(item, properties[name], document, f"{at}.{name}")
        elif name not in _UNDOCUMENTED:
            yield f"{at}.{name} is not in the schema"


def _scalar_problems(value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    if schema.get("format") == "uuid" and not _UUID.match(str(value)):
        yield f"{at}: {value!r} is no uuid"
    if (schema.get("x-is-msdate") or schema.get("x-is-msdate-time")) and not _MS_DATE.match(str(value)):
        yield f"{at}: {value!r} is no /Date()/"
    if len(str(value)) > schema.get("maxLength", 10**9):
        yield f"{at}: longer than {schema['maxLength']}"


def wrong(value: Any, schema: str, file: str = "xero_accounting.yaml") -> list[str]:
    document = _document(file)
    return list(problems(value, document["components"]["schemas"][schema], document, schema))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Handle]:
    _file("xero_accounting.yaml")
    limits = LimitsConfig(minute=10_000, day=100_000)
    with start_in_thread(SandboxConfig(limits=limits, seed_invoices=True)) as handle:
        yield handle


@pytest.fixture(scope="module", params=["maple-florist", "harbour-studio"])
def call(sandbox: Handle, request: pytest.FixtureRequest) -> Callable[..., requests.Response]:
    tokens = sandbox.connect(request.param)
    headers = {
        "Authorization": f"Bearer {tokens['access_token']}",
        "xero-tenant-id": tokens["tenant_id"],
        "Accept": "application/json",
    }

    def send(method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(
            method, f"{sandbox.url}/api.xro/2.0/{path}", json=body, headers=headers, timeout=10
        )

    return send


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("Organisation", "Organisations"),
        ("Organisation/Actions", "Actions"),
        ("Accounts", "Accounts"),
        ("TaxRates", "TaxRates"),
        ("Currencies", "Currencies"),
        ("TrackingCategories", "TrackingCategories"),
        ("TrackingCategories?includeArchived=true", "TrackingCategories"),
        ("Contacts", "Contacts"),
        ("Contacts?page=1", "Contacts"),
        ("Contacts?summaryOnly=true", "Contacts"),
        ("Invoices", "Invoices"),
        ("Invoices?page=1", "Invoices"),
        ("Invoices?summaryOnly=true", "Invoices"),
        ("CreditNotes", "CreditNotes"),
        ("CreditNotes?page=1", "CreditNotes"),
        ("Payments", "Payments"),
        ("Payments?page=1", "Payments"),
    ],
)
def test_list_fits_its_schema(call: Callable[..., requests.Response], path: str, schema: str) -> None:
    body = call("GET", path).json()

    assert wrong(body, schema) == []
    assert any(isinstance(value, list) and value for value in body.values())


def sent_invoice(contact_id: str) -> dict[str, Any]:
    return {
        "Type": "ACCREC",
        "Contact": {"ContactID": contact_id},
        "Date": "2026-11-01",
        "DueDate": "2026-11-30",
        "LineAmountTypes": "Exclusive",
        "Status": "AUTHORISED",
        "Reference": "PO 1",
        "Url": "https://app.example/1",
        "LineItems": [
            {
                "Description": "Roses",
                "Quantity": 2,
                "UnitAmount": 10.5,
                "AccountCode": "200",
                "DiscountRate": 10,
            }
        ],
    }


def test_writes_fit_their_schemas_both_ways(call: Callable[..., requests.Response]) -> None:
    sent_contact = {
        "Contacts": [{"Name": "Ann Archer", "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "1"}]}]
    }
    contacts = call("PUT", "Contacts?summarizeErrors=false", sent_contact).json()
    sent = {"Invoices": [sent_invoice(contacts["Contacts"][0]["ContactID"])]}
    invoices = call("PUT", "Invoices?summarizeErrors=false", sent).json()
    target = {"InvoiceID": invoices["Invoices"][0]["InvoiceID"]}
    sent_payment = {"Payments": [{"Invoice": target, "Account": {"Code": "090"}, "Amount": 5}]}
    payments = call("PUT", "Payments?summarizeErrors=false", sent_payment).json()
    deleted = call("POST", f"Payments/{payments['Payments'][0]['PaymentID']}", {"Status": "DELETED"}).json()

    answers = ((contacts, "Contacts"), (invoices, "Invoices"), (payments, "Payments"), (deleted, "Payments"))
    assert [line for body, schema in answers for line in wrong(body, schema)] == []
    requested = ((sent_contact, "Contacts"), (sent, "Invoices"), (sent_payment, "Payments"))
    # dates are sent in ISO form, which Xero reads and its schemas do not name
    said = [line for body, schema in requested for line in wrong(body, schema) if "/Date()/" not in line]
    assert said == []


def test_credit_fits_its_schemas_both_ways(call: Callable[..., requests.Response]) -> None:
    contacts = call("PUT", "Contacts", {"Contacts": [{"Name": "Cleo Crediter"}]}).json()
    sent_sale = sent_invoice(contacts["Contacts"][0]["ContactID"])
    (sale,) = call("PUT", "Invoices", {"Invoices": [sent_sale]}).json()["Invoices"]
    unsent = ("Type", "DueDate", "Url", "LineItems")
    line = {"Description": "Roses back", "Quantity": 1, "UnitAmount": 10.5, "AccountCode": "200"}
    sent_note = {key: value for key, value in sent_sale.items() if key not in unsent} | {
        "Type": "ACCRECCREDIT",
        "LineItems": [line],
    }
    sent = {"CreditNotes": [sent_note]}
    notes = call("PUT", "CreditNotes?summarizeErrors=false", sent).json()
    path = f"CreditNotes/{notes['CreditNotes'][0]['CreditNoteID']}"
    sent_part = {
        "Allocations": [{"Invoice": {"InvoiceID": sale["InvoiceID"]}, "Amount": 5, "Date": "2026-11-02"}]
    }
    made = call("PUT", f"{path}/Allocations", sent_part).json()
    used = call("GET", path).json()
    taken_off = call("DELETE", f"{path}/Allocations/{made['Allocations'][0]['AllocationID']}").json()

    answers = ((notes, "CreditNotes"), (made, "Allocations"), (used, "CreditNotes"))
    assert [line for body, schema in answers for line in wrong(body, schema)] == []
    requested = ((sent, "CreditNotes"), (sent_part, "Allocations"))
    said = [line for body, schema in requested for line in wrong(body, schema) if "/Date()/" not in line]
    assert said == []
    assert taken_off["IsDeleted"] is True


def test_elements_in_error_fit_their_schemas(call: Callable[..., requests.Response]) -> None:
    sent = {
        "Invoices": [{**sent_invoice(""), "Contact": {"Name": "Somebody"}, "Status": "PAID", "Date": None}]
    }
    del sent["Invoices"][0]["Date"], sent["Invoices"][0]["DueDate"]

    each = call("PUT", "Invoices?summarizeErrors=false", sent).json()
    whole = call("PUT", "Invoices", sent).json()

    assert wrong(each, "Invoices") == []
    assert {"ErrorNumber", "Type", "Message", "Elements"} == set(whole)
    assert [line for line in wrong(whole, "Error") if "not in the schema" not in line] == []


def test_connections_fit_their_schema(sandbox: Handle) -> None:
    tokens = sandbox.connect()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    rows = requests.get(f"{sandbox.url}/connections", headers=headers, timeout=5).json()

    assert [line for row in rows for line in wrong(row, "Connection", "xero-identity.yaml")] == []
    assert (
        wrong(
            {name: tokens[name] for name in ("access_token", "expires_in")},
            "AccessToken",
            "xero-identity.yaml",
        )
        == []
    )


def test_checker_sees_what_is_wrong() -> None:
    """The control: without it a checker that sees nothing would pass everything."""
    bad = {
        "Invoices": [
            {
                "Type": "RECEIPT",
                "InvoiceID": "1",
                "Total": "5",
                "Date": "2026-11-01",
                "InvoiceNumber": "n" * 256,
                "Colour": "red",
                "Contact": {"ContactStatus": "GONE"},
            }
        ]
    }

    assert len(wrong(bad, "Invoices")) == 7
