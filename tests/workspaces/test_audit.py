"""Who did what: the entry says it by itself, also when the person is gone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from core.append_only import TRIGGER
from core.changes import caused_by
from core.testing import owning
from customers.models import Customer
from invoices.models import Invoice
from tests.factories.customers import make_customer
from workspaces.audit import log_action, say_changes
from workspaces.enums import ActorKind
from workspaces.models import FORMER_PERSON, AuditEntry, User, Workspace
from workspaces.queries import history_of


def told(by: User | None, workspace: Workspace) -> AuditEntry:
    customer = make_customer(workspace)
    return log_action(target=customer, action="customer.looked_at", summary="Looked at", by=by)


def who(entry: AuditEntry) -> tuple[str, str, object]:
    return entry.actor_kind, entry.actor_name, entry.actor_id


@pytest.mark.django_db
def test_entry_of_a_person_keeps_their_name_when_they_are_deleted(
    in_workspace: Workspace, staff: User
) -> None:
    entry = told(staff, in_workspace)
    key, name = staff.pk, str(staff)

    staff.delete()

    kept = history_of(entry.target_id).first()
    assert who(kept) == (ActorKind.PERSON, name, key)


@pytest.mark.django_db
def test_deleting_a_person_writes_no_entry_anew(in_workspace: Workspace, staff: User) -> None:
    """The application may add and read entries; a deletion that had to change them would be refused."""
    entry = told(staff, in_workspace)
    before = AuditEntry.objects.values().get(pk=entry.pk)

    staff.delete()

    assert AuditEntry.objects.values().get(pk=entry.pk) == before


@pytest.mark.django_db
def test_entry_keeps_the_name_a_person_had(in_workspace: Workspace, staff: User) -> None:
    entry, before = told(staff, in_workspace), str(staff)
    staff.name = "Somebody Married"
    staff.save()

    entry.refresh_from_db()
    assert entry.actor_name == before


@pytest.mark.django_db
def test_what_xero_caused_is_xeros(in_workspace: Workspace) -> None:
    with caused_by("remote"):
        entry = told(None, in_workspace)
    assert who(entry) == (ActorKind.XERO, "Xero", None)


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["user", "backfill"])
def test_what_a_job_of_ours_did_is_not_xeros(in_workspace: Workspace, origin: str) -> None:
    with caused_by(origin):  # type: ignore[arg-type]
        entry = told(None, in_workspace)
    assert who(entry) == (ActorKind.SYSTEM, "Tandem", None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lie",
    [
        {"actor_kind": ActorKind.XERO, "actor_name": "Xero"},
        {"actor_kind": ActorKind.SYSTEM, "actor_name": "Tandem"},
        {"actor_name": ""},
        {"actor_kind": "robot"},
    ],
    ids=str,
)
def test_entry_of_a_person_cannot_say_otherwise(
    in_workspace: Workspace, staff: User, lie: dict[str, str]
) -> None:
    customer = make_customer(in_workspace)
    entry = log_action(target=customer, action="customer.looked_at", summary="Looked at", by=staff)
    for name, value in lie.items():
        setattr(entry, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(**{**_columns(entry), **lie})


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "Ana"])
def test_entry_of_xero_bears_xeros_name(in_workspace: Workspace, name: str) -> None:
    with caused_by("remote"):
        entry = told(None, in_workspace)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(**{**_columns(entry), "actor_name": name})


def _columns(entry: AuditEntry) -> dict[str, object]:
    names = ("workspace_id", "action", "target_kind", "target_id", "summary")
    return {name: getattr(entry, name) for name in (*names, "actor_id", "actor_kind", "actor_name")}


@pytest.fixture
def old_entries(in_workspace: Workspace, staff: User) -> dict[str, AuditEntry]:
    """Entries as they were when no actor meant Xero, whoever it was."""
    constraint = next(c for c in AuditEntry._meta.constraints if c.name == "audit_actor_fits")
    connection.check_constraints()  # a table with checks still to come cannot be altered
    with owning(), connection.schema_editor() as editor:
        editor.remove_constraint(AuditEntry, constraint)
        editor.execute(f"DROP TRIGGER {TRIGGER} ON {AuditEntry._meta.db_table}")  # a later migration's
    made = [
        ("a person's", staff, "invoice.submitted", "Submitted for approval"),
        ("Xero's", None, "invoice.voided", "Voided"),
        ("in Xero", None, "customer.updated", "Changed name in Xero"),
        ("a former person's", None, "customer.updated", "Changed name"),
        ("a former super user's", None, "member.added", "Ana joined as staff"),
    ]
    target = {"workspace": in_workspace, "target_kind": "workspace", "target_id": in_workspace.pk}
    return {
        name: AuditEntry.objects.create(actor=by, action=action, summary=summary, **target)
        for name, by, action, summary in made
    }


@pytest.mark.django_db
def test_old_entries_learn_who_did_it(old_entries: dict[str, AuditEntry], staff: User) -> None:
    with owning():
        import_module("workspaces.migrations.0004_actor_of_entries").name_actors(apps, None)

    told = {name: AuditEntry.objects.get(pk=entry.pk) for name, entry in old_entries.items()}
    assert {name: (entry.actor_kind, entry.actor_name) for name, entry in told.items()} == {
        "a person's": ("person", str(staff)),
        "Xero's": ("xero", "Xero"),
        "in Xero": ("xero", "Xero"),
        "a former person's": ("person", FORMER_PERSON),
        "a former super user's": ("person", FORMER_PERSON),
    }
    connection.check_constraints()
    with owning(), connection.schema_editor() as editor:
        editor.add_constraint(AuditEntry, AuditEntry._meta.constraints[0])


def changed(was: dict[str, object], now: dict[str, object]) -> str:
    return say_changes(Invoice(**now), was)


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (
            {"due_date": dt.date(2026, 3, 3)},
            {"due_date": dt.date(2026, 3, 10)},
            "due date from 3 Mar 2026 to 10 Mar 2026",
        ),
        ({"reference": ""}, {"reference": "PO-7"}, "reference to PO-7"),
        ({"reference": "PO-7"}, {"reference": ""}, "reference from PO-7 to nothing"),
        ({"amounts": "exclusive"}, {"amounts": "inclusive"}, "amounts from Tax exclusive to Tax inclusive"),
        ({"notes": "a" * 41}, {"notes": "b"}, "notes"),
        ({"notes": "a\nb"}, {"notes": "b"}, "notes"),
        ({"net": Decimal("1234.5")}, {"net": Decimal("0.1250")}, "net from 1,234.50 to 0.125"),
        (
            {"reference": "A", "number": "1"},
            {"reference": "B", "number": "2"},
            "reference from A to B and number from 1 to 2",
        ),
    ],
)
def test_say_changes_tells_from_and_to(was: dict[str, object], now: dict[str, object], told: str) -> None:
    assert changed(was, now) == told


def test_say_changes_only_names_them_where_an_entry_could_not_hold_more() -> None:
    names = ("city", "region", "country", "phone", "postal_code")
    before = {name: "x" * 30 for name in names}
    assert say_changes(Customer(**dict.fromkeys(names, "y" * 30)), before) == (
        "city, region, country, phone and postal code"
    )
