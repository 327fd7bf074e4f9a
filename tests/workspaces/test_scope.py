"""The two walls between workspaces."""

from __future__ import annotations

import uuid

import pytest
from django.db import ProgrammingError, connection, transaction
from django_scopes.exceptions import ScopeError

from customers.models import Customer
from tests.factories.workspaces import make_workspace
from workspaces.models import Workspace
from workspaces.scope import all_workspaces, scope


@transaction.atomic
def _customer(workspace: Workspace, name: str) -> Customer:
    return Customer.objects.create(workspace=workspace, name=name, reference=name, currency="NZD")


def _raw_names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM customers_customer ORDER BY name")
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture
def two_workspaces(db: None) -> tuple[Workspace, Workspace]:
    mine, theirs = make_workspace(), make_workspace()
    with scope(mine):
        _customer(mine, "Mine")
    with scope(theirs):
        _customer(theirs, "Theirs")
    return mine, theirs


def test_orm_without_scope_raises(two_workspaces: tuple[Workspace, Workspace]) -> None:
    with pytest.raises(ScopeError):
        Customer.objects.count()


def test_raw_sql_without_scope_sees_nothing(two_workspaces: tuple[Workspace, Workspace]) -> None:
    assert _raw_names() == []


def test_raw_sql_in_scope_sees_only_that_workspace(two_workspaces: tuple[Workspace, Workspace]) -> None:
    with scope(two_workspaces[0]):
        assert _raw_names() == ["Mine"]


def test_orm_in_scope_sees_only_that_workspace(two_workspaces: tuple[Workspace, Workspace]) -> None:
    with scope(two_workspaces[1]):
        assert [customer.name for customer in Customer.objects.all()] == ["Theirs"]


def test_create_for_another_workspace_is_refused_by_the_database(
    two_workspaces: tuple[Workspace, Workspace],
) -> None:
    mine, theirs = two_workspaces
    with scope(mine), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        _customer(theirs, "Smuggled")


def test_all_workspaces_sees_every_row(two_workspaces: tuple[Workspace, Workspace]) -> None:
    with all_workspaces("this test counts"):
        assert _raw_names() == ["Mine", "Theirs"]


def test_all_workspaces_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"), all_workspaces(""):
        pass


def test_nested_scope_returns_to_the_outer_one(two_workspaces: tuple[Workspace, Workspace]) -> None:
    mine, theirs = two_workspaces
    with scope(mine):
        with scope(theirs):
            assert _raw_names() == ["Theirs"]
        assert _raw_names() == ["Mine"]


def test_scope_after_a_rolled_back_transaction_is_the_outer_one(
    two_workspaces: tuple[Workspace, Workspace],
) -> None:
    mine, theirs = two_workspaces
    with scope(mine):
        with pytest.raises(ProgrammingError), transaction.atomic(), scope(theirs):
            _customer(mine, str(uuid.uuid4()))
        assert _raw_names() == ["Mine"]


def test_application_role_is_not_a_superuser(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
