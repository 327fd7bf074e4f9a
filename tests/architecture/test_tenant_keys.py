"""No row points into another workspace: the database refuses it, whoever writes, past the ORM and row security."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from django.db import IntegrityError, connection, models, transaction

from tests.architecture.world import World, house_models, label, make_world
from tests.sampling import mostly_long
from workspaces.scope import all_workspaces, scope

Reference = models.ForeignKey  # type: ignore[type-arg]

COMPOSITE = """
SELECT conname, condeferrable AND condeferred AND convalidated,
  ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY k(n, i)
        JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i)
FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = %s::regclass
"""


def _belongs(model: type[models.Model]) -> bool:
    return any(field.column == "workspace_id" for field in model._meta.concrete_fields)


def _references() -> list[Reference]:
    """Every foreign key between two models that both belong to a workspace."""
    fields = (field for model in house_models() if _belongs(model) for field in model._meta.concrete_fields)
    return [f for f in fields if isinstance(f, models.ForeignKey) and _belongs(f.related_model)]


def _constraints(field: Reference) -> list[tuple[str, bool, list[str]]]:
    """The database's own foreign keys that check this column: name, whether in force and deferred, columns."""
    tables = [field.model._meta.db_table, field.related_model._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(COMPOSITE, tables)
        return [row for row in cursor.fetchall() if field.column in row[2]]


def test_there_are_references_to_look_at() -> None:
    assert {"invoices.InvoiceLine.invoice", "payments.Payment.invoice"} <= set(map(str, _references()))


@pytest.mark.django_db
@pytest.mark.parametrize("field", _references(), ids=str)
def test_reference_within_a_workspace_is_checked_once_with_the_workspace(field: Reference) -> None:
    """Missing one? `same_workspace` of workspaces/keys.py in the model's constraints, `db_constraint=False` on the
    field, `workspace_key` in the constraints of the model it points at."""
    found = [(in_force, columns) for _, in_force, columns in _constraints(field)]
    assert found == [(True, ["workspace_id", field.column])]


@pytest.mark.django_db
@pytest.mark.parametrize("field", _references(), ids=str)
@pytest.mark.parametrize("wall", mostly_long(["own scope", "all workspaces"], quick=["own scope"]))
def test_reference_into_another_workspace_is_refused_by_the_database(field: Reference, wall: str) -> None:
    mine, theirs = make_world(), make_world("Quagga")
    inside = all_workspaces("a test breaks a row") if wall == "all workspaces" else scope(mine.workspace)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _point(mine, field, theirs, inside)
    assert refused.value.__cause__.pgcode == "23503", "something else than a foreign key refused it"
    assert refused.value.__cause__.diag.constraint_name in [name for name, _, _ in _constraints(field)]


def _point(mine: World, field: Reference, theirs: World, inside: AbstractContextManager[None]) -> None:
    """Let my row point at theirs. Their own rows make room, so that no unique constraint is what refuses it."""
    table, stranger = field.model._meta.db_table, theirs.rows[label(field.related_model)].pk
    with all_workspaces("a test makes room"), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE workspace_id = %s", [theirs.workspace.pk])
    with inside, connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {table} SET "{field.column}" = %s WHERE id = %s',
            [stranger, mine.rows[label(field.model)].pk],
        )
        assert cursor.rowcount == 1
        for name, _, _ in _constraints(field):
            cursor.execute(f'SET CONSTRAINTS "{name}" IMMEDIATE')
