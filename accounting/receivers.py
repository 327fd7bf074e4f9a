"""Capture: model signals record an operation in the transaction that changes the row, and nothing else.

No business rule, no network, no child is read. All state still changes through the domain's services. What the
domain asks beforehand is answered from what was read of the organisation before.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models.signals import post_save, pre_delete, pre_save

from accounting import wakeup
from accounting.enums import Change, ConnectionState
from accounting.queries.accounts import offered_accounts, payment_account_of
from accounting.queries.connections import connection_of_workspace
from accounting.queries.currencies import enabled_currencies
from accounting.queries.objections import closed_there, objections_to
from accounting.queries.owners import owned_there
from accounting.resources.registry import OBSERVED, Observed, get_resource
from accounting.sync import checks, conflicts, outbox
from accounting.sync.state import may_call
from core.changes import origin, rows_changed
from core.transactions import in_real_transaction
from credit.models import CreditNote
from customers.models import Customer
from customers.signals import naming_owned
from invoices.models import Invoice
from lines.signals import Accounts, Closed, before_approval, before_dating, listing_accounts
from payments.signals import Bank, naming_bank
from plans.enums import Feature
from plans.signals import Use, listing_uses, subscription_changed
from workspaces.signals import Usable, listing_currencies

STOPS = "Nothing would go either way. What changes would wait, and nothing would be lost."


class CaptureOutsideTransaction(RuntimeError):
    """A captured row was about to be written outside a transaction: its operation could be lost."""


def connect() -> None:
    """Listen to the observed models. Called once, when the app is ready."""
    for model in OBSERVED:
        name = model._meta.label
        pre_save.connect(guard, sender=model, dispatch_uid=f"accounting.guard.{name}")
        post_save.connect(capture_save, sender=model, dispatch_uid=f"accounting.save.{name}")
        pre_delete.connect(capture_delete, sender=model, dispatch_uid=f"accounting.delete.{name}")
        rows_changed.connect(capture_rows, sender=model, dispatch_uid=f"accounting.rows.{name}")
    for document in (Invoice, CreditNote):
        name = document._meta.label
        before_approval.connect(
            object_to_approval, sender=document, dispatch_uid=f"accounting.before_approval.{name}"
        )
        listing_accounts.connect(
            name_accounts, sender=document, dispatch_uid=f"accounting.listing_accounts.{name}"
        )
    naming_owned.connect(name_owned, sender=Customer, dispatch_uid="accounting.naming_owned")
    before_dating.connect(object_to_day, dispatch_uid="accounting.before_dating")
    naming_bank.connect(name_bank, dispatch_uid="accounting.naming_bank")
    subscription_changed.connect(go_on_with_the_plan, dispatch_uid="accounting.subscription_changed")
    listing_uses.connect(name_connections, dispatch_uid="accounting.listing_uses")
    listing_currencies.connect(name_enabled_currencies, dispatch_uid="accounting.listing_currencies")


def guard(sender: type[Model], *, raw: bool = False, **kwargs: Any) -> None:
    """Raise before the row is written; in `post_save` it would be too late."""
    if not raw and not in_real_transaction():
        raise CaptureOutsideTransaction(f"save {sender._meta.label} inside transaction.atomic()")


def capture_save(
    sender: type[Model], instance: Any, *, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """A saved row: its record must be pushed, unless no synced field was written."""
    if raw or origin() != "user":
        return
    observed = OBSERVED[sender]
    if observed.is_root and not _concerns(sender, observed, update_fields):
        return
    _record(instance.workspace_id, observed, observed.root_of(instance))


def capture_rows(sender: type[Model], *, pks: list[Any], fields: list[str] | None, **kwargs: Any) -> None:
    """Rows written in bulk: each of their records must be pushed."""
    observed = OBSERVED[sender]
    if origin() != "user" or (observed.is_root and not _concerns(sender, observed, fields)):
        return
    rows = sender._base_manager.filter(pk__in=pks).values_list("workspace_id", observed.root_field)
    by_workspace: dict[UUID, set[UUID]] = {}
    for workspace_id, root in rows:
        by_workspace.setdefault(workspace_id, set()).add(root)
    for workspace_id, roots in by_workspace.items():
        outbox.record_many(workspace_id=workspace_id, kind=observed.kind, local_ids=sorted(roots))


def capture_delete(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    """A row about to be deleted, while it can still be read. A deleted child is a change of its record."""
    if origin() != "user":
        return
    observed = OBSERVED[sender]
    if observed.is_root:
        get_resource(observed.kind).lock(instance.pk)  # before its operations, like everybody
        conflicts.settle_deleted(observed.kind, instance.pk)
        outbox.record_removal(workspace_id=instance.workspace_id, kind=observed.kind, local_id=instance.pk)
    elif not _is_root_going(kwargs.get("origin"), observed):
        _record(instance.workspace_id, observed, observed.root_of(instance))


def object_to_approval(sender: type[Model], header: Any, **kwargs: Any) -> list[Any]:
    """What the organisation is known not to take. What comes from it needs no asking."""
    return [*objections_to(OBSERVED[sender].kind, header)] if origin() == "user" else []


def name_owned(sender: type[Customer], customer: Customer, **kwargs: Any) -> dict[str, str]:
    """The fields that the organisation decides about alone. What comes from it needs no asking."""
    return owned_there(OBSERVED[sender].kind, customer) if origin() == "user" else {}


def object_to_day(sender: type[Model], day: dt.date, **kwargs: Any) -> Closed | None:
    """That the organisation's books are locked on this day. What comes from it needs no asking."""
    return closed_there(day) if origin() == "user" else None


