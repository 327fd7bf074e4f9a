"""A workspace with one row of every model in it, each bearing a marker that no other workspace may ever see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone

from catalogue.models import Service, TaxRate
from core.changes import unobserved
from credit.enums import CreditNoteStatus
from credit.models import Allocation, CreditNote, CreditNoteLine, CreditNumberSequence, Refund
from customers.models import Customer
from identity.models import AddressChange, SignIn
from invoices.enums import InvoiceStatus
from invoices.models import Invoice, InvoiceLine, NumberSequence
from payments.models import Payment
from plans.models import Plan, Subscription
from tests.architecture.source import HOUSE
from tests.architecture.world_of_sync import fill_sync
from tests.factories.workspaces import make_user, make_workspace
from workspaces.audit import actor
from workspaces.enums import Role
from workspaces.models import AuditEntry, Invitation, Submission, User, Workspace
from workspaces.scope import all_workspaces, scope
from workspaces.services import add_member

MARKER = "Zebrafish"
TODAY = dt.date(2026, 3, 2)


def house_models() -> list[type[models.Model]]:
    """Every model of ours that has a table."""
    return [model for model in apps.get_models() if model._meta.app_label in HOUSE]


def label(model: type[models.Model]) -> str:
    return model._meta.label


@dataclass
class World:
    """Workspace, its people, and one row of each model by its label ("invoices.Invoice")."""

    workspace: Workspace
    super_user: User
    staff: User
    rows: dict[str, models.Model] = field(default_factory=dict, repr=False)

    def add(self, model: type[models.Model], **values: Any) -> Any:
        """One row of the model; the workspace is filled in where the model has one."""
        if "workspace" not in values and any(f.name == "workspace" for f in model._meta.fields):
            values["workspace"] = self.workspace
        row = model._default_manager.create(**values)
        self.rows[label(model)] = row
        return row

    def pk(self, model: type[models.Model]) -> str:
        return str(self.rows[label(model)].pk)


def make_world(name: str = MARKER) -> World:
    """A new workspace, filled."""
    workspace = make_workspace(name=f"{name} Works")
    super_user = workspace.memberships.get(role=Role.SUPER_USER).user
    staff = make_user(name=f"{name} Staff")
    world = World(workspace, super_user, staff)
    world.rows["workspaces.Workspace"] = workspace
    world.rows["workspaces.User"] = staff
    world.rows["workspaces.Membership"] = add_member(
        workspace=workspace, user=staff, role=Role.STAFF, by=super_user
    )
    _fill_identity(world)
    world.rows["plans.Plan"] = Plan.objects.get(slug="business")
    with scope(workspace), transaction.atomic(), unobserved("a world is set up, nothing is changed"):
        world.rows["plans.Subscription"] = Subscription.objects.get()
        _fill_domain(world, name)
        fill_sync(world, name)
        world.add(Submission, token=uuid4(), digest="0" * 64)
    return world


def _fill_identity(world: World) -> None:
    now = timezone.now()
    key = uuid4().hex
    world.add(SignIn, user=world.super_user, session_key=key, browser="Firefox on Windows")
    world.add(
        AddressChange,
        user=world.super_user,
        address=f"{key}@example.com",
        token_hash=key,
        created_at=now - dt.timedelta(minutes=5),
        expires_at=now + dt.timedelta(minutes=55),
    )


def _fill_domain(world: World, name: str) -> None:
    rate = world.add(TaxRate, name=f"{name} GST", percent=Decimal(15), is_default=True)
    service = world.add(Service, name=f"{name} design", tax_rate=rate)
    customer = world.add(Customer, name=f"{name} Cafe", reference=f"{name}-1", currency="NZD")
    world.add(NumberSequence, prefix=f"{name}-", next_number=7)
    invoice = world.add(
        Invoice,
        number=f"{name}-0001",
        customer=customer,
        issue_date=TODAY,
        due_date=TODAY,
        currency="NZD",
        status=InvoiceStatus.APPROVED,
        approved_at=timezone.now(),
        approved_by=world.staff,
        net=Decimal(100),
        tax=Decimal(15),
        total=Decimal(115),
        amount_paid=Decimal(15),
        credited=Decimal(10),
        issued_at=timezone.now(),
    )
    world.add(
        InvoiceLine,
        invoice=invoice,
        position=1,
        service=service,
        description=f"{name} line",
        unit_amount=100,
        tax_rate=rate,
        tax_percent=Decimal(15),
        line_amount=100,
        tax_amount=15,
    )
    _fill_what_follows(world, name)


def _fill_what_follows(world: World, name: str) -> None:
    invoice = world.rows["invoices.Invoice"]
    world.add(
        Payment, invoice=invoice, amount=15, date=TODAY, reference=f"{name} payment", **actor(world.staff)
    )
    _fill_credit(world, name)
    world.add(
        Invitation,
        email=f"{name.lower()}@example.com",
        token_hash=uuid4().hex,
        expires_at=timezone.now() + dt.timedelta(days=7),
        **actor(world.super_user),
    )
    audited = {"action": "invoice.created", "target_kind": "invoice", "target_id": invoice.pk}
    world.add(AuditEntry, **audited, summary=f"{name} created", **actor(world.staff))


def _fill_credit(world: World, name: str) -> None:
    invoice = world.rows["invoices.Invoice"]
    world.add(CreditNumberSequence, prefix=f"{name}-CN-", next_number=2)
    note = world.add(
        CreditNote,
        number=f"{name}-CN-0001",
        customer=world.rows["customers.Customer"],
        invoice=invoice,
        issue_date=TODAY,
        currency="NZD",
        status=CreditNoteStatus.APPROVED,
        approved_at=timezone.now(),
        approved_by=world.staff,
        issued_at=timezone.now(),
        net=Decimal(20),
        total=Decimal(20),
        applied=Decimal(10),
        refunded=Decimal(5),
    )
    world.add(
        CreditNoteLine,
        credit_note=note,
        position=1,
        description=f"{name} credit",
        unit_amount=20,
        line_amount=20,
    )
    by = actor(world.staff)
    world.add(Allocation, credit_note=note, invoice=invoice, amount=10, date=TODAY, **by)
    world.add(Refund, credit_note=note, amount=5, date=TODAY, reference=f"{name} refund", **by)


def _hash_of(model: type[models.Model]) -> str:
    table = model._meta.db_table
    return f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"


def rows_fingerprint() -> dict[str, tuple[int, str]]:
    """Table -> number and hash of its rows, of every workspace and of none: what a page must not have changed."""
    ignored = (User, SignIn)  # signing in writes them
    statement = " UNION ALL ".join(_hash_of(model) for model in house_models() if model not in ignored)
    with all_workspaces("a test counts every row"), connection.cursor() as cursor:
        cursor.execute(statement)
        return {table: (count, digest) for table, count, digest in cursor.fetchall()}
