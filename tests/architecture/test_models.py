"""Every model stands behind both walls, every state column behind a check, or a list here says why not."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, models, transaction
from django_scopes.exceptions import ScopeError

from accounting.resources.registry import OBSERVED
from core.changes import ObservedQuerySet
from core.testing import rewriting
from tests.architecture.source import HOUSE, calls_of, modules_of, stale, where
from tests.architecture.world import World, house_models, label, make_world
from tests.sampling import mostly_long
from workspaces.models import WorkspaceOwned
from workspaces.scope import all_workspaces, scope
from workspaces.walls import OWNER_SETTING

Column = models.Field  # type: ignore[type-arg]

NOT_OWNED = {
    "workspaces.Workspace": "the tenant itself; reached through a membership only",
    "workspaces.User": "a person may belong to several workspaces",
    "workspaces.Membership": "read before any workspace is known",
    "plans.Plan": "what is sold to everybody",
    "identity.SignIn": "belongs to a person, who may be in several workspaces",
    "identity.AddressChange": "belongs to a person, who may be in several workspaces",
    "accounting.Lesson": "what a message of Xero's means is the same for everybody",
    "accounting.Grant": "a token set may serve several workspaces; reached through their connections only",
    "accounting.Operation": "has a short key of its own; its walls are tested here like the others'",
    "webhooks.Delivery": "stored before anybody knows whose organisation it is about",
    "webhooks.Event": "may name an organisation that nobody connected",
}
WITHOUT_WALLS = {
    "workspaces.Membership": NOT_OWNED["workspaces.Membership"],
    "webhooks.Event": NOT_OWNED["webhooks.Event"],
}
RAW_SQL = {
    "config/checks.py": "asks what the role may do",
    "config/database_roles.py": "grants the working role its rights",
    "config/health.py": "asks which migrations are applied",
    "config/postgres_roles.py": "makes the roles and the database of a private server",
    "core/clock.py": "reads the database's clock",
    "core/testing.py": "lets the database note what is written, in tests",
    "core/transactions.py": "takes advisory locks",
    "workspaces/walls.py": "names the workspace to the database",
    "accounting/sync/due.py": "reads what is due of every kind in one statement",
    "accounting/wakeup.py": "claims a wake-up, which every save does",
    "accounting/sync/outbox.py": "inserts or merges an operation in one statement",
}


def _walled() -> list[type[models.Model]]:
    return [
        model
        for model in house_models()
        if any(field.column == "workspace_id" for field in model._meta.fields)
        and label(model) not in WITHOUT_WALLS
    ]


def _states() -> list[Column]:
    fields = (field for model in house_models() for field in model._meta.concrete_fields)
    return [field for field in fields if field.choices]


def _rows(statement: str, *arguments: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall()


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def test_every_model_belongs_to_a_workspace() -> None:
    loose = {label(model) for model in house_models() if not issubclass(model, WorkspaceOwned)}
    assert loose - set(NOT_OWNED) == set()
    assert stale(NOT_OWNED, loose) + stale(WITHOUT_WALLS, {label(model) for model in house_models()}) == []


def test_every_model_has_a_row_in_the_world(world: World) -> None:
    """The tests here and the walk of the URLs look at these rows: a model without one would go unseen."""
    assert {label(model) for model in house_models()} - set(world.rows) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("model", _walled(), ids=label)
def test_table_has_forced_row_security(model: type[models.Model]) -> None:
    table = model._meta.db_table
    flags = _rows("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", table)
    assert flags == [(True, True)]
    policies = _rows("SELECT cmd, qual, with_check FROM pg_policies WHERE tablename = %s", table)
    assert [command for command, _, _ in policies] == ["ALL"]
    for clause in policies[0][1:]:
        assert "workspace_id" in str(clause)
        assert OWNER_SETTING in str(clause)


def test_raw_sql_in_one_scope_sees_no_other_workspaces_rows(world: World) -> None:
    counting = {label(model): f"SELECT count(*) FROM {model._meta.db_table}" for model in _walled()}
    other = make_world("Quagga").workspace
    with scope(world.workspace):
        mine = {name: _rows(statement)[0][0] for name, statement in counting.items()}
    with scope(other):
        theirs = {name: _rows(statement)[0][0] for name, statement in counting.items()}
    with all_workspaces("this test counts"):
        everybodys = {name: _rows(statement)[0][0] for name, statement in counting.items()}

    assert [name for name in counting if not (mine[name] and theirs[name])] == []
    assert {name: mine[name] + theirs[name] for name in counting} == everybodys


def test_raw_sql_without_a_scope_sees_nothing(world: World) -> None:
    seen = {label(model): _rows(f"SELECT count(*) FROM {model._meta.db_table}")[0][0] for model in _walled()}
    assert {name: count for name, count in seen.items() if count} == {}


@pytest.mark.django_db
@pytest.mark.parametrize("model", _walled(), ids=label)
def test_query_without_a_scope_raises(model: type[models.Model]) -> None:
    with pytest.raises(ScopeError):
        model._default_manager.count()


@pytest.mark.django_db
@pytest.mark.parametrize("model", OBSERVED, ids=label)
def test_bulk_writes_are_announced(model: type[models.Model]) -> None:
    """`update` and `bulk_create` send no signal of Django's: the manager must be the observed one."""
    with all_workspaces("this test looks at the manager"):
        assert isinstance(model._default_manager.all(), ObservedQuerySet)


@pytest.mark.django_db
def test_observed_models_do_not_use_db_cascade() -> None:
    """A row the database deletes by itself sends no signal, so its removal would never reach Xero."""
    tables = [model._meta.db_table for model in house_models()]
    by_database = _rows(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype = 'f' AND confdeltype <> 'a' AND conrelid::regclass::text = ANY(%s)",
        tables,
    )
    assert by_database == []


def test_nobody_writes_past_the_signals() -> None:
    """Raw SQL and Django's private ways change rows that nobody hears of (house rule F1)."""
    silent = {"cursor", "raw", "_raw_delete", "RunSQL"}
    found: dict[str, list[str]] = {}
    for module in modules_of(*HOUSE):
        for name, call in calls_of(module):
            if name.split(".")[-1] in silent:
                found.setdefault(module.path, []).append(where(module, call))
    assert {path: calls for path, calls in found.items() if path not in RAW_SQL} == {}
    assert stale(RAW_SQL, set(found)) == []


STATES = list(_states())


@pytest.mark.parametrize("field", mostly_long(STATES, quick=STATES[::3]), ids=str)
def test_state_column_refuses_an_unknown_value(world: World, field: Column) -> None:
    model = field.model
    unknown = 99 if isinstance(field, models.IntegerField) else "?"
    with (
        all_workspaces("this test breaks a row"),
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        rewriting(model),
    ):
        _spoil(world.rows[label(model)], field.column, unknown)

    assert refused.value.__cause__.pgcode == "23514", "another constraint than a check refused it"


def _spoil(row: models.Model, column: str, value: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE {row._meta.db_table} SET "{column}" = %s WHERE id = %s', [value, row.pk])
