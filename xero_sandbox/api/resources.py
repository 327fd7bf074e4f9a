"""Which resources there are, by the names in their paths, and what may be done with each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xero_sandbox.api import allocations, contacts, credit_notes, invoices, payments, settings
from xero_sandbox.api.call import Call
from xero_sandbox.books import Books
from xero_sandbox.writes.allocations import FindCredit
from xero_sandbox.writes.batches import WriteOne
from xero_sandbox.writes.contacts import write_contact
from xero_sandbox.writes.credit_notes import write_credit_note
from xero_sandbox.writes.invoices import write_invoice
from xero_sandbox.writes.payments import write_payment

Listing = Callable[[Call, Books], tuple[list[dict[str, Any]], dict[str, int] | None]]
Single = Callable[[Call, Books, str], dict[str, Any]]
Shape = Callable[[Any, Call, Books], dict[str, Any]]
Removal = Callable[[Call, Books], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Resource:
    """`plural` frames the answer; `id_field` and `errors_field` name what an element in error carries."""

    plural: str
    scope: str
    listing: Listing
    single: Single | None = None
    write_one: WriteOne | None = None
    shape: Shape | None = None
    id_field: str = ""
    errors_field: str = "HasErrors"
    removal: Removal | None = None
    methods: tuple[str, ...] = ("PUT", "POST")
    """How `write_one` may be called."""


RESOURCES: dict[str, Resource] = {
    "organisation": Resource(
        "Organisations", "accounting.settings", settings.list_organisation, settings.get_actions
    ),
    "accounts": Resource("Accounts", "accounting.settings", settings.list_accounts, settings.get_account),
    "taxrates": Resource("TaxRates", "accounting.settings", settings.list_tax_rates, settings.get_tax_rate),
    "currencies": Resource("Currencies", "accounting.settings", settings.list_currencies),
    "trackingcategories": Resource(
        "TrackingCategories",
        "accounting.settings",
        settings.list_tracking_categories,
        settings.get_tracking_category,
    ),
    "contacts": Resource(
        "Contacts",
        "accounting.contacts",
        contacts.list_contacts,
        contacts.get_contact,
        write_contact,
        contacts.written_contact,
        "ContactID",
        "HasValidationErrors",
    ),
    "invoices": Resource(
        "Invoices",
        "accounting.invoices",
        invoices.list_invoices,
        invoices.get_invoice,
        write_invoice,
        invoices.written_invoice,
        "InvoiceID",
    ),
    "creditnotes": Resource(
        "CreditNotes",
        "accounting.invoices",
        credit_notes.list_credit_notes,
        credit_notes.get_credit_note,
        write_credit_note,
        credit_notes.written_credit_note,
        "CreditNoteID",
    ),
    "payments": Resource(
        "Payments",
        "accounting.payments",
        payments.list_payments,
        payments.get_payment,
        write_payment,
        payments.written_payment,
        "PaymentID",
        "HasValidationErrors",
    ),
}


def _allocations(scope: str, find: FindCredit) -> Resource:
    return Resource(
        "Allocations",
        scope,
        allocations.no_list,
        write_one=allocations.allocating(find),
        shape=allocations.made_allocation,
        id_field="AllocationID",
        errors_field="",
        removal=allocations.taking_back(find),
        methods=("PUT",),
    )


_BELOW: dict[tuple[str, str], Resource] = {
    ("creditnotes", "allocations"): _allocations("accounting.invoices", allocations.note_in_path),
}
"""What stands under a document's own address."""


def resource_for(parts: list[str]) -> Resource | None:
    """What an address below the API's root means: a resource, or something under one of its records."""
    if len(parts) > 2:
        return _BELOW.get((parts[0].lower(), parts[2].lower()))
    return RESOURCES.get(parts[0].lower()) if parts else None