def name_accounts(sender: type[Model], **kwargs: Any) -> Accounts | None:
    """The accounts of the organisation that sales may be booked to."""
    return offered_accounts()


def name_bank(sender: None, currency: str, **kwargs: Any) -> Bank | None:
    """Where payments in this currency go. What comes from the organisation needs no asking."""
    account = payment_account_of(currency) if origin() == "user" else None
    return Bank(str(account), account.currency) if account else None


def name_enabled_currencies(sender: None, **kwargs: Any) -> Usable | None:
    """The currencies that need not be enabled first."""
    return enabled_currencies()


def go_on_with_the_plan(sender: None, **kwargs: Any) -> None:
    """What waited for the plan goes on at once, both ways."""
    connection = connection_of_workspace()
    if connection is not None and may_call(connection):
        wakeup.kick(workspace_id=connection.workspace_id, connection_id=connection.pk)
        checks.go_on(connection)


def name_connections(sender: None, **kwargs: Any) -> list[Use]:
    """The organisation that is connected, and what happens to it without integrations."""
    connection = connection_of_workspace()
    if connection is None or connection.state == ConnectionState.DISCONNECTED:
        return []
    name = f"{connection.tenant_name} ({connection.get_provider_display()})"
    return [Use(Feature.INTEGRATIONS, name, STOPS)]


def _is_root_going(cause: Any, observed: Observed) -> bool:
    """Whether the child goes with its record (a cascade): the record's own removal says it all."""
    model = getattr(cause, "model", type(cause))
    return model in OBSERVED and OBSERVED[model].is_root and OBSERVED[model].kind == observed.kind


def _concerns(model: type[Model], observed: Observed, fields: Any) -> bool:
    """Whether a synced field was written. A foreign key may be named by its column, as in `customer_id`."""
    if fields is None:
        return True
    named = set(fields)
    written = {field.name for field in model._meta.concrete_fields if named & {field.name, field.attname}}
    return bool(get_resource(observed.kind).fields_synced & written)


def _record(workspace_id: UUID, observed: Observed, root: UUID) -> None:
    outbox.record(workspace_id=workspace_id, kind=observed.kind, local_id=root, change=Change.UPSERT)
