"""Writes about customers. Everybody who changes one, the person in the browser or Xero, comes through here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.changes import origin
from customers.models import Customer
from customers.queries import (
    id_of_namesake,
    is_reference_taken,
    lock_customer,
    lock_names,
    next_reference,
)
from customers.signals import owned_elsewhere
from workspaces.audit import log_action, say_changes
from workspaces.models import User, Workspace
from workspaces.submissions import once

EDITABLE_FIELDS = (
    "name",
    "reference",
    "email",
    "first_name",
    "last_name",
    "phone",
    "website",
    "address_line",
    "city",
    "region",
    "postal_code",
    "country",
    "tax_number",
    "currency",
    "payment_terms_days",
    "is_customer",
    "is_supplier",
)


class CustomerRefused(ValidationError):
    """What was asked for cannot be kept. `message_dict` has a sentence for each field at fault; `in_the_way` is the
    other customer that has the name, if one does."""

    in_the_way: UUID | None = None


class StaleCustomer(CustomerRefused):
    """Somebody else, or Xero, changed the customer after the caller read it."""


@transaction.atomic
@once
def create_customer(
    *,
    workspace: Workspace,
    by: User | None,
    name: str,
    reference: str = "",
    currency: str = "",
    **details: Any,
) -> Customer:
    """A new customer; `details` are others of the EDITABLE_FIELDS. Without a reference the next free one is given,
    without a currency the workspace's. It is a customer and no supplier unless they say so.

    Raises CustomerRefused when the name or the reference is taken, the name has a character Xero refuses, or it is
    neither customer nor supplier.
    """
    _check_editable(details)
    lock_names(workspace.pk)
    customer = Customer(
        workspace=workspace,
        name=_clean_name(name),
        reference=reference.strip() or next_reference(),
        currency=(currency or workspace.currency).upper(),
        **details,
    )
    _refuse_neither(customer)
    _refuse_taken(customer, "name", "reference")
    customer.save()
    _log(customer, "created", "Created", by)
    return customer


@transaction.atomic
def update_customer(
    *, customer: Customer, by: User | None, expected_revision: str | None = None, **fields: Any
) -> Customer:
    """The customer with these of its EDITABLE_FIELDS changed, as it is now in the database.

    Only what differs is saved; when nothing does, nothing is. A blank reference means "as it was".
    Raises CustomerRefused like `create_customer`, and StaleCustomer when `expected_revision` is not the row's.
    """
    _check_editable(fields)
    customer = lock_customer(customer.workspace_id, customer.pk)
    before = {name: getattr(customer, name) for name in fields}
    if expected_revision is not None and expected_revision != customer.revision:
        raise StaleCustomer(f"{customer} was changed while you were editing it.")
    changed = [name for name, value in _cleaned(fields).items() if _put(customer, name, value)]
    if changed:
        _refuse_owned(customer, changed)
        _refuse_neither(customer)
        _refuse_taken(customer, *changed)
        customer.save(update_fields=[*changed, "updated_at"])
        _log(
            customer,
            "updated",
            f"Changed {say_changes(customer, {name: before[name] for name in changed})}",
            by,
        )
    return customer


@transaction.atomic
def archive_customer(*, customer: Customer, by: User | None) -> Customer:
    """Put the customer away: it is offered no more for new invoices. What it has been invoiced stays.

    A customer that is archived already stays as it is.
    """
    customer = lock_customer(customer.workspace_id, customer.pk)
    if not customer.is_archived:
        customer.archived_at = timezone.now()
        customer.save(update_fields=["archived_at", "updated_at"])
        _log(customer, "archived", "Archived", by)
    return customer


@transaction.atomic
def restore_customer(*, customer: Customer, by: User | None) -> Customer:
    """Bring an archived customer back. Raises CustomerRefused when its name was given to another meanwhile."""
    customer = lock_customer(customer.workspace_id, customer.pk)
    if customer.is_archived:
        customer.archived_at = None
        _refuse_taken(customer, "name")
        customer.save(update_fields=["archived_at", "updated_at"])
        _log(customer, "restored", "Restored", by)
    return customer


def _clean_name(name: str) -> str:
    """The name as Xero would keep it, which collapses blanks and refuses angle brackets (Xero docs: Contacts)."""
    name = " ".join(name.split())
    if not name:
        raise CustomerRefused({"name": "A customer needs a name."})
    if "<" in name or ">" in name:
        raise CustomerRefused({"name": "Xero refuses the characters < and > in names."})
    return name


def _check_editable(fields: Iterable[str]) -> None:
    if unknown := set(fields) - set(EDITABLE_FIELDS):
        raise TypeError(f"not fields of a customer that may be changed: {', '.join(sorted(unknown))}")


def _cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    if "name" in fields:
        fields["name"] = _clean_name(fields["name"])
    if "currency" in fields:
        fields["currency"] = fields["currency"].upper()
    if not fields.get("reference", "").strip():
        fields.pop("reference", None)
    return fields


def _put(customer: Customer, name: str, value: Any) -> bool:
    """Set the field and say whether that changed it."""
    if getattr(customer, name) == value:
        return False
    setattr(customer, name, value)
    return True


def _refuse_neither(customer: Customer) -> None:
    if not (customer.is_customer or customer.is_supplier):
        raise CustomerRefused(f"{customer} has to be a customer, a supplier, or both.")


def _refuse_owned(customer: Customer, changed: Sequence[str]) -> None:
    told = owned_elsewhere(customer)
    if refused := {name: told[name] for name in changed if name in told}:
        raise CustomerRefused(refused)


def _refuse_taken(customer: Customer, *fields: str) -> None:
    problems = {}
    namesake = None
    if "name" in fields and not customer.is_archived and (namesake := id_of_namesake(customer)):
        problems["name"] = (
            f"Another customer is called {customer.name}. Xero needs every name to be different."
        )
    if "reference" in fields and is_reference_taken(customer):
        problems["reference"] = f"Another customer has the reference {customer.reference}."
    if problems:
        refused = CustomerRefused(problems)
        refused.in_the_way = namesake
        raise refused


def _log(customer: Customer, action: str, summary: str, by: User | None) -> None:
    """Xero is nobody's user: what it caused has no actor, and the sentence says where it happened."""
    remote = origin() == "remote"
    summary = f"{summary} in Xero" if remote else summary
    log_action(target=customer, action=f"customer.{action}", summary=summary, by=None if remote else by)
