"""Customers and contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast
from uuid import UUID

from django.db.models import QuerySet

from accounting.choices import MatchBy, Unmatched
from accounting.enums import FLYING_STATES, WAITING_STATES, Blocker, Kind, Lane, LinkState, Mark, Taken
from accounting.models import Link, Operation
from accounting.port.documents import ContactDoc
from accounting.port.exchange import RemoteRecord
from accounting.port.meanings import Fix
from accounting.resources.base import Intent, Resource
from accounting.resources.desk import Desk
from accounting.resources.needs import Need
from accounting.resources.rules import Rules
from accounting.resources.words import Named, Words
from core.names import names_agree
from customers.enums import CUSTOMERS, SUPPLIERS
from customers.models import Customer
from customers.queries import is_reference_taken, lock_customer
from customers.services import archive_customer, create_customer, restore_customer, update_customer
from ledger.queries import open_amounts_of
from workspaces.models import User

FIELDS = (
    "name", "first_name", "last_name", "email", "phone", "address_line", "city", "region",
    "postal_code", "country", "tax_number",
)  # fmt: skip
"""Not the website: Xero lets no app write it (readOnly in its OpenAPI file), so ours would be taken away."""


class CustomerResource(Resource):
    """Our reference is kept in the contact's AccountNumber and finds the contact again (product 3)."""

    kind = Kind.CUSTOMER
    pages = {Fix.MEND: "customers:edit"}
    words = Words(
        name="customer",
        title="Customer",
        removed="Archived",
        removed_there="Archived in Xero.",
        never_sent="Archived before it was ever sent to Xero.",
        stranger="A contact that is no customer here",
        taken="A contact of another name in Xero has this reference as its account number."
        " Give this customer another reference, or link them.",
        restore_there="The contact is archived in Xero. Restore it there, then try again.",
        follow_there="Its invoices go there",
    )
    ownable = FIELDS
    fields_synced = frozenset({*FIELDS, "reference", "archived_at"})

    def rename(self, record: Customer, text: str, by: User) -> str:
        renamed = update_customer(customer=record, name=text, by=by)
        return f"becomes {renamed.name}"

    def load(self, local_ids: Iterable[UUID]) -> dict[UUID, Customer]:
        return {row.pk: row for row in Customer.objects.filter(pk__in=list(local_ids))}

    def lock(self, local_id: UUID) -> Customer | None:
        found = Customer.objects.filter(pk=local_id).values_list("workspace_id", flat=True).first()
        try:
            return lock_customer(found, local_id) if found else None
        except Customer.DoesNotExist:  # deleted while we waited
            return None

    def intent(self, record: Customer, link: Link | None, rules: Rules) -> Intent:
        if not record.is_archived:
            return "upsert"
        return "remove" if link and link.state != LinkState.TOMBSTONED else "hold"

    def candidates(self, rules: Rules) -> QuerySet[Customer]:
        return Customer.objects.filter(archived_at=None)

    def first_need(self, record: Customer, intent: Intent, desk: Desk) -> Need | None:
        """An archived contact takes no invoices: those on their way go first. Not drafts that nobody completes, nor
        what a person left out."""
        if intent != "remove":
            return None
        waiting = Operation.objects.filter(
            connection=desk.connection,
            lane=Lane.PUSH,
            kind=Kind.INVOICE,
            state__in=[*WAITING_STATES, *FLYING_STATES],
            local_id__in=record.invoices.values("pk"),
        )
        waiting = waiting.exclude(blocker__in=(Blocker.INCOMPLETE, Blocker.EXEMPT)).first()
        return (
            Need(Kind.INVOICE, cast(UUID, waiting.local_id), "an invoice of this customer", arrives=False)
            if waiting
            else None
        )

    def to_document(self, record: Customer, desk: Desk) -> ContactDoc:
        values = {name: getattr(record, name) for name in FIELDS}
        return ContactDoc(reference=record.reference, archived=record.is_archived, **values)

    def admit(self, theirs: RemoteRecord, desk: Desk) -> Customer:
        """With its own account number for reference where nobody has that here. Who has only sent bills there is a
        supplier; of who has neither been billed nor sent a bill, a customer is made."""
        doc = cast(ContactDoc, theirs.document)
        values = {name: getattr(doc, name) for name in FIELDS}
        reference = "" if is_reference_taken(Customer(reference=doc.reference)) else doc.reference
        side = SUPPLIERS if doc.only_supplies else CUSTOMERS
        return create_customer(
            workspace=desk.connection.workspace, by=None, reference=reference, **side.flags, **values
        )

    def apply_remote(self, record: Customer, theirs: RemoteRecord, desk: Desk) -> Customer:
        """Our own reference stays: Xero's account number may have been cleared there, ours finds the contact."""
        doc = cast(ContactDoc, theirs.document)
        if not doc.archived and record.is_archived:
            record = restore_customer(customer=record, by=None)
        record = update_customer(customer=record, by=None, **{name: getattr(doc, name) for name in FIELDS})
        return archive_customer(customer=record, by=None) if doc.archived else record

    def label(self, record: Customer) -> str:
        return record.name

    def named(self, local_ids: Iterable[UUID]) -> Iterable[Named]:
        for row in Customer.objects.filter(pk__in=list(local_ids)).only("name", "is_customer", "is_supplier"):
            yield Named(row.pk, row.name, f"{row.side.place}:detail", row.pk)

    def owes(self, record: Customer) -> Mapping[str, tuple[Decimal, Decimal]]:
        return open_amounts_of(record)

    def names(self, record: Customer) -> Iterable[tuple[Taken, str]]:
        return (Taken.NAME, record.name), (Taken.REFERENCE, record.reference)

    def names_there(self, document: ContactDoc) -> Iterable[tuple[Taken, str]]:
        yield Taken.NAME, document.name
        if document.reference:
            yield Taken.REFERENCE, document.reference

    def marks(self, record: Customer) -> Iterable[tuple[Mark, str]]:
        return _marks(record)

    def marks_there(self, document: ContactDoc) -> Iterable[tuple[Mark, str]]:
        return _marks(document)

    def sure_by(self, rules: Rules) -> Mark | None:
        return None if rules.match_by == MatchBy.ANY else Mark(rules.match_by)

    def creates_unmatched(self, rules: Rules) -> bool:
        return rules.unmatched == Unmatched.CREATE

    def may_be(self, record: Customer, document: ContactDoc) -> bool:
        return names_agree(record.name, document.name)

    def describe(self, document: ContactDoc) -> Iterable[str]:
        yield from filter(None, (document.name, document.reference, document.email))
        if document.only_supplies:
            yield "supplier"
        if document.archived:
            yield "archived"


def _marks(known: Customer | ContactDoc) -> Iterable[tuple[Mark, str]]:
    yield Mark.REFERENCE, known.reference
    yield Mark.TAX_NUMBER, known.tax_number
    yield Mark.EMAIL, known.email
    yield Mark.NAME, known.name
